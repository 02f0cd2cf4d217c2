/**
 * Owns: how a task reads and writes shuffles: which share of its memory that may take, what is configured, and what its metrics are told.
 */
import type { ShuffleWriterKind } from '../../core/config.js';
import { fatalError } from '../../core/errors.js';
import type { MutableMetrics, ShuffleWriter, TaskContext } from '../../engine/exec/task-context.js';
import type { ShuffleOutput } from '../../planner/physical/operators.js';
import type { MapOutput } from '../rpc/messages.js';
import type { BlockStore } from '../shuffle/block-store.js';
import { shuffleCodec } from '../shuffle/codec.js';
import { createShuffleWriter } from '../shuffle/create-writer.js';
import { readKept } from '../shuffle/kept-reader.js';
import { readBlocks } from '../shuffle/reader.js';
import type { WriterOptions } from '../shuffle/writer.js';
import type { LoadedStage } from './loaded-stage.js';
import { openDescriptors } from './open-descriptors.js';
import type { KeptBytes } from './task-request.js';
import type { TaskHost } from './task-run.js';

type ReadArguments = Parameters<TaskContext['readShuffle']>;
type KeptArguments = Parameters<TaskContext['readKept']>;
type Batches = ReturnType<TaskContext['readShuffle']>;

/** A quarter of a task's memory holds rows on their way into the shuffle; sorting them takes twice as much again. */
const BUFFER_SHARE = 4;
/** As much may be on its way from other workers, before an operator holds it. */
const FETCH_SHARE = 4;
const MAX_BUFFER_BYTES = 64 << 20;

/** What every reader of a task's shuffles and kept partitions is told. */
function readOptions(context: TaskContext) {
  const { config, metrics } = context;
  return {
    batchRows: config.get('batch.rows'),
    batchBytes: config.get('batch.bytes'),
    bytesInFlight: Math.min(config.get('shuffle.fetchBytesInFlight'), Math.floor(config.get('memory') / FETCH_SHARE)),
    patience: { tries: config.get('shuffle.fetchTries'), stallMs: config.get('shuffle.fetchTimeout') },
    spillDir: () => context.spillDir,
    onSpill(bytes: number) {
      metrics.spilledBytes += bytes;
    },
  };
}

/** As `TaskContext.readShuffle`, of a stage that was told where the blocks are. Throws FETCH_FAILED. */
export function readShuffle(stage: LoadedStage, context: TaskContext, ...[shuffle, partition, schema, maps]: ReadArguments): Batches {
  const { key, metrics } = context;
  const outputs = outputsOf(stage, context, shuffle);
  return readBlocks(maps ? outputs.slice(maps.from, maps.to) : outputs, partition, {
    ...readOptions(context),
    job: key.job,
    shuffle,
    schema,
    onBlock(bytes, rows, remote) {
      if (metrics.shuffleReadBytes === 0) noteDescriptors(metrics);
      metrics.shuffleReadBytes += bytes;
      metrics.shuffleReadRows += rows;
      if (remote) metrics.shuffleRemoteBytes += bytes;
    },
  });
}

/** As `TaskContext.readKept`; `inMemory` are those of this worker's kept partitions that the task may read. Throws FETCH_FAILED. */
export function readKeptPartition(
  stage: LoadedStage,
  context: TaskContext,
  inMemory: readonly KeptBytes[],
  ...[shuffle, partition, schema]: KeptArguments
): Batches {
  const { metrics } = context;
  const output = outputsOf(stage, context, shuffle)[partition];
  if (!output)
    throw fatalError('INTERNAL_ERROR', `Stage ${context.key.stage} reads kept partition ${partition}, of which it was not told.`);
  const here = inMemory.find(({ home, map }) => home === output.home && map === partition);
  return readKept(output, {
    ...readOptions(context),
    shuffle,
    schema,
    bytes: here?.bytes ?? null,
    onBlock(bytes, rows, remote) {
      metrics.cacheReadBytes += bytes;
      metrics.cacheReadRows += rows;
      if (remote) metrics.shuffleRemoteBytes += bytes;
    },
  });
}

function outputsOf(stage: LoadedStage, { key }: TaskContext, shuffle: number): readonly MapOutput[] {
  const outputs = stage.shuffles.get(shuffle);
  if (!outputs) throw fatalError('INTERNAL_ERROR', `Stage ${key.stage} reads shuffle ${shuffle}, of which it was not told.`);
  return outputs;
}

/** The writer of a map task on this slot; its blocks go to `outputs`. */
export function openWriter(
  output: ShuffleOutput,
  schema: LoadedStage['definition']['schema'],
  context: TaskContext,
  { host, slot, outputs }: { readonly host: TaskHost; readonly slot: number; readonly outputs: BlockStore },
): ShuffleWriter {
  const { key, config, metrics } = context;
  const { shuffle, partitions } = output;
  const layout = { writer: output.writer ?? (config.get('shuffle.writer') as ShuffleWriterKind), slot };
  const options: WriterOptions = {
    schema,
    partitions,
    identity: { worker: host.worker, shuffle, map: key.partition, attempt: key.attempt },
    dataPath: outputs.prepareDataPath(key.job, shuffle, key.partition, key.attempt),
    // Asked for by writers that spill alone.
    get spillDir() {
      return context.spillDir;
    },
    bufferBytes: Math.min(MAX_BUFFER_BYTES, config.get('memory') / BUFFER_SHARE),
    batchRows: config.get('batch.rows'),
    codec: shuffleCodec(config),
    onSpill: (bytes) => {
      metrics.spilledBytes += bytes;
    },
    onOpen: () => noteDescriptors(metrics),
    onMemory: (bytes) => {
      metrics.peakMemoryBytes = Math.max(metrics.peakMemoryBytes, bytes);
    },
  };
  return createShuffleWriter(options, layout);
}

function noteDescriptors(metrics: MutableMetrics): void {
  metrics.peakDescriptors = Math.max(metrics.peakDescriptors, openDescriptors());
}
