/**
 * Owns: how a grouped aggregation is spread: partial before the exchange and final after it, or complete after it where rows must meet first;
 * and whether groups are found by a hash table or by sorting.
 */
import { fatalError } from '../../core/errors.js';
import { type DataType, field, INT32, INT64, type Schema } from '../../data/types.js';
import type { AggregateFunction } from '../../frontend/functions/definition.js';
import { findFunction } from '../../frontend/functions/registry.js';
import { outputOf, schemaOf } from '../../frontend/plan/output.js';
import type { Aggregated, BoundExpr, InputRef, ResolvedExpr, ResolvedOf } from '../../frontend/plan/resolved.js';
import { type AggregateInput, narrowed } from './aggregate-input.js';
import { bind, bindAggregate, inputRef } from './bind.js';
import { isClustered } from './distribution.js';
import type { Partitioning, PhysicalOp } from './operators.js';
import type { NodePlanner, Planned } from './planned.js';

type AggregatePlan = ResolvedOf<'aggregate'>;

export function planAggregate(planner: NodePlanner, plan: AggregatePlan): Planned {
  const child = planner.plan(plan.child);
  const input: AggregateInput = {
    child,
    keys: plan.groupings.map((g) => bind(withoutNegativeZero(g.expr), child.output)),
    aggregates: plan.aggregates.map((a) => bindAggregate(a, child.output)),
  };
  const spread = new SpreadAggregate(planner, plan);
  const decide = (chosen: string, because: string): void =>
    planner.decide({ operator: aggregateName(plan), chosen, because, numbers: { 'input partitions': child.partitions } });
  if (spread.isSorted) decide('groups by sorting', 'aggregate.strategy says so');
  const groupings = plan.groupings.map((g) => g.expr);
  if (child.partitions === 1 || (groupings.length > 0 && isClustered(child, groupings))) {
    decide('at once', child.partitions === 1 ? 'its input is one partition' : 'the rows of a group lie in one partition already');
    return spread.complete(input);
  }
  if (input.aggregates.some((a) => a.distinct)) {
    decide('rows are exchanged first', 'an argument is DISTINCT: parts of its groups cannot be put together');
    return spread.exchangedFirst(input);
  }
  if (plan.salts !== undefined) {
    decide(`in two steps, over ${plan.salts} salts`, 'the grouping is salted');
    return spread.salted(input, plan.salts);
  }
  if (planner.context.config.get('shuffle.combine') === 'false') {
    decide('rows are exchanged first', 'shuffle.combine is false');
    return spread.exchangedFirst(input);
  }
  decide('in two phases', 'groups of each task are fewer than its rows, mostly');
  return spread.twoPhases(input);
}

/** 0 and -0 are one group, and it is called 0, as in Spark, whichever came first. Of x + 0 nothing else changes. */
function withoutNegativeZero(expr: ResolvedExpr): ResolvedExpr {
  const { kind } = expr.type;
  if (kind !== 'float32' && kind !== 'float64') return expr;
  if (expr.kind === 'literal') return { ...expr, value: expr.value === null ? null : (expr.value as number) + 0 };
  const zero: ResolvedExpr = { kind: 'literal', value: 0, type: expr.type, nullable: false };
  return { kind: 'call', fn: '+', args: [expr, zero], type: expr.type, nullable: expr.nullable, site: null };
}

function aggregateName({ groupings, aggregates }: AggregatePlan): string {
  const by = groupings.length === 0 ? '' : ` by ${groupings.map((g) => g.name).join(', ')}`;
  return `Aggregate ${aggregates.map((a) => a.name).join(', ')}${by}`.replace('  ', ' ');
}

/** The phases of one aggregation. */
class SpreadAggregate {
  private readonly planner: NodePlanner;
  private readonly plan: AggregatePlan;
  /** There is nothing to sort by where all rows are one group. */
  readonly isSorted: boolean;

  constructor(planner: NodePlanner, plan: AggregatePlan) {
    this.planner = planner;
    this.plan = plan;
    this.isSorted = planner.context.config.get('aggregate.strategy') === 'sort' && plan.groupings.length > 0;
  }

  /** From rows of which those of a group lie in one partition to results. */
  complete(input: AggregateInput): Planned {
    const output = outputOf(this.plan);
    return { ...input.child, op: this.operator(input, 'complete', schemaOf(output)), output };
  }

  /** The rows themselves by key, then all at once. */
  exchangedFirst(input: AggregateInput): Planned {
    const narrow = narrowed(input, this.plan);
    return this.complete({ ...narrow, child: this.exchanged(narrow.child, narrow.keys) });
  }

  /** The rows by key and salt; each task aggregates what it has of a group, and the parts are exchanged by key. */
  salted(input: AggregateInput, salts: number): Planned {
    const narrow = narrowed(input, this.plan);
    const partitioning: Partitioning = { kind: 'hash', exprs: [...narrow.keys, saltOf(salts)], partitions: this.planner.shufflePartitions };
    return this.twoPhases({ ...narrow, child: this.planner.exchange(narrow.child, partitioning) });
  }

  twoPhases(input: AggregateInput): Planned {
    const output = outputOf(this.plan);
    const keys = this.plan.groupings.map((_, i) => inputRef(i, output[i]));
    const child = this.exchanged(this.partial(input), keys);
    return { ...child, op: this.operator({ ...input, child, keys }, 'final', schemaOf(output)), output };
  }

  private partial(input: AggregateInput): Planned {
    const keys = this.plan.groupings.map((g, i) => field(g.name, input.keys[i].type, input.keys[i].nullable));
    const states = input.aggregates.flatMap((a) => partialTypes(a).map((type, k) => field(`${a.name}_${k}`, type)));
    const op = this.operator(input, 'partial', { fields: [...keys, ...states] });
    // Partial columns have no attributes: the final aggregate refers to them by ordinal.
    return { op, output: [], partitions: input.child.partitions };
  }

  private exchanged(child: Planned, keys: readonly BoundExpr[]): Planned {
    const partitioning: Partitioning =
      keys.length === 0 ? { kind: 'single' } : { kind: 'hash', exprs: keys, partitions: this.planner.shufflePartitions };
    // By the grouping columns, whatever they are computed of.
    const hashed = keys.length === 0 ? undefined : this.plan.groupings.map(({ id }) => [id]);
    return { ...this.planner.exchange(child, partitioning), hashed };
  }

  private operator(input: AggregateInput, mode: 'partial' | 'final' | 'complete', schema: Schema): PhysicalOp {
    if (!this.isSorted)
      return { kind: 'hashAggregate', schema, child: input.child.op, mode, keys: input.keys, aggregates: input.aggregates };
    const { child, keys, aggregates } = input.keys.every(isInput) ? input : narrowed(input, this.plan);
    const order = keys.map((expr) => ({ expr, ascending: true, nullsFirst: true }));
    const sorted: PhysicalOp = { kind: 'sort', schema: child.op.schema, child: child.op, keys: order, limit: null };
    return { kind: 'sortAggregate', schema, child: sorted, mode, keys: keys.filter(isInput), aggregates };
  }
}

/** As the column salt(salts) of the API: by a hash of the row's place, since places themselves may go in step with the keys. */
function saltOf(salts: number): BoundExpr {
  const call = (fn: string, args: readonly BoundExpr[], type: DataType): BoundExpr => ({
    kind: 'call',
    fn,
    args,
    type,
    nullable: false,
    site: null,
  });
  const number: BoundExpr = { kind: 'literal', value: salts, type: INT32, nullable: false };
  return call('pmod', [call('hash', [call('monotonically_increasing_id', [], INT64)], INT32), number], INT32);
}

const isInput = (expr: BoundExpr): expr is InputRef => expr.kind === 'input';

function partialTypes(aggregate: Aggregated<BoundExpr>) {
  const definition = findFunction(aggregate.fn) as AggregateFunction | null;
  if (definition?.kind !== 'aggregate') throw fatalError('INTERNAL_ERROR', `${aggregate.fn} is no aggregate.`);
  const args = aggregate.args.map((e) => ({ type: e.type, nullable: e.nullable, literal: e.kind === 'literal' ? e.value : undefined }));
  return definition.partialTypes({ fn: aggregate.fn, args, type: aggregate.type });
}
