/**
 * Owns: stages that this thread has loaded: plan, configuration and the user's functions, ready for any number of tasks.
 * Receives the path of a stage file; a job's bundle is imported at the first stage that has one.
 */
import { Config } from '../../core/config.js';
import { asMinisparkError, fatalError, userError } from '../../core/errors.js';
import { decodeClosure } from '../../frontend/closures/decode.js';
import { type AnyFunction, isBundleLoaded, loadBundle } from '../../frontend/closures/runtime.js';
import type { Closure } from '../../frontend/plan/expression.js';
import type { MapOutput, ShuffleLocations } from '../rpc/messages.js';
import { findClosures } from './find-closures.js';
import { dropReleasedValues } from './shared-values.js';
import { type BundleFile, readStageFile, type TasklessStage } from './stage-file.js';

export interface LoadedStage {
  readonly config: Config;
  readonly definition: TasklessStage;
  readonly shuffles: ReadonlyMap<number, readonly MapOutput[]>;
  /** By `closureKey`. */
  readonly functions: ReadonlyMap<string, AnyFunction>;
  /** What its tasks share, by key; emptied when another stage runs in this thread. */
  readonly shared: Map<string, Promise<unknown>>;
}

const KEPT = 16;
const stages = new Map<string, Promise<LoadedStage>>();

/** Throws JOB_FAILED_TO_LOAD where the job's own code throws, and what reading closures throws. */
export function loadStage(path: string): Promise<LoadedStage> {
  let stage = stages.get(path);
  if (!stage) {
    stage = load(path);
    stage.catch(() => stages.delete(path));
    if (stages.size >= KEPT) stages.delete(stages.keys().next().value as string);
    stages.set(path, stage);
  }
  return stage;
}

/** The stage whose tasks share something at present: what others left is large and not wanted again. */
let sharing: LoadedStage | null = null;

/** What `make` gives, for the first task that asks; one that fails is made anew for the next. */
export function shareInStage<T>(stage: LoadedStage, key: string, make: () => Promise<T>): Promise<T> {
  if (sharing !== stage) sharing?.shared.clear();
  sharing = stage;
  let made = stage.shared.get(key) as Promise<T> | undefined;
  if (!made) {
    made = make();
    made.catch(() => stage.shared.delete(key));
    stage.shared.set(key, made);
  }
  return made;
}

/** To be called when a task of `stage` begins. */
export function endOthersShare(stage: LoadedStage): void {
  if (sharing === null || sharing === stage) return;
  sharing.shared.clear();
  sharing = null;
}

export function closureKey({ id, captures }: Closure): string {
  return `${id}\n${captures}`;
}

async function load(path: string): Promise<LoadedStage> {
  dropReleasedValues();
  const { content, definition } = readStageFile(path);
  if (content.bundle && !isBundleLoaded(content.bundle.hash)) await loadCode(content.bundle);
  const functions = new Map<string, AnyFunction>();
  for (const closure of findClosures(definition)) functions.set(closureKey(closure), await decodeClosure(closure));
  return {
    config: Config.from(content.config),
    definition,
    shared: new Map(),
    shuffles: new Map(content.shuffles.map((locations) => [locations.shuffle, wholeOutputs(locations)])),
    functions,
  };
}

/** Rows would be missing without a word if one map's output were. */
function wholeOutputs({ shuffle, outputs }: ShuffleLocations): readonly MapOutput[] {
  const maps = new Set(outputs.map(({ map }) => map));
  if (maps.size === outputs.length && outputs.every(({ map }) => map < outputs.length)) {
    return outputs.toSorted((a, b) => a.map - b.map);
  }
  throw fatalError('INTERNAL_ERROR', `Of shuffle ${shuffle} this worker was told the outputs of maps ${[...maps].join(', ')} only.`);
}

async function loadCode(bundle: BundleFile): Promise<void> {
  const { installApi } = await import('../../frontend/api/install.js');
  installApi();
  try {
    await loadBundle(bundle.path);
  } catch (thrown) {
    const { message, stack } = asMinisparkError(thrown);
    const error = userError('JOB_FAILED_TO_LOAD', `The job failed while a worker imported it: ${message}`, {
      hint: 'A job file is imported on every worker: do the work inside of job(), not beside it',
      cause: thrown,
    });
    error.stack = stack;
    throw error;
  }
}
