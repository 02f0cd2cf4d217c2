/**
 * Owns: what a function of the engine is: signature, result type, null rule, evaluator and code generator under one name.
 * The analyzer asks `resolve`, constant folding and interpreted mode ask `evaluator`, engine/codegen asks `generate`.
 */
import type { DataType } from '../../data/types.js';
import type { EngineValue } from '../../data/value.js';
import type { Emitter, Lambda, Value } from './generator.js';

/** An argument as the analyzer sees it; `literal` is undefined where the argument is no constant. A lambda has the type of its body. */
export interface Argument {
  readonly type: DataType;
  readonly nullable: boolean;
  readonly literal: EngineValue | null | undefined;
}

/** What a lambda is called with: the types of its parameters, of which `least` must be named. */
export interface LambdaParameters {
  readonly types: readonly { readonly type: DataType; readonly nullable: boolean }[];
  readonly least: number;
}

/** What `resolve` answers: the analyzer casts argument i to `args[i]` (implicit, ANSI rules), then the call has type `result`. */
export interface Signature {
  readonly args: readonly DataType[];
  readonly result: DataType;
  /** Absent: nullable where an argument is (`propagate`), else true. */
  readonly nullable?: boolean;
}

/** The functions of a user's aggregate, which get and give API values (data/value.ts) and states of their own. */
export interface UserAggregateFunctions {
  init(): unknown;
  update(state: unknown, values: readonly unknown[]): unknown;
  merge(a: unknown, b: unknown): unknown;
  finish(state: unknown): unknown;
}

/** A resolved call as evaluators and generators see it. */
export interface Call {
  readonly fn: string;
  /** Of `udaf` alone, where it runs. */
  readonly user?: UserAggregateFunctions;
  readonly args: readonly Argument[];
  readonly type: DataType;
  /** The session's time zone, of calls that depend on it; absent: UTC. */
  readonly zone?: string;
  /** Of the rows that it is evaluated for; 0 where there are none yet. */
  readonly partition?: number;
}

export type Evaluator = (...args: readonly (EngineValue | null)[]) => EngineValue | null;

export interface ScalarFunction {
  readonly kind: 'scalar';
  /** Spark's SQL name, lower case: also the name in plans and on the wire. */
  readonly name: string;
  /** `propagate`: null when any argument is, and neither evaluator nor generator sees a null. `custom`: they see nulls and decide. */
  readonly nulls: 'propagate' | 'custom';
  /**
   * Of higher-order functions: what the lambda at place `index` takes, told from the arguments before it; null where none may stand.
   * Lambdas come after all other arguments and are never null.
   */
  lambda?(args: readonly Argument[], index: number): LambdaParameters | null;
  /** Throws user errors DATATYPE_MISMATCH, WRONG_NUM_ARGS. */
  resolve(args: readonly Argument[]): Signature;
  /** Specialised once per call in a plan; the returned function runs per row. Throws user errors with Spark's condition. */
  evaluator(call: Call): Evaluator;
  /**
   * Emits code for one row. `args` are evaluated when called, so that `if` and `and` stay lazy; under `propagate` they are not null.
   * Absent, or answering null: the evaluator is called per row with engine values, and with a JavaScript function for each lambda.
   * `lambdas` are the arguments that are such; `args` the others.
   */
  generate?(emit: Emitter, args: readonly (() => Value)[], call: Call, lambdas: readonly Lambda[]): Value | null;
  /** Whether a call of these types depends on the session's time zone, which `Call.zone` then is. Absent: never. */
  zoned?(args: readonly DataType[], result: DataType): boolean;
  /** False for rand(), uuid(), …: never folded, never moved. */
  readonly deterministic?: boolean;
  /** Goes on from row to row, so that it must see all rows of its partition in order: rand(), monotonically_increasing_id(). */
  readonly stateful?: boolean;
  /** Takes a seed as its only argument: where the user gives none the analyzer draws one, so that a task that runs again gives the same. */
  readonly seeded?: boolean;
}

/** One row in, any number of rows out; `resolve().result` is an array type whose element (a struct for several columns) is the output. */
export interface GeneratorFunction {
  readonly kind: 'generator';
  readonly name: string;
  /** A scalar function of the same arguments: the rows are inline() of the array of structs that it gives. Absent: generated code knows the name. */
  readonly rows?: string;
  /** Also gives the output columns' default names, as Spark does: explode → `col`, posexplode → `pos`, `col`. */
  resolve(
    args: readonly Argument[],
  ): Signature & { readonly names: readonly string[]; readonly types: readonly DataType[]; readonly nullables: readonly boolean[] };
}

/** Where a group's state lies in generated code: one typed array a slot, indexed by group. */
export type SlotKind = 'f64' | 'i32' | 'i64' | 'bytes' | 'js';

/** Any state a row-at-a-time accumulator likes to keep; it must be rebuilt from `state(s)` by `merge`. */
export interface Accumulator<S = unknown> {
  init(): S;
  /** Nulls are passed on: most aggregates skip them. */
  update(state: S, args: readonly (EngineValue | null)[]): S;
  /** `partial` are the engine values of the partial-state columns. */
  merge(state: S, partial: readonly (EngineValue | null)[]): S;
  partial(state: S): (EngineValue | null)[];
  finish(state: S): EngineValue | null;
}

export interface AggregateFunction {
  readonly kind: 'aggregate';
  readonly name: string;
  resolve(args: readonly Argument[]): Signature;
  /** Types of the columns that carry a partial result through the shuffle. */
  partialTypes(call: Call): readonly DataType[];
  accumulator(call: Call): Accumulator;
  /** The fast form; null where the types of this call have none. */
  generate?(call: Call): GeneratedAggregate | null;
}

/** Code over slots: `slots[k]` is the name of the array of slot k, `group` the variable of the group's index. */
export interface GeneratedAggregate {
  readonly slots: readonly SlotKind[];
  /** Slots start as 0, 0n, empty bytes or undefined; `args` may be null (`Value.isNull`). */
  update(emit: Emitter, slots: readonly string[], group: string, args: readonly Value[]): void;
  merge(emit: Emitter, slots: readonly string[], group: string, partial: readonly Value[]): void;
  partial(emit: Emitter, slots: readonly string[], group: string): readonly Value[];
  finish(emit: Emitter, slots: readonly string[], group: string): Value;
  /** Cheaper code for the ends of these very groups, 0 to `groups` - 1, where what their slots hold permits it. */
  narrow?(slots: readonly unknown[], groups: number): Pick<GeneratedAggregate, 'partial' | 'finish'> | null;
}

/** A value a row, of the row's place among those of its window; engine/exec/window computes it. Needs an order. */
export interface WindowFunction {
  readonly kind: 'window';
  readonly name: string;
  /** Its only frame, all rows up to the current one by places (`rows`) or values (`range`); `none`: no frame at all; `any`: as the user says. */
  readonly frame: 'rows' | 'range' | 'none' | 'any';
  resolve(args: readonly Argument[]): Signature;
}

export type FunctionDefinition = ScalarFunction | GeneratorFunction | AggregateFunction | WindowFunction;
