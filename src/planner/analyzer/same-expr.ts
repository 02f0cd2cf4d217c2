/** Owns: whether two resolved expressions are the same computation: their texts do not tell (two functions may have one name). */
import { toJson } from '../../core/json.js';
import { sameType } from '../../data/types.js';
import { findFunction } from '../../frontend/functions/registry.js';
import type { ResolvedExpr } from '../../frontend/plan/resolved.js';

/** True where both give the same value for every row. What is not deterministic is the same as nothing, itself included. */
export function sameExpr(a: ResolvedExpr, b: ResolvedExpr): boolean {
  switch (a.kind) {
    case 'attribute':
      return b.kind === 'attribute' && a.id === b.id;
    case 'literal':
      return b.kind === 'literal' && sameType(a.type, b.type) && toJson(a.value) === toJson(b.value);
    case 'call':
      return b.kind === 'call' && a.fn === b.fn && isDeterministic(a.fn) && sameType(a.type, b.type) && sameExprs(a.args, b.args);
    case 'variable':
      return b.kind === 'variable' && a.id === b.id;
    case 'lambda':
      return b.kind === 'lambda' && a.params.length === b.params.length && sameExprs(a.args, b.args);
    case 'udf': {
      if (b.kind !== 'udf' || !a.udf.deterministic || !b.udf.deterministic) return false;
      const [x, y] = [a.udf.closure, b.udf.closure];
      return x.id === y.id && x.captures === y.captures && sameType(a.type, b.type) && sameExprs(a.args, b.args);
    }
    default:
      return a satisfies never;
  }
}

export const sameExprs = (a: readonly ResolvedExpr[], b: readonly ResolvedExpr[]): boolean =>
  a.length === b.length && a.every((expr, i) => sameExpr(expr, b[i]));

function isDeterministic(fn: string): boolean {
  const definition = findFunction(fn);
  return definition?.kind !== 'scalar' || definition.deterministic !== false;
}
