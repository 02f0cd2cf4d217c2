/**
 * Owns: the driver's side of broadcast variables and accumulators: values until they are destroyed, which of them the cluster has,
 * and the sums that successful tasks sent.
 */
import { randomBytes } from 'node:crypto';
import { deserialize } from 'node:v8';
import { type CallSite, userError } from '../../core/errors.js';
import type { AccumulatorUpdate, EventOf } from '../../core/events.js';
import type { Accumulated, Accumulator } from '../../frontend/api/accumulator.js';
import { type BroadcastHolder, broadcastDestroyed } from '../../frontend/api/broadcast.js';
import { encodeValue } from '../../frontend/closures/value-bytes.js';
import type { Closure } from '../../frontend/plan/expression.js';
import { MAX_BLOB_BYTES } from '../rpc/messages.js';
import type { Executor } from './executor.js';

interface SharedValue {
  /** Null where functions never leave this process: then the value itself is all that is needed. */
  readonly bytes: Uint8Array | null;
  /** Under way or done; null while the cluster has no copy. */
  sent: Promise<void> | null;
}

export class SharedValues {
  private readonly executor: Executor;
  private readonly travels: boolean;
  private readonly values = new Map<string, SharedValue>();
  private readonly accumulators = new Map<string, Accumulator<never, never>>();

  /** `travels`: whether functions, and so values, are sent to workers at all. */
  constructor(executor: Executor, travels: boolean) {
    this.executor = executor;
    this.travels = travels;
  }

  /** Throws user errors VALUE_NOT_SHIPPABLE and BROADCAST_TOO_LARGE. */
  broadcast(value: unknown, site: CallSite | null): { readonly id: string; readonly holder: BroadcastHolder } {
    const id = `broadcast-${randomBytes(6).toString('hex')}`;
    const shared: SharedValue = { bytes: this.travels ? encodeValue(value, site) : null, sent: null };
    const size = shared.bytes?.length ?? 0;
    if (size > MAX_BLOB_BYTES) {
      throw userError('BROADCAST_TOO_LARGE', `A broadcast value of ${size} bytes cannot be sent: ${MAX_BLOB_BYTES} bytes are the most.`, {
        hint: 'Make it a DataFrame and join with it',
        site: site ?? undefined,
      });
    }
    this.values.set(id, shared);
    const holder = {
      value: () => value,
      release: async (forGood: boolean) => {
        const { sent } = shared;
        shared.sent = null;
        if (forGood) this.values.delete(id);
        // What was not sent, or could not be, need not be freed.
        if (sent && (await sent.then(() => true).catch(() => false))) await this.executor.release([id]);
      },
    };
    return { id, holder };
  }

  /** Sends what these functions read and the cluster has not got; gives the ids of all that they read. Throws BROADCAST_DESTROYED. */
  async send(closures: readonly Closure[]): Promise<readonly string[]> {
    const wanted = new Set<string>();
    for (const { shared = [], site } of closures) {
      for (const id of shared) {
        if (!this.values.has(id)) throw broadcastDestroyed(id, 'read by a function').with({ site: site ?? undefined });
        wanted.add(id);
      }
    }
    for (const id of wanted) await this.sendOnce(id);
    return [...wanted];
  }

  accumulate(accumulator: Accumulator<never, never>): void {
    this.accumulators.set(accumulator.id, accumulator);
  }

  /** What counts the successes of one job: each partition of each stage once, however often it is computed. */
  counter(): (event: EventOf<'task-finished'>) => void {
    const counted = new Set<string>();
    return ({ task, accumulated = [] }) => {
      // Nor can a function of the job read one that is made later.
      if (this.accumulators.size === 0) return;
      const name = `${task.stage}/${task.partition}`;
      if (counted.has(name)) return;
      counted.add(name);
      for (const update of accumulated) this.accumulators.get(update.id)?.merge(addedBy(update));
    };
  }

  private async sendOnce(id: string): Promise<void> {
    const shared = this.values.get(id);
    if (!shared?.bytes) return;
    if (shared.sent) return shared.sent;
    const sent = this.executor.share(id, shared.bytes);
    shared.sent = sent;
    sent.catch(() => {
      if (shared.sent === sent) shared.sent = null;
    });
    return sent;
  }
}

function addedBy({ value, values }: AccumulatorUpdate): Accumulated {
  if (values === undefined) return value;
  const items: unknown = deserialize(Buffer.from(values, 'base64'));
  if (Array.isArray(items)) return items;
  throw userError('INVALID_ACCUMULATOR_VALUE', 'The values of an accumulator came back as something else.');
}
