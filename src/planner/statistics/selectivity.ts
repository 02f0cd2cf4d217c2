/**
 * Owns: which share of rows passes conditions, by the range of a column's values where it is known and by guesses elsewhere, and what is known
 * of columns afterwards.
 */
import type { ColumnRange, ResolvedExpr } from '../../frontend/plan/resolved.js';
import type { ColumnEstimate } from './estimate.js';
import { shareAbove } from './spread.js';

type Columns = ReadonlyMap<number, ColumnEstimate>;

/** Guesses, about those of other engines. */
const EQUAL_SHARE = 0.1;
const LIKE_SHARE = 0.1;
const OTHER_SHARE = 1 / 3;

/** Of the AND of all. Bounds on one column are taken together: two that make a narrow interval pass little. */
export function selectivity(all: readonly ResolvedExpr[], columns: Columns): number {
  const intervals = intervalsOf(all, columns);
  let share = 1;
  for (const { column, interval } of intervals.values()) share *= shareOf(column, interval);
  for (const condition of all) if (boundOf(condition, columns) === null) share *= shareOfOne(condition, columns);
  return Math.min(1, Math.max(share, Number.MIN_VALUE));
}

/** The columns with their ranges cut to what the conditions leave. */
export function narrowed(all: readonly ResolvedExpr[], columns: Columns): Columns {
  const intervals = intervalsOf(all, columns);
  const next = new Map(columns);
  for (const [id, { column, interval }] of intervals) {
    const share = shareOf(column, interval);
    next.set(id, { ...column, range: { ...interval, width: column.width }, distinct: Math.max(1, column.distinct * share) });
  }
  for (const condition of all) {
    const equal = equalColumn(condition, columns);
    if (equal !== null) next.set(equal.id, { ...equal.column, distinct: 1 });
  }
  return next;
}

interface Interval {
  readonly min: number;
  readonly max: number;
}

interface Bound {
  readonly id: number;
  readonly column: ColumnEstimate;
  readonly interval: Interval;
}

function shareOf({ range }: ColumnEstimate, { min, max }: Interval): number {
  const { min: from, max: to } = range as Required<ColumnRange>;
  return Math.max(0, max - min + 1) / Math.max(1, to - from + 1);
}

function intervalsOf(all: readonly ResolvedExpr[], columns: Columns): Map<number, Bound> {
  const intervals = new Map<number, Bound>();
  for (const condition of all) {
    const bound = boundOf(condition, columns);
    if (bound === null) continue;
    const before = intervals.get(bound.id)?.interval ?? bound.interval;
    const interval = { min: Math.max(before.min, bound.interval.min), max: Math.min(before.max, bound.interval.max) };
    intervals.set(bound.id, { ...bound, interval });
  }
  return intervals;
}

const FLIPPED: Readonly<Record<string, string>> = { '<': '>', '<=': '>=', '>': '<', '>=': '<=' };

/** A column with a known range against a constant, by <, <=, > or >=; null of all else. */
function boundOf(condition: ResolvedExpr, columns: Columns): Bound | null {
  if (condition.kind !== 'call' || FLIPPED[condition.fn] === undefined) return null;
  const [a, b] = condition.args;
  const [ref, literal, fn] = a.kind === 'literal' ? [b, a, FLIPPED[condition.fn]] : [a, b, condition.fn];
  if (ref.kind !== 'attribute' || literal.kind !== 'literal') return null;
  const column = columns.get(ref.id);
  const value = typeof literal.value === 'bigint' || typeof literal.value === 'number' ? Number(literal.value) : Number.NaN;
  if (!column?.range || column.range.min === undefined || column.range.max === undefined || Number.isNaN(value)) return null;
  const { min, max } = column.range;
  const interval = fn.startsWith('<')
    ? { min, max: Math.min(max, fn === '<' ? value - 1 : value) }
    : { min: Math.max(min, fn === '>' ? value + 1 : value), max };
  return { id: ref.id, column, interval };
}

function equalColumn(condition: ResolvedExpr, columns: Columns): { readonly id: number; readonly column: ColumnEstimate } | null {
  if (condition.kind !== 'call' || condition.fn !== '=') return null;
  const [a, b] = condition.args;
  const [ref, other] = a.kind === 'literal' ? [b, a] : [a, b];
  const column = ref.kind === 'attribute' && other.kind === 'literal' ? columns.get(ref.id) : undefined;
  return column && ref.kind === 'attribute' ? { id: ref.id, column } : null;
}

function shareOfOne(condition: ResolvedExpr, columns: Columns): number {
  if (condition.kind === 'literal') return condition.value === true ? 1 : 0;
  if (condition.kind !== 'call') return OTHER_SHARE;
  const { fn, args } = condition;
  switch (fn) {
    case 'and':
      return selectivity(args, columns);
    case 'or': {
      const [a, b] = args.map((arg) => selectivity([arg], columns));
      return a + b - a * b;
    }
    case 'not':
      return Math.max(0, 1 - selectivity(args, columns));
    case '=':
    case '<=>':
      return equalShare(args, columns);
    case '<>':
      return 1 - equalShare(args, columns);
    case 'in':
      return Math.min(1, (args.length - 1) * equalShare([args[0], args[1]], columns));
    case '<':
    case '<=':
    case '>':
    case '>=':
      return tailOf(condition, columns) ?? OTHER_SHARE;
    case 'isnotnull':
      return 1;
    case 'isnull':
      return EQUAL_SHARE;
    case 'like':
    case 'startswith':
    case 'endswith':
    case 'contains':
    case 'rlike':
      return LIKE_SHARE;
    default:
      return OTHER_SHARE;
  }
}

/** Of a column whose spread is known, against a constant. */
function tailOf({ fn, args: [a, b] }: Extract<ResolvedExpr, { kind: 'call' }>, columns: Columns): number | null {
  const [ref, literal, by] = a.kind === 'literal' ? [b, a, FLIPPED[fn]] : [a, b, fn];
  const spread = ref.kind === 'attribute' ? columns.get(ref.id)?.spread : undefined;
  if (spread === undefined || literal.kind !== 'literal' || (typeof literal.value !== 'bigint' && typeof literal.value !== 'number'))
    return null;
  const above = shareAbove(spread, Number(literal.value));
  return by.startsWith('>') ? above : 1 - above;
}

/** Of numbers one in so many as there are; of texts, whose number is unknown, a tenth, or less than a row of a small table. */
function equalShare(args: readonly ResolvedExpr[], columns: Columns): number {
  const known = args.flatMap((arg) => (arg.kind === 'attribute' ? (columns.get(arg.id) ?? []) : []));
  if (known.length === 0) return EQUAL_SHARE;
  const isKnown = known.some(({ range }) => range?.min !== undefined);
  const share = 1 / Math.max(...known.map(({ distinct }) => distinct));
  return isKnown ? share : Math.max(share, EQUAL_SHARE);
}
