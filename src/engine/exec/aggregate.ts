/**
 * Owns: running a grouped aggregation: input through the fused pipeline into HashAggregate, and what happens at the memory budget:
 * a partial one hands its groups on early, the others spill them as partial rows, in parts by key, and merge part by part.
 */
import type { Batch } from '../../data/batch.js';
import { hashColumns } from '../../data/hash.js';
import { sliceBatch } from '../../data/slice.js';
import { takeBatch } from '../../data/take.js';
import type { PhysicalOf } from '../../planner/physical/operators.js';
import { Pipeline } from '../codegen/pipeline.js';
import type { AggregateSpec } from './aggregate-states.js';
import { fuse, fusedInput } from './fuse.js';
import { HashAggregate } from './hash-aggregate.js';
import { noteMemory, operatorBudget } from './memory.js';
import type { Run } from './run.js';
import { SpillFile } from './spill-file.js';

type AggregateOp = PhysicalOf<'hashAggregate'>;

/** Parts of one spill; a part that is too large again is cut by other bits of the hash, this many times at most. */
const PARTS = 16;
const MAX_DEPTH = 6;

export async function* runAggregate(op: AggregateOp, run: Run): AsyncIterable<Batch> {
  const { context } = run;
  const rows = context.config.get('batch.rows');
  const maxCached = context.config.get('codegen.maxCachedFunctions');
  const aggregate = new HashAggregate(op, context.closure.bind(context));
  const fused = await fuse(op.child, run);
  const budget = operatorBudget(context);
  let spill: AggregateSpill | null = null;
  // Input rows since the groups were handed on.
  let seen = 0;
  try {
    for await (const piece of slices(
      fusedInput(fused, aggregate, `aggregate-${op.mode}`, run),
      fused.expands ? EXPANDED_ROWS : Number.POSITIVE_INFINITY,
    )) {
      context.checkCancelled();
      const before = aggregate.known;
      piece.into.run(piece.batch);
      const bytes = aggregate.byteSize();
      noteMemory(context, bytes);
      seen += piece.batch.length;
      const isFull = bytes > budget && op.keys.length > 0;
      if (op.mode === 'partial') {
        if (!isFull && recurs(aggregate.known, before, seen, piece.batch.length)) continue;
        yield* aggregate.take('partial', rows, maxCached);
        seen = 0;
      } else if (isFull) {
        spill ??= new AggregateSpill(op, run, 0);
        spill.write(aggregate.take('partial', rows, maxCached));
      }
    }
    if (spill === null) {
      yield* aggregate.take(op.mode === 'partial' ? 'partial' : 'result', rows, maxCached);
    } else {
      spill.write(aggregate.take('partial', rows, maxCached));
      yield* spill.merge();
    }
  } finally {
    spill?.close();
  }
}

/** Groups that a partial aggregate holds without asking whether that helps: their table is in the processor's cache still. */
const CACHED_GROUPS = 1 << 16;

/**
 * Whether rows still meet groups of rows before the last batch: if it made new groups as often as all before, as rows in the order of
 * their key do and rows with keys of their own, holding the old ones is of no use.
 */
function recurs(groups: number, before: number, rows: number, lastRows: number): boolean {
  return groups < CACHED_GROUPS || (groups - before) / lastRows < (0.95 * groups) / rows;
}

/** Rows between two looks at the memory where each may become many. */
const EXPANDED_ROWS = 1024;

async function* slices(input: ReturnType<typeof fusedInput>, rows: number): typeof input {
  for await (const { batch, into } of input) {
    for (let from = 0; from < batch.length; from += rows)
      yield { batch: sliceBatch(batch, from, Math.min(batch.length, from + rows)), into };
  }
}

/** Partial rows on disk, in PARTS files by four bits of the keys' hash. */
class AggregateSpill {
  private readonly op: AggregateOp;
  private readonly run: Run;
  private readonly depth: number;
  private readonly files: SpillFile[];
  private readonly spec: AggregateSpec;
  private readonly schema: AggregateOp['schema'];

  constructor(op: AggregateOp, run: Run, depth: number) {
    this.op = op;
    this.run = run;
    this.depth = depth;
    const keys = op.keys.map((k, index) => ({ kind: 'input' as const, index, type: k.type, nullable: k.nullable }));
    this.spec = { mode: 'final', keys, aggregates: op.aggregates };
    this.schema = new HashAggregate(this.spec, run.context.closure.bind(run.context)).partialSchema();
    this.files = Array.from({ length: PARTS }, () => new SpillFile(run.context, this.schema));
  }

  write(batches: readonly Batch[]): void {
    const keyCount = this.op.keys.length;
    const types = this.op.keys.map((k) => k.type);
    for (const batch of batches) {
      const hashes = hashColumns(batch.columns.slice(0, keyCount), types, batch.length);
      const parts = Array.from({ length: PARTS }, () => ({ rows: new Int32Array(batch.length), count: 0 }));
      for (let i = 0; i < batch.length; i++) {
        const part = parts[(Math.imul(hashes[i], -1640531527) >>> (28 - 4 * this.depth)) & (PARTS - 1)];
        part.rows[part.count++] = i;
      }
      parts.forEach(({ rows, count }, k) => {
        if (count > 0) this.files[k].write(takeBatch(batch, rows, count));
      });
    }
  }

  *merge(): Iterable<Batch> {
    for (const file of this.files) {
      yield* this.mergePart(file);
      file.close();
    }
  }

  private *mergePart(file: SpillFile): Iterable<Batch> {
    const { context } = this.run;
    const rows = context.config.get('batch.rows');
    const maxCached = context.config.get('codegen.maxCachedFunctions');
    const budget = operatorBudget(context);
    const input = this.schema.fields.map((f) => f.type);
    const aggregate = new HashAggregate(this.spec, context.closure.bind(context));
    const pipeline = new Pipeline({
      name: 'aggregate-merge',
      input,
      steps: [],
      sink: aggregate,
      maxCached,
      partition: context.key.partition,
    });
    let deeper: AggregateSpill | null = null;
    try {
      for (const batch of file.read()) {
        context.checkCancelled();
        pipeline.run(batch);
        if (this.depth < MAX_DEPTH && aggregate.byteSize() > budget) {
          deeper ??= new AggregateSpill(this.op, this.run, this.depth + 1);
          deeper.write(aggregate.take('partial', rows, maxCached));
        }
      }
      if (deeper === null) {
        yield* aggregate.take('result', rows, maxCached);
      } else {
        deeper.write(aggregate.take('partial', rows, maxCached));
        yield* deeper.merge();
      }
    } finally {
      deeper?.close();
    }
  }

  /** Removes the files; may be called at any time. */
  close(): void {
    for (const file of this.files) file.close();
  }
}
