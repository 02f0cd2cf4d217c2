/**
 * Owns: the commit protocol of file output. Tasks write below `<path>/_temporary/<query>/`, which readers do not see; at the end
 * the driver moves the files of the committed attempts into place, in one go for overwrite, and writes `_SUCCESS` last.
 */
import { existsSync, readdirSync } from 'node:fs';
import { posix } from 'node:path';
import { asMinisparkError, userError } from '../../core/errors.js';
import type { WriteSpec } from '../../frontend/plan/logical.js';
import { kindOf, localPath, makeDirectories, move, OutputFile, removeIfEmpty, removeTree } from './fs.js';
import { FormatOptions } from './options.js';
import type { CommitMessage } from './source.js';

/** Which attempt of which query writes. */
export interface WriteTask {
  readonly query: string;
  readonly partition: number;
  readonly attempt: number;
}

const TEMPORARY = '_temporary';

/**
 * Whether `overwrite` replaces only the partition directories that get rows, as Spark's option `partitionOverwriteMode` has it: `dynamic`. Without
 * partition columns there is but one directory. Throws INVALID_OPTION.
 */
export function replacesPartitions(write: WriteSpec): boolean {
  const mode = new FormatOptions(write.format, write.options, Object.keys(write.options)).choice('partitionOverwriteMode', 'static', [
    'static',
    'dynamic',
  ]);
  return mode === 'dynamic' && write.partitionBy.length > 0;
}

/** Driver side and before anything runs: `skip` where mode `ignore` finds data. Throws PATH_EXISTS and FILE_NOT_WRITABLE. */
export async function beginWrite(write: WriteSpec, query: string): Promise<'write' | 'skip'> {
  const site = write.site ?? undefined;
  const kind = kindOf(write.path);
  if (kind === 'file' && write.mode !== 'ignore') {
    throw userError('PATH_EXISTS', `'${localPath(write.path)}' is a file; a job writes a directory of files.`, { site });
  }
  if (kind !== 'none' && !onlyTemporary(write.path)) {
    if (write.mode === 'ignore') return 'skip';
    if (write.mode === 'error') {
      const hint = "Choose another path, or .mode('overwrite') or .mode('append')";
      throw userError('PATH_EXISTS', `The output path '${localPath(write.path)}' exists already.`, { hint, site });
    }
  }
  try {
    // First the path that the user knows, so that an error names it.
    makeDirectories(write.path);
    makeDirectories(queryDirectory(write, query));
  } catch (error) {
    throw asMinisparkError(error).with({ site });
  }
  return 'write';
}

/** A directory that holds nothing but what other writes have not committed yet. */
function onlyTemporary(uri: string): boolean {
  return (
    kindOf(uri) === 'directory' &&
    readdirSync(localPath(uri)).every((name) => name === TEMPORARY) &&
    kindOf(`${uri}/${TEMPORARY}`) === 'directory'
  );
}

const queryDirectory = (write: WriteSpec, query: string): string => `${localPath(write.path)}/${TEMPORARY}/${query}`;

/** Where one attempt of a task writes, as a path relative to the query's directory, and that directory. */
export function attemptDirectory(write: WriteSpec, task: WriteTask): { base: string; name: string } {
  return { base: queryDirectory(write, task.query), name: `task-${task.partition}-${task.attempt}` };
}

/**
 * Makes the files of `messages` visible. With `overwrite` the old files (of all directories, or of those that get new ones) go first into the query's directory, and come back if a move
 * fails half way; so the path shows the old data or the new. Files of attempts without a message are dropped.
 */
export async function commitWrite(write: WriteSpec, query: string, messages: readonly CommitMessage[]): Promise<void> {
  const path = localPath(write.path);
  const directory = queryDirectory(write, query);
  const files = messages.flatMap((message) => message.files);
  const done: { from: string; to: string }[] = [];
  const moveKept = (from: string, to: string): void => {
    move(from, to);
    done.push({ from, to });
  };
  try {
    if (write.mode === 'overwrite') {
      for (const name of replacesPartitions(write) ? entriesOf(path, files) : readdirSync(path)) {
        if (name !== TEMPORARY) moveKept(`${path}/${name}`, `${directory}/replaced/${name}`);
      }
    }
    for (const { from, to } of files) moveKept(`${directory}/${from}`, `${path}/${to}`);
  } catch (error) {
    for (const { from, to } of done.reverse()) move(to, from);
    throw error;
  }
  removeTree(`${path}/_SUCCESS`);
  new OutputFile(`${path}/_SUCCESS`).close();
  removeTree(directory);
  removeIfEmpty(`${path}/${TEMPORARY}`);
}

/** What lies, relative to `path`, in the directories that `files` go to. */
function entriesOf(path: string, files: CommitMessage['files']): string[] {
  const directories = [...new Set(files.map(({ to }) => posix.dirname(to)))];
  return directories
    .filter((directory) => existsSync(`${path}/${directory}`))
    .flatMap((directory) => readdirSync(`${path}/${directory}`).map((name) => `${directory}/${name}`));
}

/** Removes all that the query wrote and did not commit, and the path itself where nothing else is in it. */
export async function abortWrite(write: WriteSpec, query: string): Promise<void> {
  removeTree(queryDirectory(write, query));
  const path = localPath(write.path);
  if (removeIfEmpty(`${path}/${TEMPORARY}`)) removeIfEmpty(path);
}
