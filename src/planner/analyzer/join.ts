/** Owns: joins: USING columns coalesced to one copy, conditions over the columns of both sides. */
import { userError } from '../../core/errors.js';
import { isOrderable, typeName } from '../../data/types.js';
import { commonType } from '../../frontend/functions/type-coercion.js';
import type { PlanOf } from '../../frontend/plan/logical.js';
import { outputOf } from '../../frontend/plan/output.js';
import type { Attribute, JoinHints, Named, ResolvedExpr, ResolvedPlan } from '../../frontend/plan/resolved.js';
import { callOf, castTo, refTo } from './build.js';
import { resolveCondition } from './expressions.js';
import { hintsOf } from './hints.js';
import { findColumn, type Scope, type ScopedColumn, unresolvedColumn } from './scope.js';
import { type Analyzed, attributeOf, type Ids, passed } from './state.js';

export function analyzeJoin(plan: PlanOf<'join'>, left: Analyzed, right: Analyzed, ids: Ids): Analyzed {
  if (plan.on !== null && !('kind' in plan.on) && plan.on.length > 0) return usingJoin(plan, plan.on, left, right, ids);
  const scope = [...left.scope, ...right.scope];
  const condition =
    plan.on === null || !('kind' in plan.on)
      ? null
      : resolveCondition(plan.on, { scope, site: plan.site, name: 'a join condition' }, 'JOIN_CONDITION_IS_NOT_BOOLEAN_TYPE');
  const join: ResolvedPlan = { kind: 'join', left: left.plan, right: right.plan, how: plan.how, condition, ...hinted(plan) };
  return { plan: join, scope: scopeAfter(join, scope) };
}

const hinted = ({ left, right }: PlanOf<'join'>): { readonly hints?: JoinHints } => {
  const hints = hintsOf(left, right);
  return hints === null ? {} : { hints };
};

/** The scope of a join's output: the qualifiers of both sides, null rules of the join. */
function scopeAfter(join: ResolvedPlan, scope: Scope): Scope {
  return outputOf(join).map((attribute, i) => ({ attribute, qualifier: scope[i].qualifier }));
}

interface UsingKey {
  readonly left: Attribute;
  readonly right: Attribute;
  readonly condition: ResolvedExpr;
  readonly column: Named;
}

function usingJoin(plan: PlanOf<'join'>, names: readonly string[], left: Analyzed, right: Analyzed, ids: Ids): Analyzed {
  const keys = names.map((name) => usingKey(plan, name, left, right, ids));
  const condition = keys.map((key) => key.condition).reduce((all, next) => callOf('and', all, next));
  const join: ResolvedPlan = { kind: 'join', left: left.plan, right: right.plan, how: plan.how, condition, ...hinted(plan) };
  const after = scopeAfter(join, [...left.scope, ...right.scope]);
  const isKey = ({ attribute }: ScopedColumn): boolean => keys.some((key) => key.left.id === attribute.id || key.right.id === attribute.id);
  const rest = after.filter((column) => !isKey(column));
  const columns = [...keys.map((key) => key.column), ...rest.map(({ attribute }) => passed(attribute))];
  const keyScope = (key: UsingKey): Scope => after.filter(({ attribute: { id } }) => id === key.left.id || id === key.right.id);
  const qualifierOf = (key: UsingKey): string | null => {
    const kept = plan.how === 'full' ? null : plan.how === 'right' ? key.right.id : key.left.id;
    return keyScope(key).find(({ attribute }) => attribute.id === kept)?.qualifier ?? null;
  };
  const visible = new Set(columns.map(({ id }) => id));
  const own = keys
    .flatMap(keyScope)
    .filter(({ attribute, qualifier }) => qualifier !== null && !visible.has(attribute.id))
    .map((column): ScopedColumn => ({ ...column, byRelation: true }));
  const project = (extra: readonly Attribute[]): ResolvedPlan => ({
    kind: 'project',
    child: join,
    exprs: [...columns, ...extra.map((attribute) => passed(attribute))],
  });
  return {
    plan: project([]),
    scope: columns.map((column, i) => ({
      attribute: attributeOf(column),
      qualifier: i < keys.length ? qualifierOf(keys[i]) : rest[i - keys.length].qualifier,
    })),
    ...(own.length > 0 && { hidden: { scope: own, extend: project } }),
  };
}

function usingKey(plan: PlanOf<'join'>, name: string, left: Analyzed, right: Analyzed, ids: Ids): UsingKey {
  const [l, r] = [sideColumn(plan, left, name, 'left'), sideColumn(plan, right, name, 'right')];
  const type = commonType(l.type, r.type);
  if (type === null || !isOrderable(type)) {
    throw userError(
      'DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES',
      `The join column '${name}' is ${typeName(l.type)} on the left and ${typeName(r.type)} on the right.`,
      {
        hint: 'Cast one side before the join',
        site: plan.site ?? undefined,
      },
    );
  }
  const [a, b] = [castTo(refTo(l), type), castTo(refTo(r), type)];
  return { left: l, right: r, condition: callOf('=', a, b), column: keyColumn(plan.how, l, r, a, b, ids) };
}

/** The one copy of a key: the side that is always there, or whichever is. */
function keyColumn(how: PlanOf<'join'>['how'], l: Attribute, r: Attribute, a: ResolvedExpr, b: ResolvedExpr, ids: Ids): Named {
  if (how === 'right') return passed(r, l.name);
  if (how !== 'full') return passed(l);
  return { id: ids.fresh(), name: l.name, expr: callOf('coalesce', nullable(a), nullable(b)) };
}

const nullable = (expr: ResolvedExpr): ResolvedExpr =>
  expr.kind === 'call' ? { ...expr, nullable: true, args: expr.args.map(nullable) } : { ...expr, nullable: true };

function sideColumn(plan: PlanOf<'join'>, side: Analyzed, name: string, label: string): Attribute {
  const found = findColumn(side.scope, name, plan.site);
  if (found !== null && found.fields.length === 0) return found.attribute;
  const error = unresolvedColumn(side.scope, name, plan.site);
  throw userError('UNRESOLVED_USING_COLUMN_FOR_JOIN', `The ${label} side of the join has no column '${name}'.`, {
    hint: error.hint,
    site: plan.site ?? undefined,
  });
}
