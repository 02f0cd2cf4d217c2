/**
 * Owns: running one task in this thread: its context over the shuffle and the place it runs in, its metrics, its end.
 * Receives a request and a host; gives a reply, never throws: whatever goes wrong is an error in it.
 */

import { rmSync } from 'node:fs';
import type { ShuffleWriterKind } from '../../core/config.js';
import { fatalError, retryableError, toWireError } from '../../core/errors.js';
import { NO_METRICS, type TaskMetrics } from '../../core/events.js';
import type { WorkerId } from '../../core/ids.js';
import { fromJson } from '../../core/json.js';
import { runTask } from '../../engine/exec/run-task.js';
import type { MutableMetrics, ShuffleWriter, TaskContext } from '../../engine/exec/task-context.js';
import type { PlainPartitioning, ShuffleOutput, TaskInput } from '../../planner/physical/operators.js';
import { BlockStore } from '../shuffle/block-store.js';
import { prepareCodec, shuffleCodec } from '../shuffle/codec.js';
import { createShuffleWriter } from '../shuffle/create-writer.js';
import { readKept } from '../shuffle/kept-reader.js';
import type { KeptBlock } from '../shuffle/kept-store.js';
import { hashPartition, rangePartition, roundRobinPartition } from '../shuffle/partitioner.js';
import { readBlocks } from '../shuffle/reader.js';
import type { WriterOptions } from '../shuffle/writer.js';
import { type KeptTaskWriter, openKeptWriter } from './kept-tasks.js';
import { closureKey, endOthersShare, type LoadedStage, loadStage, shareInStage } from './loaded-stage.js';
import { openDescriptors } from './open-descriptors.js';
import { installSharedValues, withTaskSums } from './shared-values.js';
import type { TaskReply, TaskRequest } from './task-request.js';

/** The place where tasks run: a task thread, or the worker's own thread. */
export interface TaskHost {
  readonly worker: WorkerId;
  readonly store: BlockStore;
  /** Whether the driver's own code runs in this thread, in between. */
  readonly sharesThread: boolean;
  isCancelled(): boolean;
  /** Hands a result block on; waits where too many are under way. */
  emitBlock(index: number, rows: number, block: Uint8Array): Promise<void>;
}

/** A quarter of a task's memory holds rows on their way into the shuffle; sorting them takes twice as much again. */
const BUFFER_SHARE = 4;
/** As much may be on its way from other workers, before an operator holds it. */
const FETCH_SHARE = 4;
const MAX_BUFFER_BYTES = 64 << 20;

/** The directory of a task's spill files, once it asked for it; most tasks never do. */
interface SpillPlace {
  dir: string | null;
}

export async function runRequest(request: TaskRequest, host: TaskHost): Promise<TaskReply> {
  const start = performance.now();
  const metrics: MutableMetrics & { runMs: number } = { ...NO_METRICS };
  const finished = (): TaskMetrics => ({ ...metrics, runMs: performance.now() - start });
  const spill: SpillPlace = { dir: null };
  try {
    installSharedValues(host.store);
    const stage = await loadStage(request.stageFile);
    endOthersShare(stage);
    await prepareCodec(stage.config);
    const { context, blocks, kept } = createContext(request, stage, host, metrics, spill);
    const { definition } = stage;
    const run = () => runTask(definition, fromJson<TaskInput>(request.input), context);
    const { result: written, accumulated } = await withTaskSums(host.sharesThread, run);
    const block = kept();
    const home = block && { home: block.home, memory: block.bytes !== null };
    const place = home ?? (request.service && { served: request.service.served });
    const output = written && definition.output.kind === 'shuffle' ? { ...written, shuffle: definition.output.shuffle, ...place } : null;
    return { ok: true, metrics: finished(), output, kept: block, blocks: blocks(), accumulated };
  } catch (thrown) {
    return { ok: false, metrics: finished(), error: toWireError(thrown) };
  } finally {
    if (spill.dir !== null) rmSync(spill.dir, { recursive: true, force: true });
  }
}

function createContext(
  { key, slot, kept: inMemory, service }: TaskRequest,
  stage: LoadedStage,
  host: TaskHost,
  metrics: MutableMetrics,
  spill: SpillPlace,
): { readonly context: TaskContext; readonly blocks: () => number; readonly kept: () => KeptBlock | null } {
  const { config } = stage;
  let blocks = 0;
  let keptWriter: KeptTaskWriter | null = null;
  const context: TaskContext = {
    key,
    config,
    metrics,
    get spillDir() {
      spill.dir ??= host.store.taskDir(key);
      return spill.dir;
    },
    checkCancelled() {
      if (host.isCancelled()) throw retryableError('TASK_CANCELLED', 'The task was cancelled.');
    },
    readShuffle(shuffle, partition, schema, maps) {
      const outputs = stage.shuffles.get(shuffle);
      if (!outputs) throw fatalError('INTERNAL_ERROR', `Stage ${key.stage} reads shuffle ${shuffle}, of which it was not told.`);
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
    },
    partitionRows: (partitioning, keys, length, start, bounds) => partitionRows(partitioning, keys, length, start + key.partition, bounds),
    readKept(shuffle, partition, schema) {
      const output = stage.shuffles.get(shuffle)?.[partition];
      if (!output) throw fatalError('INTERNAL_ERROR', `Stage ${key.stage} reads kept partition ${partition}, of which it was not told.`);
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
    },
    openShuffleWriter(output, schema) {
      if (!output.keep)
        return openWriter(output, schema, context, { host, slot, outputs: service ? new BlockStore(service.dir) : host.store });
      keptWriter = openKeptWriter(output.keep, schema, context, host);
      return keptWriter;
    },
    once: (name, make) => shareInStage(stage, name, make),
    closure(closure) {
      const fn = stage.functions.get(closureKey(closure));
      if (!fn) throw fatalError('INTERNAL_ERROR', `The function ${closure.id} is not part of stage ${key.stage}.`);
      return fn as (...args: never[]) => unknown;
    },
    async emitResult(block, rows) {
      await host.emitBlock(blocks++, rows, block);
      context.checkCancelled();
    },
  };
  return { context, blocks: () => blocks, kept: () => keptWriter?.written() ?? null };
}

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

function partitionRows(partitioning: PlainPartitioning, ...[keys, length, start, bounds]: PartitionArguments): Int32Array {
  switch (partitioning.kind) {
    case 'hash':
      return hashPartition(
        keys,
        partitioning.exprs.map((expr) => expr.type),
        length,
        partitioning.partitions,
      );
    case 'range':
      return rangePartition(
        keys,
        partitioning.keys.map(({ expr }) => expr.type),
        length,
        partitioning.keys,
        bounds,
      );
    case 'roundRobin':
      return roundRobinPartition(length, partitioning.partitions, start);
    case 'single':
    case 'broadcast':
      return new Int32Array(length);
    default:
      return partitioning satisfies never;
  }
}

function noteDescriptors(metrics: MutableMetrics): void {
  metrics.peakDescriptors = Math.max(metrics.peakDescriptors, openDescriptors());
}

type PartitionArguments = Parameters<TaskContext['partitionRows']> extends [unknown, ...infer Rest] ? Rest : never;

function openWriter(
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
