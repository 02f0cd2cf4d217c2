/**
 * Owns: functions that take a function of elements: `transform('prices', (x) => x.times(2))`. The JavaScript function is called once, when the
 * expression is built, with columns that stand for its parameters; what it returns is the lambda's body. Nothing of it travels to workers.
 */
import { callSite } from '../../core/call-site.js';
import { userError } from '../../core/errors.js';
import type { Expr } from '../plan/expression.js';
import { Column, exprOf, type Operand, type OperandType } from './column.js';
import { call, columnExpr } from './column-function.js';
import type { ColumnOrName, NamesIn, NamesInOperand } from './column-names.js';
import type { ValueOf } from './row-types.js';
import type { ElementOf, KeyOf, ListOf, MapOf, MapValueOf } from './value-types.js';

type Element<C> = Column<ElementOf<ValueOf<C>>, string, never>;
type Key<C> = Column<KeyOf<ValueOf<C>>, string, never>;
type Item<C> = Column<MapValueOf<ValueOf<C>>, string, never>;

const NAMES = ['x', 'y', 'z'];
/** Lambdas that are being built around the current one: their parameters have other names. */
let depth = 0;

/** The lambda that `fn` builds, with as many parameters as it has, `least` to `most`. Throws INVALID_ARGUMENT for what is no function. */
function lambda(fn: (...params: never[]) => Operand, least: number, most = least): Expr {
  const site = callSite();
  if (typeof fn !== 'function') {
    throw userError(
      'INVALID_ARGUMENT',
      `A function of elements was wanted, not ${fn === null ? 'null' : `a value of type ${typeof fn}`}.`,
      {
        hint: 'Give a function of columns: (x) => x.plus(1)',
        site: site ?? undefined,
      },
    );
  }
  const params = NAMES.slice(0, Math.min(Math.max(fn.length, least), most)).map((name) => (depth === 0 ? name : `${name}_${depth}`));
  depth++;
  try {
    const columns = params.map((name) => new Column(Object.freeze({ kind: 'variable', name, site })));
    const body = exprOf(fn(...(columns as never[])));
    return Object.freeze({ kind: 'lambda', params: Object.freeze(params), body, site });
  } finally {
    depth--;
  }
}

/** The array of what `fn` makes of each element; it may also take the element's index, from 0. */
export function transform<const C extends ColumnOrName, R extends Operand>(
  column: C,
  fn: (x: Element<C>, index: Column<number, string, never>) => R,
): Column<ListOf<OperandType<R>>, string, NamesIn<C> | NamesInOperand<R>> {
  return call('transform', columnExpr(column), lambda(fn, 1, 2));
}

/** The elements for which `fn` gives true; it may also take the element's index, from 0. */
export function filter<const C extends ColumnOrName>(
  column: C,
  fn: (x: Element<C>, index: Column<number, string, never>) => Column<boolean>,
): Column<ValueOf<C>, string, NamesIn<C>> {
  return call('filter', columnExpr(column), lambda(fn, 1, 2));
}

/** Whether `fn` gives true for some element; null where it gives none but gives null for one. */
export function exists<const C extends ColumnOrName>(
  column: C,
  fn: (x: Element<C>) => Column<boolean>,
): Column<boolean, string, NamesIn<C>> {
  return call('exists', columnExpr(column), lambda(fn, 1));
}

/** Whether `fn` gives true for every element; null where it gives no false but gives null for one. */
export function forall<const C extends ColumnOrName>(
  column: C,
  fn: (x: Element<C>) => Column<boolean>,
): Column<boolean, string, NamesIn<C>> {
  return call('forall', columnExpr(column), lambda(fn, 1));
}

/**
 * One value of all elements: `start`, then `merge(state, element)` for each in turn, then `finish(state)`. `merge` must give the type of `start`:
 * `aggregate('prices', lit(0).cast('bigint'), (sum, x) => sum.plus(x))`.
 */
export function aggregate<const C extends ColumnOrName, S extends Operand, R extends Operand = Column<OperandType<S>, string, never>>(
  column: C,
  start: S,
  merge: (state: Column<OperandType<S>, string, never>, x: Element<C>) => Operand,
  finish?: (state: Column<OperandType<S>, string, never>) => R,
): Column<OperandType<R>, string, NamesIn<C> | NamesInOperand<S | R>> {
  const lambdas = finish === undefined ? [lambda(merge, 2)] : [lambda(merge, 2), lambda(finish, 1)];
  return call('aggregate', columnExpr(column), exprOf(start), ...lambdas);
}

/** As aggregate(). */
export const reduce = aggregate;

/** The array of what `fn` makes of the elements at each index; the shorter array goes on with nulls. */
export function zipWith<const A extends ColumnOrName, const B extends ColumnOrName, R extends Operand>(
  left: A,
  right: B,
  fn: (x: Element<A>, y: Element<B>) => R,
): Column<ListOf<OperandType<R>>, string, NamesIn<A | B> | NamesInOperand<R>> {
  return call('zip_with', columnExpr(left), columnExpr(right), lambda(fn, 2));
}

/** Ascending, nulls last; or as `compare` says by an int below zero, zero or above it, for nulls too. */
export function arraySort<const C extends ColumnOrName>(
  column: C,
  compare?: (left: Element<C>, right: Element<C>) => Operand,
): Column<ValueOf<C>, string, NamesIn<C>> {
  return call('array_sort', columnExpr(column), ...(compare === undefined ? [] : [lambda(compare, 2)]));
}

/** The entries of a map for which `fn` gives true. */
export function mapFilter<const C extends ColumnOrName>(
  column: C,
  fn: (key: Key<C>, value: Item<C>) => Column<boolean>,
): Column<ValueOf<C>, string, NamesIn<C>> {
  return call('map_filter', columnExpr(column), lambda(fn, 2));
}

/** The map with other keys; that two become equal is an error. */
export function transformKeys<const C extends ColumnOrName, R extends Operand>(
  column: C,
  fn: (key: Key<C>, value: Item<C>) => R,
): Column<MapOf<OperandType<R>, MapValueOf<ValueOf<C>>>, string, NamesIn<C> | NamesInOperand<R>> {
  return call('transform_keys', columnExpr(column), lambda(fn, 2));
}

/** The map with other values. */
export function transformValues<const C extends ColumnOrName, R extends Operand>(
  column: C,
  fn: (key: Key<C>, value: Item<C>) => R,
): Column<MapOf<KeyOf<ValueOf<C>>, OperandType<R>>, string, NamesIn<C> | NamesInOperand<R>> {
  return call('transform_values', columnExpr(column), lambda(fn, 2));
}

/** A map of every key of either map, and what `fn` makes of its two values, null where a map lacks it. */
export function mapZipWith<const A extends ColumnOrName, const B extends ColumnOrName, R extends Operand>(
  left: A,
  right: B,
  fn: (key: Key<A>, left: Item<A>, right: Item<B>) => R,
): Column<MapOf<KeyOf<ValueOf<A>>, OperandType<R>>, string, NamesIn<A | B> | NamesInOperand<R>> {
  return call('map_zip_with', columnExpr(left), columnExpr(right), lambda(fn, 3));
}
