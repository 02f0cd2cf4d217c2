/** Owns: an aggregate call as its accumulator sees it: with the user's functions, ready to be called, where it has any. */
import type { Call, UserAggregateFunctions } from '../../frontend/functions/definition.js';
import type { Closure, UserAggregate } from '../../frontend/plan/expression.js';
import type { Aggregated, BoundExpr } from '../../frontend/plan/resolved.js';
import { callOf } from '../codegen/expression.js';
import { type FindClosure, udfFailed } from '../codegen/user-function.js';

export function aggregateCall(
  { fn, args, type, user }: Pick<Aggregated<BoundExpr>, 'fn' | 'args' | 'type' | 'user'>,
  closures: FindClosure,
): Call {
  const call = callOf(fn, args, type);
  return user ? { ...call, user: userFunctions(user, closures) } : call;
}

/** What they throw becomes UDF_FAILED with the user's line and what they were given. */
function userFunctions({ name, init, update, merge, finish }: UserAggregate, closures: FindClosure): UserAggregateFunctions {
  const guarded = (closure: Closure, part: string) => {
    const fn = closures(closure) as (...args: readonly unknown[]) => unknown;
    return (...args: readonly unknown[]): unknown => {
      try {
        return fn(...args);
      } catch (thrown) {
        throw udfFailed(`${part} of ${name}`, closure, args, thrown);
      }
    };
  };
  const add = guarded(update, 'update');
  return {
    init: guarded(init, 'init'),
    update: (state, values) => add(state, ...values),
    merge: guarded(merge, 'merge'),
    finish: guarded(finish, 'finish'),
  };
}
