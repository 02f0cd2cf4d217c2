/**
 * Owns: a worker's use of a shuffle service: attached from its start, and again after the service was away; meanwhile the worker serves what it
 * writes itself. Gives where the next task is to write; passes on which jobs are over.
 */
import type { JobId, WorkerId } from '../../core/ids.js';
import { backoffMs } from '../rpc/backoff.js';
import type { Served } from '../rpc/messages.js';
import { type Attachment, attachToService } from '../shuffle/attachment.js';

export interface ServicePlace {
  readonly dir: string;
  readonly served: Served;
}

export interface ServiceAddress {
  readonly address: string;
  readonly secret: string | null;
}

const BACKOFF = { firstMs: 500, factor: 2, mostMs: 30_000 };

export class ServiceLink {
  private readonly of: ServiceAddress;
  private readonly worker: WorkerId;
  private attachment: Attachment | null = null;
  private timer: NodeJS.Timeout | null = null;
  private closed = false;

  private constructor(of: ServiceAddress, worker: WorkerId) {
    this.of = of;
    this.worker = worker;
  }

  /** Attached. Throws what attachToService throws. */
  static async open(of: ServiceAddress, worker: WorkerId): Promise<ServiceLink> {
    const link = new ServiceLink(of, worker);
    await link.attach();
    return link;
  }

  /** Null while the service is away. */
  place(): ServicePlace | null {
    return this.attachment && { dir: this.attachment.dir, served: this.attachment.served };
  }

  endJob(job: JobId): void {
    this.attachment?.endJob(job);
  }

  abandonJob(job: JobId): void {
    this.attachment?.abandonJob(job);
  }

  close(): void {
    this.closed = true;
    if (this.timer) clearTimeout(this.timer);
    this.attachment?.detach();
    this.attachment = null;
  }

  private async attach(): Promise<void> {
    const attachment = await attachToService({ ...this.of, worker: this.worker, onLost: () => this.lost() });
    if (this.closed) attachment.detach();
    else this.attachment = attachment;
  }

  private lost(): void {
    this.attachment = null;
    this.tryAgain(1);
  }

  private tryAgain(failures: number): void {
    if (this.closed) return;
    // Not attached the worker does without, so that whatever is wrong is tried again and not told.
    const attach = () => this.attach().catch(() => this.tryAgain(failures + 1));
    this.timer = setTimeout(attach, backoffMs(failures, BACKOFF)).unref();
  }
}
