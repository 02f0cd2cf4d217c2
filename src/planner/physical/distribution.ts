/**
 * Owns: where rows already lie by hash, so that they need not be exchanged again: what an operator's output is hashed by, and whether that
 * will do for a grouping or for the other side of a join.
 */
import type { Attribute, BoundExpr, ResolvedExpr } from '../../frontend/plan/resolved.js';
import type { Planned } from './planned.js';

/**
 * Row lies in partition pmod(hash(c0, c1, …), partitions); each column is told by the attributes that have its value: both sides of an
 * equality have.
 */
export type Hashed = readonly (readonly number[])[];

/** What rows are hashed by after an exchange on `exprs`; unknown where one of them is not a column as it is. */
export function hashedBy(exprs: readonly BoundExpr[], output: readonly Attribute[]): Hashed | undefined {
  const columns = exprs.flatMap((expr) => (expr.kind === 'input' && expr.index < output.length ? [[output[expr.index].id]] : []));
  return columns.length === exprs.length && columns.length > 0 ? columns : undefined;
}

/** Whether rows that are equal in all of `exprs` lie in one partition. */
export function isClustered({ partitions, hashed }: Planned, exprs: readonly ResolvedExpr[]): boolean {
  if (partitions === 1) return true;
  return hashed?.every((column) => exprs.some((expr) => expr.kind === 'attribute' && column.includes(expr.id))) ?? false;
}

/** Which of a join side's keys its rows are hashed by, in that order; null where it is not by those alone. */
export function hashedKeys({ hashed }: Planned, keys: readonly ResolvedExpr[]): readonly number[] | null {
  if (hashed === undefined) return null;
  const order = hashed.map((column) => keys.findIndex((key) => key.kind === 'attribute' && column.includes(key.id)));
  return order.includes(-1) ? null : order;
}

/** With the equalities of an inner join: a column's value is that of the key on the other side too. */
export function withEqual(hashed: Hashed | undefined, keys: readonly ResolvedExpr[], others: readonly ResolvedExpr[]): Hashed | undefined {
  return hashed?.map((column) => {
    const equal = keys.flatMap((key, i) => {
      const other = others[i];
      return key.kind === 'attribute' && column.includes(key.id) && other.kind === 'attribute' ? [other.id] : [];
    });
    return [...column, ...equal];
  });
}
