/**
 * Owns: what a shuffle service keeps: a directory for each worker that is or was attached, and in it one for each job. Removes those of jobs that are
 * over, and after a while whatever nobody can tell it of any more. Hears of attachments and jobs; gives what a block server reads.
 */
import { randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fatalError } from '../../core/errors.js';
import { isId, type JobId, type WorkerId } from '../../core/ids.js';
import { makeDirectories } from '../../core/make-directories.js';
import type { BlockSource } from './block-source.js';
import { BlockStore, cleanAbandoned, openBlockStore } from './block-store.js';
import { forgetFiles } from './local-blocks.js';
import { newToken } from './server.js';

interface Guest extends BlockSource {
  readonly proof: string;
  /** Its streams: a new one may come before the end of the old one is noticed. */
  attached: number;
  /** Removes what nobody asked to remove: all, for a worker that left; one job's, that it lost sight of. */
  readonly timers: Map<JobId | '', NodeJS.Timeout>;
}

/** In a worker's directory; shows it that both see the same one. */
export const PROOF_FILE = 'attached';
const ENDED_JOBS = 1_000;

export class ServiceDirectory {
  private readonly store: BlockStore;
  private readonly retainMs: number;
  private readonly guests = new Map<WorkerId, Guest>();
  /** The latest jobs that are over: their workers may end before they could tidy up. */
  private readonly ended = new Set<JobId>();

  /** Removes what dead processes left in `dir`; empty means the system's temporary directory. Throws SHUFFLE_DIR_UNUSABLE. */
  constructor(dir: string, retainMs: number) {
    cleanAbandoned(dir);
    this.store = openBlockStore(dir, `service-${randomBytes(6).toString('hex')}`);
    this.retainMs = retainMs;
  }

  get root(): string {
    return this.store.root;
  }

  /** For the block server. */
  readonly find = (worker: WorkerId): BlockSource | null => this.guests.get(worker) ?? null;

  /** A worker that comes again has the same directory and token: what it wrote before is still wanted. Throws INVALID_BLOCK_ID. */
  attach(worker: WorkerId): { readonly dir: string; readonly token: string; readonly proof: string } {
    if (!isId(worker)) throw fatalError('INVALID_BLOCK_ID', `'${worker.slice(0, 200)}' is no id of a worker.`);
    let guest = this.guests.get(worker);
    if (!guest) {
      const store = new BlockStore(join(this.store.root, worker));
      guest = { worker, token: newToken(), store, kept: null, proof: newToken(), attached: 0, timers: new Map() };
      makeDirectories(store.root, 0o700);
      writeFileSync(join(store.root, PROOF_FILE), guest.proof, { mode: 0o600 });
      this.guests.set(worker, guest);
    }
    guest.attached++;
    this.endTimer(guest, '');
    return { dir: guest.store.root, token: guest.token, proof: guest.proof };
  }

  /** Its blocks stay, until their jobs end. */
  detach(worker: WorkerId): void {
    const guest = this.guests.get(worker);
    if (!guest || --guest.attached > 0) return;
    for (const job of guest.store.directories()) if (this.ended.has(job)) this.removeJob(guest, job);
    this.startTimer(guest, '', () => this.removeGuest(guest));
    this.removeIfEmpty(guest);
  }

  /** An attached worker says so, of its own tasks and of those of workers that can no longer say it. */
  endJob(worker: WorkerId, job: JobId): void {
    if (!isId(job)) return;
    this.ended.add(job);
    for (const old of this.ended) {
      if (this.ended.size <= ENDED_JOBS) break;
      this.ended.delete(old);
    }
    for (const guest of [...this.guests.values()]) {
      if (guest.attached > 0 && guest.worker !== worker) continue;
      this.removeJob(guest, job);
      this.removeIfEmpty(guest);
    }
  }

  /** The worker will not hear of the job's end, others may. */
  abandonJob(worker: WorkerId, job: JobId): void {
    const guest = this.guests.get(worker);
    if (guest && isId(job)) this.startTimer(guest, job, () => this.removeJob(guest, job));
  }

  /** Removes all. */
  close(): void {
    for (const guest of this.guests.values()) for (const timer of guest.timers.values()) clearTimeout(timer);
    this.guests.clear();
    forgetFiles(this.store.root);
    this.store.remove();
  }

  private removeJob(guest: Guest, job: JobId): void {
    this.endTimer(guest, job);
    const dir = guest.store.jobDir(job);
    forgetFiles(dir);
    rmSync(dir, { recursive: true, force: true });
  }

  private removeIfEmpty(guest: Guest): void {
    if (guest.attached === 0 && guest.store.directories().every((name) => name === PROOF_FILE)) this.removeGuest(guest);
  }

  private removeGuest(guest: Guest): void {
    for (const timer of guest.timers.values()) clearTimeout(timer);
    this.guests.delete(guest.worker);
    forgetFiles(guest.store.root);
    guest.store.remove();
  }

  private startTimer(guest: Guest, name: JobId | '', remove: () => void): void {
    this.endTimer(guest, name);
    guest.timers.set(name, setTimeout(remove, this.retainMs).unref());
  }

  private endTimer(guest: Guest, name: JobId | ''): void {
    clearTimeout(guest.timers.get(name));
    guest.timers.delete(name);
  }
}
