/** Owns: the operators that read a task's inputs: file splits, rows that came with the plan, number ranges, shuffle partitions. */
import { fatalError, withSite } from '../../core/errors.js';
import { allocInt64 } from '../../data/alloc.js';
import type { Batch } from '../../data/batch.js';
import { concatBatches } from '../../data/concat.js';
import { decodeStream } from '../../data/ipc.js';
import { sliceBatch } from '../../data/slice.js';
import type { LeafInput, PhysicalOf } from '../../planner/physical/operators.js';
import { sourceOf } from '../sources/registry.js';
import type { RowTest, Split } from '../sources/source.js';
import { heldTables, releaseTables } from './memory.js';
import type { Run } from './run.js';
import { passTest } from './scan-filters.js';

/** `makeTests` is asked once, when a reader wants them. */
export async function* scan(
  op: PhysicalOf<'scan'>,
  run: Run,
  recycles: boolean,
  makeTests: () => readonly RowTest[] = () => [],
): AsyncIterable<Batch> {
  const { context } = run;
  let tests: readonly RowTest[] | null = null;
  const source = sourceOf(op.format);
  const request = {
    fileSchema: op.fileSchema,
    partitionSchema: op.partitionSchema,
    columns: op.schema,
    filters: op.filters,
    mayPass: passTest(op.schema, context),
    rowTests: () => {
      tests ??= makeTests();
      return tests;
    },
    options: op.options,
    batchRows: context.config.get('batch.rows'),
    batchBytes: context.config.get('batch.bytes'),
    recycles,
    checkCancelled: () => context.checkCancelled(),
    metrics: context.metrics,
  };
  try {
    for (const input of inputsOf(run, op.id, 'split')) yield* source.readSplit(input.split as Split, request);
  } catch (thrown) {
    throw withSite(thrown, op.site);
  }
}

export async function* local(op: PhysicalOf<'local'>, run: Run): AsyncIterable<Batch> {
  const rows = concatBatches(op.schema, decodeStream(op.ipc).batches);
  for (const { from, to } of inputsOf(run, op.id, 'rows')) {
    if (to > from) yield* inSlices(sliceBatch(rows, from, to), run);
  }
}

function* inSlices(batch: Batch, run: Run): Iterable<Batch> {
  const size = run.context.config.get('batch.rows');
  for (let from = 0; from < batch.length; from += size) yield sliceBatch(batch, from, Math.min(batch.length, from + size));
}

export async function* range(op: PhysicalOf<'range'>, run: Run): AsyncIterable<Batch> {
  const size = run.context.config.get('batch.rows');
  for (const input of inputsOf(run, op.id, 'rows')) {
    for (let from = input.from; from < input.to; from += size) {
      const length = Math.min(size, input.to - from);
      const values = allocInt64(length);
      fillRange(values, op.start + BigInt(from) * op.step, op.step);
      run.context.metrics.inputRows += length;
      yield { length, columns: [{ layout: 'fixed', length, validity: null, values }] };
    }
  }
}

/** As two halves while everything is below 2^53: a bigint a row is ten times slower. */
function fillRange(values: BigInt64Array, start: bigint, step: bigint): void {
  const last = start + step * BigInt(values.length);
  const safe = (v: bigint) => v >= BigInt(Number.MIN_SAFE_INTEGER) && v <= BigInt(Number.MAX_SAFE_INTEGER);
  if (!safe(start) || !safe(last) || !safe(step)) {
    for (let i = 0; i < values.length; i++) values[i] = start + BigInt(i) * step;
    return;
  }
  const lanes = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
  let value = Number(start);
  for (let i = 0; i < lanes.length; i += 2, value += Number(step)) {
    lanes[i] = value | 0;
    lanes[i + 1] = Math.floor(value / 4294967296);
  }
}

export async function* shuffleRead(op: PhysicalOf<'shuffleRead'>, run: Run): AsyncIterable<Batch> {
  const inputs = op.broadcast
    ? Array.from({ length: op.partitions ?? 1 }, (_, partition) => ({ partition, maps: undefined }))
    : inputsOf(run, op.id, 'partition');
  for (const { partition, maps } of inputs) yield* run.context.readShuffle(op.shuffle, partition, op.schema, maps);
}

export async function* coalesce(op: PhysicalOf<'coalesce'>, run: Run): AsyncIterable<Batch> {
  const held = heldTables(run.context);
  for (const [i, { inputs }] of inputsOf(run, op.id, 'nested').entries()) {
    yield* run.withInput(inputs, run.partition + i * op.partitions).execute(op.child);
    releaseTables(run.context, held);
  }
}

export function inputsOf<K extends LeafInput['kind']>(run: Run, id: number, kind: K): Extract<LeafInput, { kind: K }>[] {
  return (run.input[id] ?? []).map((input) => {
    if (input.kind !== kind) throw fatalError('INTERNAL_ERROR', `Leaf ${id} was given a ${input.kind} where it reads a ${kind}.`);
    return input as Extract<LeafInput, { kind: K }>;
  });
}
