/**
 * Owns: the window operator: sorted rows come in, blocks of whole partitions are computed at once and go out with their results.
 * A partition that outgrows the budget goes to disk (huge-partition.ts).
 */
import type { Batch, Column } from '../../../data/batch.js';
import { concat } from '../../../data/concat.js';
import { batchBytes } from '../../../data/size.js';
import { slice, sliceBatch } from '../../../data/slice.js';
import { field, type Schema } from '../../../data/types.js';
import type { BoundExpr } from '../../../frontend/plan/resolved.js';
import type { PhysicalOf } from '../../../planner/physical/operators.js';
import type { FindClosure } from '../../codegen/user-function.js';
import { noteMemory, operatorBudget } from '../memory.js';
import type { Run } from '../run.js';
import { Evaluator } from '../sort-keys.js';
import { Block } from './block.js';
import { markChanges, sameRow } from './changes.js';
import { type BlockCall, compute } from './compute.js';
import { HugePartition } from './huge-partition.js';

type WindowOp = PhysicalOf<'window'>;

export async function* window(op: WindowOp, run: Run): AsyncIterable<Batch> {
  const { context } = run;
  const layout = layoutOf(op, context.closure.bind(context));
  const evaluator = new Evaluator(
    layout.exprs,
    op.child.schema.fields.map((f) => f.type),
    context,
    run.partition,
  );
  const budget = operatorBudget(context);
  const rows = context.config.get('batch.rows');
  const pending = new Pending(layout);
  let huge: HugePartition | null = null;
  try {
    for await (const batch of run.execute(op.child)) {
      context.checkCancelled();
      for (const piece of pending.pieces(batch, evaluator.evaluate(batch))) {
        if (huge !== null && piece.startsPartition) {
          yield* huge.finish(layout.calls, layout.order);
          huge.close();
          huge = null;
        }
        if (huge !== null) huge.add(piece.batch, piece.columns);
        else pending.add(piece);
      }
      noteMemory(context, pending.bytes * 2);
      if (pending.rows >= rows || pending.bytes * 2 > budget) yield* computed(pending.takeWhole(), layout);
      // What is left is one partition, or its beginning.
      if (pending.bytes * 2 > budget) {
        huge ??= new HugePartition(context, op.child.schema, layout.schema);
        for (const piece of pending.takeAll()) huge.add(piece.batch, piece.columns);
      }
    }
    if (huge !== null) yield* huge.finish(layout.calls, layout.order);
    yield* computed(pending.takeAll(), layout);
  } finally {
    huge?.close();
  }
}

/** The evaluated columns of an operator: each expression once, and which of them are the keys and arguments. */
interface Layout {
  readonly exprs: readonly BoundExpr[];
  readonly schema: Schema;
  readonly partition: readonly number[];
  readonly order: readonly { readonly index: number; readonly type: BoundExpr['type']; readonly ascending: boolean }[];
  readonly calls: readonly BlockCall[];
}

function layoutOf(op: WindowOp, closures: FindClosure): Layout {
  const exprs: BoundExpr[] = [];
  const indexOf = (expr: BoundExpr): number => {
    const known = exprs.findIndex((other) => expr.kind === 'input' && other.kind === 'input' && other.index === expr.index);
    return known >= 0 ? known : exprs.push(expr) - 1;
  };
  const partition = op.partitionBy.map(indexOf);
  const order = op.orderBy.map((key) => ({ index: indexOf(key.expr), type: key.expr.type, ascending: key.ascending }));
  const calls = op.calls.map((call) => ({ call, args: call.args.map(indexOf), key: order[0] ?? null, closures }));
  return { exprs, partition, order, calls, schema: { fields: exprs.map((e, i) => field(`e${i}`, e.type)) } };
}

/** Rows of one batch that follow each other and belong to one partition, or to several of which all but the last are complete. */
interface Piece {
  readonly batch: Batch;
  readonly columns: readonly Column[];
  /** Whether its first row begins a partition. */
  readonly startsPartition: boolean;
  /** Rows of it that begin partitions, the first one left out. */
  readonly starts: readonly number[];
}

class Pending {
  rows = 0;
  bytes = 0;
  private readonly layout: Layout;
  private held: Piece[] = [];
  /** Keys of the row before the next one, and where it lies in them. */
  private last: { readonly columns: readonly Column[]; readonly row: number } | null = null;

  constructor(layout: Layout) {
    this.layout = layout;
  }

  /** A batch cut where the partition of the rows before it ends. */
  pieces(batch: Batch, columns: readonly Column[]): Piece[] {
    if (batch.length === 0) return [];
    const { partition, exprs } = this.layout;
    const flags = new Uint8Array(batch.length);
    for (const index of partition) markChanges(columns[index], exprs[index].type, flags);
    const keys = partition.map((index) => columns[index]);
    const types = partition.map((index) => exprs[index].type);
    const continues = this.last !== null && sameRow(this.last.columns, this.last.row, keys, 0, types);
    this.last = { columns: keys, row: batch.length - 1 };
    const starts: number[] = [];
    for (let i = 1; i < batch.length; i++) if (flags[i] === 1) starts.push(i);
    if (!continues || starts.length === 0) return [{ batch, columns, startsPartition: !continues, starts }];
    const [cut] = starts;
    return [
      { ...cutPiece(batch, columns, 0, cut), startsPartition: false, starts: [] },
      { ...cutPiece(batch, columns, cut, batch.length), startsPartition: true, starts: starts.slice(1).map((i) => i - cut) },
    ];
  }

  add(piece: Piece): void {
    this.held.push(piece);
    this.rows += piece.batch.length;
    this.bytes += batchBytes(piece.batch);
  }

  takeAll(): Piece[] {
    const taken = this.held;
    this.held = [];
    this.rows = this.bytes = 0;
    return taken;
  }

  /** All but the last partition, of which more rows may come. */
  takeWhole(): Piece[] {
    const taken = this.takeAll();
    let k = taken.length - 1;
    while (k >= 0 && !taken[k].startsPartition && taken[k].starts.length === 0) k--;
    if (k < 0) return this.keep(taken, []);
    const { batch, columns, startsPartition, starts } = taken[k];
    if (starts.length === 0) return this.keep(taken.slice(k), taken.slice(0, k));
    const cut = starts[starts.length - 1];
    const first: Piece = { ...cutPiece(batch, columns, 0, cut), startsPartition, starts: starts.slice(0, -1) };
    const rest: Piece = { ...cutPiece(batch, columns, cut, batch.length), startsPartition: true, starts: [] };
    return this.keep([rest, ...taken.slice(k + 1)], [...taken.slice(0, k), first]);
  }

  private keep(kept: readonly Piece[], given: Piece[]): Piece[] {
    for (const piece of kept) this.add(piece);
    return given;
  }
}

const cutPiece = (batch: Batch, columns: readonly Column[], from: number, to: number): Pick<Piece, 'batch' | 'columns'> => ({
  batch: sliceBatch(batch, from, to),
  columns: columns.map((column) => slice(column, from, to)),
});

/** Whole partitions with their results, in the batches in which they came. */
function* computed(pieces: readonly Piece[], layout: Layout): Iterable<Batch> {
  if (pieces.length === 0) return;
  const starts: number[] = [];
  let length = 0;
  for (const piece of pieces) {
    if (piece.startsPartition) starts.push(length);
    for (const start of piece.starts) starts.push(length + start);
    length += piece.batch.length;
  }
  const columns = layout.exprs.map(({ type }, k) =>
    concat(
      type,
      pieces.map((piece) => piece.columns[k]),
    ),
  );
  const block = new Block(columns, Int32Array.from([...starts, length]), layout.order);
  const results = layout.calls.map((call) => compute(block, call));
  let from = 0;
  for (const { batch } of pieces) {
    const to = from + batch.length;
    yield { length: batch.length, columns: [...batch.columns, ...results.map((column) => slice(column, from, to))] };
    from = to;
  }
}
