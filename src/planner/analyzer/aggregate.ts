/**
 * Owns: grouped aggregation: aggregate calls leave their expressions and become columns of an aggregate node; what is left is computed above it.
 * Receives groupings and a list of expressions; the output is the groupings, then the expressions.
 */
import { type CallSite, userError } from '../../core/errors.js';
import { isNumeric, isOrderable, mapOrHolder, sameType } from '../../data/types.js';
import type { AggregateFunction } from '../../frontend/functions/definition.js';
import { isGroupingMarker } from '../../frontend/functions/grouping.js';
import type { Expr, UserAggregate } from '../../frontend/plan/expression.js';
import { columnName, expressionText } from '../../frontend/plan/expression-text.js';
import type { PlanOf } from '../../frontend/plan/logical.js';
import type { Aggregated, Attribute, Named, ResolvedExpr, ResolvedPlan } from '../../frontend/plan/resolved.js';
import { aggregateArgs, aggregateSignature } from './aggregate-call.js';
import { about, castTo, refTo } from './build.js';
import { type CallExpr, containsAggregate, type Place, resolveCondition, resolveExpr } from './expressions.js';
import { type Grouping, groupAttribute, groupingName, groupsOfSets, plainGroups } from './grouping-sets.js';
import { withoutLateralNames } from './lateral.js';
import { sameExpr, sameExprs } from './same-expr.js';
import { findColumn, type Scope, sameName, starColumns } from './scope.js';
import { type Analyzed, apart, attributeOf, type Ids, named, passed, withOwnKeys } from './state.js';
import { Windows } from './window.js';
import { withOrderArgs } from './within-group.js';

type AggregateInput = Pick<PlanOf<'aggregate'>, 'groupings' | 'aggregates' | 'groupingSets' | 'salts' | 'site'>;

export function analyzeAggregate(plan: AggregateInput, below: Analyzed, ids: Ids): Analyzed {
  const child = withOwnKeys(below, [...plan.groupings, ...plan.aggregates]);
  const given = apart(
    plan.groupings.map((expr) => groupingOf(expr, plan, child, ids)),
    ids,
  );
  const groups = plan.groupingSets === undefined ? plainGroups(given, child) : groupsOfSets(plan, given, child, ids);
  const { groupings, internal } = groups;
  const calls: Aggregated[] = [];
  const inner: Place = { scope: child.scope, site: plan.site, name: 'an aggregation' };
  const aggregate = (call: CallExpr, definition: AggregateFunction) =>
    isGroupingMarker(definition) ? groups.marker(call, inner) : refTo(aggregated(call, definition, inner, calls, ids));
  const windows = new Windows(ids, (expr, source) =>
    overGroups(expr, groupings, calls, internal, () => missing(source, expr, groupings, calls, plan.site)),
  );
  const place: Place = { ...inner, aggregate, window: windows.resolve };
  const results = withoutLateralNames(plan.aggregates, child.scope)
    .flatMap((expr) => eachNumber(expr, child.scope) ?? expandStar(expr, child.scope))
    .map((expr): Named => {
      const resolved = resolveExpr(expr, place);
      const above = overGroups(resolved, groupings, calls, [...internal, ...windows.made], () =>
        missing(expr, resolved, groupings, calls, plan.site),
      );
      return named(ids, above, columnName(expr));
    });
  const keyColumns = groupings.map((grouping) => passed(groupAttribute(grouping)));
  const columns = [...apart(keyColumns, ids), ...results];
  const keys = [...groupings.map(({ column }) => column), ...internal];
  const salted = plan.salts === undefined ? {} : { salts: plan.salts };
  const node = (): AggregateNode =>
    nameCalls({ kind: 'aggregate', child: groups.source, groupings: keys, aggregates: [...calls], ...salted }, results);
  const project = (extra: readonly Attribute[]): ResolvedPlan => ({
    kind: 'project',
    child: windows.over(node(), results),
    exprs: [...columns, ...extra.map((attribute) => passed(attribute))],
  });
  const settle = (expr: ResolvedExpr, source: Expr): ResolvedExpr =>
    overGroups(expr, groupings, calls, [...columns, ...internal], () => missing(source, expr, groupings, calls, plan.site));
  return {
    plan: windows.made.length === 0 && isPlain(node(), columns) ? node() : project([]),
    scope: columns.map((column, i) => ({ attribute: attributeOf(column), qualifier: qualifierOf(child, groupings[i]) })),
    hidden: { scope: child.scope, aggregate, settle, extend: project },
  };
}

/** The call for each column of numbers. */
function eachNumber(expr: Expr, scope: Scope): readonly Expr[] | null {
  if (expr.kind !== 'call' || expr.args[0]?.kind !== 'star' || !expr.args[0].numbers) return null;
  const numbers = scope.filter(({ attribute }) => isNumeric(attribute.type));
  return numbers.map(({ attribute }): Expr => ({ ...expr, args: [columnOf(attribute)] }));
}

const columnOf = ({ name }: Attribute): Expr => ({ kind: 'column', name: `\`${name.replaceAll('`', '``')}\``, site: null });

/** A star among the aggregates of a select stands for columns, which then must be grouped by. */
function expandStar(expr: Expr, scope: Scope): readonly Expr[] {
  if (expr.kind !== 'star') return [expr];
  return starColumns(scope, expr).map(({ attribute }) => columnOf(attribute));
}

type AggregateNode = Extract<ResolvedPlan, { kind: 'aggregate' }>;

/** An aggregate call takes the name of the column that it alone makes. */
function nameCalls(node: AggregateNode, results: readonly Named[]): AggregateNode {
  const names = new Map(results.flatMap(({ id, name, expr }) => (expr.kind === 'attribute' ? [[id, name] as const] : [])));
  return { ...node, aggregates: node.aggregates.map((call) => ({ ...call, name: names.get(call.id) ?? call.name })) };
}

/** Whether the columns wanted are those of the aggregate, in its order and under its names. */
function isPlain(node: AggregateNode, columns: readonly Named[]): boolean {
  const own = [...node.groupings, ...node.aggregates];
  return (
    own.length === columns.length &&
    columns.every(({ id, name, expr }, i) => expr.kind === 'attribute' && id === own[i].id && name === own[i].name)
  );
}

function qualifierOf(child: Analyzed, grouping: Grouping | undefined): string | null {
  const match = grouping?.match;
  if (match?.kind !== 'attribute') return null;
  return child.scope.find(({ attribute }) => attribute.id === match.id)?.qualifier ?? null;
}

/** A grouping may name a column of the child, or an alias among the aggregates (Spark's groupByAliases). */
function groupingOf(expr: Expr, plan: AggregateInput, child: Analyzed, ids: Ids): Named {
  const place: Place = { scope: child.scope, site: plan.site, name: 'a grouping', noAggregate: 'GROUP_BY_AGGREGATE' };
  const resolved = resolveExpr(aliased(expr, plan, child.scope) ?? expr, place);
  if (!isOrderable(resolved.type)) {
    throw userError(
      'GROUP_EXPRESSION_TYPE_IS_NOT_ORDERABLE',
      `Rows cannot be grouped by ${expressionText(expr)}, which ${mapOrHolder(resolved.type)}.`,
      {
        hint: 'Group by map_entries() of it',
        site: plan.site ?? undefined,
      },
    );
  }
  return named(ids, resolved, groupingName(expr, resolved));
}

/** What a name that is no column stands for among the aggregates. */
function aliased(expr: Expr, plan: AggregateInput, scope: Scope): Expr | null {
  if (expr.kind !== 'column' || findColumn(scope, expr.name, expr.site) !== null) return null;
  const found = plan.aggregates.find((other) => other.kind === 'alias' && sameName(other.name, expr.name));
  return found?.kind === 'alias' && !containsAggregate(found.child) ? found.child : null;
}

function aggregated(written: CallExpr, definition: AggregateFunction, place: Place, calls: Aggregated[], ids: Ids): Aggregated {
  const inner: Place = {
    ...place,
    aggregate: undefined,
    noAggregate: 'NESTED_AGGREGATE_FUNCTION',
    window: undefined,
    name: `an argument of the aggregate ${written.fn}`,
  };
  const filterPlace: Place = { ...inner, noAggregate: 'INVALID_AGGREGATE_FILTER.CONTAINS_AGGREGATE', name: 'the filter of an aggregate' };
  const call = withOrderArgs(written, definition, inner);
  const args = aggregateArgs(call, definition, inner);
  const filter = call.filter === null ? null : resolveCondition(call.filter, filterPlace, 'INVALID_AGGREGATE_FILTER.NOT_BOOLEAN');
  return about(
    () => expressionText(written),
    call.site ?? place.site,
    () => {
      const signature = aggregateSignature(call, definition, args);
      const made: Aggregated = {
        id: ids.fresh(),
        name: columnName(written),
        fn: definition.name,
        args: args.map((arg, i) => castTo(arg, signature.args[i])),
        distinct: call.distinct && definition.name !== 'min' && definition.name !== 'max',
        filter,
        type: signature.result,
        nullable: signature.nullable ?? true,
        ...(call.user && { user: call.user }),
        site: call.site,
      };
      const known = calls.find((other) => isSameCall(other, made));
      if (known) return known;
      calls.push(made);
      return made;
    },
  );
}

function isSameCall(a: Aggregated, b: Aggregated): boolean {
  const sameFilter = a.filter === null || b.filter === null ? a.filter === b.filter : sameExpr(a.filter, b.filter);
  return a.fn === b.fn && isSameUser(a.user, b.user) && a.distinct === b.distinct && sameFilter && sameExprs(a.args, b.args);
}

function isSameUser(a: UserAggregate | undefined, b: UserAggregate | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  const parts = ({ init, update, merge, finish }: UserAggregate) => [init, update, merge, finish];
  const others = parts(b);
  return parts(a).every(({ id, captures }, i) => id === others[i].id && captures === others[i].captures) && sameType(a.returns, b.returns);
}

/** `expr` in terms of groups: grouping expressions and aggregate results stand for themselves; any other column is an error. */
function overGroups(
  expr: ResolvedExpr,
  groupings: readonly Grouping[],
  calls: readonly Aggregated[],
  known: readonly { readonly id: number }[],
  fail: () => Error,
): ResolvedExpr {
  const grouping = expr.kind === 'literal' ? undefined : groupings.find((g) => sameExpr(g.match, expr));
  if (grouping) return refTo(groupAttribute(grouping));
  switch (expr.kind) {
    case 'attribute':
      if (calls.some((call) => call.id === expr.id) || known.some((column) => column.id === expr.id)) return expr;
      throw fail();
    case 'literal':
    case 'variable':
      return expr;
    case 'call':
    case 'udf':
    case 'lambda':
      return { ...expr, args: expr.args.map((arg) => overGroups(arg, groupings, calls, known, fail)) };
    default:
      return expr satisfies never;
  }
}

function missing(expr: Expr, resolved: ResolvedExpr, groupings: readonly Grouping[], calls: readonly Aggregated[], site: CallSite | null) {
  const loose = looseColumn(resolved, groupings, calls) ?? expressionText(expr);
  const condition = groupings.length === 0 ? 'MISSING_GROUP_BY' : 'MISSING_AGGREGATION';
  return userError(condition, `The column ${loose} in ${expressionText(expr)} is neither grouped by nor inside an aggregate.`, {
    hint: `Add ${loose} to groupBy(), or take first(${loose})`,
    site: site ?? undefined,
  });
}

function looseColumn(expr: ResolvedExpr, groupings: readonly Grouping[], calls: readonly Aggregated[]): string | null {
  if (expr.kind === 'attribute') {
    const isKnown = calls.some((call) => call.id === expr.id) || groupings.some((g) => sameExpr(g.match, expr));
    return isKnown ? null : expr.name;
  }
  if (expr.kind === 'literal' || expr.kind === 'variable') return null;
  for (const arg of expr.args) {
    const loose = looseColumn(arg, groupings, calls);
    if (loose !== null) return loose;
  }
  return null;
}
