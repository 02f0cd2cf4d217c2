/**
 * Owns: expressions of a user → resolved ones: names to attributes, calls to functions with implicit casts, types and null rules.
 * What an aggregate or generator call means depends on where it stands; `Place` says.
 */
import { type CallSite, userError } from '../../core/errors.js';
import { didYouMean } from '../../core/nearest.js';
import { INT32, STRING, TIMESTAMP_NTZ, typeName } from '../../data/types.js';
import type { AggregateFunction, FunctionDefinition, GeneratorFunction } from '../../frontend/functions/definition.js';
import { findFunction, functionNames } from '../../frontend/functions/registry.js';
import { chainParts } from '../../frontend/plan/chain.js';
import type { Expr } from '../../frontend/plan/expression.js';
import { expressionText } from '../../frontend/plan/expression-text.js';
import type { ResolvedExpr, Variable } from '../../frontend/plan/resolved.js';
import { about, castTo, literalOf, refTo, scalarCall } from './build.js';
import { constantOf } from './constant.js';
import { resolveArgs, unwanted, variableOf } from './lambda.js';
import { findColumn, nameParts, openStructs, type Scope, starColumns, unresolvedColumn } from './scope.js';
import { checkParameters } from './user-function.js';

export type CallExpr = Extract<Expr, { kind: 'call' }>;
export type WindowExpr = Extract<Expr, { kind: 'window' }>;

export interface Place {
  readonly scope: Scope;
  /** Where messages point when the expression has no place of its own. */
  readonly site: CallSite | null;
  /** What stands for an aggregate call; absent where none is allowed. */
  readonly aggregate?: (call: CallExpr, definition: AggregateFunction, place: Place) => ResolvedExpr;
  /** Without `aggregate`: the condition under which an aggregate call is refused. */
  readonly noAggregate?: string;
  /** Parameters of the lambdas around the place, outermost first. */
  readonly variables?: readonly Variable[];
  /** What stands for a window expression; absent where none is allowed. */
  readonly window?: (expr: WindowExpr, place: Place) => ResolvedExpr;
  /** What the place is called in messages: `a filter`. */
  readonly name: string;
}

/** Throws UNRESOLVED_COLUMN, AMBIGUOUS_REFERENCE, UNRESOLVED_ROUTINE, DATATYPE_MISMATCH, WRONG_NUM_ARGS and others of functions. */
export function resolveExpr(expr: Expr, place: Place): ResolvedExpr {
  switch (expr.kind) {
    case 'literal':
      return expr.clock ? castTo(literalOf(expr.value, TIMESTAMP_NTZ), expr.type) : literalOf(expr.value, expr.type);
    case 'column':
      return resolveColumn(expr.name, expr.site ?? place.site, place.scope);
    case 'star':
      throw userError('INVALID_USAGE_OF_STAR', `${expressionText(expr)} cannot stand in ${place.name}.`, {
        hint: 'Name the columns',
        site: place.site ?? undefined,
      });
    case 'alias':
      if (expr.names) throw severalNames(expr.names, expr.child, place);
      return resolveExpr(expr.child, place);
    case 'cast': {
      const child = resolveExpr(expr.child, place);
      return about(
        () => expressionText(expr),
        expr.site ?? place.site,
        () => castTo(child, expr.to, expr.site, expr.safe),
      );
    }
    case 'udf': {
      const args = expr.args.map((arg) => resolveExpr(arg, place));
      checkParameters(expr.udf.name, expr.udf.closure.parameterTypes, args, (i) => expressionText(expr.args[i]), expr.site ?? place.site);
      return { kind: 'udf', udf: expr.udf, args, type: expr.udf.returns, nullable: true, site: expr.site };
    }
    case 'call':
      return resolveCall(expr, place);
    case 'variable':
      return variableOf(expr, place);
    case 'lambda':
      throw unwanted(expr, null, false, place);
    case 'window':
      if (place.window) return place.window(expr, place);
      throw userError('UNSUPPORTED_EXPR_FOR_OPERATOR', `The window function ${expressionText(expr)} cannot stand in ${place.name}.`, {
        hint: 'Make a column of it with withColumn() first',
        site: expr.site ?? place.site ?? undefined,
      });
    default:
      return expr satisfies never;
  }
}

function resolveColumn(name: string, site: CallSite | null, scope: Scope): ResolvedExpr {
  const found = findColumn(scope, name, site);
  if (found === null) throw unresolvedColumn(scope, name, site);
  let expr: ResolvedExpr = { ...refTo(found.attribute), name: found.name };
  for (const field of found.fields) {
    const parent: ResolvedExpr = expr;
    expr = about(
      () => name,
      site,
      () => fieldOf(parent, field, site),
    );
  }
  return expr;
}

function fieldOf(parent: ResolvedExpr, name: string, site: CallSite | null): ResolvedExpr {
  const definition = findFunction('getfield');
  if (definition?.kind !== 'scalar') throw userError('UNRESOLVED_ROUTINE', 'There is no function getfield.');
  return scalarCall(definition, [parent, literalOf(name, STRING)], site);
}

/** Longer chains of AND or OR become balanced trees: code that walks expressions recurses, and programs make filters of thousands of parts. */
const LONG_CHAIN = 32;

function balanced(expr: CallExpr): CallExpr {
  const parts = chainParts(expr);
  if (parts === null || parts.length < LONG_CHAIN) return expr;
  const tree = (from: number, to: number): Expr => {
    if (to - from === 1) return parts[from];
    const middle = (from + to) >> 1;
    return { ...expr, args: [tree(from, middle), tree(middle, to)] };
  };
  return tree(0, parts.length) as CallExpr;
}

function resolveCall(written: CallExpr, place: Place): ResolvedExpr {
  const expr = balanced(written);
  const site = expr.site ?? place.site;
  const definition = definitionOf(expr, site);
  if (definition.kind === 'generator') throw nestedGenerator(expr, site);
  if (definition.kind === 'window') {
    throw userError('WINDOW_FUNCTION_WITHOUT_OVER_CLAUSE', `The window function ${expressionText(expr)} has no window.`, {
      hint: `Add .over(Window.partitionBy(…).orderBy(…)), in SQL ${expr.fn}() OVER (PARTITION BY … ORDER BY …)`,
      site: site ?? undefined,
    });
  }
  if (definition.kind === 'aggregate') {
    if (place.aggregate) return place.aggregate(expr, definition, place);
    throw userError(
      place.noAggregate ?? 'UNSUPPORTED_EXPR_FOR_OPERATOR',
      `The aggregate ${expressionText(expr)} cannot stand in ${place.name}.`,
      {
        hint: 'Compute it with agg() first',
        site: site ?? undefined,
      },
    );
  }
  if (expr.distinct || expr.filter !== null || expr.within) {
    const word = expr.distinct ? 'DISTINCT' : expr.filter === null ? 'WITHIN GROUP' : 'FILTER';
    throw userError('INVALID_SQL_SYNTAX.FUNCTION_WITH_UNSUPPORTED_SYNTAX', `${expr.fn} is no aggregate, so it takes no ${word}.`, {
      site: site ?? undefined,
    });
  }
  const given =
    definition.lambda || expr.args.some((arg) => arg.kind === 'lambda') ? resolveArgs(expr, definition, place) : expandArgs(expr, place);
  return about(
    () => expressionText(expr),
    site,
    () => scalarCall(definition, definition.seeded ? seedOf(expr.fn, given) : given, site),
  );
}

/** The seed given, as a constant, or one that is drawn here. Throws SEED_EXPRESSION_IS_UNFOLDABLE. */
function seedOf(fn: string, given: readonly ResolvedExpr[]): readonly ResolvedExpr[] {
  if (given.length === 0) return [literalOf(Math.floor(Math.random() * 2 ** 31), INT32)];
  const seeds = given.map((seed) => constantOf(seed));
  if (seeds.every((seed) => seed.kind === 'literal')) return seeds;
  throw userError('SEED_EXPRESSION_IS_UNFOLDABLE', `The seed of ${fn} must be a constant, but it reads a column.`, {
    hint: `Give a number, or none: ${fn}()`,
  });
}

/** Throws UNRESOLVED_ROUTINE. */
export function definitionOf({ fn }: CallExpr, site: CallSite | null): FunctionDefinition {
  const definition = findFunction(fn);
  if (definition !== null) return definition;
  throw userError('UNRESOLVED_ROUTINE', `There is no function '${fn}'.`, {
    hint: didYouMean(fn, functionNames()) || undefined,
    site: site ?? undefined,
  });
}

/** The arguments of a call: stars expanded, names added where the function makes a struct of them. */
export function expandArgs(expr: CallExpr, place: Place): ResolvedExpr[] {
  const args: { readonly name: string; readonly expr: ResolvedExpr }[] = [];
  // A loop, since expressions nest hundreds deep: callbacks would take twice the stack.
  for (const arg of openStructs(expr.args, place.scope)) {
    if (arg.kind !== 'star') args.push({ name: fieldName(arg), expr: resolveExpr(arg, place) });
    else for (const { attribute } of starColumns(place.scope, arg)) args.push({ name: attribute.name, expr: refTo(attribute) });
  }
  if (expr.fn.toLowerCase() !== 'struct') return args.map((arg) => arg.expr);
  return args.flatMap(({ name, expr: value }, i) => [literalOf(name === '' ? `col${i + 1}` : name, STRING), value]);
}

/** A struct's field is named after a column or an alias only. */
const fieldName = (expr: Expr): string =>
  expr.kind === 'column'
    ? (nameParts(expr.name, expr.site).at(-1) ?? '')
    : expr.kind === 'alias' || expr.kind === 'variable'
      ? expr.name
      : '';

const severalNames = (names: readonly string[], expr: Expr, place: Place) =>
  userError('MULTI_ALIAS_WITHOUT_GENERATOR', `${expressionText(expr)} is one column, so (${names.join(', ')}) cannot name it.`, {
    hint: 'Only what makes several columns, such as posexplode() or inline(), takes several names',
    site: place.site ?? undefined,
  });

function nestedGenerator(expr: CallExpr, site: CallSite | null) {
  return userError(
    'UNSUPPORTED_GENERATOR.NESTED_IN_EXPRESSIONS',
    `${expressionText(expr)} makes rows, so it cannot stand inside another expression.`,
    {
      hint: 'Select it as a column of its own first',
      site: site ?? undefined,
    },
  );
}

/** A generator call, alone or under an alias; null for any other expression. Synonyms and `_outer` forms included. */
export function generatorOf(expr: Expr): {
  readonly call: CallExpr;
  readonly definition: GeneratorFunction;
  readonly outer: boolean;
  /** Names of its columns. */
  readonly alias: readonly string[] | null;
} | null {
  if (expr.kind === 'alias') {
    const inner = generatorOf(expr.child);
    return inner && { ...inner, alias: expr.names ?? [expr.name] };
  }
  if (expr.kind !== 'call') return null;
  const outer = expr.fn.toLowerCase().endsWith('_outer');
  const definition = findFunction(outer ? expr.fn.slice(0, -'_outer'.length) : expr.fn);
  return definition?.kind === 'generator' ? { call: expr, definition, outer, alias: null } : null;
}

export function containsAggregate(expr: Expr): boolean {
  switch (expr.kind) {
    case 'call':
      return findFunction(expr.fn)?.kind === 'aggregate' || (chainParts(expr) ?? expr.args).some(containsAggregate);
    case 'udf':
      return expr.args.some(containsAggregate);
    case 'cast':
    case 'alias':
      return containsAggregate(expr.child);
    case 'lambda':
      return containsAggregate(expr.body);
    case 'window': {
      // The function itself goes over rows of the window; what it is given may be aggregates of groups.
      const args = expr.fn.kind === 'call' ? expr.fn.args : [expr.fn];
      return [...args, ...expr.spec.partitionBy, ...expr.spec.orderBy.map((key) => key.expr)].some(containsAggregate);
    }
    default:
      return false;
  }
}

/** A condition: boolean, or void. Throws `condition` with the expression's text. */
export function resolveCondition(expr: Expr, place: Place, condition: string): ResolvedExpr {
  const resolved = resolveExpr(expr, place);
  if (resolved.type.kind === 'boolean') return resolved;
  if (resolved.type.kind === 'null') return castTo(resolved, { kind: 'boolean' });
  throw userError(condition, `${expressionText(expr)} in ${place.name} must be boolean, but it is ${typeName(resolved.type)}.`, {
    hint: 'Compare it with something',
    site: place.site ?? undefined,
  });
}
