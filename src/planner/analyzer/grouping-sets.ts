/**
 * Owns: what an aggregation groups by. Plain groupings are columns of the child; under grouping sets (rollup, cube) an expand gives each row once
 * per set, groupings that the set lacks made null, and a grouping id tells the sets apart: its bits, first grouping highest, say what is missing.
 */
import { type CallSite, userError } from '../../core/errors.js';
import { INT8, INT32, INT64 } from '../../data/types.js';
import type { Expr } from '../../frontend/plan/expression.js';
import { columnName, expressionText } from '../../frontend/plan/expression-text.js';
import type { PlanOf } from '../../frontend/plan/logical.js';
import { outputOf } from '../../frontend/plan/output.js';
import type { Attribute, Named, ResolvedExpr, ResolvedPlan } from '../../frontend/plan/resolved.js';
import { callOf, castTo, literalOf, refTo } from './build.js';
import { type CallExpr, type Place, resolveExpr } from './expressions.js';
import { sameExpr } from './same-expr.js';
import { sameName } from './scope.js';
import { type Analyzed, attributeOf, type Ids, passed } from './state.js';

/** A grouping as the user's expressions name it, and the column that it becomes. */
export interface Grouping {
  /** Over the columns of the child: where it occurs in a result, `column` is meant. */
  readonly match: ResolvedExpr;
  readonly column: Named;
}

export interface Groups {
  /** What is aggregated: the child, or an expand over it. */
  readonly source: ResolvedPlan;
  readonly groupings: readonly Grouping[];
  /** Columns that are grouped by and not part of the result. */
  readonly internal: readonly Named[];
  /** What grouping() or grouping_id() is. */
  marker(call: CallExpr, place: Place): ResolvedExpr;
}

/** The attribute of a grouping in the aggregation's output. */
export const groupAttribute = ({ column }: Grouping): Attribute => attributeOf(column);

export function plainGroups(columns: readonly Named[], child: Analyzed): Groups {
  return {
    source: child.plan,
    groupings: columns.map((column) => ({ match: column.expr, column })),
    internal: [],
    marker(call, place) {
      throw userError('UNSUPPORTED_GROUPING_EXPRESSION', `${call.fn}() tells grouping sets apart, but there are none here.`, {
        hint: 'Group by rollup(), cube() or groupingSets()',
        site: call.site ?? place.site ?? undefined,
      });
    },
  };
}

/** What the column is called that an expression groups by. */
export const groupingName = (expr: Expr, resolved: ResolvedExpr): string =>
  expr.kind === 'column' && resolved.kind === 'attribute' ? resolved.name : columnName(expr);

/** More columns have no id of 64 bits. */
const MAX_COLUMNS = 63;

/** Throws GROUPING_SIZE_LIMIT_EXCEEDED, and MISSING_GROUPING where a set has an expression that is not grouped by. */
export function groupsOfSets(
  { groupingSets, site }: Pick<PlanOf<'aggregate'>, 'groupingSets' | 'site'>,
  columns: readonly Named[],
  child: Analyzed,
  ids: Ids,
): Groups {
  // One expression under two names is two groupings; under one name, or as part of a set, it is the same one.
  const isSame = (a: Named, b: Named): boolean => sameExpr(a.expr, b.expr) && sameName(a.name, b.name);
  const distinct = columns.filter((column, i) => !columns.slice(0, i).some((other) => isSame(other, column)));
  if (distinct.length > MAX_COLUMNS) {
    throw userError('GROUPING_SIZE_LIMIT_EXCEEDED', `Grouping sets take at most ${MAX_COLUMNS} columns, not ${distinct.length}.`, {
      site: site ?? undefined,
    });
  }
  const place: Place = { scope: child.scope, site, name: 'a grouping set' };
  const sets = (groupingSets ?? []).map((set) => {
    const members = set.map((expr) => {
      const resolved = resolveExpr(expr, place);
      const name = groupingName(expr, resolved);
      const named = distinct.findIndex((column) => sameExpr(column.expr, resolved) && sameName(column.name, name));
      const index = named >= 0 ? named : indexOf(resolved, distinct);
      if (index >= 0) return index;
      throw userError('MISSING_GROUPING', `The grouping set has ${expressionText(expr)}, which is not among the grouping columns.`, {
        hint: 'Name it after the sets too, or name no column there',
        site: site ?? undefined,
      });
    });
    return distinct.map((_, i) => members.includes(i));
  });
  const passing = outputOf(child.plan);
  const nulled = distinct.map(
    (column, i): Attribute => ({ ...attributeOf(column), id: ids.fresh(), nullable: column.expr.nullable || sets.some((set) => !set[i]) }),
  );
  const id: Attribute = { id: ids.fresh(), name: 'spark_grouping_id', type: INT64, nullable: false };
  const idOf = (set: readonly boolean[]): bigint => set.reduce((bits, isIn) => bits * 2n + (isIn ? 0n : 1n), 0n);
  const sameIds = sets.map(idOf);
  // Sets that occur twice give their groups twice.
  const position: Attribute[] =
    new Set(sameIds).size === sets.length ? [] : [{ id: ids.fresh(), name: 'grouping_position', type: INT32, nullable: false }];
  const projections = sets.map((set, turn) => [
    ...passing.map(refTo),
    ...distinct.map(({ expr }, i) => (set[i] ? expr : literalOf(null, expr.type))),
    literalOf(sameIds[turn], INT64),
    ...position.map(() => literalOf(turn, INT32)),
  ]);
  return {
    source: { kind: 'expand', child: child.plan, projections, output: [...passing, ...nulled, id, ...position] },
    groupings: distinct.map(({ expr }, i) => ({ match: expr, column: passed(nulled[i]) })),
    internal: [id, ...position].map((attribute) => passed(attribute)),
    marker: (call, at) =>
      call.fn.toLowerCase() === 'grouping' ? groupingBit(call, at, distinct, id) : groupingId(call, at, distinct, id, site),
  };
}

/** 1 where the column is not in the row's grouping set, else 0. */
function groupingBit(call: CallExpr, place: Place, columns: readonly Named[], id: Attribute): ResolvedExpr {
  const index = call.args.length === 1 ? indexOf(resolveExpr(call.args[0], { ...place, aggregate: undefined }), columns) : -1;
  if (index < 0) {
    throw userError('GROUPING_COLUMN_MISMATCH', `${expressionText(call)} does not name one of the grouping columns.`, {
      hint: `They are ${columns.map(({ name }) => name).join(', ')}`,
      site: call.site ?? place.site ?? undefined,
    });
  }
  const shifted = callOf('shiftright', refTo(id), literalOf(columns.length - 1 - index, INT32));
  return castTo(callOf('&', shifted, literalOf(1n, INT64)), INT8);
}

/** All bits; arguments may only be the grouping columns, in their order. */
function groupingId(call: CallExpr, place: Place, columns: readonly Named[], id: Attribute, site: CallSite | null): ResolvedExpr {
  const args = call.args.map((arg) => resolveExpr(arg, { ...place, aggregate: undefined }));
  if (args.length > 0 && (args.length !== columns.length || args.some((arg, i) => indexOf(arg, columns) !== i))) {
    throw userError('GROUPING_ID_COLUMN_MISMATCH', `The columns of ${expressionText(call)} are not the grouping columns.`, {
      hint: `Name none, or ${columns.map(({ name }) => name).join(', ')}`,
      site: call.site ?? site ?? undefined,
    });
  }
  return refTo(id);
}

const indexOf = (expr: ResolvedExpr, columns: readonly Named[]): number => columns.findIndex((column) => sameExpr(column.expr, expr));
