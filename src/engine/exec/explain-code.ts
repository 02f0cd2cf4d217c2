/**
 * Owns: the generated code of a stage without running it: what explain('codegen') prints. Batches are taken to be plain (no dictionaries),
 * with nulls, and integers below 2^53; other shapes get functions of their own when they come.
 */
import type { Config } from '../../core/config.js';
import { fatalError } from '../../core/errors.js';
import { NO_METRICS } from '../../core/events.js';
import type { Batch } from '../../data/batch.js';
import { INT32, type Schema } from '../../data/types.js';
import { childrenOf, type PhysicalOp } from '../../planner/physical/operators.js';
import { OutputSink } from '../codegen/output-sink.js';
import { assumedShape, type ColumnShape } from '../codegen/shape.js';
import { type Fused, fuse, pipelineOf } from './fuse.js';
import { HashAggregate } from './hash-aggregate.js';
import { rowTests } from './row-tests.js';
import type { Run } from './run.js';
import { SortedRuns, sortedPipeline } from './sort-aggregate.js';
import type { TaskContext } from './task-context.js';

export interface GeneratedPipeline {
  readonly name: string;
  readonly text: string;
}

/** One entry a generated function, the one nearest to the input first. */
export async function generatedCode(plan: PhysicalOp, config: Config): Promise<GeneratedPipeline[]> {
  const run = dryRun(config);
  const pipelines: GeneratedPipeline[] = [];
  const walk = async (op: PhysicalOp): Promise<void> => {
    if (op.kind === 'sortAggregate') {
      await walk(op.child);
      const pipeline = sortedPipeline(op, new SortedRuns(op, run.context.closure), config.get('codegen.maxCachedFunctions'), 0);
      pipelines.push({ name: `sort-aggregate-${op.mode}`, text: pipeline.source([...shapesOf(op.child.schema), NUMBER]).text });
      return;
    }
    const isAggregate = op.kind === 'hashAggregate';
    const fused = await fuse(isAggregate ? op.child : op, run);
    const below = isAggregate || fused.steps.length > 0 ? [fused.base] : childrenOf(op);
    for (const child of below) await walk(child);
    pipelines.push(...testsOf(fused, run));
    if (isAggregate) {
      const sink = new HashAggregate(op, run.context.closure);
      pipelines.push(sourceOf(fused, pipelineOf(fused, sink, `aggregate-${op.mode}`, run)));
    } else if (fused.steps.length > 0) {
      const sink = new OutputSink(
        op.schema.fields.map((f) => f.type),
        1,
        1,
      );
      pipelines.push(sourceOf(fused, pipelineOf(fused, sink, 'output', run)));
    }
  };
  await walk(plan);
  return pipelines;
}

function sourceOf({ base, names }: Fused, pipeline: ReturnType<typeof pipelineOf>): GeneratedPipeline {
  return { name: names.join(' → '), text: pipeline.source(shapesOf(base.schema)).text };
}

/** What a scan asks before it has read all columns. */
function testsOf({ base, leading }: Fused, run: Run): GeneratedPipeline[] {
  if (base.kind !== 'scan' || base.format !== 'parquet') return [];
  const { fields } = base.schema;
  return rowTests(leading, base.schema, run).map(({ columns, pipeline }) => ({
    name: `scan: rows by ${columns.map((k) => fields[k].name).join(', ')}`,
    text: pipeline.source(shapesOf(base.schema)).text,
  }));
}

const shapesOf = (schema: Schema): ColumnShape[] => schema.fields.map((f) => assumedShape(f.type, f.nullable));

/** Of the column that tells each row's group. */
const NUMBER = assumedShape(INT32, false);

/** A place where nothing runs: inputs are empty, user functions are never called. */
function dryRun(config: Config): Run {
  const refuse = (): never => {
    throw fatalError('INTERNAL_ERROR', 'explain does not run anything.');
  };
  const context: TaskContext = {
    key: { job: 'explain', stage: 0, partition: 0, attempt: 0 },
    config,
    metrics: { ...NO_METRICS },
    spillDir: '',
    checkCancelled() {},
    readShuffle: refuse,
    readKept: refuse,
    partitionRows: refuse,
    openShuffleWriter: refuse,
    once: (_, make) => make(),
    closure: () => refuse,
    emitResult: refuse,
  };
  const run: Run = { context, input: {}, partition: 0, execute: nothing, withInput: () => run };
  return run;
}

async function* nothing(): AsyncGenerator<Batch> {}
