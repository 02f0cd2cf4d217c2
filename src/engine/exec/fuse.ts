/**
 * Owns: which operators fuse: from an operator down to the next pipeline-breaker, the steps of one generated function and the input they read.
 */
import type { Batch } from '../../data/batch.js';
import type { DataType } from '../../data/types.js';
import type { PhysicalOp } from '../../planner/physical/operators.js';
import { expandStep } from '../codegen/expand.js';
import { generateStep } from '../codegen/generate.js';
import { filterStep, Pipeline, projectStep, type Sink, type Step, testsOf } from '../codegen/pipeline.js';
import { type Leftover, prepareJoin } from './hash-join.js';
import { scan } from './leaves.js';
import { Pusher } from './pusher.js';
import { type LeadingSteps, leadingSteps, type Part, rowTests } from './row-tests.js';
import type { Run } from './run.js';

/** Steps bottom to top, over the rows of `base`. */
export interface Fused {
  readonly base: PhysicalOp;
  /** The rows of `base` where they are on their way already. */
  readonly batches: AsyncIterable<Batch> | null;
  readonly steps: readonly Step[];
  readonly names: readonly string[];
  /** Whether a row may become many. */
  readonly expands: boolean;
  readonly leading: LeadingSteps;
  /** Rows that come after those of `base`, in this order, and the join's step, in place of which theirs stands. */
  readonly leftovers: readonly (Leftover & { readonly at: number })[];
}

/** Walks down from `op`; builds the hash tables of the joins on the way. */
export async function fuse(op: PhysicalOp, run: Run): Promise<Fused> {
  const { context } = run;
  const closures = context.closure.bind(context);
  switch (op.kind) {
    case 'filter': {
      const step = filterStep(op.condition, closures);
      const tests = testsOf(op.condition).map((test) => ({ step: filterStep(test, closures), exprs: [test] }));
      return extend(await fuse(op.child, run), 'filter', step, tests);
    }
    case 'project': {
      const step = projectStep(op.exprs, closures);
      return extend(await fuse(op.child, run), 'project', step, [{ step, exprs: op.exprs }]);
    }
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
      const join = await prepareJoin(op, run);
      if (join.kind === 'spilled') return { ...bare(op), batches: join.batches };
      const { step } = join;
      const exprs = [...op.leftKeys, ...op.rightKeys, ...(op.condition ? [op.condition] : [])];
      const below = extend(await fuse(op.build === 'left' ? op.right : op.left, run), 'join', step, [{ step, exprs }]);
      const fused = join.expands ? expanding(below) : below;
      if (join.leftover === null) return fused;
      return { ...fused, leftovers: [...fused.leftovers, { ...join.leftover, at: fused.steps.length - 1 }] };
    }
    default:
      return bare(op);
  }
}

const bare = (op: PhysicalOp): Fused => ({
  base: op,
  batches: null,
  steps: [],
  names: [op.kind],
  expands: false,
  leading: { steps: [], ends: [], isAll: true },
  leftovers: [],
});

function extend(fused: Fused, name: string, step: Step, parts: readonly Part[] = []): Fused {
  return { ...fused, steps: [...fused.steps, step], names: [...fused.names, name], leading: leadingSteps(fused.leading, parts) };
}

const expanding = (fused: Fused): Fused => ({ ...fused, expands: true });

export function pipelineOf({ base, steps, names }: Fused, sink: Sink, sinkName: string, run: Run): Pipeline {
  return pipeline([...names, sinkName], typesOf(base), steps, sink, run);
}

const typesOf = (op: PhysicalOp): DataType[] => op.schema.fields.map((f) => f.type);

function pipeline(names: readonly string[], input: readonly DataType[], steps: readonly Step[], sink: Sink, run: Run): Pipeline {
  const maxCached = run.context.config.get('codegen.maxCachedFunctions');
  return new Pipeline({ name: names.join('-'), input, steps, sink, maxCached, partition: run.partition });
}

/** Batches with the pipeline that each must run through, which ends in `sink`: those of the base, then what joins had left over. */
export async function* fusedInput(
  fused: Fused,
  sink: Sink,
  sinkName: string,
  run: Run,
): AsyncGenerator<{ readonly batch: Batch; readonly into: Pipeline }> {
  const main = pipelineOf(fused, sink, sinkName, run);
  for await (const batch of fused.batches ?? inputOf(fused, run)) yield { batch, into: main };
  for (const { types, batches, step, at } of fused.leftovers) {
    const names = ['join-rest', ...fused.names.slice(at + 2), sinkName];
    const into = pipeline(names, types, [step, ...fused.steps.slice(at + 1)], sink, run);
    for (const batch of batches()) yield { batch, into };
  }
}

/** Of a scan only rows that may come through the leading steps, as far as it can tell with little work. */
function inputOf({ base, leading }: Fused, run: Run): AsyncIterable<Batch> {
  if (base.kind !== 'scan' || leading.steps.length === 0) return run.execute(base, true);
  return scan(base, run, true, () => rowTests(leading, base.schema, run));
}

/** The rows of operators that only fuse: one generated function from the input's batches to new ones. */
export async function* runFused(op: PhysicalOp, run: Run): AsyncIterable<Batch> {
  const fused = await fuse(op, run);
  if (fused.steps.length === 0 && fused.batches !== null) {
    yield* fused.batches;
    return;
  }
  const pusher = new Pusher(typesOf(op), fused.expands, run.context);
  for await (const { batch, into } of fusedInput(fused, pusher.sink, 'output', run)) yield* pusher.push(into, batch);
  yield* pusher.sink.finish();
}
