/**
 * Owns: INTERSECT and EXCEPT, distinct or ALL: both sides' rows in one union that tells them apart, grouped by every column, so that nulls
 * are equal; the counts of a group on both sides say how often it comes out.
 */
import { INT32, INT64 } from '../../data/types.js';
import type { PlanOf } from '../../frontend/plan/logical.js';
import type { Aggregated, Attribute, Named, ResolvedExpr, ResolvedPlan } from '../../frontend/plan/resolved.js';
import { callOf, castTo, literalOf, refTo } from './build.js';
import { refuseMaps } from './distinct.js';
import { scopeOf } from './scope.js';
import { type Analyzed, type Ids, passed } from './state.js';
import { alignedSides } from './union.js';

export function analyzeSetOperation(plan: PlanOf<'setOperation'>, left: Analyzed, right: Analyzed, ids: Ids): Analyzed {
  const word = plan.op === 'intersect' ? 'an intersection' : 'a difference';
  const { sides, output } = alignedSides([left, right], plan.site, word, ids);
  refuseMaps(scopeOf(output), word, plan.site);
  const keys = output.map((attribute, i) => ({ ...attribute, nullable: nullableIn(plan.op, left, right, i) }));
  const mark = (side: ResolvedPlan, columns: readonly Attribute[], isLeft: boolean): ResolvedPlan => ({
    kind: 'project',
    child: side,
    exprs: [...columns.map((a) => passed(a)), tag(ids, 'left_rows', isLeft), tag(ids, 'right_rows', !isLeft)],
  });
  const tags = ['left_rows', 'right_rows'].map((name): Attribute => ({ id: ids.fresh(), name, type: INT64, nullable: false }));
  const union: ResolvedPlan = {
    kind: 'union',
    children: sides.map(({ plan: side, columns }, i) => mark(side, columns, i === 0)),
    output: [...output, ...tags],
  };
  const counts = tags.map((attribute) => summed(attribute, ids));
  const grouped: ResolvedPlan = { kind: 'aggregate', child: union, groupings: output.map((a) => passed(a)), aggregates: counts };
  const kept = repeated(plan, grouped, counts.map(refTo), ids);
  return { plan: { kind: 'project', child: kept, exprs: keys.map((a) => passed(a)) }, scope: scopeOf(keys) };
}

const tag = (ids: Ids, name: string, isSet: boolean): Named => ({ id: ids.fresh(), name, expr: literalOf(isSet ? 1n : 0n, INT64) });

/** A row of an intersection is on both sides; one of a difference on the left. */
function nullableIn(op: 'intersect' | 'except', left: Analyzed, right: Analyzed, i: number): boolean {
  const [l, r] = [left, right].map((side) => side.scope[i].attribute.nullable);
  return op === 'intersect' ? l && r : l;
}

function summed(attribute: Attribute, ids: Ids): Aggregated {
  const { name, type } = attribute;
  return { id: ids.fresh(), name, fn: 'sum', args: [refTo(attribute)], distinct: false, filter: null, type, nullable: false, site: null };
}

/** The groups that come out, and under ALL each as often as the operation says. */
function repeated(
  { op, all }: PlanOf<'setOperation'>,
  child: ResolvedPlan,
  [left, right]: readonly ResolvedExpr[],
  ids: Ids,
): ResolvedPlan {
  const zero = literalOf(0n, INT64);
  if (!all) {
    const onRight = op === 'intersect' ? callOf('>', right, zero) : callOf('=', right, zero);
    return { kind: 'filter', child, condition: callOf('and', callOf('>', left, zero), onRight) };
  }
  const times = op === 'intersect' ? callOf('least', left, right) : callOf('-', left, right);
  const repeats = callOf('array_repeat', literalOf(1, INT32), castTo(times, INT32));
  const generator: ResolvedExpr = { kind: 'call', fn: 'explode', args: [repeats], type: repeats.type, nullable: false, site: null };
  const copy: Attribute = { id: ids.fresh(), name: 'copy', type: INT32, nullable: false };
  return { kind: 'generate', child, generator, outer: false, output: [copy] };
}
