/** Owns: the writer of a task whose output is kept, and the description by which the worker takes it in. */
import type { ShuffleWriteResult, ShuffleWriter, TaskContext } from '../../engine/exec/task-context.js';
import type { ShuffleOutput } from '../../planner/physical/operators.js';
import type { KeptBlock } from '../shuffle/kept-store.js';
import { KeptWriter } from '../shuffle/kept-writer.js';
import type { TasklessStage } from './stage-file.js';
import type { TaskHost } from './task-run.js';

/** A writer of one partition, which `written` then describes to the worker. */
export interface KeptTaskWriter extends ShuffleWriter {
  written(): KeptBlock | null;
}

/** A task's share of memory holds the partition while it is made; a larger one goes to a file. */
export function openKeptWriter(
  keep: NonNullable<ShuffleOutput['keep']>,
  schema: TasklessStage['schema'],
  { key, config }: TaskContext,
  host: TaskHost,
): KeptTaskWriter {
  const { cache, level } = keep;
  const home = `${cache}.${key.job}`;
  const { partition: map, attempt } = key;
  const dataPath = host.store.prepareDataPath(home, 0, map, attempt);
  const memoryBytes = level === 'DISK_ONLY' ? 0 : Math.min(config.get('memory'), config.get('cache.memory'));
  const writer = new KeptWriter({ schema, identity: { worker: host.worker, shuffle: 0, map, attempt }, dataPath, memoryBytes });
  let block: KeptBlock | null = null;
  return {
    write: (batch) => writer.write(batch),
    async finish(): Promise<ShuffleWriteResult> {
      block = { cache, home, map, attempt, mayUseDisk: level !== 'MEMORY_ONLY', ...writer.finish() };
      return { path: dataPath, bytes: [block.size], rows: [block.rows], files: 0 };
    },
    abort: () => writer.abort(),
    written: () => block,
  };
}
