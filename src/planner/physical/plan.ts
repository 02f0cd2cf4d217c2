/**
 * Owns: logical → physical: which operator does each node's work and where rows must change partition.
 * Receives the optimised plan and what is known of the place it will run in; gives operators, and per leaf the inputs of its partitions.
 */
import { encodeStream } from '../../data/ipc.js';
import type { Schema } from '../../data/types.js';
import { outputOf, schemaOf } from '../../frontend/plan/output.js';
import type { Attribute, ResolvedOf, ResolvedPlan } from '../../frontend/plan/resolved.js';
import { peakBytes } from '../statistics/estimate.js';
import { planAggregate } from './aggregate.js';
import { bind } from './bind.js';
import type { Decision } from './decision.js';
import { hashedBy } from './distribution.js';
import { planJoin } from './join.js';
import { localInputs, rangeInputs, scanInputs } from './leaf-inputs.js';
import { planGroups } from './map-groups.js';
import type { LeafInput, Partitioning, PhysicalOp } from './operators.js';
import { choosePartitions } from './partition-count.js';
import type { NodePlanner, Planned, PlanningContext, Wanted } from './planned.js';
import { planRepartition } from './repartition.js';
import { skippingDecision } from './skipping.js';
import { planLimit, planSort } from './sort.js';
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
        return planSort(this, plan);
      case 'limit':
        return planLimit(this, plan);
      case 'union': {
        const children = plan.children.map((child) => this.plan(child));
        const partitions = children.reduce((sum, child) => sum + child.partitions, 0);
        return { op: { kind: 'union', schema, children: children.map((c) => c.op) }, output, partitions };
      }
      case 'repartition':
        return planRepartition(this, plan);
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
        return planGroups(this, plan);
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

  exchange(child: Planned, partitioning: Partitioning, wanted: Wanted = {}): Planned {
    const partitions = partitioning.kind === 'single' || partitioning.kind === 'broadcast' ? 1 : partitioning.partitions;
    const hashed = partitioning.kind === 'hash' ? hashedBy(partitioning.exprs, child.output) : undefined;
    const op: PhysicalOp = { kind: 'exchange', schema: child.op.schema, child: child.op, partitioning, ...wanted };
    return { op, output: child.output, partitions, hashed };
  }
}
