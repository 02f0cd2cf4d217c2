/**
 * Owns: which names a column refers to, and what the compiler says where a row lacks one of them. Types only. Names whose text is not known
 * to the compiler, SQL text, and rows that are open to any name are left to the analyzer.
 */
import type { Column } from './column.js';
import type { SortOrder } from './sort-order.js';
import type { Ref } from './value-types.js';

/** A column, or the name of one. */
export type ColumnOrName = Column | string;

/** The names in a column argument, where a text is a name; `string` where they are not known. */
export type NamesIn<C> = C extends Column<unknown, string, infer R> | SortOrder<infer R> ? R : C extends string ? C : never;

/** The names in an operand, where a text is a value. */
export type NamesInOperand<V> = V extends Column<unknown, string, infer R> ? R : never;

/** For a parameter `C & Known<S, C>`: what no column that refers to a name S lacks is assignable to. A plain text is a name that NameIn<S> checks. */
export type Known<S, C> = C extends string ? unknown : string extends NamesIn<C> ? unknown : Told<Lacking<S, NamesIn<C>>>;

/** As Known<S, C>, of each item of a list or object. */
export type AllKnown<S, L> = { [I in keyof L]: L[I] & Known<S, L[I]> };

export type Told<Missing extends string> = [Missing] extends [never] ? unknown : `there is no column '${Missing}'`;

/** Of the names R those that the row S has no column for. */
export type Lacking<S, R extends string> = string extends R | keyof S
  ? never
  : unknown extends S
    ? never
    : Unmatched<S, Exclude<R, keyof S>>;

/** As the analyzer looks them up: case aside, maybe after the alias of a DataFrame or before fields of a struct. Back-quoted names are left to it. */
type Unmatched<S, R extends string> = R extends unknown ? (Lowercase<R> extends Spelling<Lowercase<keyof S & string>> ? never : R) : never;

type Spelling<K extends string> =
  | K
  | `${K}.${string}`
  | `${string}.${K}`
  | `${string}.${K}.${string}`
  | '*'
  | `${string}.*`
  | `${string}\`${string}`;

/** The name of a call of one column, `sum(price)`, where it is known. */
export type CallName<F extends string, C> = [F] extends [never]
  ? string
  : C extends '*'
    ? `${F}(1)`
    : C extends string
      ? string extends C
        ? string
        : C extends `${string}.${string}`
          ? string
          : `${F}(${C})`
      : C extends Column<Ref<infer M>, infer N>
        ? M extends N
          ? `${F}(${M})`
          : string
        : string;

/** The name of a field of a column of this name. */
export type FieldName<N extends string, F extends string> = string extends N ? string : `${N}.${F}`;

/** A column keeps its name under a cast; a call or a field does not. */
export type CastName<N extends string> = N extends `${string}(${string}` | `${string}.${string}` ? string : N;

/** What follows the last dot. */
export type LastPart<N extends string> = N extends `${string}.${infer Rest}` ? LastPart<Rest> : N;
