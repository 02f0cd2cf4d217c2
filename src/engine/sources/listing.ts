/**
 * Owns: which files a path means: a file, a directory, or a glob of `*`, `?`, `[…]` and `{a,b}` in any part of the path.
 * Names that start with `_` or `.` are hidden, as in Hadoop. Directories are entered below the path only where they are called `key=value`.
 */
import { readdirSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { CallSite } from '../../core/errors.js';
import { kindOf, localPath, pathNotFound, readError } from './fs.js';

export interface FileEntry {
  readonly uri: string;
  readonly bytes: number;
}

/** A path that the user's glob named, and the files below it. */
export interface Listing {
  readonly base: string;
  readonly files: readonly FileEntry[];
}

/** Files of a URI, sorted by path, apart by the path that a glob matched. Throws PATH_NOT_FOUND and FILE_NOT_READABLE. */
export function listPaths(uri: string, recursive: boolean, site?: CallSite | null): Listing[] {
  const path = localPath(uri);
  try {
    // A name may hold the very characters of a glob: what exists as written is meant.
    const matches = kindOf(path) !== 'none' ? [path] : expandGlob(path);
    if (matches.length === 0) throw pathNotFound(uri);
    return matches.map((match) => ({ base: pathToFileURL(match).href, files: listOne(match, recursive) }));
  } catch (error) {
    throw readError(uri, error, site);
  }
}

function listOne(path: string, recursive: boolean): FileEntry[] {
  const stats = statSync(path);
  if (!stats.isDirectory()) return [fileEntry(path, stats)];
  const files: FileEntry[] = [];
  for (const name of readdirSync(path).sort(byName)) {
    if (isHidden(name)) continue;
    const child = join(path, name);
    const stats = statSync(child, { throwIfNoEntry: false });
    if (stats === undefined) continue;
    if (!stats.isDirectory()) files.push(fileEntry(child, stats));
    else if (recursive || name.includes('=')) files.push(...listOne(child, recursive));
  }
  return files;
}

/** Only what has a size can be cut into splits: a pipe or a socket would pass for an empty file. */
function fileEntry(path: string, stats: Stats): FileEntry {
  const uri = pathToFileURL(path).href;
  if (!stats.isFile()) throw readError(uri, new Error(`it is ${kindOfSpecial(stats)}, no regular file`));
  return { uri, bytes: stats.size };
}

function kindOfSpecial(stats: Stats): string {
  if (stats.isSocket()) return 'a socket';
  return stats.isFIFO() ? 'a pipe' : 'a device';
}

/** A partition directory may begin with an underscore: only `_name` without `=` hides. */
const isHidden = (name: string): boolean => name.startsWith('.') || (name.startsWith('_') && !name.includes('='));

const byName = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const GLOB = /[*?[{]/;

function expandGlob(path: string): string[] {
  if (!GLOB.test(path)) return [];
  return expandBraces(path)
    .flatMap((alternative) => matchParts(alternative))
    .filter((match, i, all) => all.indexOf(match) === i)
    .sort(byName);
}

/** `a{b,c}d` → `abd`, `acd`; braces may nest. */
function expandBraces(pattern: string): string[] {
  const open = pattern.indexOf('{');
  if (open < 0) return [pattern];
  let depth = 0;
  let from = open + 1;
  const parts: string[] = [];
  for (let i = open; i < pattern.length; i++) {
    const c = pattern[i];
    if (c === '{') depth++;
    else if (c === '}') depth--;
    if ((c === ',' && depth === 1) || depth === 0) {
      parts.push(pattern.slice(from, i));
      from = i + 1;
    }
    if (depth === 0) return parts.flatMap((part) => expandBraces(pattern.slice(0, open) + part + pattern.slice(i + 1)));
  }
  return [pattern];
}

function matchParts(pattern: string): string[] {
  if (!GLOB.test(pattern)) return kindOf(pattern) === 'none' ? [] : [pattern];
  const parent = dirname(pattern);
  const matcher = globMatcher(basename(pattern));
  return matchParts(parent)
    .filter((directory) => kindOf(directory) === 'directory')
    .flatMap((directory) =>
      readdirSync(directory)
        .filter((name) => matcher.test(name) && !isHidden(name))
        .map((name) => join(directory, name)),
    );
}

function globMatcher(glob: string): RegExp {
  const source = glob.replace(/\[([!^]?)([^\]]+)\]|[*?]|[.+^${}()|\\[\]]/g, (token, negated?: string, set?: string) => {
    if (token === '*') return '.*';
    if (token === '?') return '.';
    if (set !== undefined) return `[${negated ? '^' : ''}${set.replace(/[\\\]]/g, '\\$&')}]`;
    return `\\${token}`;
  });
  return new RegExp(`^${source}$`, 's');
}
