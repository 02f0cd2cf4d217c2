/**
 * Owns: columns that nobody reads are not carried: scans read what is needed, projects and aggregates compute what is needed, and rows that
 * change partition or are joined are cut to what is needed before. Runs once, from the top down.
 */
import { plainLayout } from '../../data/batch.js';
import { outputOf } from '../../frontend/plan/output.js';
import type { Attribute, ResolvedExpr, ResolvedOf, ResolvedPlan } from '../../frontend/plan/resolved.js';
import type { Rule } from './rule.js';
import { collectIds } from './tree.js';

export const pruneColumns: Rule = {
  name: 'prune columns',
  apply: (plan) => prune(plan, idsOf(outputOf(plan))),
};

type Ids = ReadonlySet<number>;

const idsOf = (attributes: readonly Attribute[]): Set<number> => new Set(attributes.map((a) => a.id));

function withReads(needed: Ids, exprs: readonly ResolvedExpr[]): Set<number> {
  const ids = new Set(needed);
  for (const expr of exprs) collectIds(expr, ids);
  return ids;
}

/** The plan with at least the columns of `needed`, in the same order; others may be gone. */
function prune(plan: ResolvedPlan, needed: Ids): ResolvedPlan {
  switch (plan.kind) {
    case 'scan': {
      const output = plan.output.filter((a) => needed.has(a.id) || plan.filters.some((f) => collectIds(f).has(a.id)));
      return output.length === plan.output.length ? plan : { ...plan, output };
    }
    case 'cached': {
      const kept = plan.output.flatMap((a, i) => (needed.has(a.id) ? [i] : []));
      if (kept.length === plan.output.length) return plan;
      return { ...plan, output: kept.map((i) => plan.output[i]), columns: kept.map((i) => plan.columns[i]) };
    }
    case 'local':
    case 'range':
      return plan;
    case 'project':
      return pruneProject(plan, needed);
    case 'filter':
      return { ...plan, child: prune(plan.child, withReads(needed, [plan.condition])) };
    case 'generate': {
      const made = idsOf(plan.output);
      const below = [...needed].filter((id) => !made.has(id));
      return { ...plan, child: prune(plan.child, withReads(new Set(below), [plan.generator])) };
    }
    case 'expand':
      return pruneExpand(plan, needed);
    case 'aggregate':
      return pruneAggregate(plan, needed);
    case 'window':
      return pruneWindow(plan, needed);
    case 'sort':
      return {
        ...plan,
        child: exactly(
          plan.child,
          withReads(
            needed,
            plan.keys.map((key) => key.expr),
          ),
        ),
      };
    case 'repartition':
      return { ...plan, child: exactly(plan.child, withReads(needed, plan.exprs)) };
    // No project of its own: a limit must stay right above a sort to be a top-N.
    case 'limit':
    case 'coalesce':
      return { ...plan, child: prune(plan.child, atLeastOne(outputOf(plan.child), needed)) };
    case 'union':
      return pruneUnion(plan, needed);
    case 'join': {
      const ids = withReads(needed, plan.condition === null ? [] : [plan.condition]);
      return { ...plan, left: exactly(plan.left, ids), right: exactly(plan.right, ids) };
    }
    case 'mapBatches':
    case 'mapElements':
    case 'mapGroups':
    case 'write':
      return { ...plan, child: prune(plan.child, idsOf(outputOf(plan.child))) };
    default:
      return plan satisfies never;
  }
}

/** At least one column, so that rows do not travel without any: the narrowest. */
function atLeastOne(output: readonly Attribute[], needed: Ids): Ids {
  if (output.length === 0 || output.some((a) => needed.has(a.id))) return needed;
  const narrow = output.find((a) => plainLayout(a.type) === 'fixed') ?? output[0];
  return new Set([...needed, narrow.id]);
}

/** The pruned child with no columns besides those needed: a project on top where it has others. */
function exactly(child: ResolvedPlan, wanted: Ids): ResolvedPlan {
  const needed = atLeastOne(outputOf(child), wanted);
  const pruned = prune(child, needed);
  const output = outputOf(pruned);
  if (output.every((a) => needed.has(a.id))) return pruned;
  return projectOf(
    pruned,
    output.filter((a) => needed.has(a.id)),
  );
}

function projectOf(child: ResolvedPlan, attributes: readonly Attribute[]): ResolvedPlan {
  return {
    kind: 'project',
    child,
    exprs: attributes.map((a) => ({
      id: a.id,
      name: a.name,
      expr: { kind: 'attribute', id: a.id, name: a.name, type: a.type, nullable: a.nullable },
    })),
  };
}

function pruneProject(plan: ResolvedOf<'project'>, needed: Ids): ResolvedPlan {
  const wanted = atLeastOne(outputOf(plan), needed);
  const exprs = plan.exprs.filter(({ id }) => wanted.has(id));
  const child = prune(
    plan.child,
    withReads(
      new Set(),
      exprs.map(({ expr }) => expr),
    ),
  );
  return { ...plan, exprs, child };
}

/** Groupings stay: they decide how many rows there are. */
function pruneAggregate(plan: ResolvedOf<'aggregate'>, needed: Ids): ResolvedPlan {
  const used = plan.aggregates.filter(({ id }) => needed.has(id));
  const aggregates = used.length > 0 || plan.groupings.length > 0 ? used : plan.aggregates.slice(0, 1);
  const reads = [
    ...plan.groupings.map(({ expr }) => expr),
    ...aggregates.flatMap(({ args, filter }) => (filter ? [...args, filter] : args)),
  ];
  return { ...plan, aggregates, child: prune(plan.child, withReads(new Set(), reads)) };
}

function pruneExpand(plan: ResolvedOf<'expand'>, needed: Ids): ResolvedPlan {
  const wanted = atLeastOne(plan.output, needed);
  const positions = plan.output.flatMap(({ id }, i) => (wanted.has(id) ? [i] : []));
  const projections = plan.projections.map((exprs) => positions.map((i) => exprs[i]));
  const child = prune(plan.child, withReads(new Set(), projections.flat()));
  return { ...plan, projections, output: positions.map((i) => plan.output[i]), child };
}

/** A window none of whose results is read is gone. */
function pruneWindow(plan: ResolvedOf<'window'>, needed: Ids): ResolvedPlan {
  const calls = plan.calls.filter(({ id }) => needed.has(id));
  const made = new Set(plan.calls.map(({ id }) => id));
  const below = new Set([...needed].filter((id) => !made.has(id)));
  if (calls.length === 0) return prune(plan.child, below);
  const reads = [...plan.partitionBy, ...plan.orderBy.map(({ expr }) => expr), ...calls.flatMap(({ args }) => args)];
  return { ...plan, calls, child: exactly(plan.child, withReads(below, reads)) };
}

function pruneUnion(plan: ResolvedOf<'union'>, needed: Ids): ResolvedPlan {
  const wanted = atLeastOne(plan.output, needed);
  const positions = plan.output.flatMap(({ id }, i) => (wanted.has(id) ? [i] : []));
  const children = plan.children.map((child) => {
    const attributes = outputOf(child);
    const kept = positions.map((i) => attributes[i]);
    const pruned = prune(child, idsOf(kept));
    const output = outputOf(pruned);
    const isExact = output.length === kept.length && output.every((a, i) => a.id === kept[i].id);
    return isExact ? pruned : projectOf(pruned, kept);
  });
  return { ...plan, children, output: positions.map((i) => plan.output[i]) };
}
