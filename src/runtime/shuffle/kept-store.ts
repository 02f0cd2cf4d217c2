/**
 * Owns: the kept partitions of one worker: which are in memory, which in files, and that memory stays within its budget. What was not used for
 * longest goes first: into a file, or, where its level allows memory alone, away as soon as no job runs here that may read it.
 */
import { renameSync, rmSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import type { JobId, WorkerId } from '../../core/ids.js';
import { commitIndex } from './block-file.js';
import type { BlockStore } from './block-store.js';
import { indexPath } from './file-layout.js';
import { forgetFiles } from './local-blocks.js';

/** Names a partition here: `home` is the directory of its cache and of the job that computed it. */
export interface KeptName {
  readonly home: JobId;
  readonly map: number;
  readonly attempt: number;
}

export interface KeptBlock extends KeptName {
  readonly cache: string;
  /** May lie in a file for good. */
  readonly mayUseDisk: boolean;
  readonly rows: number;
  readonly size: number;
  readonly crc: number;
  /** Over shared memory; null where the partition is in its file. */
  readonly bytes: Uint8Array | null;
}

type Entry = { -readonly [K in keyof KeptBlock]: KeptBlock[K] } & { moving: boolean; refused: boolean };

/** Told of partitions that are no longer here, though nobody released them. */
export type OnEvicted = (cache: string, blocks: readonly KeptName[]) => void;

export class KeptStore {
  private readonly store: BlockStore;
  private readonly worker: WorkerId;
  private readonly onEvicted: OnEvicted;
  /** Least recently used first. */
  private readonly entries = new Map<string, Entry>();
  private budget = 0;
  private inMemory = 0;
  /** Of `inMemory`, what is on its way to files. */
  private moving = 0;
  private busy = false;

  constructor(store: BlockStore, worker: WorkerId, onEvicted: OnEvicted) {
    this.store = store;
    this.worker = worker;
    this.onEvicted = onEvicted;
  }

  /** Bytes in memory. */
  get memoryBytes(): number {
    return this.inMemory;
  }

  /** Takes a partition in; `budget`: bytes that all of them may take in memory from now on. */
  put(block: KeptBlock, budget: number): void {
    this.budget = budget;
    this.remove(nameOf(block));
    this.entries.set(nameOf(block), { ...block, moving: false, refused: false });
    if (block.bytes) this.inMemory += block.size;
    this.shrink();
  }

  /** A partition that is in memory here. */
  find(name: KeptName): Entry | null {
    const key = nameOf(name);
    const entry = this.entries.get(key);
    if (!entry?.bytes) return null;
    this.entries.delete(key);
    this.entries.set(key, entry);
    return entry;
  }

  /** Frees all partitions of these caches, with what tasks that were ended left of them. */
  release(caches: readonly string[]): void {
    for (const [key, entry] of this.entries) if (caches.includes(entry.cache)) this.remove(key);
    for (const home of this.store.directories()) if (caches.includes(cacheOf(home))) this.removeFiles(home);
  }

  /** Forgets a partition that nobody will ask for. */
  discard(block: KeptBlock): void {
    this.remove(nameOf(block));
    this.removeFile(block);
  }

  clear(): void {
    this.release([...new Set([...this.entries.values()].map(({ cache }) => cache))]);
  }

  /** Whether a job runs here: what must not be on disk for good is dropped when none does any more. */
  setBusy(busy: boolean): void {
    this.busy = busy;
    if (busy) return;
    // What the disk refused stayed for the jobs that were running.
    this.shrink();
    for (const [key, entry] of this.entries) {
      if (entry.mayUseDisk || entry.bytes) continue;
      this.remove(key);
      this.removeFile(entry);
      this.onEvicted(entry.cache, [entry]);
    }
  }

  private shrink(): void {
    for (const [key, entry] of this.entries) {
      if (this.inMemory - this.moving <= this.budget) return;
      if (!entry.bytes || entry.moving) continue;
      if (entry.refused && this.busy) continue;
      if (!entry.refused && (entry.mayUseDisk || this.busy)) void this.moveToFile(entry, entry.bytes);
      else {
        this.remove(key);
        this.onEvicted(entry.cache, [entry]);
      }
    }
  }

  /** Stays readable in memory until the file is whole; where the disk refuses, as long as a job runs that may read it. Then it goes. */
  private async moveToFile(entry: Entry, bytes: Uint8Array): Promise<void> {
    entry.moving = true;
    this.moving += entry.size;
    const { home, map, attempt, size, rows, crc } = entry;
    const path = this.store.dataPath(home, 0, map, attempt);
    try {
      this.store.prepareDataPath(home, 0, map, attempt);
      await writeFile(`${path}.tmp`, bytes, { mode: 0o600 });
      if (this.entries.get(nameOf(entry)) !== entry) {
        rmSync(`${path}.tmp`, { force: true });
        return;
      }
      renameSync(`${path}.tmp`, path);
      const identity = { worker: this.worker, shuffle: 0, map, attempt };
      commitIndex(path, identity, { writer: 'sort', slot: 0 }, [{ offset: 0, length: size, rows, crc }]);
      entry.bytes = null;
      this.inMemory -= size;
      if (!this.busy) this.setBusy(false);
    } catch {
      entry.refused = true;
      await rm(`${path}.tmp`, { recursive: true, force: true }).catch(() => {});
    } finally {
      entry.moving = false;
      this.moving -= size;
    }
    if (entry.refused) this.shrink();
  }

  private remove(key: string): void {
    const entry = this.entries.get(key);
    if (!entry) return;
    this.entries.delete(key);
    if (entry.bytes) this.inMemory -= entry.size;
  }

  private removeFile({ home, map, attempt }: KeptName): void {
    const path = this.store.dataPath(home, 0, map, attempt);
    for (const file of [indexPath(path), path]) rmSync(file, { force: true });
  }

  private removeFiles(home: JobId): void {
    const dir = this.store.jobDir(home);
    forgetFiles(dir);
    rm(dir, { recursive: true, force: true }).catch(() => {});
  }
}

/** `home` is the cache's name, a dot, the job's. */
const cacheOf = (home: JobId): string => home.slice(0, home.indexOf('.'));

const nameOf = ({ home, map, attempt }: KeptName): string => `${home}/${map}/${attempt}`;
