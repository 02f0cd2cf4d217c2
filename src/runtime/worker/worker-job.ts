/**
 * Owns: one job as a worker knows it: its configuration, the files that its threads read, how many of its tasks run here.
 * Files go when the job was dropped and its last task has ended.
 */
import { renameSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Config } from '../../core/config.js';
import { fatalError } from '../../core/errors.js';
import type { WorkerId } from '../../core/ids.js';
import type { MapOutput, ToWorker } from '../rpc/messages.js';
import { forgetFiles } from '../shuffle/local-blocks.js';
import { type KeptReads, keptReads } from './kept-reads.js';
import { type BundleFile, writeBundle, writeStageFile } from './stage-file.js';

type JobMessage = Extract<ToWorker, { kind: 'job' }>;
type StageMessage = Extract<ToWorker, { kind: 'stage' }>;

let dropped = 0;

export class WorkerJob {
  /** Tasks that run here now. */
  running = 0;
  /** Forgotten by the worker; its files go with its last task. */
  dropped = false;
  /** Of a dropped one: it may go on elsewhere. */
  abandoned = false;
  private readonly dir: string;
  private readonly message: JobMessage;
  private bundle: BundleFile | null = null;
  private parsed: Config | null = null;
  private readonly stages = new Map<string, StageMessage>();
  private readonly files = new Map<string, string>();
  private readonly reads = new Map<string, KeptReads>();
  private readonly worker: WorkerId;

  constructor(dir: string, message: JobMessage, worker: WorkerId) {
    this.worker = worker;
    this.dir = dir;
    this.message = message;
  }

  addStage(message: StageMessage): void {
    const name = `${message.stage}/${message.round}`;
    this.stages.set(name, message);
    this.reads.set(name, keptReads(message.definition, message.shuffles, this.worker));
  }

  /** The kept partitions at this worker that a task reads. */
  keptReads(stage: number, round: number, input: string): readonly MapOutput[] {
    return this.reads.get(`${stage}/${round}`)?.(input) ?? [];
  }

  /** Bytes that kept partitions may take in the worker's memory, as the job's configuration says. */
  cacheBytes(): number {
    return this.config().get('cache.memory');
  }

  /** Path of what the tasks of a round of a stage share; written at its first task. Throws what the disk throws. */
  stageFile(stage: number, round: number): string {
    const name = `${stage}/${round}`;
    let path = this.files.get(name);
    if (path === undefined) {
      const message = this.stages.get(name);
      if (!message) throw fatalError('INTERNAL_ERROR', `Round ${round} of stage ${stage} was not described to this worker.`);
      const { config, bundle } = this.message;
      if (bundle) this.bundle ??= writeBundle(this.dir, bundle);
      const { definition, shuffles } = message;
      path = writeStageFile(this.dir, stage, round, { config, bundle: this.bundle, definition, shuffles });
      this.files.set(name, path);
      // Its locations may be large, and are on disk now.
      this.stages.set(name, { ...message, shuffles: [] });
    }
    return path;
  }

  bundleHash(): string | null {
    return this.message.bundle?.hash ?? null;
  }

  /** Longest time of a task in ms; 0 for no bound. Throws INVALID_CONFIG and UNKNOWN_CONFIG. */
  timeoutMs(): number {
    return this.config().get('task.timeout');
  }

  private config(): Config {
    this.parsed ??= Config.from(this.message.config);
    return this.parsed;
  }

  /** What people call the stage. */
  stageName(stage: number): string {
    for (const message of this.stages.values()) {
      if (message.stage === stage) return (JSON.parse(message.definition) as { name?: string }).name ?? String(stage);
    }
    return String(stage);
  }

  /** Removes the job's directory, in the background; at once it has another name, should the job come again. Never throws. */
  removeFiles(): void {
    forgetFiles(this.dir);
    const trash = `${this.dir}.dropped-${++dropped}`;
    try {
      renameSync(this.dir, trash);
    } catch {
      // There is none, as most often; or it cannot be removed now, and goes with the worker's whole directory.
      return;
    }
    rm(trash, { recursive: true, force: true }).catch(() => {});
  }
}
