/**
 * Owns: filters move toward the data: below projects, sorts, exchanges, unions, generators and groupings, and into the sides of joins.
 * A condition moves only where it is deterministic and every column that it reads is there.
 */

import { conjuncts } from '../../frontend/plan/conditions.js';
import { outputOf } from '../../frontend/plan/output.js';
import type { ResolvedExpr, ResolvedOf, ResolvedPlan } from '../../frontend/plan/resolved.js';
import { pushIntoJoin } from './push-into-joins.js';
import type { Rule } from './rule.js';
import { collectIds, filtered, hasUserFunction, isDeterministic, readsOnly, substitute, transformDown } from './tree.js';

export const pushDownFilters: Rule = {
  name: 'push down filters',
  apply: (plan) =>
    transformDown(plan, (node) => (node.kind === 'filter' ? pushFilter(node) : node.kind === 'join' ? pushIntoJoin(node, []) : node)),
};

function pushFilter(node: ResolvedOf<'filter'>): ResolvedPlan {
  const all = conjuncts(node.condition);
  const { child } = node;
  switch (child.kind) {
    case 'filter':
      return pushFilter({ ...child, condition: filteredBoth(child, all) });
    case 'project':
      return throughProject(node, child, all);
    case 'aggregate':
      return throughAggregate(node, child, all);
    case 'generate':
      return below(node, all, new Set(outputOf(child.child).map((a) => a.id)), (moved) => ({
        ...child,
        child: filtered(child.child, moved),
      }));
    case 'expand':
      return below(node, all, sameEverywhere(child), (moved) => ({ ...child, child: filtered(child.child, moved) }));
    case 'window': {
      // Whole partitions go or stay.
      const keys = child.partitionBy.flatMap((key) => (key.kind === 'attribute' ? [key.id] : []));
      return below(node, all, new Set(keys), (moved) => ({ ...child, child: filtered(child.child, moved) }));
    }
    case 'sort':
    case 'repartition':
    case 'coalesce':
      return below(node, all, null, (moved) => ({ ...child, child: filtered(child.child, moved) }));
    case 'union':
      return below(node, all, null, (moved) => ({ ...child, children: child.children.map((side) => intoUnion(child, side, moved)) }));
    case 'join': {
      const pushed = pushIntoJoin(child, all);
      return pushed.kind === 'filter' && pushed.child === child ? node : pushed;
    }
    default:
      return node;
  }
}

function filteredBoth(child: ResolvedOf<'filter'>, all: readonly ResolvedExpr[]): ResolvedExpr {
  return (filtered(child.child, [...conjuncts(child.condition), ...all]) as ResolvedOf<'filter'>).condition;
}

/** Moves the conditions that may go (reading only `ids`, where given) and keeps the others above. */
function below(
  node: ResolvedOf<'filter'>,
  all: readonly ResolvedExpr[],
  ids: ReadonlySet<number> | null,
  push: (moved: readonly ResolvedExpr[]) => ResolvedPlan,
): ResolvedPlan {
  const moves = (condition: ResolvedExpr): boolean => isDeterministic(condition) && (ids === null || readsOnly(condition, ids));
  const moved = all.filter(moves);
  return moved.length === 0
    ? node
    : filtered(
        push(moved),
        all.filter((condition) => !moves(condition)),
      );
}

/** The columns that an expand passes on unchanged in every projection. */
function sameEverywhere({ projections, output }: ResolvedOf<'expand'>): ReadonlySet<number> {
  const passes = (id: number, i: number) => projections.every((exprs) => exprs[i].kind === 'attribute' && exprs[i].id === id);
  return new Set(output.filter(({ id }, i) => passes(id, i)).map(({ id }) => id));
}

/** Conditions on what a user's function computes stay above: below, it would run twice. */
function throughProject(node: ResolvedOf<'filter'>, project: ResolvedOf<'project'>, all: readonly ResolvedExpr[]): ResolvedPlan {
  // What numbers rows or draws for each must see all of them.
  if (!project.exprs.every(({ expr }) => isDeterministic(expr))) return node;
  const by = new Map(project.exprs.map(({ id, expr }) => [id, expr]));
  const stays = new Set(project.exprs.filter(({ expr }) => hasUserFunction(expr)).map(({ id }) => id));
  const moves = (condition: ResolvedExpr): boolean => isDeterministic(condition) && ![...collectIds(condition)].some((id) => stays.has(id));
  const moved = all.filter(moves).map((condition) => substitute(condition, by));
  if (moved.length === 0) return node;
  return filtered(
    { ...project, child: filtered(project.child, moved) },
    all.filter((condition) => !moves(condition)),
  );
}

/** A condition on grouping columns drops whole groups, so it may drop their rows. */
function throughAggregate(node: ResolvedOf<'filter'>, aggregate: ResolvedOf<'aggregate'>, all: readonly ResolvedExpr[]): ResolvedPlan {
  if (aggregate.groupings.length === 0) return node;
  const by = new Map(aggregate.groupings.map(({ id, expr }) => [id, expr]));
  const ids = new Set(aggregate.groupings.filter(({ expr }) => isDeterministic(expr)).map(({ id }) => id));
  return below(node, all, ids, (moved) => ({
    ...aggregate,
    child: filtered(
      aggregate.child,
      moved.map((condition) => substitute(condition, by)),
    ),
  }));
}

function intoUnion(union: ResolvedOf<'union'>, side: ResolvedPlan, moved: readonly ResolvedExpr[]): ResolvedPlan {
  const output = outputOf(side);
  const by = new Map(union.output.map(({ id }, i) => [id, { kind: 'attribute' as const, ...output[i] }]));
  return filtered(
    side,
    moved.map((condition) => substitute(condition, by)),
  );
}
