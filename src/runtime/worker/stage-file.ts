/**
 * Owns: what all tasks of one round of a stage share, as a file in the job's directory: written by the worker, read once by each thread.
 * Holds the plan, the configuration, where the code is, and where the shuffle outputs that it reads lie.
 */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { diskError } from '../../core/disk-errors.js';
import { fromJson } from '../../core/json.js';
import { makeDirectories } from '../../core/make-directories.js';
import type { StageDefinition } from '../../planner/stages/graph.js';
import type { ShuffleLocations } from '../rpc/messages.js';

/** The job's code on this host. */
export interface BundleFile {
  readonly hash: string;
  readonly path: string;
}

export interface StageFile {
  readonly config: Readonly<Record<string, string>>;
  readonly bundle: BundleFile | null;
  /** JSON text, see core/json.ts. */
  readonly definition: string;
  readonly shuffles: readonly ShuffleLocations[];
}

export type TasklessStage = Omit<StageDefinition, 'tasks'>;

/** Gives the path of the file. Throws DISK_FULL, TOO_MANY_OPEN_FILES or STAGE_NOT_WRITTEN, as `writeBundle` does. */
export function writeStageFile(jobDir: string, stage: number, round: number, content: StageFile): string {
  const path = join(jobDir, `stage-${stage}-${round}.bin`);
  writeWhole(path, serialize(content));
  return path;
}

export function readStageFile(path: string): { readonly content: StageFile; readonly definition: TasklessStage } {
  const content = deserialize(readFileSync(path)) as StageFile;
  return { content, definition: fromJson<TasklessStage>(content.definition) };
}

/** Puts a job's code beside its stages. */
export function writeBundle(jobDir: string, { hash, code }: { readonly hash: string; readonly code: string }): BundleFile {
  // The name is part of what error stacks are mapped by.
  const path = join(jobDir, `${hash.replace(/[^A-Za-z0-9_-]/g, '')}.mjs`);
  writeWhole(path, code);
  return { hash, path };
}

function writeWhole(path: string, content: string | Uint8Array): void {
  try {
    makeDirectories(join(path, '..'), 0o700);
    writeFileSync(`${path}.tmp`, content, { mode: 0o600 });
    renameSync(`${path}.tmp`, path);
  } catch (cause) {
    rmSync(`${path}.tmp`, { force: true });
    throw diskError('STAGE_NOT_WRITTEN', `What tasks share cannot be written to ${path}`, cause);
  }
}
