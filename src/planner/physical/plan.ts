/**
 * Owns: logical → physical: which operator does each node's work and where rows must change partition.
 * Receives the optimised plan and what is known of the place it will run in; gives operators, and per leaf the inputs of its partitions.
 */
import { encodeStream } from '../../data/ipc.js';
import type { Schema } from '../../data/types.js';
import { type GroupMap, NO_LIMIT } from '../../frontend/plan/logical.js';
import { outputOf, schemaOf } from '../../frontend/plan/output.js';
import type { Attribute, ResolvedOf, ResolvedPlan } from '../../frontend/plan/resolved.js';
import { estimate, peakBytes } from '../statistics/estimate.js';
import { planAggregate } from './aggregate.js';
import { bind, bindKeys, inputRef } from './bind.js';
import type { Decision } from './decision.js';
import { hashedBy } from './distribution.js';
import { planJoin } from './join.js';
import { localInputs, rangeInputs, scanInputs } from './leaf-inputs.js';
import type { LeafInput, Partitioning, PhysicalOf, PhysicalOp } from './operators.js';
import { choosePartitions, chooseSortPartitions } from './partition-count.js';
import type { NodePlanner, Planned, PlanningContext } from './planned.js';
import { skippingDecision } from './skipping.js';
import { planWindow } from './window.js';

export interface PhysicalPlan {
  readonly root: PhysicalOp;
  /** Leaf id → for each of its partitions, what a task reads. */
  readonly inputs: ReadonlyMap<number, readonly (readonly LeafInput[])[]>;
  /** What had to be chosen, and why, for explain('why'). */
  readonly decisions: readonly Decision[];
}

export function planPhysical(plan: ResolvedPlan, context: PlanningContext): PhysicalPlan {
  const planner = new Planner(context, peakBytes(plan));
  return { root: planner.plan(plan).op, inputs: planner.inputs, decisions: planner.decisions };
}

class Planner implements NodePlanner {
  readonly inputs = new Map<number, readonly (readonly LeafInput[])[]>();
  readonly context: PlanningContext;
  readonly decisions: Decision[] = [];
  private readonly inputBytes: number;
  private chosenPartitions: number | null = null;
  private nextLeaf = 0;

  constructor(context: PlanningContext, inputBytes: number) {
    this.context = context;
    this.inputBytes = inputBytes;
  }

  /** Chosen for the first exchange that asks; a plan without one has nothing to tell of it. */
  get shufflePartitions(): number {
    this.chosenPartitions ??= choosePartitions(this.context, this.inputBytes, this);
    return this.chosenPartitions;
  }

  decide(decision: Decision): void {
    this.decisions.push(decision);
  }

  plan(plan: ResolvedPlan): Planned {
    const output = outputOf(plan);
    const schema = schemaOf(output);
    switch (plan.kind) {
      case 'scan':
      case 'local':
      case 'range':
        return this.planLeaf(plan, output, schema);
      case 'cached':
        return this.planCached(plan, output, schema);
      case 'project': {
        const child = this.plan(plan.child);
        const exprs = plan.exprs.map((e) => bind(e.expr, child.output));
        return { ...child, op: { kind: 'project', schema, child: child.op, exprs }, output };
      }
      case 'filter': {
        const child = this.plan(plan.child);
        const condition = bind(plan.condition, child.output);
        return { ...child, op: { kind: 'filter', schema, child: child.op, condition } };
      }
      case 'generate': {
        const child = this.plan(plan.child);
        const generator = bind(plan.generator, child.output);
        const keep = child.output.map((_, i) => i);
        return { ...child, op: { kind: 'generate', schema, child: child.op, generator, outer: plan.outer, keep }, output };
      }
      case 'expand': {
        const child = this.plan(plan.child);
        const projections = plan.projections.map((exprs) => exprs.map((e) => bind(e, child.output)));
        return { op: { kind: 'expand', schema, child: child.op, projections }, output, partitions: child.partitions };
      }
      case 'aggregate':
        return planAggregate(this, plan);
      case 'join':
        return planJoin(this, plan);
      case 'window':
        return planWindow(this, plan);
      case 'sort':
        return this.planSort(plan, schema, null);
      case 'limit':
        return this.planLimit(plan, schema);
      case 'union': {
        const children = plan.children.map((child) => this.plan(child));
        const partitions = children.reduce((sum, child) => sum + child.partitions, 0);
        return { op: { kind: 'union', schema, children: children.map((c) => c.op) }, output, partitions };
      }
      case 'repartition': {
        const child = this.plan(plan.child);
        const partitions = plan.partitions ?? this.shufflePartitions;
        const exprs = plan.exprs.map((e) => bind(e, child.output));
        const wanted = { asked: plan.partitions === null ? 'keys' : 'partitions', ...(plan.writer && { writer: plan.writer }) } as const;
        if (plan.orders && partitions > 1) {
          const keys = plan.orders.map((order, i) => ({ ...order, expr: exprs[i] }));
          return this.exchange(child, { kind: 'range', keys, partitions, bounds: null }, wanted);
        }
        if (plan.partitioner) {
          const ofKey = plan.partitioner.kind === 'key' ? plan.partitioner.fn : null;
          return this.exchange(child, { kind: 'function', expr: exprs[0], ofKey, partitions }, wanted);
        }
        const partitioning: Partitioning = exprs.length > 0 ? { kind: 'hash', exprs, partitions } : { kind: 'roundRobin', partitions };
        return this.exchange(child, partitioning, wanted);
      }
      case 'coalesce': {
        const child = this.plan(plan.child);
        if (plan.partitions >= child.partitions) return child;
        const op: PhysicalOp = { kind: 'coalesce', id: this.leafId(), schema, child: child.op, partitions: plan.partitions };
        return { op, output, partitions: plan.partitions };
      }
      case 'mapBatches': {
        const child = this.plan(plan.child);
        return { op: { kind: 'mapBatches', schema, child: child.op, fn: plan.fn }, output, partitions: child.partitions };
      }
      case 'mapElements': {
        const child = this.plan(plan.child);
        return { op: { kind: 'mapElements', schema, child: child.op, map: plan.map }, output, partitions: child.partitions };
      }
      case 'mapGroups':
        return this.planGroups(plan, output, schema);
      case 'write': {
        const child = this.plan(plan.child);
        const op: PhysicalOp = { kind: 'write', schema, child: child.op, write: plan.write, query: this.context.query };
        return { op, output, partitions: child.partitions };
      }
      default:
        return plan satisfies never;
    }
  }

  private leafId(): number {
    return this.nextLeaf++;
  }

  private planLeaf(plan: ResolvedOf<'scan' | 'local' | 'range'>, output: readonly Attribute[], schema: Schema): Planned {
    const id = this.leafId();
    const { config, slots } = this.context;
    switch (plan.kind) {
      case 'scan': {
        const { format, options, fileSchema, partitionSchema } = plan.scan;
        const filters = plan.filters.map((f) => bind(f, plan.output));
        if (plan.filters.length > 0) this.decide(skippingDecision(plan));
        const inputs = scanInputs(plan.scan, config.get('read.splitBytes'), slots, this);
        this.inputs.set(id, inputs);
        return {
          op: { kind: 'scan', id, format, options, fileSchema, partitionSchema, schema, filters, site: plan.site },
          output,
          partitions: inputs.length,
        };
      }
      case 'local': {
        const inputs = localInputs(plan.batch.length, plan.partitions);
        this.inputs.set(id, inputs);
        return { op: { kind: 'local', id, schema, ipc: encodeStream(schema, [plan.batch]) }, output, partitions: inputs.length };
      }
      case 'range': {
        const inputs = rangeInputs(plan.start, plan.end, plan.step, plan.partitions ?? slots);
        this.inputs.set(id, inputs);
        return { op: { kind: 'range', id, schema, start: plan.start, step: plan.step }, output, partitions: inputs.length };
      }
      default:
        return plan satisfies never;
    }
  }

  /** Cutting gives it its inputs: it knows how the rows come about. */
  private planCached({ kept, columns }: ResolvedOf<'cached'>, output: readonly Attribute[], schema: Schema): Planned {
    const { cache, label, level, partitions, schema: stored } = kept;
    return { op: { kind: 'cacheRead', id: this.leafId(), schema, cache, label, level, stored, columns, shuffle: -1 }, output, partitions };
  }

  exchange(child: Planned, partitioning: Partitioning, wanted: Pick<PhysicalOf<'exchange'>, 'writer' | 'asked'> = {}): Planned {
    const partitions = partitioning.kind === 'single' || partitioning.kind === 'broadcast' ? 1 : partitioning.partitions;
    const hashed = partitioning.kind === 'hash' ? hashedBy(partitioning.exprs, child.output) : undefined;
    const op: PhysicalOp = { kind: 'exchange', schema: child.op.schema, child: child.op, partitioning, ...wanted };
    return { op, output: child.output, partitions, hashed };
  }

  private planSort(plan: ResolvedOf<'sort'>, schema: Schema, limit: number | null): Planned {
    let child = this.plan(plan.child);
    const keys = bindKeys(plan.keys, child.output);
    const sorted = (of: Planned): Planned => ({ ...of, op: { kind: 'sort', schema, child: of.op, keys, limit } });
    if (plan.global && child.partitions > 1) {
      if (limit !== null) child = sorted(child);
      const isRanged = limit === null && !this.isSmall(plan.child);
      const partitions = isRanged ? chooseSortPartitions(this.context, estimate(plan.child).bytes, this.shufflePartitions) : 1;
      child = this.exchange(child, partitions === 1 ? { kind: 'single' } : { kind: 'range', keys, partitions, bounds: null });
      if (limit === null) this.decide(sortDecision(partitions, estimate(plan.child).bytes));
    }
    return sorted(child);
  }

  /** So few rows that bounds for ranges, for which the child runs a second time, would cost more than a task that sorts them all. */
  private isSmall(plan: ResolvedPlan): boolean {
    return this.context.config.get('shuffle.partitions') === 0 && estimate(plan).bytes <= SMALL_SORT_BYTES;
  }

  /** A limit right above a global sort becomes a top-N, unless it would keep too much in one task. */
  private planLimit(plan: ResolvedOf<'limit'>, schema: Schema): Planned {
    const wanted = plan.limit + plan.offset;
    const limited = (of: Planned, limit: number, offset: number): Planned => ({
      ...of,
      op: { kind: 'limit', schema, child: of.op, limit, offset },
    });
    if (plan.child.kind === 'sort' && plan.child.global && wanted <= MAX_TOP_ROWS) {
      this.decide(topDecision(wanted, 'TopN'));
      return limited(this.planSort(plan.child, schema, wanted), plan.limit, plan.offset);
    }
    if (plan.child.kind === 'sort' && plan.child.global) this.decide(topDecision(wanted, 'Sort'));
    const child = this.plan(plan.child);
    if (child.partitions === 1) return limited(child, plan.limit, plan.offset);
    const first = plan.limit === NO_LIMIT ? child : limited(child, wanted, 0);
    return limited(this.exchange(first, { kind: 'single' }), plan.limit, plan.offset);
  }

  private planGroups(plan: ResolvedOf<'mapGroups'>, output: readonly Attribute[], schema: Schema): Planned {
    const child = this.plan(plan.child);
    const partitions = plan.partitions ?? this.shufflePartitions;
    const side = (of: Planned, which: 'map' | 'reduce', map: GroupMap): Planned => ({
      ...of,
      op: { kind: 'mapGroups', schema: of.op.schema, child: of.op, map, side: which },
    });
    const wanted = plan.partitions === null ? {} : ({ asked: 'partitions' } as const);
    const mapped = this.combines(plan.map) ? side(child, 'map', plan.map) : child;
    const key = inputRef(0, child.output[0]);
    const { partitioner } = plan.map;
    const exchanged = this.exchange(
      mapped,
      partitioner ? { kind: 'function', expr: key, ofKey: partitioner, partitions } : { kind: 'hash', exprs: [key], partitions },
      wanted,
    );
    const reduced = side(exchanged, 'reduce', plan.map);
    return { ...reduced, op: { ...reduced.op, schema } as PhysicalOp, output };
  }

  /** Whether map tasks fold the values of their keys. */
  private combines({ op, combiner }: GroupMap): boolean {
    if (op !== 'combine' && combiner === null) return false;
    const isWanted = this.context.config.get('shuffle.combine') === 'true';
    this.decide({
      operator: 'MapGroups',
      chosen: isWanted ? 'map tasks combine' : 'rows are exchanged as they are',
      because: isWanted ? 'values of a key become one before they are exchanged' : 'shuffle.combine is false',
      numbers: {},
    });
    return isWanted;
  }
}

const SMALL_SORT_BYTES = 32 << 20;
const MAX_TOP_ROWS = 1_000_000;

function topDecision(rows: number, operator: 'TopN' | 'Sort'): Decision {
  const numbers = { 'rows wanted': rows, 'most for a top-N': MAX_TOP_ROWS };
  return operator === 'TopN'
    ? { operator: `TopN ${rows}`, chosen: 'each task keeps its first rows', because: 'the limit above the sort is small', numbers }
    : { operator: 'Sort', chosen: 'sort everything', because: 'the limit above it would keep too much in one task', numbers };
}

function sortDecision(partitions: number, bytes: number): Decision {
  const numbers = { partitions, 'rows bytes': bytes };
  return partitions === 1
    ? { operator: 'Sort', chosen: 'one task sorts all rows', because: 'they are few, or there is one reduce partition', numbers }
    : { operator: 'Sort', chosen: 'partitions by ranges of the keys', because: 'a sample of the rows gives the bounds', numbers };
}
