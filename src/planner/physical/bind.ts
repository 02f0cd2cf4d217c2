/** Owns: attribute → input ordinal: expressions of a logical plan in terms of the columns that an operator's child gives. */
import { fatalError } from '../../core/errors.js';
import type { SortKey } from '../../frontend/plan/expression.js';
import type { Aggregated, Attribute, BoundExpr, InputRef, ResolvedExpr } from '../../frontend/plan/resolved.js';

export function bind(expr: ResolvedExpr, input: readonly Attribute[]): BoundExpr {
  switch (expr.kind) {
    case 'attribute': {
      const index = input.findIndex((a) => a.id === expr.id);
      if (index < 0)
        throw fatalError('INTERNAL_ERROR', `${expr.name}#${expr.id} is not among ${input.map((a) => `${a.name}#${a.id}`).join(', ')}.`);
      return { kind: 'input', index, type: expr.type, nullable: input[index].nullable };
    }
    case 'literal':
    case 'variable':
      return expr;
    case 'call':
    case 'udf':
    case 'lambda':
      return { ...expr, args: expr.args.map((arg) => bind(arg, input)) };
    default:
      return expr satisfies never;
  }
}

export function bindKeys(keys: readonly SortKey<ResolvedExpr>[], input: readonly Attribute[]): SortKey<BoundExpr>[] {
  return keys.map((key) => ({ ...key, expr: bind(key.expr, input) }));
}

export function bindAggregate(aggregate: Aggregated, input: readonly Attribute[]): Aggregated<BoundExpr> {
  return { ...aggregate, args: aggregate.args.map((a) => bind(a, input)), filter: aggregate.filter && bind(aggregate.filter, input) };
}

/** Column `index` of a child with this attribute. */
export function inputRef(index: number, { type, nullable }: Pick<Attribute, 'type' | 'nullable'>): InputRef {
  return { kind: 'input', index, type, nullable };
}
