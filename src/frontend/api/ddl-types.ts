/**
 * Owns: the JavaScript types of schemas written as DDL text, worked out by the compiler: `'word string, n bigint'` → {word: string; n: bigint}.
 * Types only. Text that is not a literal, or that it cannot read, gives `AnyRow`; whether the text is right is found at run time.
 * Nulls are not in these types: any column may hold them.
 */
import type { Decimal } from '../../data/decimal.js';
import type { DayTimeInterval, YearMonthInterval } from '../../data/interval.js';
import type { LocalDate, LocalDateTime, Timestamp } from '../../data/temporal.js';
import type { DataType, Schema } from '../../data/types.js';

/** A row of which nothing is known. */
export type AnyRow = Record<string, unknown>;

interface ScalarTypes {
  boolean: boolean;
  tinyint: number;
  byte: number;
  smallint: number;
  short: number;
  int: number;
  integer: number;
  bigint: bigint;
  long: bigint;
  float: number;
  real: number;
  double: number;
  decimal: Decimal;
  dec: Decimal;
  numeric: Decimal;
  string: string;
  binary: Uint8Array;
  date: LocalDate;
  timestamp: Timestamp;
  timestamp_ltz: Timestamp;
  timestamp_ntz: LocalDateTime;
  void: null;
}

interface KindTypes {
  null: null;
  boolean: boolean;
  int8: number;
  int16: number;
  int32: number;
  int64: bigint;
  float32: number;
  float64: number;
  decimal: Decimal;
  string: string;
  binary: Uint8Array;
  date: LocalDate;
  timestamp: Timestamp;
  timestamp_ntz: LocalDateTime;
  day_time_interval: DayTimeInterval;
  year_month_interval: YearMonthInterval;
  array: unknown[];
  map: Map<unknown, unknown>;
  struct: AnyRow;
}

/** `bigint`, `array<int>`, or a DataType → the type of its values. */
export type TypeOfText<D extends string | DataType> = D extends DataType
  ? KindTypes[D['kind']]
  : D extends string
    ? TypeOf<Tidy<D>>
    : never;

/** The row of a schema: exact for a literal DDL text. */
export type RowOf<D extends string | Schema> = D extends string ? (string extends D ? AnyRow : Simplify<Fields<Split<Spaced<D>>>>) : AnyRow;

/** The same type with its members written out, as editors should show it. */
export type Simplify<T> = { [K in keyof T]: T[K] } & {};

type TypeOf<D extends string> = D extends keyof ScalarTypes
  ? ScalarTypes[D]
  : D extends `${'decimal' | 'dec' | 'numeric'}${' ' | ''}(${string}`
    ? Decimal
    : D extends `${'varchar' | 'char'}${' ' | ''}(${string}`
      ? string
      : D extends `interval ${'year' | 'month'}${string}`
        ? YearMonthInterval
        : D extends `interval ${string}`
          ? DayTimeInterval
          : D extends `array<${infer E}>`
            ? TypeOf<Tidy<E>>[]
            : D extends `map<${infer Entries}>`
              ? MapOf<Split<Entries>>
              : D extends `struct<${infer Inner}>`
                ? Simplify<Fields<Split<Spaced<Inner>>>>
                : unknown;

type MapOf<Parts> = Parts extends [infer K extends string, infer V extends string] ? Map<TypeOf<Tidy<K>>, TypeOf<Tidy<V>>> : unknown;

type Fields<Parts> = Parts extends readonly string[]
  ? { [P in Parts[number] as NameOf<Trim<P>>]: TypeOf<Tidy<TypeTextOf<Trim<P>>>> }
  : AnyRow;

type NameOf<P extends string> = P extends `\`${infer N}\`${string}`
  ? N
  : P extends `${infer N}:${string}`
    ? N extends `${infer M} ${string}`
      ? M
      : N
    : P extends `${infer N} ${string}`
      ? N
      : P;

type TypeTextOf<P extends string> = P extends `\`${string}\`${infer T}`
  ? AfterColon<Trim<T>>
  : P extends `${infer N}:${infer T}`
    ? N extends `${string} ${infer U}`
      ? `${U}:${T}`
      : T
    : P extends `${string} ${infer T}`
      ? T
      : '';

type AfterColon<T extends string> = T extends `:${infer U}` ? U : T;

/** Lower case, without surrounding blanks, NOT NULL and COMMENT. */
type Tidy<T extends string> =
  Lowercase<Trim<T>> extends infer L extends string
    ? L extends `${infer U} not null${string}`
      ? Trim<U>
      : L extends `${infer U} comment ${string}`
        ? Trim<U>
        : L
    : never;

type Trim<T extends string> = T extends `${' ' | '\n' | '\t'}${infer U}`
  ? Trim<U>
  : T extends `${infer U}${' ' | '\n' | '\t'}`
    ? Trim<U>
    : T;

/** Line breaks as blanks. */
type Spaced<T extends string> = T extends `${infer A}\n${infer B}` ? Spaced<`${A} ${B}`> : T;

/** Parts between the commas that stand outside of every bracket. */
type Split<T extends string, Before extends string = '', Done extends string[] = []> = T extends `${infer Head},${infer Rest}`
  ? IsBalanced<`${Before}${Head}`> extends true
    ? Split<Rest, '', [...Done, `${Before}${Head}`]>
    : Split<Rest, `${Before}${Head},`, Done>
  : [...Done, `${Before}${T}`];

type IsBalanced<T extends string> = Count<T, '<'> extends Count<T, '>'> ? (Count<T, '('> extends Count<T, ')'> ? true : false) : false;

type Count<T extends string, C extends string, N extends 1[] = []> = T extends `${string}${C}${infer Rest}`
  ? Count<Rest, C, [...N, 1]>
  : N['length'];
