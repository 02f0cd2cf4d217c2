/**
 * Owns: arguments of higher-order functions: each lambda's parameters get their types from the arguments before it, then its body is resolved.
 * Throws INVALID_LAMBDA_FUNCTION_CALL.… where a lambda has the wrong parameters or stands where none may.
 */
import { userError } from '../../core/errors.js';
import type { LambdaParameters, ScalarFunction } from '../../frontend/functions/definition.js';
import type { Expr } from '../../frontend/plan/expression.js';
import { expressionText } from '../../frontend/plan/expression-text.js';
import type { ResolvedExpr, Variable } from '../../frontend/plan/resolved.js';
import { about, argumentOf } from './build.js';
import { type CallExpr, type Place, resolveExpr } from './expressions.js';

type LambdaExpr = Extract<Expr, { kind: 'lambda' }>;

/** The arguments of a call, of which some may be lambdas. What is no lambda where the function takes one is the body of one without parameters. */
export function resolveArgs(call: CallExpr, definition: ScalarFunction, place: Place): ResolvedExpr[] {
  const args: ResolvedExpr[] = [];
  for (const [i, arg] of call.args.entries()) {
    const takes = about(
      () => expressionText(call),
      call.site ?? place.site,
      () => definition.lambda?.(args.map(argumentOf), i) ?? null,
    );
    if (takes !== null) args.push(resolveLambda(arg, takes, place));
    else if (arg.kind === 'lambda') throw unwanted(arg, call.fn, definition.lambda !== undefined, place);
    else args.push(resolveExpr(arg, place));
  }
  return args;
}

function resolveLambda(expr: Expr, takes: LambdaParameters, place: Place): ResolvedExpr {
  const names = expr.kind === 'lambda' ? namesOf(expr, takes, place) : [];
  const outer = place.variables ?? [];
  const params = names.map((name, i): Variable => ({ id: outer.length + i, name, ...takes.types[i] }));
  const body = resolveExpr(expr.kind === 'lambda' ? expr.body : expr, { ...place, variables: [...outer, ...params] });
  return { kind: 'lambda', params, args: [body], type: body.type, nullable: body.nullable };
}

function namesOf(expr: LambdaExpr, { types, least }: LambdaParameters, place: Place): readonly string[] {
  const { params } = expr;
  const site = expr.site ?? place.site ?? undefined;
  if (params.length < least || params.length > types.length) {
    const wanted = least === types.length ? `${least}` : `${least} or ${types.length}`;
    throw userError(
      'INVALID_LAMBDA_FUNCTION_CALL.NUM_ARGS_MISMATCH',
      `${expressionText(expr)} has ${params.length} parameters, but ${wanted} must be there.`,
      { site },
    );
  }
  const lower = params.map((name) => name.toLowerCase());
  if (new Set(lower).size < lower.length)
    throw userError('INVALID_LAMBDA_FUNCTION_CALL.DUPLICATE_ARG_NAMES', `Two parameters of ${expressionText(expr)} have one name.`, {
      site,
    });
  return params;
}

/** A lambda where no function calls it. */
export function unwanted(expr: LambdaExpr, fn: string | null, isHigherOrder: boolean, place: Place) {
  const what = `The lambda ${expressionText(expr)}`;
  return userError(
    `INVALID_LAMBDA_FUNCTION_CALL.${isHigherOrder ? 'PARAMETER_DOES_NOT_ACCEPT_LAMBDA_FUNCTION' : 'NON_HIGHER_ORDER_FUNCTION'}`,
    fn === null ? `${what} is no argument of a function.` : `${what} stands where ${fn} takes none.`,
    {
      hint: isHigherOrder ? undefined : 'Functions such as transform, filter and aggregate take one',
      site: expr.site ?? place.site ?? undefined,
    },
  );
}

/** What a variable stands for: the innermost parameter of its name. */
export function variableOf(expr: Extract<Expr, { kind: 'variable' }>, place: Place): ResolvedExpr {
  const name = expr.name.toLowerCase();
  const variable = place.variables?.findLast((other) => other.name.toLowerCase() === name);
  if (variable) return { kind: 'variable', ...variable };
  throw userError('UNRESOLVED_COLUMN', `${expr.name} is the parameter of a lambda, and has no value in ${place.name}.`, {
    hint: 'Use it inside of its lambda, and outside of aggregates, only',
    site: expr.site ?? place.site ?? undefined,
  });
}
