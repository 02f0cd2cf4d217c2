/**
 * Owns: `= <=> <> < <= > >=`, `equal_null`, `greatest`, `least`: Spark's order (NaN equal to itself and largest, -0 equal to 0, text by UTF-8 bytes).
 * Generated code compares strings as bytes, a literal byte by byte.
 */

import { userError } from '../../core/errors.js';
import { BOOLEAN, type DataType, isFloat, isOrderable, NULL } from '../../data/types.js';
import { compareBytes } from '../../data/utf8.js';
import { compareValues, type EngineValue, valuesEqual } from '../../data/value.js';
import type { Argument, Call, Evaluator, ScalarFunction } from './definition.js';
import { anyNull, boolValue, branchSlot, span } from './emit.js';
import type { Emitter, Value, ValueOf } from './generator.js';
import { checkCount, differingOperands, differingTypes } from './signature.js';
import { commonType, tightestCommonType } from './type-coercion.js';

type Operator = '=' | '<>' | '<' | '<=' | '>' | '>=';

const HOLDS: Record<Operator, (order: number) => boolean> = {
  '=': (order) => order === 0,
  '<>': (order) => order !== 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

function comparisonTypes(name: string, args: readonly Argument[]): readonly DataType[] {
  checkCount(name, args.length, 2);
  const common = commonType(args[0].type, args[1].type);
  if (common === null) throw differingOperands(name, args);
  if (!isOrderable(common)) {
    throw userError('DATATYPE_MISMATCH.INVALID_ORDERING_TYPE', `${name} does not compare maps.`, {
      hint: 'Compare map_entries() or single keys',
    });
  }
  return [common, common];
}

const comparison = (name: Operator): ScalarFunction => ({
  kind: 'scalar',
  name,
  nulls: 'propagate',
  resolve: (args) => ({ args: comparisonTypes(name, args), result: BOOLEAN }),
  evaluator: ({ args: [{ type }] }) => {
    const holds = HOLDS[name];
    if (name === '=') return (a, b) => valuesEqual(a as EngineValue, b as EngineValue, type);
    return (a, b) => holds(compareValues(a as EngineValue, b as EngineValue, type));
  },
  generate: (emit, args, call) => {
    const code = comparisonCode(emit, name, args[0](), args[1](), call.args);
    return code === null ? null : boolValue(emit.let('t', code));
  },
});

const nullSafeEqual = (name: string): ScalarFunction => ({
  kind: 'scalar',
  name,
  nulls: 'custom',
  resolve: (args) => ({ args: comparisonTypes(name, args), result: BOOLEAN, nullable: false }),
  evaluator:
    ({ args: [{ type }] }) =>
    (a, b) =>
      a === null || b === null ? a === b : valuesEqual(a, b, type),
  generate: (emit, args, call) => {
    const [a, b] = [args[0](), args[1]()];
    const nulls = anyNull(a.isNull, b.isNull);
    if (nulls === 'false') {
      const code = comparisonCode(emit, '=', a, b, call.args);
      return code === null ? null : boolValue(emit.let('t', code));
    }
    if (!canCompare(a, b)) return null;
    const slot = emit.slot(BOOLEAN, 'bool', false);
    emit.branch(
      nulls,
      () => slot.assign(boolValue(`${a.isNull} && ${b.isNull}`)),
      () => slot.assign(boolValue(comparisonCode(emit, '=', a, b, call.args)!)),
    );
    return slot.value;
  },
});

const canCompare = (a: Value, b: Value): boolean => isComparable(a) && isComparable(b);
const isComparable = (value: Value): boolean =>
  value.rep !== 'each' && (value.rep !== 'js' || value.type.kind === 'string' || value.type.kind === 'binary');

/** A boolean expression for two values that are not null; null for arrays and structs. Also what sort keys and joins may use. */
export function comparisonCode(emit: Emitter, operator: Operator, a: Value, b: Value, args: readonly Argument[]): string | null {
  if (!canCompare(a, b)) return null;
  if (a.rep === 'bool' && b.rep === 'bool') return `${a.code} ${scriptOperator(operator)} ${b.code}`;
  if (a.rep === 'float' || b.rep === 'float') return floatComparison(operator, emit.toFloat(a).code, emit.toFloat(b).code, args);
  if (a.rep === 'int' && b.rep === 'int') return `${a.code} ${scriptOperator(operator)} ${b.code}`;
  if (a.rep === 'big' || b.rep === 'big') return `${emit.toBig(a).code} ${scriptOperator(operator)} ${emit.toBig(b).code}`;
  const [x, y] = [emit.toBytes(a), emit.toBytes(b)];
  if (operator === '=' || operator === '<>') return bytesEquality(emit, operator, x, y, args);
  return `${emit.constant('compareBytes', compareBytes)}(${span(x)}, ${span(y)}) ${operator} 0`;
}

const scriptOperator = (operator: Operator): string => (operator === '=' ? '===' : operator === '<>' ? '!==' : operator);

/** NaN needs a clause of its own unless the literal side shows that there is none. */
function floatComparison(operator: Operator, a: string, b: string, args: readonly Argument[]): string {
  const [left, right] = args.map((arg) => typeof arg.literal === 'number' && !Number.isNaN(arg.literal));
  switch (operator) {
    case '=':
      return left || right ? `${a} === ${b}` : `(${a} === ${b} || (${a} !== ${a} && ${b} !== ${b}))`;
    case '<>':
      return `!(${floatComparison('=', a, b, args)})`;
    case '>':
      return floatComparison('<', b, a, [args[1], args[0]]);
    case '<':
      return right ? `${a} < ${b}` : `(${b} !== ${b} ? ${a} === ${a} : ${a} < ${b})`;
    case '>=':
      return floatComparison('<=', b, a, [args[1], args[0]]);
    case '<=':
      return right ? `${a} <= ${b}` : `(${a} <= ${b} || ${b} !== ${b})`;
    default:
      return operator satisfies never;
  }
}

/** Longest literal that is compared byte by byte in line. */
const INLINE_BYTES = 8;

function bytesEquality(emit: Emitter, operator: '=' | '<>', a: ValueOf<'bytes'>, b: ValueOf<'bytes'>, args: readonly Argument[]): string {
  const literal = args.findIndex((arg) => typeof arg.literal === 'string');
  const code = literal < 0 ? equalCode(emit, a, b) : equalsLiteral(emit, literal === 0 ? b : a, args[literal].literal as string);
  return operator === '=' ? code : `!(${code})`;
}

function equalCode(emit: Emitter, a: ValueOf<'bytes'>, b: ValueOf<'bytes'>): string {
  const sameLength = `${a.end} - ${a.start} === ${b.end} - ${b.start}`;
  return `(${sameLength} && ${emit.constant('sameBytes', sameBytes)}(${a.data}, ${a.start}, ${a.end}, ${b.data}, ${b.start}))`;
}

/** Whether a bytes value is exactly `text`. */
export function equalsLiteral(emit: Emitter, value: ValueOf<'bytes'>, text: string): string {
  const bytes = new TextEncoder().encode(text);
  const length = `${value.end} - ${value.start} === ${bytes.length}`;
  if (bytes.length > INLINE_BYTES) {
    const same = emit.constant('sameBytes', sameBytes);
    return `(${length} && ${same}(${value.data}, ${value.start}, ${value.end}, ${emit.constant('text', bytes)}, 0))`;
  }
  const tests = Array.from(bytes, (byte, i) => `${value.data}[${value.start}${i === 0 ? '' : ` + ${i}`}] === ${byte}`);
  return `(${[length, ...tests].join(' && ')})`;
}

/** Whether data[start, end) equals the bytes of `other` from `at`; the caller has compared the lengths. */
export function sameBytes(data: Uint8Array, start: number, end: number, other: Uint8Array, at: number): boolean {
  for (let i = start, j = at; i < end; i++, j++) if (data[i] !== other[j]) return false;
  return true;
}

/** The greatest or least of its arguments, nulls left out; null where all are. */
const extreme = (name: 'greatest' | 'least'): ScalarFunction => ({
  kind: 'scalar',
  name,
  nulls: 'custom',
  resolve: (args) => {
    checkCount(name, args.length, 2, Number.POSITIVE_INFINITY);
    const common = args.reduce<DataType | null>((type, arg) => type && tightestCommonType(type, arg.type), NULL);
    if (common === null) throw differingTypes(name, args);
    if (!isOrderable(common)) {
      throw userError('DATATYPE_MISMATCH.INVALID_ORDERING_TYPE', `${name} does not compare maps.`, {
        hint: 'Compare map_entries() or single keys',
      });
    }
    return { args: args.map(() => common), result: common, nullable: args.every((arg) => arg.nullable) };
  },
  evaluator: ({ type }) => extremeOf(name === 'greatest' ? 1 : -1, type),
  generate: (emit, args, call) => {
    if (isFloat(call.type) || !['int8', 'int16', 'int32', 'int64', 'date', 'decimal', 'timestamp'].includes(call.type.kind)) return null;
    return extremeCode(emit, name === 'greatest' ? '>' : '<', args, call);
  },
});

function extremeOf(sign: 1 | -1, type: DataType): Evaluator {
  return (...values) => {
    let best: EngineValue = null;
    for (const value of values) {
      if (value !== null && (best === null || compareValues(value, best, type) * sign > 0)) best = value;
    }
    return best;
  };
}

function extremeCode(emit: Emitter, operator: '<' | '>', args: readonly (() => Value)[], call: Call): Value {
  const best = branchSlot(emit, call.type, true);
  best.setNull();
  for (const arg of args) {
    const value = arg();
    if (value.isNull === 'true') continue;
    const present = { ...value, isNull: 'false' };
    const take = (): void => {
      const beats = comparisonCode(emit, operator, present, best.value, [call.args[0], call.args[0]]);
      emit.branch(`${best.value.isNull} || ${beats}`, () => best.set(present));
    };
    // The code of a null value must not run: there may be nothing behind it.
    if (value.isNull === 'false') take();
    else emit.branch(`!(${value.isNull})`, take);
  }
  return best.value;
}

export const COMPARISONS: readonly ScalarFunction[] = [
  ...(['=', '<>', '<', '<=', '>', '>='] as const).map(comparison),
  nullSafeEqual('<=>'),
  nullSafeEqual('equal_null'),
  extreme('greatest'),
  extreme('least'),
];
