/**
 * Owns: where a worker keeps its shuffle and spill files: `<dir>/minispark-<user>/<worker>/<job>/…`, all of it private to the user.
 * Receives jobs and task numbers, gives paths that cannot leave the store; removes what a job, this worker or a dead one left.
 */
import { lstatSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { fatalError, userError } from '../../core/errors.js';
import { isId, type JobId, type TaskKey, type WorkerId } from '../../core/ids.js';
import { makeDirectories } from '../../core/make-directories.js';
import { attemptWrite } from './block-file.js';

/** Who holds a worker's directory. The start time tells a process from a later one of the same pid; hosts may share a directory. */
interface Owner {
  readonly host: string;
  readonly pid: number;
  readonly started: string;
}

const OWNER_FILE = 'owner.json';

/** Paths below one worker's directory; opening it again, in a thread, costs nothing. Throws INVALID_BLOCK_ID for names that are none. */
export class BlockStore {
  readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  /** Path of the data file of one map output. */
  dataPath(job: JobId, shuffle: number, map: number, attempt: number): string {
    return join(this.shuffleDir(job, shuffle), `map-${whole(map)}-${whole(attempt)}.data`);
  }

  /** As `dataPath`, with the directory made. */
  prepareDataPath(job: JobId, shuffle: number, map: number, attempt: number): string {
    const path = this.dataPath(job, shuffle, map, attempt);
    attemptWrite(path, () => makeDirectories(this.shuffleDir(job, shuffle), 0o700));
    return path;
  }

  /** The directory of one task alone; whoever puts files there makes it. */
  taskDir({ job, stage, partition, attempt }: TaskKey): string {
    return join(this.jobDir(job), `task-${whole(stage)}-${whole(partition)}-${whole(attempt)}`);
  }

  jobDir(job: JobId): string {
    return join(this.root, named(job));
  }

  /** The names of the directories of jobs and caches that are there. */
  directories(): string[] {
    try {
      return readdirSync(this.root).filter(isId);
    } catch {
      return [];
    }
  }

  /** The file of a broadcast value; whoever writes it makes the directory. */
  blobPath(id: string): string {
    return join(this.root, 'blobs', named(id));
  }

  /** Removes the worker's directory with all that is in it. */
  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }

  private shuffleDir(job: JobId, shuffle: number): string {
    return join(this.jobDir(job), `shuffle-${whole(shuffle)}`);
  }
}

/**
 * Makes a worker's directory and marks it as this process's. `dir` empty means the system's temporary directory.
 * Throws SHUFFLE_DIR_UNUSABLE where it cannot be made, or where another user owns it.
 */
export function openBlockStore(dir: string, worker: WorkerId): BlockStore {
  const base = userDir(dir);
  const root = join(base, named(worker));
  try {
    makeDirectories(root, 0o700);
    const owner: Owner = { host: hostname(), pid: process.pid, started: startOf(process.pid) };
    writeFileSync(join(root, OWNER_FILE), JSON.stringify(owner), { mode: 0o600 });
  } catch (cause) {
    throw unusable(base, (cause as Error).message, cause);
  }
  const stat = lstatSync(base);
  if (!stat.isDirectory() || (process.getuid && stat.uid !== process.getuid())) throw unusable(base, 'it belongs to another user');
  return new BlockStore(root);
}

/** Removes the directories of workers of this host and user whose process is gone. Gives how many. */
export function cleanAbandoned(dir: string): number {
  const base = userDir(dir);
  let names: string[];
  try {
    names = readdirSync(base);
  } catch {
    return 0;
  }
  let removed = 0;
  for (const name of names) {
    const owner = readOwner(join(base, name, OWNER_FILE));
    if (owner === null || owner.host !== hostname() || startOf(owner.pid) === owner.started) continue;
    rmSync(join(base, name), { recursive: true, force: true });
    removed++;
  }
  return removed;
}

function userDir(dir: string): string {
  return join(dir === '' ? tmpdir() : dir, `minispark-${process.getuid?.() ?? userInfo().username}`);
}

/** Null where there is none: a directory that is just being made, or not ours. */
function readOwner(path: string): Owner | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Owner;
  } catch {
    return null;
  }
}

/** When a process started, as the kernel counts it; `alive` where it cannot be told, empty where there is no such process. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // Fields 3 and 22 of proc(5); the second, the command in parentheses, may itself hold spaces.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A dead process that nobody waits for, as in a container whose first process is no init, stays listed with its start.
    return fields[0] === 'Z' || fields[0] === 'X' ? '' : fields[19];
  } catch {
    return isAlive(pid) ? 'alive' : '';
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function named(id: string): string {
  if (isId(id)) return id;
  throw fatalError('INVALID_BLOCK_ID', `'${id.slice(0, 200)}' is no id of a job or worker.`);
}

function whole(n: number): number {
  if (Number.isSafeInteger(n) && n >= 0) return n;
  throw fatalError('INVALID_BLOCK_ID', `${n} is no number of a shuffle, map, task or attempt.`);
}

function unusable(dir: string, why: string, cause?: unknown) {
  return userError('SHUFFLE_DIR_UNUSABLE', `Shuffle files cannot be kept in ${dir}: ${why}.`, {
    hint: 'Give shuffle.dir (a standing worker or shuffle service: --dir) a directory that you own',
    cause,
  });
}
