/**
 * Owns: what map stages have written, by reduce partition: sums that grow with each map task, and the events that tell of them.
 * A task that runs again writes the same rows again, so it counts once.
 */
import type { ShuffleWriterKind } from '../../core/config.js';
import type { StageOutput } from '../../planner/stages/graph.js';
import type { ShuffleWritten } from '../rpc/messages.js';
import { isAwaited } from './adaptation.js';
import type { StageState, TaskState } from './job-state.js';
import type { Turn, WorkerState } from './state.js';

/** To be called before the output is accepted. Whether the stage has just written too much for those who wait for it to be small. */
export function countWritten(turn: Turn, task: TaskState, worker: WorkerState, { shuffle, bytes, rows }: ShuffleWritten): boolean {
  const { stage, partition } = task;
  const { job, definition } = stage;
  if (shuffleOf(stage) === null) return false;
  if (job.config.get('events.blocks') === 'true') {
    const event = { kind: 'blocks-written', stage: definition.stage, shuffle, map: partition, worker: worker.worker, bytes } as const;
    turn.actions.push({ kind: 'emit', job: job.id, event: { time: turn.time, job: job.id, ...event } });
  }
  if (task.acceptedAt > 0) return false;
  stage.written ??= { bytes: bytes.map(() => 0), rows: rows.map(() => 0), totalBytes: 0 };
  const { written } = stage;
  const wasSmall = written.totalBytes <= (job.adaptive?.broadcastBytes ?? 0);
  for (let i = 0; i < bytes.length; i++) {
    written.bytes[i] += bytes[i];
    written.rows[i] += rows[i];
    written.totalBytes += bytes[i];
  }
  return wasSmall && isAwaited(stage) && written.totalBytes > (job.adaptive?.broadcastBytes ?? 0);
}

/** To be called whenever a stage completes; the first time counts. */
export function tellWritten(turn: Turn, stage: StageState): void {
  const output = shuffleOf(stage);
  const { job, definition, written } = stage;
  if (output === null || stage.toldWritten) return;
  stage.toldWritten = true;
  const { shuffle, partitions } = output;
  const nothing = () => Array.from({ length: partitions }, () => 0);
  const event = {
    kind: 'shuffle-written',
    job: job.id,
    stage: definition.stage,
    shuffle,
    writer: output.writer ?? (job.config.get('shuffle.writer') as ShuffleWriterKind),
    maps: definition.tasks.length,
    partitions,
    bytes: written ? [...written.bytes] : nothing(),
    rows: written ? [...written.rows] : nothing(),
  } as const;
  turn.actions.push({ kind: 'emit', job: job.id, event: { time: turn.time, ...event } });
}

/** Null for stages that keep their rows, and for the one that gives them. */
function shuffleOf({ definition: { output } }: StageState): Extract<StageOutput, { kind: 'shuffle' }> | null {
  return output.kind === 'shuffle' && !output.keep ? output : null;
}
