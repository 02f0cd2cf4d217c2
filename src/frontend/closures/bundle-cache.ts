/**
 * Owns: bundles on disk. `<hash>.mjs` is a bundle, `<hash>.json` what is known of it, `entry-*.json` the inputs that lead to it.
 * A bundle's name is the hash of its content, files appear by rename, and nothing is ever changed: any number of processes may share a directory.
 */
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FunctionInfo, JobBundle } from './function-info.js';

/** What a build gives. `code` holds HASH_PLACEHOLDER where the bundle names itself. */
export interface BuiltJob extends Pick<JobBundle, 'code' | 'map' | 'root' | 'entry'> {
  readonly functions: readonly FunctionInfo[];
  /** Text of each file of the user's own, by path relative to root. */
  readonly sources: Readonly<Record<string, string>>;
  /** Absolute path → SHA-256 of its content, or null: it must not exist. */
  readonly inputs: Readonly<Record<string, string | null>>;
}

type Sidecar = Pick<BuiltJob, 'map' | 'root' | 'entry' | 'functions' | 'sources'>;
type Manifest = Pick<BuiltJob, 'inputs'> & { readonly hash: string };

export const HASH_PLACEHOLDER = '0'.repeat(64);

export function sha256(...parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}

/** The content hash of a file, or null where there is no such file. */
export function hashFile(path: string): string | null {
  const content = readIfThere(path);
  return content === null ? null : sha256(content);
}

/** The bundle of the entry if every input still has the content that it was built from; null otherwise, and for anything damaged. */
export function findCached(directory: string, entryPath: string, toolStamp: string): JobBundle | null {
  const manifest = parseJson<Manifest>(readIfThere(manifestPath(directory, entryPath, toolStamp)));
  if (!manifest) return null;
  for (const path in manifest.inputs) if (hashFile(path) !== manifest.inputs[path]) return null;
  const code = readIfThere(join(directory, `${manifest.hash}.mjs`))?.toString();
  const sidecarText = readIfThere(join(directory, `${manifest.hash}.json`))?.toString();
  if (!code || !sidecarText || sha256(code.replace(manifest.hash, HASH_PLACEHOLDER), sidecarText) !== manifest.hash) return null;
  return toBundle(directory, manifest.hash, code, JSON.parse(sidecarText) as Sidecar);
}

export function store(directory: string, entryPath: string, toolStamp: string, built: BuiltJob): JobBundle {
  const { map, root, entry, functions, sources } = built;
  const sidecar: Sidecar = { map, root, entry, functions, sources };
  const sidecarText = JSON.stringify(sidecar);
  const hash = sha256(built.code, sidecarText);
  const code = built.code.replace(HASH_PLACEHOLDER, hash);
  const manifest: Manifest = { hash, inputs: built.inputs };
  // The manifest comes last: whoever finds it finds the rest.
  writeAtomically(join(directory, `${hash}.json`), sidecarText);
  writeAtomically(join(directory, `${hash}.mjs`), code);
  writeAtomically(manifestPath(directory, entryPath, toolStamp), JSON.stringify(manifest));
  return toBundle(directory, hash, code, sidecar);
}

function toBundle(directory: string, hash: string, code: string, sidecar: Sidecar): JobBundle {
  return {
    hash,
    path: join(directory, `${hash}.mjs`),
    code,
    map: sidecar.map,
    root: sidecar.root,
    entry: sidecar.entry,
    functions: new Map(sidecar.functions.map((info) => [info.id, info])),
    sources: new Map(Object.entries(sidecar.sources)),
  };
}

function manifestPath(directory: string, entryPath: string, toolStamp: string): string {
  return join(directory, `entry-${sha256(entryPath, '\0', toolStamp).slice(0, 32)}.json`);
}

function writeAtomically(path: string, text: string): void {
  const temporary = `${path}.${process.pid}-${randomBytes(4).toString('hex')}`;
  writeFileSync(temporary, text);
  renameSync(temporary, path);
}

function readIfThere(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return null;
    throw error;
  }
}

function parseJson<T>(text: Buffer | null): T | null {
  try {
    return text === null ? null : (JSON.parse(text.toString()) as T);
  } catch {
    return null; // a manifest cut short by a full disk or a crash: built again
  }
}
