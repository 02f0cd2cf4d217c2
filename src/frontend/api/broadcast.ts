/**
 * Owns: Broadcast<T>, a value that every worker gets once, however many tasks read it. Made by session.broadcast(); captured by a function it
 * travels as its id, and inside a task `value` is read from what the worker keeps.
 */
import { callSite } from '../../core/call-site.js';
import { type MinisparkError, userError } from '../../core/errors.js';
import { PACK } from './pack.js';

/** Where a broadcast's value lies and how it is given up; the driver's and the tasks' differ. */
export interface BroadcastHolder {
  value(): unknown;
  /** Frees what workers hold, `forGood` or until it is read again; resolves when they were told. */
  release(forGood: boolean): Promise<void>;
}

export class Broadcast<T> {
  /** Names it in logs. */
  readonly id: string;
  private holder: BroadcastHolder | null;

  constructor(id: string, holder: BroadcastHolder) {
    this.id = id;
    this.holder = holder;
  }

  /** The value: the very one that was given on the driver, a copy on workers. It must not be changed. Throws BROADCAST_DESTROYED. */
  get value(): T {
    return this.alive('read').value() as T;
  }

  /** Frees the copies on workers, once no running job uses them; a later job that reads it has them sent again. Throws BROADCAST_DESTROYED. */
  async unpersist(): Promise<void> {
    await this.alive('unpersisted').release(false);
  }

  /** Frees it everywhere, for good. May be called again. */
  async destroy(): Promise<void> {
    const { holder } = this;
    this.holder = null;
    await holder?.release(true);
  }

  get isDestroyed(): boolean {
    return this.holder === null;
  }

  [PACK](): { kind: string; data: { id: string } } {
    this.alive('captured');
    return { kind: 'broadcast', data: { id: this.id } };
  }

  private alive(what: string): BroadcastHolder {
    if (this.holder) return this.holder;
    throw broadcastDestroyed(this.id, what);
  }
}

export function broadcastDestroyed(id: string, what: string): MinisparkError {
  return userError('BROADCAST_DESTROYED', `The broadcast variable ${id} cannot be ${what}: it was destroyed.`, {
    hint: 'Call destroy() after the last action that reads it; unpersist() frees memory and keeps it usable',
    site: callSite() ?? undefined,
  });
}
