/** Owns: the reduce partition of each row of a batch, by an exchange's partitioning. */
import type { TaskContext } from '../../engine/exec/task-context.js';
import type { PlainPartitioning } from '../../planner/physical/operators.js';
import { hashPartition, rangePartition, roundRobinPartition } from '../shuffle/partitioner.js';

type PartitionArguments = Parameters<TaskContext['partitionRows']> extends [unknown, ...infer Rest] ? Rest : never;

/** As `TaskContext.partitionRows`; `start` is where a round robin begins. */
export function partitionRows(partitioning: PlainPartitioning, ...[keys, length, start, bounds]: PartitionArguments): Int32Array {
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
