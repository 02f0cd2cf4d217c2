/**
 * Owns: the only access to users' files. Receives URIs or paths, gives listings, synchronous reads and writes, and atomic moves.
 * Only `file:` exists so far; another store implements these functions for its scheme.
 */
import {
  closeSync,
  existsSync,
  fstatSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { isDiskFull, isOutOfDescriptors, tooManyOpenFiles } from '../../core/disk-errors.js';
import { type CallSite, MinisparkError, userError } from '../../core/errors.js';
import { makeDirectories as makePath } from '../../core/make-directories.js';
import { nearestNames } from '../../core/nearest.js';

/** The URI of a path, resolved against the directory `root`. URIs with a scheme stay. Throws UNSUPPORTED_SCHEME. */
export function resolveUri(path: string, root: string, site?: CallSite | null): string {
  if (path === '') throw userError('PATH_NOT_FOUND', 'The path is empty.', { site: site ?? undefined });
  const scheme = /^([a-zA-Z][a-zA-Z0-9+.-]+):\//.exec(path)?.[1];
  if (scheme === undefined) return pathToFileURL(resolve(localPath(root), path)).href;
  if (scheme.toLowerCase() !== 'file') {
    throw userError('UNSUPPORTED_SCHEME', `There is no file system for '${scheme}:' in '${path}'.`, {
      hint: 'Use a path or a file: URI that every worker can see',
      site: site ?? undefined,
    });
  }
  return pathToFileURL(localPath(path)).href;
}

/** The path on this machine of a `file:` URI; a plain path stays. */
export function localPath(uri: string): string {
  return uri.startsWith('file:') ? fileURLToPath(uri.replace(/^file:\/(?!\/)/, 'file:///')) : uri;
}

/** A file opened for reading at any place; every call is synchronous. */
export class InputFile {
  readonly uri: string;
  readonly bytes: number;
  /** Changes when the file does. */
  readonly version: string;
  private readonly fd: number;
  private open = true;

  /** Throws PATH_NOT_FOUND and FILE_NOT_READABLE. */
  constructor(uri: string) {
    this.uri = uri;
    try {
      this.fd = openSync(localPath(uri), 'r');
      const { size, mtimeMs, ino } = fstatSync(this.fd);
      this.bytes = size;
      this.version = `${size}-${mtimeMs}-${ino}`;
    } catch (error) {
      throw readError(uri, error);
    }
  }

  /** Reads into target[from, to) from file byte `position` on; gives how many bytes came, 0 at the end of the file. */
  read(target: Uint8Array, from: number, to: number, position: number): number {
    try {
      return readSync(this.fd, target, from, to - from, position);
    } catch (error) {
      throw readError(this.uri, error);
    }
  }

  /** Bytes [from, to), in `buffer` where they fit, else in a buffer of their own; CORRUPT_FILE when the file ends before. */
  readRange(from: number, to: number, buffer: Uint8Array | null = null): Uint8Array {
    if (from < 0 || to < from || to > this.bytes) {
      throw corruptFile(this.uri, `bytes ${from} to ${to} are asked for and the file has ${this.bytes}`);
    }
    const target = buffer !== null && to - from <= buffer.length ? buffer.subarray(0, to - from) : new Uint8Array(to - from);
    let done = 0;
    while (done < target.length) {
      const n = this.read(target, done, target.length, from + done);
      if (n === 0) throw corruptFile(this.uri, `it ended at byte ${from + done}, before byte ${to}`);
      done += n;
    }
    return target;
  }

  close(): void {
    if (this.open) closeSync(this.fd);
    this.open = false;
  }
}

/** A new file, written front to back. Its directories are made as needed. */
export class OutputFile {
  readonly path: string;
  bytes = 0;
  private readonly fd: number;
  private open = true;

  constructor(uri: string) {
    this.path = localPath(uri);
    try {
      makePath(dirname(this.path));
      this.fd = openSync(this.path, 'wx');
    } catch (error) {
      throw writeError(uri, error);
    }
  }

  write(data: Uint8Array): void {
    try {
      for (let done = 0; done < data.length; ) done += writeSync(this.fd, data, done, data.length - done);
    } catch (error) {
      throw writeError(this.path, error);
    }
    this.bytes += data.length;
  }

  close(): void {
    if (this.open) closeSync(this.fd);
    this.open = false;
  }
}

export function makeDirectories(uri: string): void {
  try {
    makePath(localPath(uri));
  } catch (error) {
    throw writeError(uri, error);
  }
}

/** Moves a file or directory within one file system, atomically; parent directories of the target are made. */
export function move(from: string, to: string): void {
  try {
    makePath(dirname(localPath(to)));
    renameSync(localPath(from), localPath(to));
  } catch (error) {
    throw writeError(to, error);
  }
}

/** Removes a file or a directory and all below it; nothing happens where there is none. */
export function removeTree(uri: string): void {
  try {
    rmSync(localPath(uri), { recursive: true, force: true });
  } catch (error) {
    throw writeError(uri, error);
  }
}

/** Removes a directory if it is empty; gives whether it is gone. */
export function removeIfEmpty(uri: string): boolean {
  try {
    rmdirSync(localPath(uri));
    return true;
  } catch (error) {
    if (['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(codeOf(error))) return false;
    if (codeOf(error) === 'ENOENT') return true;
    throw writeError(uri, error);
  }
}

/** Throws FILE_NOT_READABLE where a directory above may not be entered. */
export function kindOf(uri: string): 'file' | 'directory' | 'none' {
  try {
    return statSync(localPath(uri)).isDirectory() ? 'directory' : 'file';
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return 'none';
    throw readError(uri, error);
  }
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? '';

export function pathNotFound(uri: string, site?: CallSite | null): MinisparkError {
  return userError('PATH_NOT_FOUND', `There is no file or directory '${localPath(uri)}'.`, {
    hint: nearPaths(localPath(uri)) || 'Relative paths resolve against storage.root, or where the job was submitted',
    site: site ?? undefined,
  });
}

/** What the directory holds in which the first part of the path is not found. Nothing is said of globs. */
function nearPaths(path: string): string {
  let missing = path;
  while (!existsSync(dirname(missing))) missing = dirname(missing);
  const name = basename(missing);
  if (/[*?[{]/.test(name)) return '';
  try {
    const near = nearestNames(name, readdirSync(dirname(missing))).map((found) => join(dirname(missing), found));
    return near.length === 0 ? '' : `Did you mean ${near.join(' or ')}?`;
  } catch {
    // A directory that may not be listed has no names to offer.
    return '';
  }
}

/** What is wrong with a file whose bytes are not what its format says. */
export function corruptFile(uri: string, what: string, cause?: unknown): MinisparkError {
  return userError('CORRUPT_FILE', `The file '${localPath(uri)}' cannot be read: ${what}.`, { cause });
}

export function readError(uri: string, error: unknown, site?: CallSite | null): MinisparkError {
  if (error instanceof MinisparkError) return error.with({ site: site ?? undefined });
  if (codeOf(error) === 'ENOENT') return pathNotFound(uri, site);
  if (isOutOfDescriptors(error)) return tooManyOpenFiles(`'${localPath(uri)}' cannot be read`, error);
  return userError('FILE_NOT_READABLE', `The file '${localPath(uri)}' cannot be read: ${reason(error)}.`, {
    cause: error,
    site: site ?? undefined,
  });
}

/** A full disk is the user's to mend wherever the task would run: all of them write to the same place. */
function writeError(uri: string, error: unknown): MinisparkError {
  const what = `'${localPath(uri)}' cannot be written`;
  if (isOutOfDescriptors(error)) return tooManyOpenFiles(what, error);
  if (isDiskFull(error)) {
    return userError('DISK_FULL', `${what}: the disk is full.`, { hint: 'Free space there, or write to another place', cause: error });
  }
  return userError('FILE_NOT_WRITABLE', `${what}: ${reason(error)}.`, { cause: error });
}

const REASONS: Record<string, string> = {
  ENOENT: 'a directory above it cannot be made',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'it is a directory',
  ENOTDIR: 'a part of its path is a file',
  EROFS: 'the file system is read-only',
  EEXIST: 'it exists already',
  ENOTEMPTY: 'the directory is not empty',
};

const reason = (error: unknown): string => REASONS[codeOf(error)] ?? (error instanceof Error ? error.message : String(error));
