/**
 * Owns: broadcast variables and accumulators inside a task: how captured ones come back, the values that this thread has read, and the sums
 * of the task that runs. A thread runs one task at a time; where tasks share a thread with the driver, the async context tells whose call it is.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { existsSync, readFileSync } from 'node:fs';
import { serialize } from 'node:v8';
import { retryableError, userError } from '../../core/errors.js';
import type { AccumulatorUpdate } from '../../core/events.js';
import { Accumulator, type AccumulatorIdentity, installTaskSums, type TaskSum, TaskSums, zeroOf } from '../../frontend/api/accumulator.js';
import { Broadcast } from '../../frontend/api/broadcast.js';
import { ACCUMULATOR_KIND, BROADCAST_KIND, registerUnpacker } from '../../frontend/closures/portable.js';
import { decodeValue } from '../../frontend/closures/value-bytes.js';
import type { BlockStore } from '../shuffle/block-store.js';

let current: TaskSums | null = null;
let contexts: AsyncLocalStorage<TaskSums> | null = null;
let store: BlockStore | null = null;
/** By path; an entry goes when its file is gone and another stage begins. */
const values = new Map<string, unknown>();

/** To be called before a function of the user is decoded. May be called many times. */
export function installSharedValues(blocks: BlockStore): void {
  if (store === blocks) return;
  store = blocks;
  registerUnpacker(BROADCAST_KIND, ({ id }: { readonly id: string }) => new Broadcast(id, { value: () => readValue(id), release }));
  registerUnpacker(ACCUMULATOR_KIND, (identity: AccumulatorIdentity) => new Accumulator(identity, zeroOf(identity.kind)));
  installTaskSums(() => contexts?.getStore() ?? current);
}

/** Lets go of values that were released. */
export function dropReleasedValues(): void {
  for (const path of values.keys()) if (!existsSync(path)) values.delete(path);
}

/** Runs a task; gives its result, and what it added to accumulators. `sharesThread`: the driver's own code may run in between. */
export async function withTaskSums<T>(
  sharesThread: boolean,
  run: () => Promise<T>,
): Promise<{ readonly result: T; readonly accumulated: readonly AccumulatorUpdate[] }> {
  const sums = new TaskSums();
  if (sharesThread) {
    contexts ??= new AsyncLocalStorage();
    return { result: await contexts.run(sums, run), accumulated: updatesOf(sums) };
  }
  current = sums;
  try {
    return { result: await run(), accumulated: updatesOf(sums) };
  } finally {
    current = null;
  }
}

function updatesOf({ sums }: TaskSums): AccumulatorUpdate[] {
  return [...sums].map(([id, sum]) => {
    const { name, kind, value } = sum;
    if (!Array.isArray(value)) return { id, name, kind, value };
    return { id, name, kind, value: value.length, values: collectionBytes(sum, value) };
  });
}

function collectionBytes({ name }: TaskSum, values: readonly unknown[]): string {
  try {
    return serialize(values).toString('base64');
  } catch (cause) {
    const title = name === null ? 'an accumulator' : `the accumulator '${name}'`;
    throw userError('INVALID_ACCUMULATOR_VALUE', `A value added to ${title} cannot travel: ${(cause as Error).message}.`, {
      hint: 'Add plain data',
      cause,
    });
  }
}

function readValue(id: string): unknown {
  const path = (store as BlockStore).blobPath(id);
  if (values.has(path)) return values.get(path);
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    throw retryableError('BROADCAST_UNAVAILABLE', `The broadcast value ${id} is not at this worker: ${(cause as Error).message}.`, {
      data: { blob: id },
      cause,
    });
  }
  const value = decodeValue(bytes);
  values.set(path, value);
  return value;
}

async function release(): Promise<void> {
  throw userError('BROADCAST_ON_DRIVER_ONLY', 'A task cannot unpersist or destroy a broadcast variable.', {
    hint: 'Do it on the driver, after the action',
  });
}
