/** Owns: `select`, `withColumns`, `rename` and `drop`: lists of expressions → project, with generate or aggregate below where they call for it. */
import { type CallSite, userError } from '../../core/errors.js';
import type { ScalarFunction } from '../../frontend/functions/definition.js';
import { findFunction } from '../../frontend/functions/registry.js';
import type { Expr } from '../../frontend/plan/expression.js';
import { columnName, expressionText } from '../../frontend/plan/expression-text.js';
import type { PlanOf } from '../../frontend/plan/logical.js';
import type { Attribute, Named, ResolvedPlan } from '../../frontend/plan/resolved.js';
import { analyzeAggregate } from './aggregate.js';
import { about, argumentOf, castTo, scalarCall } from './build.js';
import { containsAggregate, expandArgs, generatorOf, type Place, resolveExpr } from './expressions.js';
import { withoutLateralNames } from './lateral.js';
import { findColumn, openStructs, type Scope, sameName, starColumns } from './scope.js';
import { type Analyzed, apart, attributeOf, type Hidden, type Ids, named, passed, withOwnKeys } from './state.js';
import { Windows } from './window.js';

export function analyzeSelect(plan: PlanOf<'select'>, below: Analyzed, ids: Ids): Analyzed {
  const child = withOwnKeys(below, plan.exprs);
  const exprs = withoutLateralNames(openStructs(plan.exprs, child.scope), child.scope);
  if (exprs.some(containsAggregate)) return analyzeAggregate({ ...plan, groupings: [], aggregates: exprs }, child, ids);
  return projected(exprs, plan.site, child, ids);
}

function projected(exprs: readonly Expr[], site: CallSite | null, child: Analyzed, ids: Ids): Analyzed {
  const { source, made } = generated(exprs, site, child, ids);
  const windows = new Windows(ids);
  const place: Place = { scope: child.scope, site, name: 'a select', window: windows.resolve };
  const given = exprs.flatMap((expr): readonly (Named & { readonly qualifier: string | null })[] => {
    if (expr.kind === 'star') {
      return starColumns(child.scope, expr).map(({ attribute, qualifier }) => ({ ...passed(attribute), qualifier }));
    }
    const rows = made.get(expr);
    if (rows) return rows.map((attribute) => ({ ...passed(attribute), qualifier: null }));
    const resolved = resolveExpr(expr, place);
    const name = expr.kind === 'column' && resolved.kind === 'attribute' ? resolved.name : columnName(expr);
    return [{ ...named(ids, resolved, name), qualifier: expr.kind === 'column' ? qualifierOf(child.scope, resolved) : null }];
  });
  const columns = apart(given, ids);
  const project = (extra: readonly Attribute[]): ResolvedPlan => ({
    kind: 'project',
    child: windows.over(source, columns),
    exprs: [...columns.map(({ id, name, expr }) => ({ id, name, expr })), ...extra.map((attribute) => passed(attribute))],
  });
  return {
    plan: project([]),
    scope: columns.map((column) => ({ attribute: attributeOf(column), qualifier: column.qualifier })),
    hidden: { scope: child.scope, extend: project },
  };
}

/** A selected column can still be named by its relation. */
function qualifierOf(scope: Scope, expr: Named['expr']): string | null {
  return expr.kind === 'attribute' ? (scope.find(({ attribute }) => attribute.id === expr.id)?.qualifier ?? null) : null;
}

/** The child with a generate on top for each of the expressions that makes rows, the first one lowest, and the columns that they stand for. */
function generated(exprs: readonly Expr[], site: CallSite | null, child: Analyzed, ids: Ids) {
  const made = new Map<Expr, readonly Attribute[]>();
  let source = child.plan;
  for (const expr of exprs) {
    const generator = generatorOf(expr);
    if (generator === null || made.has(expr)) continue;
    const generate = generateNode(generator, source, { scope: child.scope, site, name: 'a generator' }, ids);
    made.set(expr, generate.output);
    source = generate;
  }
  return { source, made };
}

type Generate = Extract<ResolvedPlan, { kind: 'generate' }>;

function generateNode(
  { call, definition, outer, alias }: NonNullable<ReturnType<typeof generatorOf>>,
  source: ResolvedPlan,
  place: Place,
  ids: Ids,
): Generate {
  const args = expandArgs(call, place);
  return about(
    (): string => expressionText(call),
    call.site ?? place.site,
    (): Generate => {
      const signature = definition.resolve(args.map(argumentOf));
      if (alias !== null && signature.names.length !== alias.length) {
        throw userError(
          'UDTF_ALIAS_NUMBER_MISMATCH',
          `${definition.name} makes the columns ${signature.names.join(', ')}, but ${alias.length === 1 ? 'one name is' : `${alias.length} names are`} given.`,
          { hint: "Name each of them, .as(['a', 'b']) or in SQL AS (a, b), or none" },
        );
      }
      const output = signature.types.map((type, i) => ({
        id: ids.fresh(),
        name: alias?.[i] ?? signature.names[i],
        type,
        nullable: signature.nullables[i] || outer,
      }));
      const cast = args.map((arg, i) => castTo(arg, signature.args[i]));
      const generator = {
        kind: 'call' as const,
        fn: definition.rows === undefined ? definition.name : 'inline',
        args: definition.rows === undefined ? cast : [scalarCall(findFunction(definition.rows) as ScalarFunction, cast, call.site)],
        type: signature.result,
        nullable: args.some((a) => a.nullable),
        site: call.site,
      };
      return { kind: 'generate', child: source, generator, outer, output };
    },
  );
}

/** Columns of a name that exists are replaced in place, others come after. */
export function analyzeWithColumns(plan: PlanOf<'withColumns'>, child: Analyzed, ids: Ids): Analyzed {
  refuseTwice(
    plan.columns.map(({ name }) => name),
    plan.site,
  );
  const existing = child.scope.map(({ attribute }) => attribute.name);
  const scoped = child.scope.map((column, i) => {
    const change = plan.columns.find((c) => sameName(c.name, existing[i]));
    return change ? ({ change } as const) : ({ column } as const);
  });
  const added = plan.columns.filter((c) => !existing.some((name) => sameName(name, c.name)));
  const given = plan.columns.map((c): Expr => ({ kind: 'alias', name: c.name, child: c.expr }));
  const exprs = withoutLateralNames(given, child.scope);
  const values = projected(exprs, plan.site, withOwnKeys(child, exprs), ids);
  const project = values.plan as Extract<ResolvedPlan, { kind: 'project' }>;
  const newColumn = (name: string): Named => project.exprs[plan.columns.findIndex((c) => c.name === name)];
  const columns = apart(
    [
      ...scoped.map((entry) => (entry.change ? newColumn(entry.change.name) : passed(entry.column.attribute))),
      ...added.map((c) => newColumn(c.name)),
    ],
    ids,
  );
  return {
    plan: { ...project, exprs: columns },
    scope: columns.map((column, i) => ({ attribute: attributeOf(column), qualifier: scoped[i]?.column?.qualifier ?? null })),
    hidden: hiddenOf(child, (extra) => ({ ...project, exprs: [...columns, ...extra] })),
  };
}

function refuseTwice(names: readonly string[], site: CallSite | null): void {
  const twice = names.find((name, i) => names.some((other, j) => j < i && sameName(name, other)));
  if (twice === undefined) return;
  throw userError('COLUMN_ALREADY_EXISTS', `The column '${twice}' is given twice.`, {
    hint: 'Case tells no names apart',
    site: site ?? undefined,
  });
}

export function analyzeRename(plan: PlanOf<'rename'>, child: Analyzed): Analyzed {
  const columns = child.scope.map(({ attribute }) => passed(attribute, sameName(attribute.name, plan.from) ? plan.to : attribute.name));
  return projectedOver(child, columns, child.scope);
}

/** The child's columns under other names, or some of them; sorts and filters right above may still name the others. */
export function projectedOver(child: Analyzed, columns: readonly Named[], from: Scope): Analyzed {
  const project = (extra: readonly Named[]): ResolvedPlan => ({ kind: 'project', child: child.plan, exprs: [...columns, ...extra] });
  return {
    plan: project([]),
    scope: columns.map((column, i) => ({ attribute: attributeOf(column), qualifier: from[i].qualifier })),
    hidden: hiddenOf(child, project),
  };
}

const hiddenOf = (child: Analyzed, project: (extra: readonly Named[]) => ResolvedPlan): Hidden => ({
  scope: child.scope,
  extend: (extra) => project(extra.map((attribute) => passed(attribute))),
});

/** What does not exist is no error, as in Spark. */
export function analyzeDrop(plan: PlanOf<'drop'>, child: Analyzed): Analyzed {
  const meant = (plan.exprs ?? []).flatMap((expr) =>
    expr.kind === 'column' ? (droppedColumn(child.scope, expr.name, plan.site ?? null) ?? []) : [],
  );
  const isDropped = ({ id, name }: Attribute): boolean => meant.includes(id) || plan.names.some((given) => sameName(given, name));
  const scope = child.scope.filter(({ attribute }) => !isDropped(attribute));
  const columns = scope.map(({ attribute }) => passed(attribute));
  return projectedOver(child, columns, scope);
}

/** Throws AMBIGUOUS_REFERENCE. */
function droppedColumn(scope: Scope, name: string, site: CallSite | null): number | null {
  const found = findColumn(scope, name, site);
  return found === null || found.fields.length > 0 ? null : found.attribute.id;
}
