/** Owns: which rows around each row a window function sees: Spark's defaults, its rules for ends of frames, and the values of their offsets. */
import { userError } from '../../core/errors.js';
import { MICROS_PER_DAY } from '../../data/temporal.js';
import { type DataType, type IntervalType, isInteger, isInterval, isNumeric, typeName } from '../../data/types.js';
import type { EngineValue } from '../../data/value.js';
import type { AggregateFunction, WindowFunction } from '../../frontend/functions/definition.js';
import type { Expr, SortKey, WindowSpec } from '../../frontend/plan/expression.js';
import { expressionText } from '../../frontend/plan/expression-text.js';
import type { ResolvedExpr } from '../../frontend/plan/resolved.js';
import {
  type Bound,
  defaultFrame,
  type Frame,
  type FrameBound,
  frameText,
  type Offset,
  type ResolvedFrame,
} from '../../frontend/plan/window.js';
import { castTo } from './build.js';
import { constantOf } from './constant.js';
import { type Place, resolveExpr } from './expressions.js';

type Order = readonly SortKey<ResolvedExpr>[];

const GROWING = { lower: 'unboundedPreceding', upper: 'currentRow' } as const;

/** `zone`: the session's. Throws DATATYPE_MISMATCH.SPECIFIED_WINDOW_FRAME_…, DATATYPE_MISMATCH.RANGE_FRAME_…, WINDOW_FUNCTION_AND_FRAME_MISMATCH. */
export function resolveFrame(
  spec: WindowSpec,
  definition: AggregateFunction | WindowFunction,
  orderBy: Order,
  place: Place,
  zone: string,
): ResolvedFrame {
  if (definition.kind === 'window' && definition.frame !== 'any') return ownFrame(spec.frame, definition);
  const frame = spec.frame ?? defaultFrame(orderBy.length > 0);
  if (frame.lower.kind === 'unboundedFollowing' || frame.upper.kind === 'unboundedPreceding') {
    throw mismatch('SPECIFIED_WINDOW_FRAME_INVALID_BOUND', frame, 'ends before it starts');
  }
  if (frame.unit === 'range') checkRange(frame, orderBy);
  const type = frame.unit === 'range' ? (orderBy[0]?.expr.type ?? null) : null;
  const bound = (end: FrameBound<Expr>): Bound => ('offset' in end ? offsetOf(end, type, frame, place, zone) : end.kind);
  const [lower, upper] = [bound(frame.lower), bound(frame.upper)];
  if (typeof lower !== 'string' && typeof upper !== 'string' && lower.by !== upper.by) {
    throw mismatch('SPECIFIED_WINDOW_FRAME_DIFF_TYPES', frame, 'has ends of different types');
  }
  if (typeof lower !== 'string' && typeof upper !== 'string' && lower.offset > upper.offset) {
    throw mismatch('SPECIFIED_WINDOW_FRAME_WRONG_COMPARISON', frame, 'ends before it starts');
  }
  return { unit: frame.unit, lower, upper };
}

/** A function with a frame of its own takes no other. */
function ownFrame(frame: Frame<Expr> | null, { name, frame: own }: WindowFunction): ResolvedFrame {
  const unit = own === 'range' ? 'range' : 'rows';
  if (
    frame !== null &&
    (own === 'none' || frame.unit !== unit || frame.lower.kind !== GROWING.lower || frame.upper.kind !== GROWING.upper)
  ) {
    throw userError('WINDOW_FUNCTION_AND_FRAME_MISMATCH', `${name} takes no frame, but was given ${textOf(frame)}.`, {
      hint: 'Leave the frame out',
    });
  }
  return { unit, ...GROWING };
}

function checkRange(frame: Frame<Expr>, orderBy: Order): void {
  const hasOffset = 'offset' in frame.lower || 'offset' in frame.upper;
  const isUnbounded = frame.lower.kind === 'unboundedPreceding' && frame.upper.kind === 'unboundedFollowing';
  if (orderBy.length === 0 && !isUnbounded)
    throw mismatch('RANGE_FRAME_WITHOUT_ORDER', frame, 'compares values, so the window needs an order');
  if (orderBy.length > 1 && hasOffset)
    throw mismatch('RANGE_FRAME_MULTI_ORDER', frame, 'has an offset, so the window must be ordered by one key');
}

/** The signed value of an offset. `key` is the type of the sort key for a range, null for rows. */
function offsetOf(
  end: Extract<FrameBound<Expr>, { offset: Expr }>,
  key: DataType | null,
  frame: Frame<Expr>,
  place: Place,
  zone: string,
): Offset {
  const given = constantOf(resolveExpr(end.offset, { ...place, scope: [], aggregate: undefined, name: 'the frame of a window' }));
  if (given.kind !== 'literal') throw mismatch('SPECIFIED_WINDOW_FRAME_WITHOUT_FOLDABLE', frame, 'has an offset that is no constant');
  const value = key === null ? rowOffset(given.type, given.value) : rangeOffset(given, key, frame);
  if (value === null) {
    throw mismatch(
      'SPECIFIED_WINDOW_FRAME_UNACCEPTED_TYPE',
      frame,
      `has an offset of type ${typeName(given.type)}, which cannot count rows`,
    );
  }
  const offset = end.kind === 'preceding' ? -value : value;
  if (key === null || !isInterval(given.type) || isInterval(key)) return { offset };
  const clock = key.kind === 'timestamp' && zone !== 'UTC' ? { zone } : null;
  if (given.type.kind === 'year_month_interval') return { offset, by: 'months', ...clock };
  return clock === null ? { offset } : { offset, by: 'dayTime', ...clock };
}

const rowOffset = (type: DataType, value: EngineValue | null): number | null =>
  ['int8', 'int16', 'int32'].includes(type.kind) ? (value as number | null) : null;

/** Dates move by days, timestamps by intervals, numbers by numbers of their own type. */
function rangeOffset(given: Extract<ResolvedExpr, { kind: 'literal' }>, key: DataType, frame: Frame<Expr>): number | bigint | null {
  const invalid = () =>
    mismatch('RANGE_FRAME_INVALID_TYPE', frame, `has an offset of type ${typeName(given.type)} for a key of type ${typeName(key)}`);
  if (given.value === null) return null;
  if (isInterval(given.type)) {
    const offset = intervalOffset(given.type, given.value as number | bigint, key);
    if (offset === null) throw invalid();
    return offset;
  }
  if (key.kind === 'date') {
    if (!isInteger(given.type) || given.type.kind === 'int64') throw invalid();
    return given.value as number;
  }
  if (!isNumeric(key) || !isNumeric(given.type)) throw invalid();
  const cast = constantOf(castTo(given, key));
  return cast.kind === 'literal' ? (cast.value as number | bigint | null) : null;
}

/** In units of the key, or months; null where the key does not move by such intervals. */
function intervalOffset(type: IntervalType, value: number | bigint, key: DataType): number | bigint | null {
  if (key.kind === type.kind) return value;
  const isTimestamp = key.kind === 'timestamp' || key.kind === 'timestamp_ntz';
  if (type.kind === 'year_month_interval') return isTimestamp || key.kind === 'date' ? value : null;
  if (isTimestamp) return value;
  return key.kind === 'date' && type.to === 'day' ? Number(value) / Number(MICROS_PER_DAY) : null;
}

const textOf = (frame: Frame<Expr>): string => frameText(frame, (offset) => expressionText(offset));

const mismatch = (condition: string, frame: Frame<Expr>, what: string) =>
  userError(`DATATYPE_MISMATCH.${condition}`, `The window frame ${textOf(frame)} ${what}.`);
