/** Owns: the expressions right below an expression, for walks that must not recurse: chains of AND are as long as users like. */
import type { Expr } from './expression.js';

export function partsOf(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case 'call':
      return [...expr.args, ...(expr.filter ? [expr.filter] : []), ...(expr.within ?? []).map((key) => key.expr)];
    case 'udf':
      return expr.args;
    case 'cast':
    case 'alias':
      return [expr.child];
    case 'lambda':
      return [expr.body];
    case 'window':
      return [expr.fn, ...expr.spec.partitionBy, ...expr.spec.orderBy.map((key) => key.expr)];
    case 'literal':
    case 'column':
    case 'star':
    case 'variable':
      return [];
    default:
      return expr satisfies never;
  }
}
