/** Owns: udaf(), which makes an aggregate of columns out of JavaScript functions. */
import { callSite } from '../../core/call-site.js';
import type { DataType } from '../../data/types.js';
import type { UserAggregate } from '../plan/expression.js';
import { Column } from './column.js';
import { columnExpr } from './column-function.js';
import type { ColumnOrName } from './column-names.js';
import type { TypeOfText } from './ddl-types.js';
import { pendingClosure, type UserCode } from './pending-closures.js';
import { typeOfText } from './type-text.js';
import type { UserColumns } from './udf.js';

/**
 * S is the state of a group: plain data, which may be changed in place. Rows of one group are in several tasks: each starts with `init`, and
 * `merge` puts the states together; so `merge(init(), s)` must be `s`.
 */
export interface AggregateFunctions<S, A extends readonly unknown[], R> {
  readonly init: () => S;
  /** One row of the group; gives the state to go on with. NULLs come as null. */
  readonly update: (state: S, ...values: A) => S;
  readonly merge: (state: S, other: S) => S;
  readonly finish: (state: S) => R | null | undefined;
}

export interface UdafOptions {
  /** What the column is called: `name(args)`. `udaf` unless said. */
  readonly name?: string;
}

/**
 * `udaf({ init, update, merge, finish }, 'double')` gives a function of columns for agg(). Values are API values, the result one of type
 * `returns`. What the functions close over is read when the column enters a DataFrame. Throws the parser's user error for a wrong type.
 */
export function udaf<S, A extends readonly unknown[], const D extends string | DataType>(
  functions: AggregateFunctions<S, A, TypeOfText<D>>,
  returns: D,
  options: UdafOptions = {},
): UserColumns<A, TypeOfText<D>> {
  const part = (fn: unknown) => pendingClosure(fn as UserCode);
  const user: UserAggregate = Object.freeze({
    name: options.name ?? 'udaf',
    init: part(functions.init),
    update: part(functions.update),
    merge: part(functions.merge),
    finish: part(functions.finish),
    returns: typeOfText(returns),
  });
  return (...columns) => {
    const args = Object.freeze((columns as unknown as readonly ColumnOrName[]).map(columnExpr));
    return new Column(Object.freeze({ kind: 'call', fn: 'udaf', args, distinct: false, filter: null, user, site: callSite() }));
  };
}
