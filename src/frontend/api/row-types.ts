/**
 * Owns: how the compiler follows the columns of a DataFrame<S> through select, withColumn, agg and join. Types only.
 */

import type { JoinType } from '../plan/logical.js';
import type { Column } from './column.js';
import type { Known, LastPart } from './column-names.js';
import type { AnyRow, Simplify } from './ddl-types.js';
import type { NotNumeric, Numeric, Ref, Resolve } from './value-types.js';

/** The type of the values that a column argument stands for. */
export type ValueOf<C> = C extends Column<infer T, string> ? T : C extends string ? (string extends C ? unknown : Ref<C>) : unknown;

export type NameIn<S> = keyof S & string;

/** What select() and groupBy() take: a name of the row, `'*'` or a column. */
export type Selectable<S> = NameIn<S> | Column;

type OutputName<S, C> =
  C extends Column<unknown, infer N>
    ? N
    : C extends string
      ? // The name of a field, where only a row open to any name takes the path to it.
        string extends keyof S
        ? LastPart<C>
        : C
      : never;
type OutputType<S, C> = C extends Column<infer T, string> ? Resolve<S, T> : C extends keyof S ? S[C] : unknown;
type IndexOf<L> = Exclude<keyof L, keyof (readonly unknown[])>;

/** `*`, `person.*` */
type StarIn<C> = C extends Column<Ref<infer M>> ? Extract<M, '*' | `${string}.*`> : C extends '*' | `${string}.*` ? C : never;

/** What a star stands for: all columns, the fields of a struct, or those of one side of a join, which are not known. */
type Starred<S, C> = C extends '*'
  ? S
  : C extends `${infer P}.*`
    ? P extends keyof S
      ? string extends keyof S
        ? AnyRow
        : NonNullable<S[P]>
      : AnyRow
    : never;

type Stars<S, L extends readonly unknown[]> = [StarIn<L[number]>] extends [never] ? unknown : Intersected<Starred<S, StarIn<L[number]>>>;

/** A name that is not known here opens the row to any name. */
type Opening<L extends readonly unknown[]> = L[number] extends infer C
  ? C extends Column<unknown, infer N> | (infer N extends string)
    ? string extends N
      ? AnyRow
      : never
    : never
  : never;

/** The row that a list of names and columns makes. */
export type Selected<S, L extends readonly unknown[]> = Simplify<
  {
    [I in IndexOf<L> as [StarIn<L[I]>] extends [never]
      ? string extends OutputName<S, L[I]>
        ? never
        : OutputName<S, L[I]>
      : never]: OutputType<S, L[I]>;
  } & Stars<S, L> &
    ([Opening<L>] extends [never] ? unknown : AnyRow)
>;

/** For agg(): columns that the row has, and sums of nothing but numbers. */
export type AllAggregate<S, L> = { [I in keyof L]: L[I] & Known<S, L[I]> & Summable<S, L[I]> };

type Summable<S, C> =
  C extends Column<infer T> ? ([Extract<Resolve<S, T>, NotNumeric>] extends [never] ? unknown : 'sum() takes numbers') : unknown;

export type TypeIn<C> = C extends Column<infer T> ? T : unknown;

/** The texts of describe(): of columns of numbers and text only. */
export type Summary<S, N extends keyof S> = Simplify<
  { summary: string } & {
    [K in N as unknown extends S[K] ? K : NonNullable<S[K]> extends Numeric | string ? K : never]: string | null;
  }
>;

/** Names of columns that may be numbers. */
export type NumericIn<S> = { [K in NameIn<S>]: S[K] extends string | boolean | null ? never : K }[NameIn<S>];

/** Where the name is not known, any of the columns may be another one now. */
export type WithColumn<S, N extends string, T> = string extends N ? AnyRow : Simplify<Omit<S, N> & { [K in N]: Resolve<S, T> }>;

export type Renamed<S, From extends string, To extends string> = string extends To
  ? Open<Without<S, From>>
  : Simplify<{ [K in keyof S as K extends From ? To : K]: S[K] }>;

/** The row with columns besides whose names are not known. */
type Open<S> = Simplify<S & AnyRow>;

/** Several columns set at once. */
export type WithColumns<S, C> = Simplify<
  { [K in keyof S as K extends keyof C ? never : K]: S[K] } & {
    -readonly [N in keyof C]: C[N] extends Column<infer T> ? Resolve<S, T> : unknown;
  }
>;

/** `M` maps old names to new ones. */
export type RenamedAll<S, M> = Simplify<{ [K in keyof S as K extends keyof M ? (M[K] extends string ? M[K] : K) : K]: S[K] }>;

/** Columns `V`, or without them all but `I`, as rows of a name and a value. */
export type Unpivoted<S, I extends string, V extends string, A extends string, B extends string> = string extends A | B
  ? AnyRow
  : Simplify<
      { [K in I]: K extends keyof S ? S[K] : unknown } & { [K in A]: string } & {
        [K in B]: S[([V] extends [never] ? Exclude<keyof S, I> : V) & keyof S];
      }
    >;

/** The row where these values are there. */
export type Present<S, N> = { [K in keyof S]: K extends N ? NonNullable<S[K]> : S[K] };

/** Omit would lose the known names of a row that is open to any name. */
export type Without<S, N> = Simplify<{ [K in keyof S as K extends N ? never : K]: S[K] }>;

type Intersected<U> = (U extends unknown ? (each: U) => void : never) extends (all: infer I) => void ? I : never;

/** The row that a union of names and columns makes. */
export type SelectedAny<S, C> = Simplify<Intersected<C extends unknown ? Selected<S, [C]> : never>>;

/** The row where any of its values may be missing. */
export type Nulled<S> = { [K in keyof S]: S[K] | null };

type Side<S, MayMiss> = MayMiss extends true ? Nulled<S> : S;

/** The row of a join: USING columns once; a name on both sides has either's type. */
export type Joined<L, R, Using extends string, How extends JoinType> = How extends 'semi' | 'anti'
  ? L
  : Simplify<
      Either<
        Side<Without<L, Using>, How extends 'right' | 'full' ? true : false>,
        Side<Without<R, Using>, How extends 'left' | 'full' ? true : false>
      > & {
        [K in keyof L as K extends Using ? K : never]: How extends 'right'
          ? R[K & keyof R]
          : How extends 'full'
            ? L[K] | R[K & keyof R]
            : L[K];
      }
    >;

type Either<L, R> = { [K in keyof L | keyof R]: (K extends keyof L ? L[K] : never) | (K extends keyof R ? R[K] : never) };

/** Rows of either kind: what only one of them has is null in the other's. */
export type UnionByName<L, R> = Simplify<
  { [K in keyof L]: L[K] | (K extends keyof R ? R[K] : null) } & { [K in keyof R as K extends keyof L ? never : K]: R[K] | null }
>;

/** For a parameter `DataFrame<R> & SameNames<S, R>`: names that only one side has. */
export type SameNames<S, R> = string extends keyof S | keyof R
  ? unknown
  : [Exclude<keyof R, keyof S> | Exclude<keyof S, keyof R>] extends [never]
    ? unknown
    : { readonly 'only one side has': Exclude<keyof R, keyof S> | Exclude<keyof S, keyof R> };

/** Rows of either, which have the same names. */
export type United<L, R> = Simplify<{ [K in keyof L]: L[K] | (K extends keyof R ? R[K] : never) }>;
