/**
 * Owns: bound expression → Value: inputs, literals, calls with their null rule, user functions, and the fall-back from generators to evaluators.
 */
import { fatalError } from '../../core/errors.js';
import { toJson } from '../../core/json.js';
import type { DataType } from '../../data/types.js';
import type { EngineValue } from '../../data/value.js';
import type { Call, ScalarFunction } from '../../frontend/functions/definition.js';
import type { Lambda, Value } from '../../frontend/functions/generator.js';
import { findFunction } from '../../frontend/functions/registry.js';
import type { BoundExpr } from '../../frontend/plan/resolved.js';
import type { CodeEmitter } from './emitter.js';
import type { Entry } from './entries.js';
import { emitUserFunction, type FindClosure } from './user-function.js';
import { fromJs, nullValue } from './values.js';

/** The columns that an expression's inputs refer to; each is emitted at its first use in a block. */
export interface Row {
  column(index: number): Value;
  /** The dictionary codes that a column's value follows from; null where it follows from something else too. Emits no code of the row. */
  entries?(index: number): readonly Entry[] | null;
  /** Inside of a lambda: what its parameter stands for. */
  variable?(id: number): Value;
}

export function emitExpr(emit: CodeEmitter, expr: BoundExpr, row: Row, closures: FindClosure): Value {
  switch (expr.kind) {
    case 'input':
      return row.column(expr.index);
    case 'literal':
      return emitLiteral(emit, expr.value, expr.type);
    case 'call': {
      // Expressions nest hundreds deep: few frames of the stack a level.
      const key = sameValue(expr, row);
      return (
        emit.known(key) ??
        emit.remember(
          key,
          emit.at(expr.site, () => repeatable(emit, expr, emitCall(emit, expr, row, closures))),
        )
      );
    }
    case 'udf': {
      const args = () => expr.args.map((arg) => emitExpr(emit, arg, row, closures));
      return emit.cached(sameValue(expr, row), () => emitUserFunction(emit, expr, args(), closures));
    }
    case 'variable': {
      const value = row.variable?.(expr.id);
      if (value === undefined) throw fatalError('INTERNAL_ERROR', `The variable ${expr.name} has no value here.`);
      return value;
    }
    case 'lambda':
      throw fatalError('INTERNAL_ERROR', 'A lambda stands where no function calls it.');
    default:
      return expr satisfies never;
  }
}

const sameValues = new WeakMap<Row, SameValues>();

/** Equal expressions over one row are computed once: gives one object for all of them. */
function sameValue(expr: BoundExpr, row: Row): object {
  const known = sameValues.get(row) ?? new SameValues();
  sameValues.set(row, known);
  return known.keyOf(expr);
}

class SameValues {
  /** By the expression's own fields and the numbers of its arguments. */
  private readonly keys = new Map<string, { readonly id: number }>();
  private readonly known = new WeakMap<BoundExpr, { readonly id: number } | null>();

  keyOf(expr: BoundExpr): object {
    return this.find(expr) ?? expr;
  }

  /** null for what may give another value each time, and for functions of elements, which run in rows of their own. */
  private find(expr: BoundExpr): { readonly id: number } | null {
    const before = this.known.get(expr);
    if (before !== undefined) return before;
    const text = this.textOf(expr);
    const key = text === null ? null : (this.keys.get(text) ?? { id: this.keys.size });
    if (text !== null && key !== null) this.keys.set(text, key);
    this.known.set(expr, key);
    return key;
  }

  private textOf(expr: BoundExpr): string | null {
    if (expr.kind === 'lambda' || expr.kind === 'variable') return null;
    if (expr.kind === 'input' || expr.kind === 'literal') return ownText(expr);
    if (!givesTheSame(expr)) return null;
    const args = expr.args.map((arg) => this.find(arg)?.id ?? null);
    return args.includes(null) ? null : `${ownText(expr)}(${args.join()})`;
  }
}

const ownTexts = new WeakMap<BoundExpr, string>();

/** An expression without its arguments. Tasks of a stage share its expressions, and so each text is made once a thread. */
function ownText(expr: BoundExpr): string {
  let text = ownTexts.get(expr);
  if (text === undefined) {
    text = toJson('args' in expr ? { ...expr, args: null, site: null } : expr);
    ownTexts.set(expr, text);
  }
  return text;
}

/** A loop value runs anew for each use, which must not make other values. */
const repeatable = (emit: CodeEmitter, expr: BoundExpr, value: Value): Value =>
  value.rep === 'each' && !isDeterministic(expr) ? emit.toJs(value) : value;

function isDeterministic(expr: BoundExpr): boolean {
  if (expr.kind === 'input' || expr.kind === 'literal' || expr.kind === 'variable') return true;
  return givesTheSame(expr) && expr.args.every(isDeterministic);
}

/** For the same arguments. */
export function givesTheSame(expr: BoundExpr): boolean {
  if (expr.kind === 'udf') return expr.udf.deterministic;
  const definition = expr.kind === 'call' ? findFunction(expr.fn) : null;
  return !(definition?.kind === 'scalar' && definition.deterministic === false);
}

/** The condition as a plain test: null counts as false. */
export function emitTest(emit: CodeEmitter, condition: BoundExpr, row: Row, closures: FindClosure): string {
  const value = emitExpr(emit, condition, row, closures);
  if (value.isNull === 'true') return 'false';
  const code = value.rep === 'bool' ? value.code : `${emit.toJs(value).code} === true`;
  return value.isNull === 'false' ? code : `!(${value.isNull}) && ${code}`;
}

function emitLiteral(emit: CodeEmitter, value: EngineValue, type: DataType): Value {
  const isNull = 'false';
  if (value === null) return nullValue(emit, type);
  switch (type.kind) {
    case 'boolean':
      return { type, isNull, rep: 'bool', code: String(value) };
    case 'float32':
    case 'float64':
      return { type, isNull, rep: 'float', code: floatText(value as number) };
    case 'string':
    case 'binary': {
      const bytes = typeof value === 'string' ? new Uint8Array(Buffer.from(value)) : (value as Uint8Array);
      return { type, isNull, rep: 'bytes', data: emit.constant('text', bytes), start: '0', end: String(bytes.length) };
    }
    default: {
      if (typeof value === 'number') return { type, isNull, rep: 'int', code: numberText(value), bits: bitsOf(Math.abs(value)) };
      if (typeof value !== 'bigint') return { type, isNull, rep: 'js', code: emit.constant('literal', value) };
      const magnitude = value < 0n ? -value : value;
      if (magnitude > BigInt(Number.MAX_SAFE_INTEGER)) return { type, isNull, rep: 'big', code: value < 0n ? `(${value}n)` : `${value}n` };
      return { type, isNull, rep: 'int', code: numberText(Number(value)), bits: bitsOf(Number(magnitude)) };
    }
  }
}

const numberText = (value: number): string => (value < 0 ? `(${value})` : String(value));
const floatText = (value: number): string => (Object.is(value, -0) ? '(-0)' : Number.isFinite(value) ? numberText(value) : `(${value})`);
/** A bound: |v| < 2^bits, one above the least where the logarithm may have been rounded. */
const bitsOf = (magnitude: number): number => (magnitude === 0 ? 1 : Math.min(53, Math.floor(Math.log2(magnitude)) + 2));

type CallExpr = Extract<BoundExpr, { kind: 'call' }>;
type LambdaExpr = Extract<BoundExpr, { kind: 'lambda' }>;

export function callOf(fn: string, args: readonly BoundExpr[], type: DataType, zone?: string): Call {
  const argument = (e: BoundExpr) => ({ type: e.type, nullable: e.nullable, literal: e.kind === 'literal' ? e.value : undefined });
  return { fn, args: args.map(argument), type, zone };
}

function emitCall(emit: CodeEmitter, expr: CallExpr, row: Row, closures: FindClosure): Value {
  const definition = findFunction(expr.fn);
  if (definition?.kind !== 'scalar') throw fatalError('INTERNAL_ERROR', `${expr.fn} cannot be evaluated for one row.`);
  const call = callOf(expr.fn, expr.args, expr.type, expr.zone);
  const made: Made = {
    expr,
    definition,
    call,
    lambdas: expr.args.flatMap((arg) => (arg.kind === 'lambda' ? lambdaOf(emit, arg, row, closures) : [])),
  };
  const args = expr.args.filter((arg) => arg.kind !== 'lambda');
  if (definition.nulls === 'custom') {
    return generated(
      emit,
      made,
      args.map((arg) => () => emitExpr(emit, arg, row, closures)),
    );
  }
  const values: Value[] = [];
  for (const arg of args) values.push(emitExpr(emit, arg, row, closures));
  return guarded(emit, values, expr.type, (present) =>
    generated(
      emit,
      made,
      present.map((value) => () => value),
    ),
  );
}

/** A call whose code is being made. */
interface Made {
  readonly expr: BoundExpr;
  readonly definition: ScalarFunction;
  readonly call: Call;
  readonly lambdas: readonly (Lambda & { readonly types: readonly DataType[] })[];
}

function lambdaOf(emit: CodeEmitter, { params, args: [body] }: LambdaExpr, row: Row, closures: FindClosure): Made['lambdas'][number] {
  return {
    params: params.length,
    types: params.map(({ type }) => type),
    body: (values) => {
      const bound = new Map(params.map(({ id }, i) => [id, values[i]]));
      const inner: Row = {
        column: (index) => row.column(index),
        variable: (id) => (bound.get(id) ?? row.variable?.(id)) as Value,
      };
      return emitExpr(emit, body, inner, closures);
    },
  };
}

function generated(emit: CodeEmitter, made: Made, args: readonly (() => Value)[]): Value {
  return (
    made.definition.generate?.(emit, args, made.call, made.lambdas) ??
    evaluated(
      emit,
      made,
      args.map((make) => make()),
    )
  );
}

/** Calls the evaluator with engine values, and with functions that generated code defines on the spot. */
function evaluated(emit: CodeEmitter, { expr, definition, call, lambdas }: Made, args: readonly Value[]): Value {
  const make = () => emit.located(definition.evaluator({ ...call, partition: emit.partition }));
  const evaluator = emit.constant(`eval_${call.fn}`, definition.stateful ? emit.kept(expr, make) : make());
  const functions = lambdas.map(({ types, body }) => {
    const names = types.map(() => emit.fresh('x'));
    return emit.callback('fn', names, () => emit.nullable(body(names.map((name, i) => fromJs(name, types[i])))));
  });
  const result = emit.let('v', `${evaluator}(${[...args.map((a) => emit.nullable(a)), ...functions].join(', ')})`);
  return fromJs(result, call.type);
}

/** `make` runs only where no argument is null; elsewhere the result is null. Code without statements needs no guard: it cannot fail. */
function guarded(emit: CodeEmitter, args: readonly Value[], type: DataType, make: (present: readonly Value[]) => Value): Value {
  const nulls = [...new Set(args.map((a) => a.isNull).filter((n) => n !== 'false'))];
  if (nulls.includes('true')) return nullValue(emit, type);
  const present = args.map((a) => ({ ...a, isNull: 'false' }));
  if (nulls.length === 0) return make(present);
  const isNull = nulls.length === 1 && /^\w+$/.test(nulls[0]) ? nulls[0] : emit.let('isNull', nulls.join(' || '));
  const { lines, result } = emit.capture(() => make(present));
  const either = result.isNull === 'false' ? isNull : `(${isNull} || ${result.isNull})`;
  if (result.rep === 'each') {
    // A block of its own: a value that is used twice places its lines twice.
    const loop = (body: (element: Value) => void) => {
      emit.line('{');
      emit.place(lines);
      result.loop(body);
      emit.line('}');
    };
    return { ...result, isNull: lines.length === 0 ? either : isNull, loop };
  }
  if (lines.length === 0) return { ...result, isNull: either };
  const slot = emit.slot(result.type, result.rep, true, result.rep === 'int' ? result.bits : undefined);
  emit.branch(`!${isNull}`, () => {
    emit.place(lines);
    slot.assign(result);
  });
  return slot.value;
}
