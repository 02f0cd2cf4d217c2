/**
 * Owns: running a lab: its data once, then every cell of its matrix as a process of its own, again and again, skipping what is done.
 * Receives a `Lab` and a directory, gives all results in it; `report/` makes pages of them. A failing run is a result like any other.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { basename } from 'node:path';
import { parseMaster } from '../runtime/driver/master.js';
import { describeJob } from '../runtime/driver/submit.js';
import { checkJobArguments } from './check-job.js';
import { writeDataset } from './dataset.js';
import type { Lab } from './lab-file.js';
import { type Cell, cellsOf, type PlannedRun, plannedRuns, submitArguments } from './matrix.js';
import { COMMAND, type Environment, environment } from './package.js';
import { measure } from './run-facts.js';
import { runProcess } from './run-process.js';
import { hashOf, identityOf, LabStore, type RunResult } from './store.js';

/** Bytes of one file of made-up data: several tasks read even a small set. */
const FILE_BYTES = 8 << 20;
const PLAN_MS = 60_000;

export type LabProgress =
  | { readonly kind: 'data'; readonly written: number; readonly of: number }
  /** `done` of `total` runs are finished, `found` of them by an earlier call. */
  | { readonly kind: 'run'; readonly run: PlannedRun; readonly done: number; readonly total: number; readonly found: number }
  | { readonly kind: 'result'; readonly run: PlannedRun; readonly result: RunResult; readonly done: number; readonly total: number }
  | { readonly kind: 'plans' };

export interface LabOptions {
  readonly lab: Lab;
  readonly out: string;
  readonly repeat: number;
  readonly fresh: boolean;
  readonly signal: AbortSignal;
  onProgress(progress: LabProgress): void;
}

export interface LabOutcome {
  readonly lab: Lab;
  readonly repeat: number;
  readonly cells: readonly Cell[];
  /** In the order of `plannedRuns`. */
  readonly results: readonly RunResult[];
  readonly environment: Environment;
  readonly store: LabStore;
}

/**
 * Runs what is not yet done and hands the outcome to `finish` while the directory is still this process's own.
 * Throws INVALID_LAB where lab and job do not fit, what LabStore.open throws, and the signal's reason.
 */
export async function runLab<T>(options: LabOptions, finish: (outcome: LabOutcome) => T): Promise<T> {
  const { lab, out, repeat, fresh, signal } = options;
  const { args, hash } = await describeJob(lab.job.text);
  checkJobArguments(lab, args);
  const facts = environment();
  const store = LabStore.open(out, identityOf(lab, hash, facts), { fresh });
  try {
    const input = await makeData(options, store);
    const cells = cellsOf(lab);
    const results = await runAll(options, store, plannedRuns(cells, repeat), input);
    options.onProgress({ kind: 'plans' });
    for (const cell of cells) if (store.plan(cell) === null) store.savePlan(cell, await explain(lab, cell, input, store, signal));
    return finish({ lab, repeat, cells, results, environment: facts, store });
  } finally {
    store.close();
  }
}

/** The directory of the data, made where it is not there; null where the lab has none. */
async function makeData({ lab: { data }, signal, onProgress }: LabOptions, store: LabStore): Promise<string | null> {
  if (data === null) return null;
  const { kind, bytes, seed, skew } = data;
  const out = store.path('data', `${kind}-${bytes}-${seed}-${skew}`);
  if (existsSync(out)) return out;
  onProgress({ kind: 'data', written: 0, of: bytes });
  const onBytes = (written: number) => onProgress({ kind: 'data', written, of: bytes });
  await writeDataset({ kind, size: bytes, seed, skew, out, files: Math.ceil(bytes / FILE_BYTES), overwrite: false, signal, onBytes });
  return out;
}

async function runAll(options: LabOptions, store: LabStore, runs: readonly PlannedRun[], input: string | null): Promise<RunResult[]> {
  // What failed is tried again: the reason may be gone.
  const earlier = runs.map((run) => store.result(run)).map((result) => (result?.error === null ? result : null));
  const found = earlier.filter((result) => result !== null).length;
  const total = runs.length;
  let done = found;
  const results: RunResult[] = [];
  for (const [i, run] of runs.entries()) {
    let result = earlier[i];
    if (result === null) {
      options.onProgress({ kind: 'run', run, done, total, found });
      result = await runOnce(options, store, run, input);
      store.saveResult(result);
      options.onProgress({ kind: 'result', run, result, done: ++done, total });
    }
    results.push(result);
  }
  return results;
}

async function runOnce({ lab, signal }: LabOptions, store: LabStore, run: PlannedRun, input: string | null): Promise<RunResult> {
  const { cell, repeat } = run;
  const log = store.eventLog(run);
  const stdout = log.replace('.events.jsonl', '.out.txt');
  const stderr = log.replace('.events.jsonl', '.err.txt');
  // Of a run that was cut off.
  rmSync(log, { force: true });
  const startedAt = new Date().toISOString();
  const args = [
    'submit',
    '--quiet',
    '--name',
    basename(lab.job.text),
    '--event-log',
    log,
    ...submitArguments(lab, cell, input, ownConf(store)),
  ];
  const { usage, error } = await runProcess({
    command: process.execPath,
    args: [COMMAND, ...args],
    stdout,
    stderr,
    limitMs: lab.timeoutMs,
    signal,
  });
  const measures = measure(store.events(cell.index, repeat), usage);
  return { cell: cell.index, settings: cell.settings, repeat, startedAt, error, measures, outputHash: hashOf(readFileSync(stdout)) };
}

/** What every run is given, unless the lab says otherwise: files below the lab's directory, and events that tell the size of every block. */
function ownConf(store: LabStore): Record<string, string> {
  return { 'storage.root': store.path('work'), 'events.blocks': 'true' };
}

/** The plan of a cell as text; where it cannot be told, why. */
async function explain(lab: Lab, cell: Cell, input: string | null, store: LabStore, signal: AbortSignal): Promise<string> {
  const [stdout, stderr] = [store.path('work', 'explain.out'), store.path('work', 'explain.err')];
  const { kill, ...settings } = cell.settings;
  const master = sameSlots(settings['master'] ?? lab.master);
  const args = submitArguments(
    { ...lab, master },
    { ...cell, settings: { ...settings, ...(settings['master'] ? { master } : {}) } },
    input,
    ownConf(store),
  );
  const { error } = await runProcess({
    command: process.execPath,
    args: [COMMAND, 'explain', ...args],
    stdout,
    stderr,
    limitMs: PLAN_MS,
    signal,
  });
  return error === null ? readFileSync(stdout, 'utf8') : `explain failed: ${error}`;
}

/** Plans depend on the number of slots, not on where they are: no worker process is started for one. */
function sameSlots(master: string): string {
  const parsed = parseMaster(master);
  return parsed.kind === 'local-cluster' ? `local[${parsed.workers * parsed.threads}]` : master;
}
