/** Owns: what a call of an aggregate is given, be it over groups or over a window: its arguments and its signature, a user's aggregate among them. */
import { INT32 } from '../../data/types.js';
import type { AggregateFunction, Signature, WindowFunction } from '../../frontend/functions/definition.js';
import { expressionText } from '../../frontend/plan/expression-text.js';
import type { ResolvedExpr } from '../../frontend/plan/resolved.js';
import { argumentOf, literalOf } from './build.js';
import { type CallExpr, expandArgs, type Place } from './expressions.js';
import { checkParameters } from './user-function.js';

/** count(*) counts rows, whatever the columns are. Throws DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE where a user's function takes other types. */
export function aggregateArgs(call: CallExpr, { name }: AggregateFunction | WindowFunction, place: Place): readonly ResolvedExpr[] {
  const [first] = call.args;
  const isStar = call.args.length === 1 && first.kind === 'star' && first.pattern === undefined;
  if (name === 'count' && !call.distinct && isStar) return [literalOf(1, INT32)];
  const args = expandArgs(call, place);
  if (call.user) {
    // The first parameter is the state.
    const types = call.user.update.parameterTypes?.slice(1);
    const shown = (i: number): string => (call.args.length === args.length ? expressionText(call.args[i]) : 'a column');
    checkParameters(call.user.name, types, args, shown, call.site ?? place.site);
  }
  return args;
}

/** Throws what the function's own resolve() throws. */
export function aggregateSignature(
  { user }: CallExpr,
  definition: AggregateFunction | WindowFunction,
  args: readonly ResolvedExpr[],
): Signature {
  return user ? { args: args.map((arg) => arg.type), result: user.returns } : definition.resolve(args.map(argumentOf));
}
