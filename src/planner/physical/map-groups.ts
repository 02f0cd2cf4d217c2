/** Owns: how functions over groups run: the values of a key are brought to one task, and folded before where that is wanted. */
import type { GroupMap } from '../../frontend/plan/logical.js';
import { outputOf, schemaOf } from '../../frontend/plan/output.js';
import type { ResolvedOf } from '../../frontend/plan/resolved.js';
import { inputRef } from './bind.js';
import type { PhysicalOp } from './operators.js';
import type { NodePlanner, Planned } from './planned.js';

export function planGroups(planner: NodePlanner, plan: ResolvedOf<'mapGroups'>): Planned {
  const output = outputOf(plan);
  const schema = schemaOf(output);
  const child = planner.plan(plan.child);
  const partitions = plan.partitions ?? planner.shufflePartitions;
  const side = (of: Planned, which: 'map' | 'reduce', map: GroupMap): Planned => ({
    ...of,
    op: { kind: 'mapGroups', schema: of.op.schema, child: of.op, map, side: which },
  });
  const wanted = plan.partitions === null ? {} : ({ asked: 'partitions' } as const);
  const mapped = combines(planner, plan.map) ? side(child, 'map', plan.map) : child;
  const key = inputRef(0, child.output[0]);
  const { partitioner } = plan.map;
  const exchanged = planner.exchange(
    mapped,
    partitioner ? { kind: 'function', expr: key, ofKey: partitioner, partitions } : { kind: 'hash', exprs: [key], partitions },
    wanted,
  );
  const reduced = side(exchanged, 'reduce', plan.map);
  return { ...reduced, op: { ...reduced.op, schema } as PhysicalOp, output };
}

/** Whether map tasks fold the values of their keys. */
function combines(planner: NodePlanner, { op, combiner }: GroupMap): boolean {
  if (op !== 'combine' && combiner === null) return false;
  const isWanted = planner.context.config.get('shuffle.combine') === 'true';
  planner.decide({
    operator: 'MapGroups',
    chosen: isWanted ? 'map tasks combine' : 'rows are exchanged as they are',
    because: isWanted ? 'values of a key become one before they are exchanged' : 'shuffle.combine is false',
    numbers: {},
  });
  return isWanted;
}
