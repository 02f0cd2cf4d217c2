/**
 * Owns: the types of columns that depend on a DataFrame not met yet: col('price') is a Ref<'price'>, and what is computed of it waits as Later.
 * `Resolve` settles them once the column is used on a DataFrame<S>. Types only.
 */
import type { Decimal } from '../../data/decimal.js';
import type { DayTimeInterval, YearMonthInterval } from '../../data/interval.js';
import type { LocalDate, LocalDateTime, Timestamp } from '../../data/temporal.js';
import type { Simplify } from './ddl-types.js';

declare const NAME: unique symbol;
declare const OP: unique symbol;

/** The type of the column called N in whatever DataFrame it will be used with. */
export interface Ref<N extends string> {
  readonly [NAME]: N;
}

type Op =
  | 'sum'
  | 'element'
  | 'list'
  | 'key'
  | 'value'
  | 'map'
  | 'arithmetic'
  | 'quotient'
  | 'struct'
  | 'field'
  | 'item'
  | 'concat'
  | 'with'
  | 'without';

/** What `O` makes of `A` once the names in it are known. */
export interface Later<O extends Op, A> {
  readonly [OP]: O;
  readonly args: A;
}

/** Whether some part of T waits for a DataFrame. */
export type Waits<T> = [Extract<T, Ref<string> | Later<Op, unknown>>] extends [never] ? false : true;

type Either<A, B> = Waits<A> extends true ? true : Waits<B>;

/** T with the names that it depends on looked up in S; unknown where S lacks them. */
export type Resolve<S, T> =
  T extends Ref<infer N> ? PathIn<S, N> : T extends Later<infer O, infer A> ? Apply<O, { [I in keyof A]: Resolve<S, A[I]> }> : T;

/** A column of S, maybe behind the alias of a DataFrame, or a field of one that is a struct. */
type PathIn<S, N extends string> = N extends keyof S
  ? S[N]
  : N extends `${infer Head}.${infer Rest}`
    ? Head extends keyof S
      ? FieldAt<S[Head], Rest>
      : PathIn<S, Rest>
    : unknown;

type FieldAt<T, N extends string> = T extends null
  ? null
  : N extends keyof T
    ? T[N]
    : N extends `${infer Head}.${infer Rest}`
      ? Head extends keyof T
        ? FieldAt<T[Head], Rest>
        : unknown
      : unknown;

type Apply<O extends Op, A> = O extends 'struct'
  ? A
  : A extends readonly [infer X, infer F, infer V]
    ? WithAt<X, F & string, V>
    : A extends readonly [infer X, infer Y]
      ? O extends 'arithmetic'
        ? Arithmetic<X, Y>
        : O extends 'map'
          ? Map<X, Y>
          : O extends 'field'
            ? FieldAt<X, Y & string>
            : O extends 'without'
              ? WithoutAt<X, Y & string>
              : Quotient<X, Y>
      : A extends readonly [infer X]
        ? O extends 'sum'
          ? SumOf<X>
          : O extends 'element'
            ? ElementOf<X>
            : O extends 'key'
              ? KeyOf<X>
              : O extends 'value'
                ? MapValueOf<X>
                : O extends 'item'
                  ? ItemOf<X>
                  : O extends 'concat'
                    ? ConcatOf<X>
                    : X[]
        : never;

/** What sum() makes of values of type T: integers give bigints, doubles numbers; which of them a number is, is not known. */
export type SumOf<T> = Waits<T> extends true ? Later<'sum', [T]> : unknown extends T ? Numeric : SumOfKnown<T>;
type SumOfKnown<T> = T extends bigint
  ? bigint
  : T extends number
    ? number | bigint
    : T extends Decimal
      ? Decimal
      : T extends null
        ? never
        : T extends string | boolean
          ? NotNumeric
          : Numeric;

/** What sum() of a text or boolean column has as its type: agg() takes no such column. */
export interface NotNumeric {
  readonly [OP]: 'the column is no number';
}

/** A field of a struct. */
export type FieldOf<T, F extends string> = Waits<T> extends true ? Later<'field', [T, F]> : FieldAt<T, F>;

/** The struct with this field set. */
export type WithFieldOf<T, F extends string, V> = Either<T, V> extends true ? Later<'with', [T, F, V]> : WithAt<T, F, V>;

type WithAt<T, F extends string, V> = T extends null
  ? null
  : F extends `${infer Head}.${infer Rest}`
    ? Head extends keyof T
      ? Simplify<Omit<T, Head> & { [K in Head]: WithAt<T[Head], Rest, V> }>
      : unknown
    : Simplify<Omit<T, F> & { [K in F]: V }>;

/** The struct without these fields. */
export type WithoutFieldsOf<T, F extends string> = Waits<T> extends true ? Later<'without', [T, F]> : WithoutAt<T, F>;

type WithoutAt<T, F extends string> = T extends null
  ? null
  : {
      [K in keyof T as K extends F ? never : K]: K extends string
        ? Extract<F, `${K}.${string}`> extends infer P
          ? [P] extends [never]
            ? T[K]
            : P extends `${K}.${infer Rest}`
              ? WithoutAt<T[K], Rest>
              : T[K]
          : never
        : T[K];
    };

/** Arrays give an array, all else text. */
export type ConcatOf<T> = Waits<T> extends true ? Later<'concat', [T]> : [Extract<T, readonly unknown[]>] extends [never] ? string : T;

/** An element of an array, or what a map holds for a key, which it may lack. */
export type ItemOf<T> = Waits<T> extends true ? Later<'item', [T]> : ItemOfKnown<T>;
type ItemOfKnown<T> = T extends readonly (infer E)[]
  ? E
  : T extends ReadonlyMap<unknown, infer V>
    ? V | null
    : T extends null
      ? null
      : unknown;

/** What an array holds. */
export type ElementOf<T> = Waits<T> extends true ? Later<'element', [T]> : T extends readonly (infer E)[] ? E : unknown;

/** An array of T. */
export type ListOf<T> = Waits<T> extends true ? Later<'list', [T]> : T[];

/** The keys of a map. */
export type KeyOf<T> = Waits<T> extends true ? Later<'key', [T]> : T extends ReadonlyMap<infer K, unknown> ? K : unknown;

/** The values of a map. */
export type MapValueOf<T> = Waits<T> extends true ? Later<'value', [T]> : T extends ReadonlyMap<unknown, infer V> ? V : unknown;

/** A map of K to V. */
export type MapOf<K, V> = Either<K, V> extends true ? Later<'map', [K, V]> : Map<K, V>;

/** A struct of fields of these types. */
export type StructOf<F> = Later<'struct', F>;

export type Numeric = number | bigint | Decimal;

/** The result of +, - and *: with a number, which may be an integer or a double, a bigint or decimal may become a double. */
export type Arithmetic<A, B> =
  Either<A, B> extends true
    ? Later<'arithmetic', [A, B]>
    : Extract<A | B, Moment | Interval> extends never
      ? Combined<Kind<A>, Kind<B>>
      : InTime<NonNullable<A>, NonNullable<B>>;

type Moment = LocalDate | Timestamp | LocalDateTime;
type Interval = DayTimeInterval | YearMonthInterval;

/** Dates and timestamps moved by intervals or numbers of days, the time between two of them, intervals added and multiplied. */
type InTime<A, B> = [A] extends [Interval]
  ? [B] extends [Interval]
    ? A | B
    : [B] extends [Moment]
      ? Moved<B, A>
      : A
  : [B] extends [Interval]
    ? [A] extends [Moment]
      ? Moved<A, B>
      : B
    : [A, B] extends [Moment, Moment]
      ? DayTimeInterval
      : Extract<A | B, Moment>;

/** A date and hours are a timestamp; how long an interval is, is not known. */
type Moved<M, I> = [M, I] extends [LocalDate, DayTimeInterval] ? LocalDate | Timestamp : M;

/** The result of /: a double for integers and doubles, a decimal where one side is. */
export type Quotient<A, B> =
  Either<A, B> extends true
    ? Later<'quotient', [A, B]>
    : Extract<A, Interval> extends never
      ? Divided<Kind<A>, Kind<B>>
      : Extract<A, Interval>;

/** The one kind of number that T is, null left out; Numeric where it may be several or is unknown. */
type Kind<T> = [T] extends [number | null]
  ? number
  : [T] extends [bigint | null]
    ? bigint
    : [T] extends [Decimal | null]
      ? Decimal
      : Numeric;

type Combined<A, B> = Numeric extends A | B ? Numeric : [A, B] extends [B, A] ? A : A | B extends Decimal | bigint ? Decimal : A | B;

type Divided<A, B> = Numeric extends A | B
  ? Numeric
  : A | B extends number | bigint
    ? number
    : A | B extends Decimal | bigint
      ? Decimal
      : Decimal | number;
