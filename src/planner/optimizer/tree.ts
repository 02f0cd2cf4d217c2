/** Owns: walking and rebuilding resolved plans and expressions. What does not change stays the same object, so that rules see a fixpoint. */
import { findFunction } from '../../frontend/functions/registry.js';
import { conjunction } from '../../frontend/plan/conditions.js';
import type { SortKey } from '../../frontend/plan/expression.js';
import type { Aggregated, Named, ResolvedExpr, ResolvedPlan } from '../../frontend/plan/resolved.js';

export function mapSame<T>(items: readonly T[], change: (item: T) => T): readonly T[] {
  let changed = false;
  const mapped = items.map((item) => {
    const next = change(item);
    if (next !== item) changed = true;
    return next;
  });
  return changed ? mapped : items;
}

/** The node with its children replaced. */
export function mapChildren(plan: ResolvedPlan, change: (child: ResolvedPlan) => ResolvedPlan): ResolvedPlan {
  switch (plan.kind) {
    case 'scan':
    case 'local':
    case 'range':
    case 'cached':
      return plan;
    case 'union': {
      const children = mapSame(plan.children, change);
      return children === plan.children ? plan : { ...plan, children };
    }
    case 'join': {
      const [left, right] = [change(plan.left), change(plan.right)];
      return left === plan.left && right === plan.right ? plan : { ...plan, left, right };
    }
    default: {
      const child = change(plan.child);
      return child === plan.child ? plan : { ...plan, child };
    }
  }
}

/** Children first, then the node that has the changed ones. */
export function transformUp(plan: ResolvedPlan, change: (node: ResolvedPlan) => ResolvedPlan): ResolvedPlan {
  return change(mapChildren(plan, (child) => transformUp(child, change)));
}

/** The node first, then the children of what it became. */
export function transformDown(plan: ResolvedPlan, change: (node: ResolvedPlan) => ResolvedPlan): ResolvedPlan {
  return mapChildren(change(plan), (child) => transformDown(child, change));
}

/** The expression with its arguments changed first, then itself. */
export function transformExpr(expr: ResolvedExpr, change: (expr: ResolvedExpr) => ResolvedExpr): ResolvedExpr {
  if (expr.kind !== 'call' && expr.kind !== 'udf' && expr.kind !== 'lambda') return change(expr);
  const args = mapSame(expr.args, (arg) => transformExpr(arg, change));
  return change(args === expr.args ? expr : { ...expr, args });
}

/** The node with every expression in it changed; its children stay. */
export function mapExprs(plan: ResolvedPlan, change: (expr: ResolvedExpr) => ResolvedExpr): ResolvedPlan {
  const inNamed = (item: Named): Named => {
    const expr = change(item.expr);
    return expr === item.expr ? item : { ...item, expr };
  };
  switch (plan.kind) {
    case 'project': {
      const exprs = mapSame(plan.exprs, inNamed);
      return exprs === plan.exprs ? plan : { ...plan, exprs };
    }
    case 'filter': {
      const condition = change(plan.condition);
      return condition === plan.condition ? plan : { ...plan, condition };
    }
    case 'join': {
      const condition = plan.condition && change(plan.condition);
      return condition === plan.condition ? plan : { ...plan, condition };
    }
    case 'generate': {
      const generator = change(plan.generator);
      return generator === plan.generator ? plan : { ...plan, generator };
    }
    case 'expand': {
      const projections = mapSame(plan.projections, (exprs) => mapSame(exprs, change));
      return projections === plan.projections ? plan : { ...plan, projections };
    }
    case 'aggregate': {
      const groupings = mapSame(plan.groupings, inNamed);
      const aggregates = mapSame(plan.aggregates, (call) => mapAggregated(call, change));
      return groupings === plan.groupings && aggregates === plan.aggregates ? plan : { ...plan, groupings, aggregates };
    }
    case 'window': {
      const partitionBy = mapSame(plan.partitionBy, change);
      const orderBy = mapSame(plan.orderBy, (key) => mapKey(key, change));
      const calls = mapSame(plan.calls, (call) => {
        const args = mapSame(call.args, change);
        return args === call.args ? call : { ...call, args };
      });
      const isSame = partitionBy === plan.partitionBy && orderBy === plan.orderBy && calls === plan.calls;
      return isSame ? plan : { ...plan, partitionBy, orderBy, calls };
    }
    case 'sort': {
      const keys = mapSame(plan.keys, (key) => mapKey(key, change));
      return keys === plan.keys ? plan : { ...plan, keys };
    }
    case 'repartition': {
      const exprs = mapSame(plan.exprs, change);
      return exprs === plan.exprs ? plan : { ...plan, exprs };
    }
    default:
      return plan;
  }
}

function mapKey(key: SortKey<ResolvedExpr>, change: (expr: ResolvedExpr) => ResolvedExpr): SortKey<ResolvedExpr> {
  const expr = change(key.expr);
  return expr === key.expr ? key : { ...key, expr };
}

function mapAggregated(call: Aggregated, change: (expr: ResolvedExpr) => ResolvedExpr): Aggregated {
  const args = mapSame(call.args, change);
  const filter = call.filter && change(call.filter);
  return args === call.args && filter === call.filter ? call : { ...call, args, filter };
}

/** Ids of the attributes that an expression reads, added to `ids`. */
export function collectIds(expr: ResolvedExpr, ids: Set<number> = new Set()): Set<number> {
  if (expr.kind === 'attribute') ids.add(expr.id);
  else if (expr.kind !== 'literal' && expr.kind !== 'variable') for (const arg of expr.args) collectIds(arg, ids);
  return ids;
}

export function readsOnly(expr: ResolvedExpr, ids: ReadonlySet<number>): boolean {
  if (expr.kind === 'attribute') return ids.has(expr.id);
  return expr.kind === 'literal' || expr.kind === 'variable' || expr.args.every((arg) => readsOnly(arg, ids));
}

/** Attributes replaced by the expressions under their ids. */
export function substitute(expr: ResolvedExpr, by: ReadonlyMap<number, ResolvedExpr>): ResolvedExpr {
  return transformExpr(expr, (part) => (part.kind === 'attribute' ? (by.get(part.id) ?? part) : part));
}

export const filtered = (child: ResolvedPlan, conditions: readonly ResolvedExpr[]): ResolvedPlan => {
  const condition = conjunction(conditions);
  return condition === null ? child : { kind: 'filter', child, condition };
};

/** Gives the same value for the same row every time, so it may be evaluated elsewhere or twice. */
export function isDeterministic(expr: ResolvedExpr): boolean {
  switch (expr.kind) {
    case 'attribute':
    case 'literal':
    case 'variable':
      return true;
    case 'lambda':
      return expr.args.every(isDeterministic);
    case 'udf':
      return expr.udf.deterministic && expr.args.every(isDeterministic);
    case 'call': {
      const definition = findFunction(expr.fn);
      return !(definition?.kind === 'scalar' && definition.deterministic === false) && expr.args.every(isDeterministic);
    }
    default:
      return expr satisfies never;
  }
}

export function hasUserFunction(expr: ResolvedExpr): boolean {
  return expr.kind === 'udf' || ((expr.kind === 'call' || expr.kind === 'lambda') && expr.args.some(hasUserFunction));
}
