/** Owns: how a grouped aggregation is spread: partial before the exchange and final after it, or complete after it where an argument is DISTINCT. */
import { fatalError } from '../../core/errors.js';
import { field } from '../../data/types.js';
import type { AggregateFunction } from '../../frontend/functions/definition.js';
import { findFunction } from '../../frontend/functions/registry.js';
import { outputOf, schemaOf } from '../../frontend/plan/output.js';
import type { Aggregated, BoundExpr, ResolvedOf } from '../../frontend/plan/resolved.js';
import { bind, bindAggregate, inputRef } from './bind.js';
import { isClustered } from './distribution.js';
import type { Partitioning, PhysicalOp } from './operators.js';
import type { NodePlanner, Planned } from './planned.js';

export function planAggregate(planner: NodePlanner, plan: ResolvedOf<'aggregate'>): Planned {
  const output = outputOf(plan);
  const schema = schemaOf(output);
  const child = planner.plan(plan.child);
  const keys = plan.groupings.map((g) => bind(g.expr, child.output));
  const aggregates = plan.aggregates.map((a) => bindAggregate(a, child.output));
  const apply = (of: Planned, mode: 'complete' | 'final', by: readonly BoundExpr[]): Planned => ({
    op: { kind: 'hashAggregate', schema, child: of.op, mode, keys: by, aggregates },
    output,
    partitions: of.partitions,
    hashed: of.hashed,
  });
  /** By the grouping columns, whatever they are computed of. */
  const hashed = plan.groupings.length === 0 ? undefined : plan.groupings.map(({ id }) => [id]);
  const spread = (of: Planned, by: readonly BoundExpr[]): Planned => {
    const partitioning: Partitioning =
      by.length === 0 ? { kind: 'single' } : { kind: 'hash', exprs: by, partitions: planner.shufflePartitions };
    return { ...planner.exchange(of, partitioning), hashed };
  };
  const decide = (chosen: string, because: string): void =>
    planner.decide({ operator: aggregateName(plan), chosen, because, numbers: { 'input partitions': child.partitions } });
  const groupings = plan.groupings.map((g) => g.expr);
  if (child.partitions === 1 || (groupings.length > 0 && isClustered(child, groupings))) {
    decide('at once', child.partitions === 1 ? 'its input is one partition' : 'the rows of a group lie in one partition already');
    return apply(child, 'complete', keys);
  }
  if (aggregates.some((a) => a.distinct)) {
    decide('rows are exchanged first', 'an argument is DISTINCT: parts of its groups cannot be put together');
    return apply(spread(child, keys), 'complete', keys);
  }
  decide('in two phases', 'groups of each task are fewer than its rows, mostly');
  const partial = planPartial(child, plan, keys, aggregates);
  const refs = plan.groupings.map((_, i) => inputRef(i, output[i]));
  return apply(spread(partial, refs), 'final', refs);
}

function aggregateName({ groupings, aggregates }: ResolvedOf<'aggregate'>): string {
  const by = groupings.length === 0 ? '' : ` by ${groupings.map((g) => g.name).join(', ')}`;
  return `Aggregate ${aggregates.map((a) => a.name).join(', ')}${by}`.replace('  ', ' ');
}

function planPartial(
  child: Planned,
  plan: ResolvedOf<'aggregate'>,
  keys: readonly BoundExpr[],
  aggregates: readonly Aggregated<BoundExpr>[],
): Planned {
  const keyFields = plan.groupings.map((g, i) => field(g.name, keys[i].type, keys[i].nullable));
  const stateFields = aggregates.flatMap((a) => partialTypes(a).map((type, k) => field(`${a.name}_${k}`, type)));
  const schema = { fields: [...keyFields, ...stateFields] };
  const op: PhysicalOp = { kind: 'hashAggregate', schema, child: child.op, mode: 'partial', keys, aggregates };
  // Partial columns have no attributes: the final aggregate refers to them by ordinal.
  return { op, output: [], partitions: child.partitions };
}

function partialTypes(aggregate: Aggregated<BoundExpr>) {
  const definition = findFunction(aggregate.fn) as AggregateFunction | null;
  if (definition?.kind !== 'aggregate') throw fatalError('INTERNAL_ERROR', `${aggregate.fn} is no aggregate.`);
  const args = aggregate.args.map((e) => ({ type: e.type, nullable: e.nullable, literal: e.kind === 'literal' ? e.value : undefined }));
  return definition.partialTypes({ fn: aggregate.fn, args, type: aggregate.type });
}
