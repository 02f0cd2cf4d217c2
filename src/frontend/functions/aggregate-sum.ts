/**
 * Owns: `sum`: exact for whole numbers and decimals (overflow of the result is ARITHMETIC_OVERFLOW), doubles for floats.
 * Generated code keeps a whole sum in two doubles, `high` × 2^44 + `low`, and what passes 2^96 in a BigInt.
 */
import { fitsPrecision } from '../../data/decimal.js';
import { type DataType, FLOAT64, INT64, isInteger, isInterval } from '../../data/types.js';
import { intervalOverflow, overflow } from './arithmetic-errors.js';
import type { Accumulator, AggregateFunction, Call, GeneratedAggregate } from './definition.js';
import { bigValue, floatValue, intValue } from './emit.js';
import type { Emitter, Value } from './generator.js';
import { castTypes, NUMBER_OR_INTERVAL } from './signature.js';

/** Where a sum of `type` is kept and what it is in the end. */
export function sumType(type: DataType): DataType {
  if (isInteger(type)) return INT64;
  if (type.kind === 'decimal') return { kind: 'decimal', precision: Math.min(38, type.precision + 10), scale: type.scale };
  return isInterval(type) ? type : FLOAT64;
}

/** What a sum is kept in on its way through the shuffle. */
export const sumState = (type: DataType): DataType => (type.kind === 'year_month_interval' ? INT64 : type);

/** `total` if it fits the sum's type, else ARITHMETIC_OVERFLOW, of intervals INTERVAL_ARITHMETIC_OVERFLOW. */
export function checkSum(total: bigint, type: DataType): bigint {
  const bits = type.kind === 'year_month_interval' ? 32 : 64;
  const fits = type.kind === 'decimal' ? fitsPrecision(total, type.precision) : BigInt.asIntN(bits, total) === total;
  if (!fits) throw isInterval(type) ? intervalOverflow('sum') : overflow('sum');
  return total;
}

/** The engine value of a whole result. */
export const wholeResult = (total: bigint, type: DataType): bigint | number =>
  type.kind === 'year_month_interval' ? Number(total) : total;

/** The same in code, of an expression of a BigInt. */
export function wholeCode(emit: Emitter, hint: string, code: string, type: DataType): Value {
  return type.kind === 'year_month_interval' ? intValue(type, emit.let(hint, `Number(${code})`), 32) : bigValue(type, emit.let(hint, code));
}

export const SUM: AggregateFunction = {
  kind: 'aggregate',
  name: 'sum',
  resolve: (args) => {
    const types = castTypes('sum', args, [NUMBER_OR_INTERVAL]);
    return { args: types, result: sumType(types[0]), nullable: true };
  },
  partialTypes: ({ type }) => [sumState(type)],
  accumulator: (call) => (call.type.kind === 'float64' ? floatSum : wholeSum(call.type)) as Accumulator,
  generate: (call) => (call.type.kind === 'float64' ? generatedFloatSum(call) : generatedWholeSum(call)),
};

const floatSum: Accumulator<number | null> = {
  init: () => null,
  update: (state, [value]) => (value === null ? state : (state ?? 0) + (value as number)),
  merge: (state, [partial]) => (partial === null ? state : (state ?? 0) + (partial as number)),
  partial: (state) => [state],
  finish: (state) => state,
};

function wholeSum(type: DataType): Accumulator<bigint | null> {
  return {
    init: () => null,
    update: (state, [value]) => (value === null ? state : (state ?? 0n) + BigInt(value as bigint | number)),
    merge: (state, [partial]) => (partial === null ? state : (state ?? 0n) + (partial as bigint)),
    partial: (state) => [state === null ? null : checkSum(state, sumState(type))],
    finish: (state) => (state === null ? null : wholeResult(checkSum(state, type), type)),
  };
}

/** Emits `body` where the value is not null. */
export function ifPresent(emit: Emitter, value: Value, body: () => void): void {
  if (value.isNull === 'true') return;
  if (value.isNull === 'false') body();
  else emit.branch(`!(${value.isNull})`, body);
}

function generatedFloatSum({ type }: Call): GeneratedAggregate {
  const add: GeneratedAggregate['update'] = (emit, [sum, seen], group, [value]) => {
    ifPresent(emit, value, () => {
      emit.line(`${sum}[${group}] += ${emit.toFloat(value).code};`);
      emit.line(`${seen}[${group}] = 1;`);
    });
  };
  const result = (_: Emitter, [sum, seen]: readonly string[], group: string): Value => ({
    ...floatValue(type, `${sum}[${group}]`),
    isNull: `(${seen}[${group}] === 0)`,
  });
  return { slots: ['f64', 'i32'], update: add, merge: add, partial: (...args) => [result(...args)], finish: result };
}

const UNIT = 2 ** 44;
const LOW_LIMIT = 2 ** 52;
/** So many units and what is in `low` are below 2^53 together. */
const SMALL_UNITS = 256;

/** Slots of a whole sum: low, high, beyond. */
export const WHOLE_SLOTS = ['f64', 'f64', 'js'] as const;

/** Emits low[group] += value, carrying whole units of 2^44 to `high` before `low` passes 2^53, and `high` to a BigInt before it does. */
export function addWhole(emit: Emitter, [low, high, beyond]: readonly string[], group: string, value: Value): void {
  const carry = `${emit.constant('carry', carryWhole)}(${low}, ${high}, ${beyond}, ${group});`;
  if (value.rep === 'int' && value.bits <= 52) {
    const next = emit.let('low', `${low}[${group}] + ${value.code}`);
    emit.line(`${low}[${group}] = ${next};`);
    emit.line(`if (${next} > ${LOW_LIMIT} || ${next} < ${-LOW_LIMIT}) ${carry}`);
    return;
  }
  emit.line(`${emit.constant('addBig', addBig)}(${low}, ${high}, ${beyond}, ${group}, ${emit.toBig(value).code});`);
}

type Doubles = Float64Array | number[];

export function carryWhole(low: Doubles, high: Doubles, beyond: (bigint | undefined)[], group: number): void {
  const units = Math.floor(low[group] / UNIT);
  low[group] -= units * UNIT;
  high[group] += units;
  if (Math.abs(high[group]) > LOW_LIMIT) {
    beyond[group] = (beyond[group] ?? 0n) + BigInt(high[group]);
    high[group] = 0;
  }
}

export function addBig(low: Doubles, high: Doubles, beyond: (bigint | undefined)[], group: number, value: bigint): void {
  const units = value >> 44n;
  low[group] += Number(BigInt.asUintN(44, value));
  if (units > -4503599627370496n && units < 4503599627370496n) high[group] += Number(units);
  else beyond[group] = (beyond[group] ?? 0n) + units;
  carryWhole(low, high, beyond, group);
}

/** The BigInt total of a group's slots. */
export function wholeTotal(low: Doubles, high: Doubles, beyond: readonly (bigint | undefined)[], group: number): bigint {
  const units = high[group];
  // Below 2^53 in all, as most sums are.
  if (beyond[group] === undefined && units < SMALL_UNITS && units > -SMALL_UNITS) return BigInt(units * UNIT + low[group]);
  return (((beyond[group] ?? 0n) + BigInt(units)) << 44n) + BigInt(low[group]);
}

function generatedWholeSum({ type }: Call): GeneratedAggregate {
  const add: GeneratedAggregate['update'] = (emit, slots, group, [value]) => {
    ifPresent(emit, value, () => {
      addWhole(emit, slots, group, value);
      emit.line(`${slots[3]}[${group}] = 1;`);
    });
  };
  const result = (emit: Emitter, slots: readonly string[], group: string, of: DataType): Value => {
    const total = `${emit.constant('wholeTotal', wholeTotal)}(${slots.slice(0, 3).join(', ')}, ${group})`;
    const code = `${emit.constant('checkSum', emit.located(checkSum))}(${total}, ${emit.constant('type', of)})`;
    return { ...wholeCode(emit, 'sum', code, of), isNull: `(${slots[3]}[${group}] === 0)` };
  };
  return {
    slots: [...WHOLE_SLOTS, 'i32'],
    update: add,
    merge: add,
    partial: (...args) => [result(...args, sumState(type))],
    finish: (...args) => result(...args, type),
    narrow: (slots, groups) => (holdsDoubles(type) && holdsDoubles(sumState(type)) && areSmall(slots, groups) ? smallSum(type) : null),
  };
}

/** Whether whatever is below 2^53 is within the type. */
const holdsDoubles = (type: DataType): boolean => type.kind === 'int64' || (type.kind === 'decimal' && type.precision >= 16);

/** Whether each total is below 2^53. */
function areSmall([, high, beyond]: readonly unknown[], groups: number): boolean {
  if ((beyond as unknown[]).length > 0) return false;
  let most = 0;
  for (let g = 0; g < groups; g++) most = Math.max(most, Math.abs((high as Float64Array)[g]));
  return most < SMALL_UNITS;
}

function smallSum(type: DataType): Pick<GeneratedAggregate, 'partial' | 'finish'> {
  const result = (emit: Emitter, [low, high, , seen]: readonly string[], group: string, of: DataType): Value => ({
    ...intValue(of, emit.let('sum', `${high}[${group}] * ${UNIT} + ${low}[${group}]`), 53),
    isNull: `(${seen}[${group}] === 0)`,
  });
  return { partial: (...args) => [result(...args, sumState(type))], finish: (...args) => result(...args, type) };
}
