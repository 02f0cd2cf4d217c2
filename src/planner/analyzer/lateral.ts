/**
 * Owns: aliases that later expressions of the same list name, as Spark's selects allow: `price * 2 AS double, double + 1 AS more`. Each such
 * name becomes the expression that it stands for; what generated code finds equal it computes once.
 */
import { findFunction } from '../../frontend/functions/registry.js';
import { chainParts } from '../../frontend/plan/chain.js';
import type { Expr, SortKey } from '../../frontend/plan/expression.js';
import { partsOf } from '../../frontend/plan/expression-parts.js';
import { columnName } from '../../frontend/plan/expression-text.js';
import { generatorOf } from './expressions.js';
import { findColumn, nameParts, type Scope } from './scope.js';

/** Longer ones are not repeated: names of names would grow without end. */
const MOST_PARTS = 1000;

/** The list without names of aliases before them. A column of the scope goes before an alias; of two equal aliases neither is meant. */
export function withoutLateralNames(exprs: readonly Expr[], scope: Scope): readonly Expr[] {
  const aliases = new Map<string, Expr | null>();
  return exprs.map((expr) => {
    const settled = isMentioned(expr, aliases) ? replaced(expr, (name) => meant(name, aliases, scope)) : expr;
    if (settled.kind === 'alias' && settled.names === undefined) {
      const key = settled.name.toLowerCase();
      aliases.set(key, aliases.has(key) || !isRepeatable(settled.child) ? null : settled.child);
    }
    return settled === expr || settled.kind === 'alias' ? settled : { kind: 'alias', name: columnName(expr), child: settled };
  });
}

/** Whether a name in the expression may be an alias. Without recursion: chains of AND are as long as users like. */
function isMentioned(expr: Expr, aliases: ReadonlyMap<string, unknown>): boolean {
  if (aliases.size === 0) return false;
  const open: Expr[] = [expr];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (at.kind === 'column' && aliases.has(nameParts(at.name, at.site)[0].toLowerCase())) return true;
    open.push(...partsOf(at));
  }
  return false;
}

function meant({ name, site }: Extract<Expr, { kind: 'column' }>, aliases: ReadonlyMap<string, Expr | null>, scope: Scope): Expr | null {
  const [first, ...fields] = nameParts(name, site);
  const expr = aliases.get(first.toLowerCase()) ?? null;
  if (expr === null || scope.some(({ attribute }) => attribute.name === name) || findColumn(scope, name, site) !== null) return null;
  return fields.reduce<Expr>((struct, field) => {
    const key: Expr = { kind: 'literal', value: field, type: { kind: 'string' } };
    return { kind: 'call', fn: 'getfield', args: [struct, key], distinct: false, filter: null, site };
  }, expr);
}

/** The same object where nothing changes. */
function replaced(expr: Expr, of: (column: Extract<Expr, { kind: 'column' }>) => Expr | null): Expr {
  const each = <E extends Expr>(children: readonly E[]): readonly Expr[] => {
    const changed = children.map((child) => replaced(child, of));
    return changed.every((child, i) => child === children[i]) ? children : changed;
  };
  const keys = (given: readonly SortKey[]): readonly SortKey[] => {
    const exprs = each(given.map((key) => key.expr));
    return given.every((key, i) => key.expr === exprs[i]) ? given : given.map((key, i) => ({ ...key, expr: exprs[i] }));
  };
  switch (expr.kind) {
    case 'column':
      return of(expr) ?? expr;
    case 'call': {
      const chain = chainParts(expr);
      if (chain !== null && chain.length > 2) return each(chain).reduce((left, right): Expr => ({ ...expr, args: [left, right] }));
      const args = each(expr.args);
      const filter = expr.filter && replaced(expr.filter, of);
      const within = expr.within && keys(expr.within);
      return args === expr.args && filter === expr.filter && within === expr.within
        ? expr
        : { ...expr, args, filter, ...(within && { within }) };
    }
    case 'udf': {
      const args = each(expr.args);
      return args === expr.args ? expr : { ...expr, args };
    }
    case 'cast':
    case 'alias': {
      const child = replaced(expr.child, of);
      return child === expr.child ? expr : { ...expr, child };
    }
    case 'lambda': {
      const body = replaced(expr.body, of);
      return body === expr.body ? expr : { ...expr, body };
    }
    case 'window': {
      const { fn, spec } = expr;
      const [inner, partitionBy, orderBy] = [replaced(fn, of), each(spec.partitionBy), keys(spec.orderBy)];
      if (inner === fn && partitionBy === spec.partitionBy && orderBy === spec.orderBy) return expr;
      return { ...expr, fn: inner, spec: { ...spec, partitionBy, orderBy } };
    }
    default:
      return expr;
  }
}

/** Neither rows nor chance, and not too long. */
function isRepeatable(expr: Expr): boolean {
  let parts = 0;
  const walk = (at: Expr): boolean => {
    if (++parts > MOST_PARTS) return false;
    switch (at.kind) {
      case 'call': {
        const definition = findFunction(at.fn);
        if (generatorOf(at) !== null || (definition?.kind === 'scalar' && definition.deterministic === false)) return false;
        return at.args.every(walk) && (at.filter === null || walk(at.filter));
      }
      case 'udf':
        return at.udf.deterministic && at.args.every(walk);
      case 'cast':
      case 'alias':
        return walk(at.child);
      case 'lambda':
        return walk(at.body);
      case 'window':
        return walk(at.fn) && at.spec.partitionBy.every(walk) && at.spec.orderBy.every((key) => walk(key.expr));
      default:
        return true;
    }
  };
  return walk(expr);
}
