/**
 * Owns: joins by hash: gathers the build side into a table, which the fused pipeline then probes; a table of broadcast rows serves all tasks
 * of a stage in its thread. A build side beyond the memory budget goes to join-spill.ts.
 */
import type { Batch } from '../../data/batch.js';
import { concatBatches } from '../../data/concat.js';
import { sliceBatch } from '../../data/slice.js';
import type { DataType } from '../../data/types.js';
import { childrenOf, type PhysicalOf, type PhysicalOp } from '../../planner/physical/operators.js';
import type { Step } from '../codegen/pipeline.js';
import { isHalf, keepsBuild, type Probe, probeStep, restOf, restStep } from './join-probe.js';
import { joinSpilled } from './join-spill.js';
import { buildBytes, buildTable, isUnique, type JoinTable } from './join-table.js';
import { holdTable, noteMemory, tableBudget } from './memory.js';
import type { Run } from './run.js';

export type JoinOp = PhysicalOf<'hashJoin'>;

/** Rows that enter the pipeline above a join after all others did. */
export interface Leftover {
  readonly types: readonly DataType[];
  /** Asked for when the others are through. */
  batches(): Iterable<Batch>;
  readonly step: Step;
}

export type PreparedJoin =
  /** The probe side streams through `step`. */
  | {
      readonly kind: 'step';
      readonly step: Step;
      /** Whether a probe row may become many. */
      readonly expands: boolean;
      readonly leftover: Leftover | null;
    }
  /** The join did not fit: its rows, probe side and all. */
  | { readonly kind: 'spilled'; readonly batches: AsyncIterable<Batch> };

/** Runs the build side to its end. */
export async function prepareJoin(op: JoinOp, run: Run): Promise<PreparedJoin> {
  const { context } = run;
  const budget = tableBudget(context);
  const leaf = sharedLeaf(op);
  if (leaf !== null) {
    const table = await context.once(`join table ${leaf}`, async () => {
      const gathered = await gather(op, run, budget);
      if (gathered.rest === null) return tableOf(op, gathered.batches, run);
      await gathered.rest.return?.();
      return null;
    });
    if (table !== null) {
      noteMemory(context, table.byteSize);
      return probing(op, table, run);
    }
  }
  const gathered = await gather(op, run, budget);
  if (gathered.rest !== null) return { kind: 'spilled', batches: joinSpilled(op, run, budget, allOf(gathered)) };
  const table = tableOf(op, gathered.batches, run);
  holdTable(context, table.byteSize);
  return probing(op, table, run);
}

function probing(op: JoinOp, table: JoinTable, run: Run): PreparedJoin {
  const closures = run.context.closure.bind(run.context);
  const buildHits = keepsBuild(op) ? new Uint8Array(table.rows.length) : null;
  const probe: Probe = { op, table, closures, buildHits, probeHits: null };
  const leftover = buildHits && leftoverOf(op, table.rows, buildHits, run);
  return { kind: 'step', step: probeStep(probe), expands: !isUnique(table) && !isHalf(op), leftover };
}

function leftoverOf(op: JoinOp, rows: Batch, hits: Uint8Array, run: Run): Leftover {
  const size = run.context.config.get('batch.rows');
  return {
    types: buildSide(op).schema.fields.map((f) => f.type),
    step: restStep(op, op.build),
    *batches() {
      for (let from = 0; from < rows.length; from += size) {
        const rest = restOf(op, sliceBatch(rows, from, Math.min(rows.length, from + size)), hits, from);
        if (rest.length > 0) yield rest;
      }
    },
  };
}

const buildSide = (op: JoinOp): PhysicalOp => (op.build === 'left' ? op.left : op.right);

function tableOf(op: JoinOp, batches: readonly Batch[], run: Run): JoinTable {
  const { schema } = buildSide(op);
  return buildTable(concatBatches(schema, batches), schema, buildKeys(op), run.context);
}

function buildKeys(op: JoinOp) {
  return { exprs: op.build === 'left' ? op.leftKeys : op.rightKeys, nullSafe: op.nullSafe };
}

/** A leaf of the build side, where all of them are broadcasts: every task then reads the same rows. */
function sharedLeaf(op: JoinOp): number | null {
  const leaves = leavesOf(buildSide(op));
  const shared = leaves.every((leaf) => leaf.kind === 'shuffleRead' && leaf.broadcast);
  return shared && !keepsBuild(op) ? (leaves[0] as PhysicalOf<'shuffleRead'>).id : null;
}

function leavesOf(op: PhysicalOp): readonly PhysicalOp[] {
  const children = childrenOf(op);
  return children.length === 0 ? [op] : children.flatMap(leavesOf);
}

interface Gathered {
  readonly batches: readonly Batch[];
  /** What is still to come, where memory is full; null where that was all. */
  readonly rest: AsyncIterator<Batch> | null;
}

async function gather(op: JoinOp, run: Run, budget: number): Promise<Gathered> {
  const batches: Batch[] = [];
  const rows = run.execute(buildSide(op))[Symbol.asyncIterator]();
  try {
    for (let bytes = 0; bytes <= budget; ) {
      const next = await rows.next();
      if (next.done) return { batches, rest: null };
      run.context.checkCancelled();
      batches.push(next.value);
      bytes += buildBytes(next.value);
    }
  } catch (error) {
    // What the rows come from may hold files open.
    await rows.return?.();
    throw error;
  }
  return { batches, rest: rows };
}

async function* allOf({ batches, rest }: Gathered): AsyncGenerator<Batch> {
  try {
    yield* batches;
    for (;;) {
      const next = rest === null ? null : await rest.next();
      if (next === null || next.done) return;
      yield next.value;
    }
  } finally {
    await rest?.return?.();
  }
}
