/**
 * Owns: the call of a user's function from generated code: arguments as API values, the result checked and taken back as an engine value.
 * A function that is one pure expression stands there itself, where its types allow (inline-function.ts).
 */
import { bigintHint } from '../../core/bigint-hint.js';
import { MinisparkError, userError } from '../../core/errors.js';
import type { DataType } from '../../data/types.js';
import { type EngineValue, fromApiValue, toApiValue } from '../../data/value.js';
import type { Value } from '../../frontend/functions/generator.js';
import type { Closure } from '../../frontend/plan/expression.js';
import type { BoundExpr } from '../../frontend/plan/resolved.js';
import type { CodeEmitter } from './emitter.js';
import { emitInline } from './inline-function.js';
import { fromJs } from './values.js';

/** Gives the function that a closure stands for in this thread. */
export type FindClosure = (closure: Closure) => (...args: never[]) => unknown;

type UdfExpr = Extract<BoundExpr, { kind: 'udf' }>;

export function emitUserFunction(emit: CodeEmitter, expr: UdfExpr, args: readonly Value[], closures: FindClosure): Value {
  const { udf } = expr;
  const call = userCall(
    closures(udf.closure) as (...args: unknown[]) => unknown,
    udf.name,
    udf.closure,
    args.map((a) => a.type),
    udf.returns,
  );
  const emitCall = (): Value => {
    const name = emit.constant('udf', call);
    return fromJs(emit.let('u', `${name}(${args.map((a) => emit.nullable(a)).join(', ')})`), udf.returns);
  };
  const { inline } = udf.closure;
  return (inline && emitInline(emit, inline, args, udf.returns, emitCall)) || emitCall();
}

const isPlain = (type: DataType): boolean =>
  type.kind === 'boolean' || type.kind === 'string' || type.kind === 'float64' || type.kind === 'int32' || type.kind === 'int64';

/** From engine values to an engine value. Throws UDF_FAILED with the user's error as its cause and the input row in its message. */
function userCall(fn: (...args: unknown[]) => unknown, name: string, closure: Closure, types: readonly DataType[], returns: DataType) {
  const plain = types.every(isPlain);
  const label = name || closure.name || 'the function';
  return (...values: EngineValue[]): EngineValue => {
    const args = plain ? values : values.map((value, i) => toApiValue(value, types[i]));
    let result: unknown;
    try {
      result = fn(...args);
    } catch (thrown) {
      throw udfFailed(label, closure, args, thrown);
    }
    if (result === null || result === undefined) return null;
    if (typeof result === 'string' && returns.kind === 'string') return result;
    if (typeof result === 'number' && returns.kind === 'float64') return result;
    if (typeof result === 'bigint' && returns.kind === 'int64' && BigInt.asIntN(64, result) === result) return result;
    try {
      return fromApiValue(result, returns, `result of ${label}`);
    } catch (thrown) {
      throw wrongResult(thrown, closure, args);
    }
  };
}

/** What a user's function threw, with the row it was given. */
export function udfFailed(label: string, closure: Closure, args: readonly unknown[], thrown: unknown): MinisparkError {
  if (thrown instanceof MinisparkError) return thrown;
  const reason = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : textOf(() => String(thrown));
  const error = userError('UDF_FAILED', `${label} threw ${reason}\n  input: ${args.map(showArgument).join(', ')}`, {
    site: closure.site ?? undefined,
    cause: thrown,
    hint: bigintHint(thrown),
  });
  if (thrown instanceof Error && thrown.stack) error.stack = thrown.stack;
  return error;
}

function wrongResult(thrown: unknown, closure: Closure, args: readonly unknown[]): unknown {
  if (!(thrown instanceof MinisparkError)) return thrown;
  const { condition, message, hint } = thrown;
  return userError(condition, `${message}\n  input: ${args.map(showArgument).join(', ')}`, { hint, site: closure.site ?? undefined });
}

const SHOWN_CHARACTERS = 200;

/** A user's objects may refuse to be text, and then must not hide what went wrong. */
function textOf(write: () => string): string {
  try {
    return write();
  } catch {
    return '(a value without text)';
  }
}

/** A value as errors show it. */
export function showArgument(value: unknown): string {
  const text =
    typeof value === 'bigint'
      ? `${value}n`
      : textOf(() => JSON.stringify(value, (_, v) => (typeof v === 'bigint' ? `${v}n` : v)) ?? String(value));
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
}
