/** Owns: sides of unions and other set operations: matched by position or by name, types widened to a common one, names from the first side. */
import { type CallSite, userError } from '../../core/errors.js';
import { didYouMean } from '../../core/nearest.js';
import { type DataType, sameType, typeName } from '../../data/types.js';
import { commonType } from '../../frontend/functions/type-coercion.js';
import type { PlanOf } from '../../frontend/plan/logical.js';
import type { Attribute, Named, ResolvedPlan } from '../../frontend/plan/resolved.js';
import { castTo, literalOf, refTo } from './build.js';
import { type Scope, sameName, scopeOf } from './scope.js';
import { type Analyzed, attributeOf, type Ids, named, passed } from './state.js';

export function analyzeUnion(plan: PlanOf<'union'>, children: readonly Analyzed[], ids: Ids): Analyzed {
  const given = plan.byName === undefined ? children : matchedByName(plan, children, ids);
  const { sides, output } = alignedSides(given, plan.site, 'a union', ids);
  // A union on the left gives its own sides: a.union(b).union(c)… is one of many, not a tower.
  const plans = sides.flatMap(({ plan: side }) => (side.kind === 'union' ? side.children : [side]));
  return { plan: { kind: 'union', children: plans, output }, scope: scopeOf(output) };
}

interface Side {
  readonly plan: ResolvedPlan;
  readonly columns: readonly Attribute[];
}

/** The sides with columns of the same types, and the columns of all of them. Throws NUM_COLUMNS_MISMATCH, INCOMPATIBLE_COLUMN_TYPE. */
export function alignedSides(
  children: readonly Analyzed[],
  site: CallSite | null,
  what: string,
  ids: Ids,
): { readonly sides: readonly Side[]; readonly output: readonly Attribute[] } {
  const [first, ...others] = children;
  for (const [i, other] of others.entries()) {
    if (other.scope.length === first.scope.length) continue;
    throw userError(
      'NUM_COLUMNS_MISMATCH',
      `${what[0].toUpperCase()}${what.slice(1)} takes sides of the same number of columns, but side 1 has ${first.scope.length} and side ${i + 2} has ${other.scope.length}.`,
      {
        hint: 'Select the same columns on both sides',
        site: site ?? undefined,
      },
    );
  }
  const types = first.scope.map((_, column) => widened(children, column, what, site));
  const output = first.scope.map(({ attribute }, i) => ({
    id: ids.fresh(),
    name: attribute.name,
    type: types[i],
    nullable: children.some((child) => child.scope[i].attribute.nullable),
  }));
  return { sides: children.map((child) => withTypes(child, types, ids)), output };
}

function widened(children: readonly Analyzed[], column: number, what: string, site: CallSite | null): DataType {
  const [first, ...others] = children.map((child) => child.scope[column].attribute);
  let type: DataType = first.type;
  for (const [i, next] of others.entries()) {
    const common = commonType(type, next.type);
    if (common === null) {
      throw userError(
        'INCOMPATIBLE_COLUMN_TYPE',
        `Column ${column + 1} of ${what.replace(/^an? /, 'the ')} is ${typeName(type)} ('${first.name}') on side 1 and ${typeName(next.type)} ('${next.name}') on side ${i + 2}.`,
        { hint: 'Cast one of them', site: site ?? undefined },
      );
    }
    type = common;
  }
  return type;
}

/** The child as it is, or with casts on top. */
function withTypes(child: Analyzed, types: readonly DataType[], ids: Ids): Side {
  const attributes = child.scope.map(({ attribute }) => attribute);
  if (attributes.every(({ type }, i) => sameType(type, types[i]))) return { plan: child.plan, columns: attributes };
  const exprs = attributes.map((attribute, i) =>
    sameType(attribute.type, types[i]) ? passed(attribute) : named(ids, castTo(refTo(attribute), types[i]), attribute.name),
  );
  return { plan: { kind: 'project', child: child.plan, exprs }, columns: exprs.map(attributeOf) };
}

/**
 * Every side with the columns of the first in its order; with `allowMissing` also those that others have besides, at the end, and nulls where
 * a side has none. Throws UNRESOLVED_COLUMN, NUM_COLUMNS_MISMATCH and AMBIGUOUS_REFERENCE.
 */
function matchedByName(plan: PlanOf<'union'>, children: readonly Analyzed[], ids: Ids): Analyzed[] {
  const allowsMissing = plan.byName === 'allowMissing';
  const wanted: Attribute[] = [];
  for (const { scope } of children) {
    for (const [i, { attribute }] of scope.entries()) {
      if (scope.slice(0, i).some((other) => sameName(other.attribute.name, attribute.name))) throw twice(attribute.name, plan.site);
      if (!wanted.some(({ name }) => sameName(name, attribute.name))) wanted.push(attribute);
    }
  }
  return children.map((child, side) => {
    const columns = wanted.map((target): Named => {
      const found = child.scope.find(({ attribute }) => sameName(attribute.name, target.name));
      if (found) return passed(found.attribute);
      if (!allowsMissing) throw missing(child.scope, target.name, side, plan.site);
      return { id: ids.fresh(), name: target.name, expr: literalOf(null, target.type) };
    });
    return { plan: { kind: 'project', child: child.plan, exprs: columns }, scope: scopeOf(columns.map(attributeOf)) };
  });
}

function missing(scope: Scope, name: string, side: number, site: CallSite | null) {
  const known = scope.map(({ attribute }) => attribute.name);
  return userError('UNRESOLVED_COLUMN_AMONG_FIELD_NAMES', `Side ${side + 1} of the union has no column '${name}'.`, {
    hint: didYouMean(name, known) || `It has ${known.join(', ')}. unionByName(other, true) fills up with nulls`,
    site: site ?? undefined,
  });
}

const twice = (name: string, site: CallSite | null) =>
  userError('AMBIGUOUS_REFERENCE', `A side of the union has two columns '${name}', so names do not match them.`, {
    hint: 'Rename one of them',
    site: site ?? undefined,
  });
