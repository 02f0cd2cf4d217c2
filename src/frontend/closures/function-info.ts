/**
 * Owns: what bundling learns about each function literal of a job, and the bundle that carries it. All of it is JSON-plain but for the maps.
 * Written by the transform, read on the driver when a function is shipped.
 */
import type { InlineFunction } from '../../core/pure-expression.js';
import type { ParameterTypes } from './parameter-types.js';

/** Counts from 1, in the user's own source. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** `assigns`: x = …; `mutates`: x.a = …, x.push(…), delete x.a. */
export type ChangeKind = 'assigns' | 'mutates';

export interface FunctionInfo extends Position {
  /** `<file>:<line>:<column>`, unique within the bundle. */
  readonly id: string;
  /** Relative to the directory of the job file, with forward slashes. */
  readonly file: string;
  /** Empty for a function without one. */
  readonly name: string;
  /** Local variables of enclosing functions, each with its first use. */
  readonly captures: Readonly<Record<string, Position>>;
  /** Variables from outside that the function changes. */
  readonly changes: readonly { readonly name: string; readonly kind: ChangeKind; readonly at: Position }[];
  /** Module-level variables that it reads and some other function changes after the module was loaded. */
  readonly stale: readonly StaleRead[];
  /** What ties the function to the place where it was written: `this`, `super`, … */
  readonly refusals: readonly { readonly what: string; readonly at: Position }[];
  /** Set where the function is an arrow with an expression that has no effect; what it captures is still named. */
  readonly inline: InlineFunction | null;
  /** As the user's own source says; absent in modules that were not built from one. */
  readonly parameterTypes?: ParameterTypes;
}

export interface StaleRead {
  readonly name: string;
  readonly kind: ChangeKind;
  readonly at: Position;
  readonly changedAt: Position & { readonly file: string };
}

export interface JobBundle {
  /** SHA-256 of the bundle and all that is known of it; names its file. */
  readonly hash: string;
  /** The bundle on disk: `<hash>.mjs`. */
  readonly path: string;
  readonly code: string;
  /** Source map (JSON) from `code` to files relative to `root`. */
  readonly map: string;
  /** Directory of the job file; `FunctionInfo.file` and `sources` are relative to it. */
  readonly root: string;
  /** The job file, relative to `root`. */
  readonly entry: string;
  readonly functions: ReadonlyMap<string, FunctionInfo>;
  /** The text of every file of the user's own. */
  readonly sources: ReadonlyMap<string, string>;
}
