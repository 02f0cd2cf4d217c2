/** Owns: rows that are different: in every column, which is a grouping without aggregates, or in some, where the others are those of one row. */
import { type CallSite, userError } from '../../core/errors.js';
import { isOrderable, typeName } from '../../data/types.js';
import type { PlanOf } from '../../frontend/plan/logical.js';
import type { Aggregated, Attribute } from '../../frontend/plan/resolved.js';
import { refTo } from './build.js';
import { findColumn, type Scope, type ScopedColumn, sameName, unresolvedColumn } from './scope.js';
import { type Analyzed, type Ids, passed } from './state.js';

/** Throws UNSUPPORTED_FEATURE.SET_OPERATION_ON_MAP_TYPE where a column of the scope is or holds a map: maps are not equal to each other. */
export function refuseMaps(scope: Scope, what: string, site: CallSite | null): void {
  for (const { attribute } of scope) {
    if (isOrderable(attribute.type)) continue;
    throw userError(
      'UNSUPPORTED_FEATURE.SET_OPERATION_ON_MAP_TYPE',
      `Rows with the ${attribute.type.kind === 'map' ? 'map ' : ''}column '${attribute.name}' (${typeName(attribute.type)}) have no ${what.replace(/^an? /, '')}.`,
      {
        hint:
          attribute.type.kind === 'map' ? 'Drop the column, or use map_entries() of it' : 'It holds a map: drop it, or use its other parts',
        site: site ?? undefined,
      },
    );
  }
}

export function analyzeDistinct(plan: PlanOf<'distinct'>, child: Analyzed, ids: Ids): Analyzed {
  const { names, site = null } = plan;
  const keys = names === undefined ? child.scope : keysOf(child.scope, names, site);
  refuseMaps(keys, 'distinct', site);
  // Grouping by nothing would make a row of no rows.
  if (keys.length === 0) return { plan: { kind: 'limit', child: child.plan, limit: 1, offset: 0 }, scope: child.scope };
  const isKey = (attribute: Attribute): boolean => keys.some((key) => key.attribute.id === attribute.id);
  const groupings = keys.map(({ attribute }) => passed(attribute));
  const scope = child.scope.map((column) => (isKey(column.attribute) ? column : { ...column, attribute: renewed(column.attribute, ids) }));
  const aggregates = child.scope.flatMap(({ attribute }, i) => (isKey(attribute) ? [] : [firstOf(attribute, scope[i].attribute)]));
  const grouped = { kind: 'aggregate', child: child.plan, groupings, aggregates } as const;
  if (names === undefined) return { plan: grouped, scope };
  return { plan: { kind: 'project', child: grouped, exprs: scope.map(({ attribute }) => passed(attribute)) }, scope };
}

/** As columnsOf(); a name that several columns have means all of them, as in Spark. */
function keysOf(scope: Scope, names: readonly string[], site: CallSite | null): Scope {
  const isNamed = (column: ScopedColumn): boolean => names.some((name) => sameName(name, column.attribute.name));
  const others = names.filter((name) => !scope.some(({ attribute }) => sameName(name, attribute.name)));
  const found = columnsOf(scope, others, site);
  return scope.filter(
    (column, i) => (isNamed(column) || found.includes(column)) && scope.findIndex((c) => c.attribute.id === column.attribute.id) === i,
  );
}

/** The columns of these names, each once. Throws UNRESOLVED_COLUMN. */
export function columnsOf(scope: Scope, names: readonly string[], site: CallSite | null): Scope {
  const ids = names.map((name) => {
    const found = findColumn(scope, name, site);
    if (found === null || found.fields.length > 0) throw unresolvedColumn(scope, name, site);
    return found.attribute.id;
  });
  return scope.filter(({ attribute }, i) => ids.includes(attribute.id) && scope.findIndex((c) => c.attribute.id === attribute.id) === i);
}

const renewed = (attribute: Attribute, ids: Ids): Attribute => ({ ...attribute, id: ids.fresh() });

function firstOf(from: Attribute, { id, name, type, nullable }: Attribute): Aggregated {
  return { id, name, fn: 'first', args: [refTo(from)], distinct: false, filter: null, type, nullable, site: null };
}
