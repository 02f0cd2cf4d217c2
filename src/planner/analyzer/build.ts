/** Owns: making resolved expressions: attributes, literals, calls typed by their functions, casts where a type is not the one wanted. */
import { type CallSite, MinisparkError, userError } from '../../core/errors.js';
import { type DataType, sameType } from '../../data/types.js';
import type { EngineValue } from '../../data/value.js';
import { castSignature } from '../../frontend/functions/cast.js';
import type { Argument, ScalarFunction, Signature } from '../../frontend/functions/definition.js';
import { findFunction } from '../../frontend/functions/registry.js';
import type { Attribute, AttributeRef, ResolvedExpr } from '../../frontend/plan/resolved.js';

export const refTo = ({ id, name, type, nullable }: Attribute): AttributeRef => ({ kind: 'attribute', id, name, type, nullable });

export const literalOf = (value: EngineValue | null, type: DataType): ResolvedExpr => ({
  kind: 'literal',
  value,
  type,
  nullable: value === null,
});

/** An expression as a function's `resolve` sees it. */
export const argumentOf = (expr: ResolvedExpr): Argument => ({
  type: expr.type,
  nullable: expr.nullable,
  literal: expr.kind === 'literal' ? expr.value : undefined,
});

/** `expr` with type `to`: itself, a null of that type, or a cast. Throws DATATYPE_MISMATCH.CAST_…. */
export function castTo(expr: ResolvedExpr, to: DataType, site: CallSite | null = null, safe = false): ResolvedExpr {
  if (sameType(expr.type, to)) return expr;
  if (expr.kind === 'lambda') {
    const body = castTo(expr.args[0], to, site, safe);
    return { ...expr, args: [body], type: body.type, nullable: body.nullable };
  }
  const { nullable } = castSignature(argumentOf(expr), to, safe);
  if (expr.kind === 'literal' && expr.value === null) return literalOf(null, to);
  return { kind: 'call', fn: safe ? 'try_cast' : 'cast', args: [expr], type: to, nullable: nullable ?? true, site };
}

/** A call of a scalar function, its arguments cast to what the signature asks for. */
export function scalarCall(definition: ScalarFunction, args: readonly ResolvedExpr[], site: CallSite | null): ResolvedExpr {
  const signature = definition.resolve(args.map(argumentOf));
  const cast = args.map((arg, i) => castTo(arg, signature.args[i], site));
  return {
    kind: 'call',
    fn: definition.name,
    args: cast,
    type: signature.result,
    nullable: callNullable(definition, signature, cast),
    site,
  };
}

/** Under `propagate` a null argument gives null whatever the signature adds. */
function callNullable(definition: ScalarFunction, signature: Signature, args: readonly ResolvedExpr[]): boolean {
  if (definition.nulls === 'custom') return signature.nullable ?? true;
  return (signature.nullable ?? false) || args.some((arg) => arg.kind !== 'lambda' && arg.nullable);
}

/** A call of a function that the planner itself puts in. */
export function callOf(fn: string, ...args: readonly ResolvedExpr[]): ResolvedExpr {
  return scalarCall(findFunction(fn) as ScalarFunction, args, null);
}

/** Runs `resolve`; a user error comes out with the place and the expression it is about. */
export function about<T>(text: () => string, site: CallSite | null, resolve: () => T): T {
  try {
    return resolve();
  } catch (error) {
    if (!(error instanceof MinisparkError) || error.kind !== 'user' || error.data?.expression !== undefined) throw error;
    const expression = text();
    throw userError(error.condition, `${error.message.replace(/\.$/, '')}: ${expression}.`, {
      hint: error.hint,
      site: error.site ?? site ?? undefined,
      frame: error.frame,
      data: { ...error.data, expression },
    });
  }
}
