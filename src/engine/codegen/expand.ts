/**
 * Owns: the step of Expand: each row once per projection, in one loop whose body is emitted once. A column that is the same everywhere is
 * computed before the loop; one that is at times null is masked; constants come from a table; only what is left is chosen by branches.
 */
import { toJson } from '../../core/json.js';
import type { DataType } from '../../data/types.js';
import type { EngineValue } from '../../data/value.js';
import { anyNull, branchSlot } from '../../frontend/functions/emit.js';
import type { Value } from '../../frontend/functions/generator.js';
import type { BoundExpr } from '../../frontend/plan/resolved.js';
import type { CodeEmitter } from './emitter.js';
import { emitExpr } from './expression.js';
import { lazyRow, type Step } from './pipeline.js';
import type { FindClosure } from './user-function.js';
import { fromJs, nullValue } from './values.js';

export interface ExpandSpec {
  /** One list of columns for each row that comes of one. */
  readonly projections: readonly (readonly BoundExpr[])[];
  readonly types: readonly DataType[];
}

/** Gives a column once the loop has begun. */
type InLoop = () => Value;

export function expandStep({ projections, types }: ExpandSpec, closures: FindClosure): Step {
  return {
    emit(emit, row, next) {
      const turn = emit.fresh('turn');
      const columns = types.map((type, k) =>
        prepared(
          emit,
          projections.map((exprs) => exprs[k]),
          type,
          turn,
          (expr) => emitExpr(emit, expr, row, closures),
        ),
      );
      emit.loop(`for (let ${turn} = 0; ${turn} < ${projections.length}; ${turn}++)`, () => next(lazyRow(emit, (k) => columns[k]())));
    },
  };
}

const isNull = (expr: BoundExpr): boolean => expr.kind === 'literal' && expr.value === null;

/** Emits what can be computed before the loop. `turn` is the loop's variable. */
function prepared(emit: CodeEmitter, exprs: readonly BoundExpr[], type: DataType, turn: string, make: (expr: BoundExpr) => Value): InLoop {
  if (exprs.every((expr) => expr.kind === 'literal')) {
    const values = exprs.map((expr) => (expr as Extract<BoundExpr, { kind: 'literal' }>).value);
    return () => constant(emit, values, type, turn);
  }
  const present = exprs.filter((expr) => !isNull(expr));
  if (new Set(present.map((expr) => toJson(expr))).size === 1) {
    const value = once(emit, make(present[0]));
    if (present.length === exprs.length) return () => value;
    const mask = emit.constant('absent', exprs.map(isNull));
    return () => ({ ...value, isNull: anyNull(value.isNull, `${mask}[${turn}]`) });
  }
  // Inputs are read before the loop, not once a turn.
  for (const expr of present) if (expr.kind === 'input') make(expr);
  return () => chosen(emit, exprs, type, turn, make);
}

/** A loop value would be computed anew in every turn. */
const once = (emit: CodeEmitter, value: Value): Value =>
  value.rep === 'each' ? fromJs(emit.let('list', emit.nullable(value)), value.type) : value;

function constant(emit: CodeEmitter, values: readonly (EngineValue | null)[], type: DataType, turn: string): Value {
  if (values.every((value) => value === null)) return nullValue(emit, type);
  const none = values.some((value) => value === null) ? `(${emit.constant('none', values)}[${turn}] === null)` : 'false';
  if (type.kind === 'string' || type.kind === 'binary') {
    const bytes = values.map((value) => new Uint8Array(typeof value === 'string' ? Buffer.from(value) : ((value as Uint8Array) ?? [])));
    const data = `${emit.constant('texts', bytes)}[${turn}]`;
    return { type, isNull: none, rep: 'bytes', data, start: '0', end: `${data}.length` };
  }
  if (type.kind === 'int64' && values.every((value) => Math.abs(Number(value)) < 2 ** 31)) {
    return { type, isNull: none, rep: 'int', code: `${emit.constant('numbers', values.map(Number))}[${turn}]`, bits: 31 };
  }
  return { ...fromJs(emit.let('value', `${emit.constant('values', values)}[${turn}]`), type), isNull: none };
}

function chosen(emit: CodeEmitter, exprs: readonly BoundExpr[], type: DataType, turn: string, make: (expr: BoundExpr) => Value): Value {
  const slot = branchSlot(emit, type, true);
  const from = (k: number): void => {
    if (k === exprs.length - 1) slot.set(make(exprs[k]));
    else
      emit.branch(
        `${turn} === ${k}`,
        () => slot.set(make(exprs[k])),
        () => from(k + 1),
      );
  };
  from(0);
  return slot.value;
}
