/**
 * Owns: the contract between functions and engine/codegen: how a value is held in generated code, and what a generator may emit.
 * engine/codegen implements Emitter; nothing here runs.
 */
import type { DataType } from '../../data/types.js';

/**
 * A value of the current row in generated code. Every string is a JavaScript expression without side effect, cheap enough to be repeated
 * (a variable, an array element, a constant). What it yields where `isNull` is true is unspecified but harmless.
 * `int`    exact integer in a double, |v| < 2^bits, bits ≤ 53: all integer types, date, timestamps, unscaled decimals;
 * `big`    the same as a BigInt, where 53 bits are not proven;
 * `float`  float32/64;
 * `bool`   true or false;
 * `bytes`  string (UTF-8) or binary: data[start .. end), data a Uint8Array;
 * `each`   an array that exists only as a loop: `loop(body)` emits code that runs body once an element (explode consumes it, others have it built);
 * `js`     the engine value itself (data/value.ts): JS strings, arrays, structs, maps.
 * `entry`  where the value stands in a dictionary of the batch: both as expressions; where it is not null, the
 *          value follows from the entry.
 */
export type Value = {
  readonly type: DataType;
  /** A boolean expression, `'false'` or `'true'`. */
  readonly isNull: string;
  readonly entry?: { readonly code: string; readonly dictionary: string };
} & (
  | { readonly rep: 'int'; readonly code: string; readonly bits: number }
  | { readonly rep: 'big'; readonly code: string }
  | { readonly rep: 'float'; readonly code: string }
  | { readonly rep: 'bool'; readonly code: string }
  | { readonly rep: 'bytes'; readonly data: string; readonly start: string; readonly end: string }
  | { readonly rep: 'each'; readonly loop: (body: (element: Value) => void) => void }
  | { readonly rep: 'js'; readonly code: string }
);

export type ValueOf<R extends Value['rep']> = Extract<Value, { rep: R }>;

/** The body of a lambda: emits its code where it is called, with its parameters standing for `values`; what it does not name may be given too. */
export interface Lambda {
  /** How many parameters it names. */
  readonly params: number;
  body(values: readonly Value[]): Value;
}

export interface Emitter {
  /** Appends one or more complete statements to the row's code. */
  line(code: string): void;
  /** A name that is used nowhere else in this function: `fresh('len')` → `len7`. */
  fresh(hint: string): string;
  /** `const hint7 = code;` → `hint7`. */
  let(hint: string, code: string): string;
  /** A variable set once a call, before the loop over a batch’s rows: scratch buffers, what the row before left. `init` is an expression. */
  state(hint: string, init: string): string;
  /** Makes a runtime value (function, table, RegExp, literal) reachable from the code under the returned name; the same value gets the same name. */
  constant(hint: string, value: unknown): string;
  /** Emits `if (condition) { … }`, or with both `{ … } else { … }`. */
  branch(condition: string, then: () => void, otherwise?: () => void): void;
  /** Emits `header {`, the body in a scope of its own, and `}`. */
  loop(header: string, body: () => void): void;
  /** Runs `body` once for each element of an array that is not null, in a scope of its own; what is emitted may `continue` or break to a label. */
  each(list: Value, body: (element: Value) => void): void;
  /** An engine value (null where it is null) under a name, in the representation of its type. */
  fromJs(name: string, type: DataType): Value;
  /** `const fn7 = (params) => { …; return result; };` → `fn7`; `body` gives the expression of the result. */
  callback(hint: string, params: readonly string[], body: () => string): string;
  /** Converts: `big` to exact int is refused; int → float, int → big, bytes ↔ js string, each → js array, anything → js are given. */
  toBig(value: Value): ValueOf<'big'>;
  toFloat(value: Value): ValueOf<'float'>;
  toBytes(value: Value): ValueOf<'bytes'>;
  toJs(value: Value): ValueOf<'js'>;
  /** A value held in mutable variables of the same representation, for branches that must agree: declare, then assign in each branch. */
  slot(
    type: DataType,
    rep: Exclude<Value['rep'], 'each'>,
    nullable: boolean,
    bits?: number,
  ): { readonly value: Value; assign(from: Value): void; assignNull(): void };
  /** Emits a throw of the user error; `args` are expressions passed to `make` at run time: make(...args) returns the error. */
  fail(make: (...args: never[]) => Error, ...args: readonly string[]): void;
  /** A function for `constant`, such that the errors it throws name the user's line, as those of `fail` do. Costs a few nanoseconds a call. */
  located<A extends readonly unknown[], R>(call: (...args: A) => R): (...args: A) => R;
}
