/** Scalar functions and aggregates of the reference: one value at a time, as plainly as can be written. */
import type { DataType } from '../../../src/data/types.js';
import type { Aggregated, ResolvedExpr } from '../../../src/frontend/plan/resolved.js';
import {
  type DecimalType,
  dateText,
  decimalText,
  integer,
  lastDayOfMonth,
  orderOf,
  partsOfDay,
  SqlError,
  sameValue,
  textOf,
  toScale,
  type Value,
} from './reference-values.js';

type CallExpr = Extract<ResolvedExpr, { kind: 'call' }>;
type Evaluate = (args: readonly Value[], call: CallExpr) => Value;
type Values = readonly Value[];

const compared =
  (holds: (order: number) => boolean): Evaluate =>
  ([a, b]) =>
    holds(orderOf(a, b));

function scaleOf(type: DataType): number {
  return type.kind === 'decimal' ? type.scale : 0;
}

/** `+ - *` over two arguments of one type (decimals: of any two). */
const arithmetic =
  (operator: '+' | '-' | '*'): Evaluate =>
  ([a, b], { args, type }) => {
    const over = (x: bigint, y: bigint): bigint => (operator === '+' ? x + y : operator === '-' ? x - y : x * y);
    const overDoubles = (x: number, y: number): number => (operator === '+' ? x + y : operator === '-' ? x - y : x * y);
    if (type.kind === 'float64') return overDoubles(a as number, b as number);
    if (type.kind !== 'decimal') return integer(over(BigInt(a as number), BigInt(b as number)), type);
    const [s, t] = [scaleOf(args[0].type), scaleOf(args[1].type)];
    if (operator === '*') return toScale((a as bigint) * (b as bigint), s + t, type);
    const scale = Math.max(s, t);
    return toScale(over((a as bigint) * 10n ** BigInt(scale - s), (b as bigint) * 10n ** BigInt(scale - t)), scale, type);
  };

const tried =
  (evaluate: Evaluate): Evaluate =>
  (args, call) => {
    try {
      return evaluate(args, call);
    } catch (error) {
      if (error instanceof SqlError) return null;
      throw error;
    }
  };

const modulo =
  (isPositive: boolean): Evaluate =>
  ([a, b], { type }) => {
    const [x, y] = [BigInt(a as number), BigInt(b as number)];
    if (y === 0n) throw new SqlError('division by zero');
    const rest = x % y;
    return integer(isPositive && rest < 0n ? (rest + y) % y : rest, type);
  };

const onLongs =
  (combine: (a: bigint, b: bigint) => bigint): Evaluate =>
  ([a, b], { type }) =>
    integer(combine(BigInt(a as number), BigInt(b as number)), type);

const onText =
  (combine: (a: string, b: string) => Value): Evaluate =>
  ([a, b]) =>
    combine(a as string, b as string);

function castValue(value: Value, from: DataType, to: DataType): Value {
  switch (to.kind) {
    case 'string':
      if (from.kind === 'date') return dateText(value as number);
      return from.kind === 'decimal' ? decimalText(value as bigint, from.scale) : String(value);
    case 'float64':
      return from.kind === 'decimal' ? Number(decimalText(value as bigint, from.scale)) : Number(value);
    case 'decimal':
      return toScale(BigInt(value as number), scaleOf(from), to);
    case 'date':
      return Number(((value as bigint) - ((((value as bigint) % DAY) + DAY) % DAY)) / DAY);
    case 'timestamp':
      return BigInt(value as number) * DAY;
    case 'int32':
    case 'int64':
      if (from.kind !== 'string') return integer(BigInt(value as number), to);
      if (!/^ *[+-]?\d+ *$/.test(value as string)) throw new SqlError(`'${value}' is no number`);
      return integer(BigInt((value as string).trim()), to);
    case 'array':
      return (value as Values).map((v) => (v === null ? null : castValue(v, (from as typeof to).element, to.element)));
  }
  throw new Error(`The reference does not cast ${from.kind} to ${to.kind}.`);
}

const DAY = 86_400_000_000n;

const cast: Evaluate = ([value], { args, type }) => castValue(value, args[0].type, type);

const ofDay =
  (part: (days: number) => number): Evaluate =>
  ([day]) =>
    part(day as number);

const extreme =
  (sign: number): Evaluate =>
  (args) =>
    args.reduce((best, v) => (v === null ? best : best === null || sign * orderOf(v, best) > 0 ? v : best), null);

function substring([text, from, length]: Values): Value {
  const letters = [...(text as string)];
  return letters.slice((from as number) - 1, (from as number) - 1 + Math.max(0, length as number)).join('');
}

function elementAt([list, index]: Values): Value {
  const value = (list as Values)[(index as number) - 1];
  if (value === undefined) throw new SqlError('no such element');
  return value;
}

/** They are not called where an argument is null. */
export const STRICT: Readonly<Record<string, Evaluate>> = {
  '=': compared((order) => order === 0),
  '<>': compared((order) => order !== 0),
  '<': compared((order) => order < 0),
  '<=': compared((order) => order <= 0),
  '>': compared((order) => order > 0),
  '>=': compared((order) => order >= 0),
  '+': arithmetic('+'),
  '-': arithmetic('-'),
  '*': arithmetic('*'),
  '/': ([a, b]) => {
    if (b === 0) throw new SqlError('division by zero');
    return (a as number) / (b as number);
  },
  '%': modulo(false),
  pmod: modulo(true),
  try_add: tried(arithmetic('+')),
  try_subtract: tried(arithmetic('-')),
  try_multiply: tried(arithmetic('*')),
  '&': onLongs((a, b) => a & b),
  '|': onLongs((a, b) => a | b),
  '^': onLongs((a, b) => a ^ b),
  negative: ([v], { type }) => (type.kind === 'float64' || type.kind === 'decimal' ? -(v as number) : integer(-BigInt(v as number), type)),
  abs: ([v]) => ((v as number) < 0 || Object.is(v, -0) ? -(v as number) : v),
  not: ([v]) => !v,
  length: ([text]) => [...(text as string)].length,
  upper: ([text]) => (text as string).toUpperCase(),
  lower: ([text]) => (text as string).toLowerCase(),
  trim: ([text]) => (text as string).replace(/^ +| +$/g, ''),
  replace: ([text, from, to]) => (from === '' ? text : (text as string).replaceAll(from as string, () => to as string)),
  repeat: ([text, times]) => (text as string).repeat(Math.max(0, times as number)),
  substring,
  concat: (args) => args.join(''),
  split: ([text, separator]) => (text as string).split(separator as string),
  startswith: onText((a, b) => a.startsWith(b)),
  endswith: onText((a, b) => a.endsWith(b)),
  contains: onText((a, b) => a.includes(b)),
  element_at: elementAt,
  size: ([list]) => (list as Values).length,
  array_repeat: ([value, times]) => Array.from({ length: Math.max(0, times as number) }, () => value),
  array_contains: ([list, wanted]) =>
    (list as Values).some((v) => v !== null && sameValue(v, wanted)) || ((list as Values).includes(null) ? null : false),
  sort_array: ([list]) => [...(list as Values)].sort(orderOf),
  year: ofDay((d) => partsOfDay(d).year),
  month: ofDay((d) => partsOfDay(d).month),
  dayofmonth: ofDay((d) => partsOfDay(d).day),
  dayofweek: ofDay((d) => partsOfDay(d).weekday + 1),
  last_day: ofDay(lastDayOfMonth),
  date_add: ([day, n]) => (day as number) + (n as number),
  date_sub: ([day, n]) => (day as number) - (n as number),
  datediff: ([end, start]) => (end as number) - (start as number),
  cast,
  try_cast: tried(cast),
};

/** They see nulls. */
export const LENIENT: Readonly<Record<string, Evaluate>> = {
  '<=>': ([a, b]) => sameValue(a, b),
  isnan: ([v]) => Number.isNaN(v),
  nanvl: ([a, b]) => (Number.isNaN(a) ? b : a),
  isnull: ([v]) => v === null,
  isnotnull: ([v]) => v !== null,
  in: ([v, ...list]) => (v === null ? null : list.some((w) => w !== null && sameValue(v, w)) || (list.includes(null) ? null : false)),
  greatest: extreme(1),
  least: extreme(-1),
  nullif: ([a, b]) => (a !== null && b !== null && sameValue(a, b) ? null : a),
  array: (args) => [...args],
  size: ([list]) => (list === null ? null : (list as Values).length),
};

type OfGroup = (values: readonly Value[], aggregate: Aggregated) => Value;

const extremeOf =
  (sign: number): OfGroup =>
  (values) =>
    values.reduce((best, v) => (best === null || sign * orderOf(v, best) > 0 ? v : best), null);

function sum(values: readonly Value[], { args, type }: Aggregated): Value {
  if (values.length === 0) return null;
  if (type.kind === 'float64') return values.reduce<number>((total, v) => total + (v as number), 0);
  const [up, down] = [values.filter((v) => (v as bigint) > 0), values.filter((v) => (v as bigint) <= 0)].map((of) =>
    of.reduce<bigint>((sofar, v) => sofar + BigInt(v as number), 0n),
  );
  // Where one sign alone overflows, it depends on the order of the rows whether the sum does, in Spark as well.
  if (type.kind !== 'decimal') for (const part of [up, down]) integer(part, type);
  const total = up + down;
  return type.kind === 'decimal' ? toScale(total, scaleOf(args[0].type), type) : integer(total, type);
}

function avg(values: readonly Value[], { args, type }: Aggregated): Value {
  if (values.length === 0) return null;
  if (type.kind === 'float64') return values.reduce<number>((total, v) => total + Number(v), 0) / values.length;
  // Four more digits than the type has are enough to round by: means have few of them, or repeat.
  const total = values.reduce<bigint>((sofar, v) => sofar + (v as bigint), 0n) * 10n ** 20n;
  return toScale(total / BigInt(values.length), scaleOf(args[0].type) + 20, type as DecimalType);
}

/** Over the values that are not null. */
export const AGGREGATES: Readonly<Record<string, OfGroup>> = {
  count: (values) => BigInt(values.length),
  count_if: (values) => BigInt(values.filter((v) => v === true).length),
  sum,
  avg,
  min: extremeOf(-1),
  max: extremeOf(1),
  bool_and: (values) => (values.length === 0 ? null : !values.includes(false)),
  bool_or: (values) => (values.length === 0 ? null : values.includes(true)),
  collect_list: (values) => [...values],
};

/** Each value once. */
export function distinctValues(values: readonly Value[]): Value[] {
  return [...new Map(values.map((v) => [textOf(v), v])).values()];
}
