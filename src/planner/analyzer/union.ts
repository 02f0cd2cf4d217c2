/** Owns: unions by position: column counts checked, types widened to a common one, names from the first side. */
import { userError } from '../../core/errors.js';
import { type DataType, sameType, typeName } from '../../data/types.js';
import { commonType } from '../../frontend/functions/type-coercion.js';
import type { PlanOf } from '../../frontend/plan/logical.js';
import type { ResolvedPlan } from '../../frontend/plan/resolved.js';
import { castTo, refTo } from './build.js';
import { scopeOf } from './scope.js';
import { type Analyzed, type Ids, named, passed } from './state.js';

export function analyzeUnion(plan: PlanOf<'union'>, children: readonly Analyzed[], ids: Ids): Analyzed {
  const [first, ...others] = children;
  const site = plan.site ?? undefined;
  for (const [i, other] of others.entries()) {
    if (other.scope.length === first.scope.length) continue;
    throw userError(
      'NUM_COLUMNS_MISMATCH',
      `A union takes sides of the same number of columns, but side 1 has ${first.scope.length} and side ${i + 2} has ${other.scope.length}.`,
      {
        hint: 'Select the same columns on both sides',
        site,
      },
    );
  }
  const types = first.scope.map(({ attribute }, column) => {
    let type: DataType = attribute.type;
    for (const [i, other] of others.entries()) {
      const next = other.scope[column].attribute;
      const common = commonType(type, next.type);
      if (common === null) {
        throw userError(
          'INCOMPATIBLE_COLUMN_TYPE',
          `Column ${column + 1} of the union is ${typeName(type)} ('${attribute.name}') on side 1 and ${typeName(next.type)} ('${next.name}') on side ${i + 2}.`,
          { hint: 'Cast one of them', site },
        );
      }
      type = common;
    }
    return type;
  });
  const output = first.scope.map(({ attribute }, i) => ({
    id: ids.fresh(),
    name: attribute.name,
    type: types[i],
    nullable: children.some((child) => child.scope[i].attribute.nullable),
  }));
  // A union on the left gives its own sides: a.union(b).union(c)… is one of many, not a tower.
  const sides = children.map((child) => withTypes(child, types, ids)).flatMap((side) => (side.kind === 'union' ? side.children : [side]));
  return { plan: { kind: 'union', children: sides, output }, scope: scopeOf(output) };
}

/** The child as it is, or with casts on top. */
function withTypes(child: Analyzed, types: readonly DataType[], ids: Ids): ResolvedPlan {
  if (child.scope.every(({ attribute }, i) => sameType(attribute.type, types[i]))) return child.plan;
  const exprs = child.scope.map(({ attribute }, i) =>
    sameType(attribute.type, types[i]) ? passed(attribute) : named(ids, castTo(refTo(attribute), types[i]), attribute.name),
  );
  return { kind: 'project', child: child.plan, exprs };
}
