/**
 * Owns: user functions inside expressions until a session sees them. udf() has no session, so it leaves the function itself in its node;
 * when the expression enters a DataFrame, and so a plan, the session's backend encodes it: that is when its captures are read.
 */
import { callSite } from '../../core/call-site.js';
import type { Closure, Expr, UserAggregate } from '../plan/expression.js';
import type { Backend } from './backend.js';
import { holdsUserCode } from './expression-depth.js';

export type UserCode = (...args: never[]) => unknown;

/** Stands where a backend's Closure will stand; no plan ever holds one. */
interface PendingClosure extends Closure {
  readonly fn: UserCode;
}

const PENDING = 'pending';

export function pendingClosure(fn: UserCode): Closure {
  const closure: PendingClosure = { id: PENDING, name: fn.name, site: callSite(), captures: '', fn };
  return Object.freeze(closure);
}

function isPending(closure: Closure): closure is PendingClosure {
  return closure.id === PENDING;
}

/** The same expression with every function encoded; itself where it holds none. Throws CLOSURE_NOT_SHIPPABLE, EXPRESSION_TOO_DEEP. */
export function encodeExpr(expr: Expr, backend: Backend): Expr {
  return holdsUserCode(expr) ? encoded(expr, backend) : expr;
}

function encoded(expr: Expr, backend: Backend): Expr {
  switch (expr.kind) {
    case 'literal':
    case 'column':
    case 'star':
    case 'variable':
      return expr;
    case 'lambda': {
      const body = encoded(expr.body, backend);
      return body === expr.body ? expr : Object.freeze({ ...expr, body });
    }
    case 'cast':
    case 'alias': {
      const child = encoded(expr.child, backend);
      return child === expr.child ? expr : Object.freeze({ ...expr, child });
    }
    case 'call': {
      const args = encodeAll(expr.args, backend);
      const filter = expr.filter === null ? null : encoded(expr.filter, backend);
      if (expr.user) return Object.freeze({ ...expr, args, filter, user: encodeAggregate(expr.user, backend) });
      return args === expr.args && filter === expr.filter ? expr : Object.freeze({ ...expr, args, filter });
    }
    case 'udf': {
      // Only plans hold encoded functions, and expressions never come out of plans again.
      if (!isPending(expr.udf.closure)) return expr;
      const args = encodeAll(expr.args, backend);
      const closure = backend.encodeClosure(expr.udf.closure.fn);
      return Object.freeze({ ...expr, args, udf: Object.freeze({ ...expr.udf, closure }) });
    }
    case 'window':
      return encodeWindow(expr, backend);
    default:
      return expr satisfies never;
  }
}

function encodeAggregate(user: UserAggregate, backend: Backend): UserAggregate {
  const encode = (closure: Closure): Closure => (isPending(closure) ? backend.encodeClosure(closure.fn) : closure);
  const [init, update, merge, finish] = [user.init, user.update, user.merge, user.finish].map(encode);
  return Object.freeze({ ...user, init, update, merge, finish });
}

function encodeWindow(expr: Extract<Expr, { kind: 'window' }>, backend: Backend): Expr {
  const { partitionBy, orderBy, frame } = expr.spec;
  const keys = orderBy.map((key) => Object.freeze({ ...key, expr: encoded(key.expr, backend) }));
  const spec = { partitionBy: encodeAll(partitionBy, backend), orderBy: Object.freeze(keys), frame };
  return Object.freeze({ ...expr, fn: encoded(expr.fn, backend), spec: Object.freeze(spec) });
}

function encodeAll(exprs: readonly Expr[], backend: Backend): readonly Expr[] {
  const all = exprs.map((expr) => encoded(expr, backend));
  return all.every((expr, i) => expr === exprs[i]) ? exprs : Object.freeze(all);
}
