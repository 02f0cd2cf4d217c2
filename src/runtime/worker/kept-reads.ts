/** Owns: which kept partitions a task reads: what a worker looks up in its memory before it starts the task. */
import { fromJson } from '../../core/json.js';
import { childrenOf, type LeafInput, type PhysicalOp, type TaskInput } from '../../planner/physical/operators.js';
import type { MapOutput, ShuffleLocations } from '../rpc/messages.js';

/** From the JSON of a task's input the kept partitions that it reads at this worker. */
export type KeptReads = (input: string) => readonly MapOutput[];

const NONE: KeptReads = () => [];

/** `definition`: the JSON of a stage. */
export function keptReads(definition: string, shuffles: readonly ShuffleLocations[], worker: string): KeptReads {
  // Most stages read none, and need not be parsed here.
  if (!definition.includes('"cacheRead"')) return NONE;
  const leaves = new Map<number, ReadonlyMap<number, MapOutput>>();
  const visit = (op: PhysicalOp): void => {
    if (op.kind === 'cacheRead') {
      const outputs = shuffles.find(({ shuffle }) => shuffle === op.shuffle)?.outputs ?? [];
      const here = outputs.filter((output) => output.worker === worker);
      leaves.set(op.id, new Map(here.map((output) => [output.map, output])));
    }
    for (const child of childrenOf(op)) visit(child);
  };
  visit(fromJson<{ plan: PhysicalOp }>(definition).plan);
  return (input) => [...partitionsOf(fromJson<TaskInput>(input), leaves)];
}

function* partitionsOf(input: TaskInput, leaves: ReadonlyMap<number, ReadonlyMap<number, MapOutput>>): Iterable<MapOutput> {
  for (const [leaf, items] of Object.entries(input) as [string, readonly LeafInput[]][]) {
    for (const item of items) {
      if (item.kind === 'nested') yield* partitionsOf(item.inputs, leaves);
      const output = item.kind === 'partition' ? leaves.get(Number(leaf))?.get(item.partition) : undefined;
      if (output) yield output;
    }
  }
}
