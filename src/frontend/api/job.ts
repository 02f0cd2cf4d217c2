/**
 * Owns: what a job file exports: job(main) gives an object with a brand that submit looks for, the arguments it takes and what it runs.
 * Importing a job file runs nothing.
 */
import { userError } from '../../core/errors.js';
import { didYouMean, nearestNames } from '../../core/nearest.js';
import type { Session } from './session.js';

export const JOB = Symbol.for('minispark.job');

interface ArgTypes {
  string: string;
  int: number;
  number: number;
  boolean: boolean;
}

/** One `--name value` of a job: text unless `type` says otherwise. */
export interface ArgSpec {
  readonly type?: keyof ArgTypes;
  readonly default?: string | number | boolean;
  readonly required?: boolean;
  /** For --help. */
  readonly description?: string;
}

export type ArgSpecs = Readonly<Record<string, ArgSpec>>;

type TypeOfArg<A extends ArgSpec> = A extends { readonly type: infer T extends keyof ArgTypes } ? ArgTypes[T] : string;

/** The arguments that a job's main receives: those without a default that are not required may be undefined. */
export type JobArgs<A extends ArgSpecs> = {
  readonly [K in keyof A]:
    | TypeOfArg<A[K]>
    | (A[K] extends { readonly default: string | number | boolean } | { readonly required: true } ? never : undefined);
};

/** Arguments of a job that declares none: whatever `--name value` were given. */
export type AnyArgs = Readonly<Record<string, string | undefined>>;

export interface Job {
  readonly kind: 'job' | 'mapReduce';
  /** null: it takes any. */
  readonly args: ArgSpecs | null;
  /** Runs it. `args` come from `parseJobArgs`. */
  readonly main: (spark: Session, args: never) => Promise<unknown>;
  readonly [JOB]: true;
}

/** `export default job(async (spark, args) => …)`, or `job({args: {input: {description: '…'}}}, async (spark, args) => …)`. */
export function job(main: (spark: Session, args: AnyArgs) => unknown): Job;
export function job<const A extends ArgSpecs>(options: { readonly args: A }, main: (spark: Session, args: JobArgs<A>) => unknown): Job;
export function job(
  first: ((spark: Session, args: AnyArgs) => unknown) | { readonly args: ArgSpecs },
  main?: (spark: Session, args: never) => unknown,
): Job {
  return typeof first === 'function' ? newJob('job', null, first) : newJob('job', first.args ?? {}, main!);
}

export function newJob(kind: Job['kind'], args: ArgSpecs | null, main: (spark: Session, args: never) => unknown): Job {
  return Object.freeze({ kind, args, main: async (spark: Session, given: never) => main(spark, given), [JOB]: true as const });
}

/**
 * The arguments of a job from `--name value` pairs, with defaults, checked and typed.
 * Throws user errors UNKNOWN_ARGUMENT, MISSING_ARGUMENT and INVALID_ARGUMENT.
 */
export function parseJobArgs(specs: ArgSpecs | null, given: Readonly<Record<string, string>>): Readonly<Record<string, unknown>> {
  if (specs === null) return given;
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(specs, name)) continue;
    const names = Object.keys(specs);
    const options = names.map((n) => `--${n}`);
    const near = nearestNames(name, names).map((n) => `--${n}`);
    const hint = didYouMean(`--${name}`, near) || (options.length > 0 ? `It takes ${options.join(', ')}` : 'It takes none');
    throw userError('UNKNOWN_ARGUMENT', `The job takes no argument --${name}.`, { hint });
  }
  return Object.fromEntries(Object.entries(specs).map(([name, spec]) => [name, argValue(name, spec, given)]));
}

function argValue(name: string, spec: ArgSpec, given: Readonly<Record<string, string>>): unknown {
  if (Object.hasOwn(given, name)) return parseArg(name, spec.type ?? 'string', given[name]);
  if (spec.default === undefined && spec.required)
    throw userError('MISSING_ARGUMENT', `The job needs the argument --${name}.`, { hint: spec.description });
  return spec.default;
}

function parseArg(name: string, type: keyof ArgTypes, text: string): unknown {
  switch (type) {
    case 'string':
      return text;
    case 'int':
      if (/^-?\d+$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text);
      break;
    case 'number':
      if (text.trim() !== '' && Number.isFinite(Number(text))) return Number(text);
      break;
    case 'boolean':
      if (text === 'true' || text === 'false') return text === 'true';
      break;
    default:
      return type satisfies never;
  }
  const wanted = { int: 'a whole number', number: 'a number', boolean: 'true or false' }[type];
  throw userError('INVALID_ARGUMENT', `The argument --${name} takes ${wanted}, not '${text}'.`);
}
