/**
 * Owns: the messages between scheduler and workers as protobuf objects and back (proto/minispark.proto, field names in camelCase).
 * What arrives is checked as far as the types need it; a frame of an unknown kind is a PROTOCOL_MISMATCH.
 */
import { fatalError, type WireError } from '../../core/errors.js';
import { type AccumulatorUpdate, NO_METRICS, type TaskMetrics } from '../../core/events.js';
import type { TaskKey } from '../../core/ids.js';
import { fromJson, toJson } from '../../core/json.js';
import { decodeSizes, encodeCounts, encodeSizes } from './block-sizes.js';
import type { FromWorker, LaunchedTask, MapOutput, Served, ShuffleLocations, ToWorker } from './messages.js';

/** What proto-loader gives for a message: `kind` is the member of the oneof that is set. */
export type WireMessage = Readonly<Record<string, unknown>> & { readonly kind?: string };

export function encodeFromWorker(message: FromWorker): object {
  switch (message.kind) {
    case 'register':
    case 'heartbeat':
    case 'started':
    case 'leaving':
    case 'result':
    case 'evicted':
      return { [message.kind]: message };
    case 'finished': {
      const { key, metrics, output, blocks, accumulated } = message;
      const written = output && {
        shuffle: output.shuffle,
        path: output.path,
        sizes: encodeSizes(output.bytes),
        rowCounts: encodeCounts(output.rows),
        home: output.home ?? '',
        memory: output.memory ?? false,
        served: output.served ?? null,
      };
      return { finished: { key, metrics, output: written, blocks, accumulatedJson: accumulated ? toJson(accumulated) : '' } };
    }
    case 'failed':
      return { failed: { key: message.key, errorJson: toJson(message.error), metrics: message.metrics } };
    default:
      return message satisfies never;
  }
}

export function decodeFromWorker(wire: WireMessage): FromWorker {
  const body = wire.kind ? (wire[wire.kind] as Record<string, unknown>) : null;
  if (body && 'key' in body && body['key'] === null) throw fatalError('PROTOCOL_MISMATCH', `A ${wire.kind} message names no task.`);
  switch (wire.kind) {
    case 'register':
    case 'heartbeat':
    case 'started':
    case 'leaving':
    case 'result':
    case 'evicted':
      return { ...body, kind: wire.kind } as unknown as FromWorker;
    case 'finished': {
      const { key, metrics, output, blocks, accumulatedJson } = body as unknown as {
        key: TaskKey;
        metrics: TaskMetrics | null;
        output: WireWritten | null;
        blocks: number;
        accumulatedJson: string;
      };
      const written = output && {
        shuffle: output.shuffle,
        path: output.path,
        bytes: decodeSizes(output.sizes),
        rows: decodeSizes(output.rowCounts),
        ...(output.home !== '' && { home: output.home, memory: output.memory }),
        ...(output.served && { served: output.served }),
      };
      const finished = { kind: 'finished', key, metrics: metrics ?? NO_METRICS, output: written, blocks } as const;
      return accumulatedJson === '' ? finished : { ...finished, accumulated: fromJson<AccumulatorUpdate[]>(accumulatedJson) };
    }
    case 'failed': {
      const { key, errorJson, metrics } = body as unknown as { key: TaskKey; errorJson: string; metrics: TaskMetrics | null };
      return { kind: 'failed', key, error: fromJson<WireError>(errorJson), metrics };
    }
    default:
      throw unknownKind('worker');
  }
}

export function encodeToWorker(message: ToWorker): object {
  switch (message.kind) {
    case 'job':
    case 'launch':
    case 'cancel':
    case 'shutdown':
    case 'blob':
    case 'release':
      return { [message.kind]: message };
    case 'stage':
      return { stage: { ...message, shuffles: message.shuffles.map(encodeLocations) } };
    case 'drop-job':
      return { dropJob: message };
    case 'refused':
      return { refusedJson: toJson(message.error) };
    default:
      return message satisfies never;
  }
}

export function decodeToWorker(wire: WireMessage): ToWorker {
  const body = wire.kind ? wire[wire.kind] : null;
  switch (wire.kind) {
    case 'job':
    case 'launch':
    case 'cancel':
    case 'shutdown':
    case 'blob':
    case 'release':
      return { ...(body as object), kind: wire.kind } as ToWorker;
    case 'stage': {
      const stage = body as { shuffles: WireLocations[] };
      return { ...stage, kind: 'stage', shuffles: stage.shuffles.map(decodeLocations) } as unknown as ToWorker;
    }
    case 'dropJob':
      return { kind: 'drop-job', job: (body as { job: string }).job };
    case 'refusedJson':
      return { kind: 'refused', error: fromJson<WireError>(body as string) };
    default:
      throw unknownKind('scheduler');
  }
}

/** Roughly what a message weighs on the wire, to bound frames and buffers. */
export function weightOf(message: FromWorker | ToWorker): number {
  switch (message.kind) {
    case 'result':
      return message.block.length + 64;
    case 'blob':
      return message.bytes.length + 64;
    case 'finished':
      return 128 + (message.output ? message.output.bytes.length * 4 : 0);
    case 'launch':
      return message.tasks.reduce((sum: number, task: LaunchedTask) => sum + task.input.length + 64, 0);
    case 'job':
      return (message.bundle?.code.length ?? 0) + 256;
    case 'stage':
      return message.shuffles.reduce((sum, shuffle) => sum + shuffle.outputs.length * 128, message.definition.length);
    default:
      return 128;
  }
}

interface WireWritten {
  readonly shuffle: number;
  readonly path: string;
  readonly sizes: Uint8Array;
  readonly rowCounts: Uint8Array;
  readonly home: string;
  readonly memory: boolean;
  readonly served: Served | null;
}

interface WireLocations {
  readonly shuffle: number;
  readonly outputs: readonly (Omit<MapOutput, 'bytes' | 'home'> & { readonly sizes: Uint8Array; readonly home: string })[];
}

function encodeLocations({ shuffle, outputs }: ShuffleLocations): WireLocations {
  return { shuffle, outputs: outputs.map(({ bytes, home = '', ...output }) => ({ ...output, home, sizes: encodeSizes(bytes) })) };
}

function decodeLocations({ shuffle, outputs }: WireLocations): ShuffleLocations {
  return {
    shuffle,
    outputs: outputs.map(({ sizes, home, ...output }) => ({ ...output, bytes: decodeSizes(sizes), ...(home !== '' && { home }) })),
  };
}

function unknownKind(sender: string) {
  return fatalError('PROTOCOL_MISMATCH', `The ${sender} sent a message of a kind that is not known here.`, {
    hint: 'Run the same version of minispark everywhere',
  });
}
