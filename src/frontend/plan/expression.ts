/**
 * Owns: expressions as a user wrote them: frozen, kind-tagged, names unresolved, each with the place it came from.
 * The analyzer turns them into `resolved.ts`; nothing else interprets them.
 */
import type { CallSite } from '../../core/errors.js';
import type { InlineFunction } from '../../core/pure-expression.js';
import type { DataType } from '../../data/types.js';
import type { EngineValue } from '../../data/value.js';
import type { Frame } from './window.js';

/** A function of the user as it travels to workers; made by frontend/closures. */
export interface Closure {
  /** Names the function inside its bundle, or `opaque:N` for one that only this process has. */
  readonly id: string;
  /** What the user called it, for messages; may be empty. */
  readonly name: string;
  readonly site: CallSite | null;
  /** Base64 of the captured values. */
  readonly captures: string;
  /** What generated code may hold instead of a call; absent or null where it must call. */
  readonly inline?: InlineFunction | null;
  /** Of each parameter the alternatives of its TypeScript type, where these are primitives; null where nothing is known. */
  readonly parameterTypes?: readonly (readonly string[] | null)[];
  /** Ids of the broadcast values among them. */
  readonly shared?: readonly string[];
}

export interface UserFunction {
  readonly name: string;
  readonly closure: Closure;
  readonly returns: DataType;
  readonly deterministic: boolean;
}

/** An aggregate of the user: the function `udaf` of a call, which names it. */
export interface UserAggregate {
  readonly name: string;
  /** () → a fresh state; (state, ...values) → state; (state, state) → state; (state) → result. States are structured-cloneable. */
  readonly init: Closure;
  readonly update: Closure;
  readonly merge: Closure;
  readonly finish: Closure;
  readonly returns: DataType;
}

export type Expr =
  /** `clock`, of a timestamp: the value is not the instant but what a clock shows in the session's time zone then. */
  | { readonly kind: 'literal'; readonly value: EngineValue | null; readonly type: DataType; readonly clock?: true }
  /** `name` may be qualified: `left.id`, `people.name.first`; back-quoted parts may hold dots. */
  | { readonly kind: 'column'; readonly name: string; readonly site: CallSite | null }
  /**
   * All columns of the child, or of the relation named by `qualifier`; with a pattern (Java's, case ignored) those whose names match it.
   * `numbers`, as the argument of an aggregate: a call for each column of numbers.
   */
  | { readonly kind: 'star'; readonly qualifier: string | null; readonly pattern?: string; readonly numbers?: true }
  | {
      readonly kind: 'call';
      /** Spark's SQL name in lower case: `substring`, `+`, `count`. */
      readonly fn: string;
      readonly args: readonly Expr[];
      readonly distinct: boolean;
      readonly filter: Expr | null;
      /** WITHIN GROUP (ORDER BY …) of an aggregate. */
      readonly within?: readonly SortKey[];
      /** Of `udaf` alone. */
      readonly user?: UserAggregate;
      readonly site: CallSite | null;
    }
  | { readonly kind: 'cast'; readonly child: Expr; readonly to: DataType; readonly safe: boolean; readonly site: CallSite | null }
  /** `names` are those of all columns of a generator, where they are several. */
  | { readonly kind: 'alias'; readonly child: Expr; readonly name: string; readonly names?: readonly string[] }
  | { readonly kind: 'udf'; readonly udf: UserFunction; readonly args: readonly Expr[]; readonly site: CallSite | null }
  /** A function of elements, `(acc, x) -> acc + x`: an argument of a higher-order function. */
  | { readonly kind: 'lambda'; readonly params: readonly string[]; readonly body: Expr; readonly site: CallSite | null }
  /** A parameter of the nearest lambda around it that has one of this name. */
  | { readonly kind: 'variable'; readonly name: string; readonly site: CallSite | null }
  /** `fn` is evaluated over the rows around each row that `spec` says. */
  | { readonly kind: 'window'; readonly fn: Expr; readonly spec: WindowSpec; readonly site: CallSite | null };

export interface WindowSpec {
  readonly partitionBy: readonly Expr[];
  readonly orderBy: readonly SortKey[];
  /** null: the default, which depends on the function and on whether there is an order. */
  readonly frame: Frame<Expr> | null;
}

export interface SortKey<E = Expr> {
  readonly expr: E;
  readonly ascending: boolean;
  readonly nullsFirst: boolean;
}
