/** Owns: filters and sorts, whose expressions may name columns that the select or aggregation right below did not keep, as in Spark. */
import { MinisparkError, userError } from '../../core/errors.js';
import { isOrderable, mapOrHolder } from '../../data/types.js';
import type { Expr, SortKey } from '../../frontend/plan/expression.js';
import { expressionText } from '../../frontend/plan/expression-text.js';
import type { PlanOf } from '../../frontend/plan/logical.js';
import type { Attribute, ResolvedExpr, ResolvedPlan } from '../../frontend/plan/resolved.js';
import { refTo } from './build.js';
import { type Place, resolveCondition, resolveExpr } from './expressions.js';
import type { Scope } from './scope.js';
import { type Analyzed, type Hidden, passed } from './state.js';

export function analyzeFilter(plan: PlanOf<'filter'>, child: Analyzed): Analyzed {
  const resolve = (place: Place) => resolveCondition(plan.condition, place, 'DATATYPE_MISMATCH.FILTER_NOT_BOOLEAN');
  const place: Place = { scope: child.scope, site: plan.site, name: 'a filter', noAggregate: 'INVALID_WHERE_CONDITION' };
  return overHidden(child, place, [{ source: plan.condition, resolve }], (source, [condition]) => ({
    kind: 'filter',
    child: source,
    condition,
  }));
}

export function analyzeSort(plan: PlanOf<'sort'>, child: Analyzed): Analyzed {
  const place: Place = { scope: child.scope, site: plan.site, name: 'a sort' };
  const keys = plan.keys.map((key) => ({ source: key.expr, resolve: (at: Place) => sortKey(key, at, child.scope) }));
  return overHidden(child, place, keys, (source, exprs) => ({
    kind: 'sort',
    child: source,
    keys: plan.keys.map((key, i) => ({ ...key, expr: exprs[i] })),
    global: plan.global,
  }));
}

function sortKey(key: SortKey<Expr>, place: Place, columns: Scope): ResolvedExpr {
  const expr = atPosition(key.expr, columns, place) ?? resolveExpr(key.expr, place);
  if (isOrderable(expr.type)) return expr;
  throw userError(
    'DATATYPE_MISMATCH.INVALID_ORDERING_TYPE',
    `Rows cannot be sorted by ${expressionText(key.expr)}, which ${mapOrHolder(expr.type)}.`,
    {
      hint: 'Sort by a key or value of it',
      site: place.site ?? undefined,
    },
  );
}

/** A whole number stands for the column at that place, from 1, as in Spark. Throws ORDER_BY_POS_OUT_OF_RANGE. */
function atPosition(expr: Expr, columns: Scope, place: Place): ResolvedExpr | null {
  if (expr.kind !== 'literal' || expr.type.kind !== 'int32' || typeof expr.value !== 'number') return null;
  const column = columns[expr.value - 1];
  if (column) return refTo(column.attribute);
  throw userError('ORDER_BY_POS_OUT_OF_RANGE', `There is no column ${expr.value} to sort by: there are ${columns.length}.`, {
    site: place.site ?? undefined,
  });
}

interface Part {
  readonly source: Expr;
  readonly resolve: (place: Place) => ResolvedExpr;
}

/**
 * Resolves over the child's columns; where a name is not there, over those of the node below as well, which then pass through and are
 * dropped above. Over an aggregation the parts may hold aggregates of their own.
 */
function overHidden(
  child: Analyzed,
  place: Place,
  parts: readonly Part[],
  build: (source: ResolvedPlan, exprs: readonly ResolvedExpr[]) => ResolvedPlan,
): Analyzed {
  try {
    return {
      ...child,
      plan: build(
        child.plan,
        parts.map(({ resolve }) => resolve(place)),
      ),
      hidden: undefined,
    };
  } catch (error) {
    if (!child.hidden || !(error instanceof MinisparkError) || !HIDDEN_CONDITIONS.includes(error.condition)) throw error;
    const exprs = retry(() => resolveHidden(child, child.hidden!, place, parts), error);
    const visible = new Set(child.scope.map(({ attribute }) => attribute.id));
    const used = new Map(exprs.flatMap(attributesOf).map((attribute) => [attribute.id, attribute]));
    const plan = build(child.hidden.extend([...used.values()].filter((attribute) => !visible.has(attribute.id))), exprs);
    return { plan: { kind: 'project', child: plan, exprs: child.scope.map(({ attribute }) => passed(attribute)) }, scope: child.scope };
  }
}

const HIDDEN_CONDITIONS = ['UNRESOLVED_COLUMN', 'INVALID_WHERE_CONDITION', 'UNSUPPORTED_EXPR_FOR_OPERATOR'];

function resolveHidden(child: Analyzed, hidden: Hidden, place: Place, parts: readonly Part[]): ResolvedExpr[] {
  const names = new Set(child.scope.map(({ attribute }) => attribute.name.toLowerCase()));
  // A column of the select hides one of the same name below it. One that has another name now can be meant by both.
  const below = hidden.scope.filter(({ attribute, byRelation }) => byRelation || !names.has(attribute.name.toLowerCase()));
  const wide: Place = { ...place, scope: [...child.scope, ...below], aggregate: hidden.aggregate };
  return parts.map(({ source, resolve }) => (hidden.settle ? hidden.settle(resolve(wide), source) : resolve(wide)));
}

/** A name that is nowhere is reported with the columns that can be seen. */
function retry<T>(resolve: () => T, first: MinisparkError): T {
  try {
    return resolve();
  } catch (error) {
    throw error instanceof MinisparkError && error.condition === 'UNRESOLVED_COLUMN' ? first : error;
  }
}

function attributesOf(expr: ResolvedExpr): Attribute[] {
  if (expr.kind === 'attribute') return [expr];
  return expr.kind === 'literal' || expr.kind === 'variable' ? [] : expr.args.flatMap(attributesOf);
}
