/**
 * Owns: which operators fuse: from an operator down to the next pipeline-breaker, the steps of one generated function and the input they read.
 */
import type { Batch } from '../../data/batch.js';
import { sliceBatch } from '../../data/slice.js';
import type { PhysicalOp } from '../../planner/physical/operators.js';
import { expandStep } from '../codegen/expand.js';
import { generateStep } from '../codegen/generate.js';
import { OutputSink } from '../codegen/output-sink.js';
import { filterStep, Pipeline, projectStep, type Sink, type Step } from '../codegen/pipeline.js';
import { joinStep } from './hash-join.js';
import type { Run } from './run.js';

/** Steps bottom to top, over the rows of `base`. */
export interface Fused {
  readonly base: PhysicalOp;
  readonly steps: readonly Step[];
  readonly names: readonly string[];
  /** Whether a row may become many. */
  readonly expands: boolean;
}

/** Walks down from `op`; builds the hash tables of the joins on the way. */
export async function fuse(op: PhysicalOp, run: Run): Promise<Fused> {
  const { context } = run;
  const closures = context.closure.bind(context);
  switch (op.kind) {
    case 'filter':
      return extend(await fuse(op.child, run), 'filter', filterStep(op.condition, closures));
    case 'project':
      return extend(await fuse(op.child, run), 'project', projectStep(op.exprs, closures));
    case 'generate': {
      const types = op.schema.fields.slice(op.keep.length).map((f) => f.type);
      const { generator, outer, keep } = op;
      return expanding(extend(await fuse(op.child, run), 'generate', generateStep({ generator, outer, keep, types }, closures)));
    }
    case 'expand': {
      const step = expandStep({ projections: op.projections, types: op.schema.fields.map((f) => f.type) }, closures);
      return expanding(extend(await fuse(op.child, run), 'expand', step));
    }
    case 'hashJoin': {
      const step = await joinStep(op, run);
      return expanding(extend(await fuse(op.build === 'left' ? op.right : op.left, run), 'join', step));
    }
    default:
      return { base: op, steps: [], names: [op.kind], expands: false };
  }
}

function extend(fused: Fused, name: string, step: Step): Fused {
  return { ...fused, steps: [...fused.steps, step], names: [...fused.names, name] };
}

const expanding = (fused: Fused): Fused => ({ ...fused, expands: true });

export function pipelineOf({ base, steps, names }: Fused, sink: Sink, sinkName: string, run: Run): Pipeline {
  const input = base.schema.fields.map((f) => f.type);
  const { config } = run.context;
  const maxCached = config.get('codegen.maxCachedFunctions');
  return new Pipeline({ name: [...names, sinkName].join('-'), input, steps, sink, maxCached, partition: run.partition });
}

/** Where a row may become many, a batch goes in slices that make about a batch or two: all that one makes waits in memory. */
const FIRST_ROWS = 16;

/** The rows of operators that only fuse: one generated function from the input's batches to new ones. */
export async function* runFused(op: PhysicalOp, run: Run): AsyncIterable<Batch> {
  const fused = await fuse(op, run);
  const { config } = run.context;
  const sink = new OutputSink(
    op.schema.fields.map((f) => f.type),
    config.get('batch.rows'),
    config.get('batch.bytes'),
  );
  const pipeline = pipelineOf(fused, sink, 'output', run);
  let rows = fused.expands ? FIRST_ROWS : Number.POSITIVE_INFINITY;
  for await (const batch of run.execute(fused.base, true)) {
    for (let from = 0; from < batch.length; ) {
      run.context.checkCancelled();
      const to = Math.min(batch.length, from + rows);
      pipeline.run(sliceBatch(batch, from, to));
      from = to;
      const made = sink.take();
      yield* made;
      if (made.length === 0) rows *= 2;
      else if (made.length > 2) rows = Math.max(1, Math.floor(rows / made.length));
    }
  }
  yield* sink.finish();
}
