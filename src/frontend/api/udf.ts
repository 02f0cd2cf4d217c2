/** Owns: udf(), which makes a function of columns out of a JavaScript function of values. */
import { callSite } from '../../core/call-site.js';
import type { DataType } from '../../data/types.js';
import type { UserFunction } from '../plan/expression.js';
import { Column } from './column.js';
import { columnExpr } from './column-function.js';
import type { ColumnOrName, NamesIn } from './column-names.js';
import type { TypeOfText } from './ddl-types.js';
import { pendingClosure, type UserCode } from './pending-closures.js';
import { typeOfText } from './type-text.js';
import type { Waits } from './value-types.js';

export interface UdfOptions {
  /** Whether equal arguments always give equal results; where not, calls are never merged or moved. True unless said. */
  readonly deterministic?: boolean;
}

export type Columns<A extends readonly unknown[]> = { [I in keyof A]: ColumnOrName };

/** A name, or a column whose values may be what the parameter takes; which they are is known for certain once the plan is analysed. */
type ArgumentFor<V, C> =
  C extends Column<infer T, string>
    ? unknown extends T
      ? C
      : Waits<T> extends true
        ? C
        : [Extract<NonNullable<T>, NonNullable<V>> | Extract<NonNullable<V>, NonNullable<T>>] extends [never]
          ? Column<V>
          : C
    : C;

/** A function of one column for each of the values A. */
export type UserColumns<A extends readonly unknown[], R> = <const C extends Columns<A>>(
  ...columns: C & { [I in keyof C]: I extends keyof A ? ArgumentFor<A[I], C[I]> : C[I] }
) => Column<R, string, NamesIn<C[number]>>;

/**
 * `udf((text: string) => text.length, 'int')` gives a function of columns. It receives API values (bigint for bigint, null for NULL) and returns
 * one of type `returns`, a type's SQL name or a DataType. What it closes over is read when the column enters a DataFrame: at select(), where(), …
 * Throws the parser's user error for a wrong type; CLOSURE_NOT_SHIPPABLE comes from the DataFrame's method.
 */
export function udf<A extends readonly unknown[], const D extends string | DataType>(
  fn: (...args: A) => TypeOfText<D> | null | undefined,
  returns: D,
  options: UdfOptions = {},
): UserColumns<A, TypeOfText<D>> {
  const base = {
    name: fn.name === '' ? 'udf' : fn.name,
    closure: pendingClosure(fn as UserCode),
    returns: typeOfText(returns),
    deterministic: options.deterministic ?? true,
  };
  const definition: UserFunction = Object.freeze(base);
  return (...columns) => {
    const args = Object.freeze((columns as unknown as readonly ColumnOrName[]).map(columnExpr));
    return new Column(Object.freeze({ kind: 'udf', udf: definition, args, site: callSite() }));
  };
}
