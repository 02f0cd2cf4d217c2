/** Owns: which code computes which window function over a block of rows in memory. */
import { fatalError } from '../../../core/errors.js';
import type { Column } from '../../../data/batch.js';
import { concat } from '../../../data/concat.js';
import { take } from '../../../data/take.js';
import type { DataType } from '../../../data/types.js';
import { readRows } from '../../../data/value.js';
import { exactMean } from '../../../frontend/functions/aggregate-count.js';
import type { AggregateFunction } from '../../../frontend/functions/definition.js';
import { findFunction } from '../../../frontend/functions/registry.js';
import type { BoundExpr, Windowed } from '../../../frontend/plan/resolved.js';
import { callOf } from '../../codegen/expression.js';
import type { FindClosure } from '../../codegen/user-function.js';
import { aggregateCall } from '../user-aggregate.js';
import { type Accumulation, accumulate } from './accumulate.js';
import type { Block } from './block.js';
import { type Frames, framesOf, type OrderKey } from './frames.js';
import { extreme, last, nth, shifted } from './positions.js';
import { cumeDist, denseRank, ntile, percentRank, rank, rowNumber } from './ranking.js';
import { countIn, countsOf, decimalMeanIn, isExact, meanIn, sumIn, totalsOf } from './sums.js';

/** Of decimals, which stay bigints. */
type ExactMean = (sum: bigint, count: number) => bigint;

/** A call whose arguments are columns of the block, by number. */
export interface BlockCall {
  readonly call: Windowed<BoundExpr>;
  readonly args: readonly number[];
  readonly closures: FindClosure;
  /** The key that offsets of a range are added to. */
  readonly key: { readonly index: number; readonly type: DataType; readonly ascending: boolean } | null;
}

/** The results of a call for all rows of a block. Throws what the function throws: ARITHMETIC_OVERFLOW and others. */
export function compute(block: Block, blockCall: BlockCall): Column {
  const { call, args, key } = blockCall;
  const literal = (i: number): unknown => literalOf(call.args[i]);
  const frames = (): Frames => framesOf(block, call.frame, key === null ? null : orderKey(block, key));
  const counting = (i: number): Column | null => (literal(i) === true ? block.column(args[0]) : null);
  const gathered = (rows: Int32Array): Column => take(block.column(args[0]), rows, block.length);
  switch (call.fn) {
    case 'row_number':
      return rowNumber(block);
    case 'rank':
      return rank(block);
    case 'dense_rank':
      return denseRank(block);
    case 'percent_rank':
      return percentRank(block);
    case 'cume_dist':
      return cumeDist(block);
    case 'ntile':
      return ntile(block, Number(literal(0) ?? 1));
    case 'lag':
    case 'lead':
      return shiftedColumn(block, call, args);
    case 'nth_value':
      return gathered(nth(frames(), Number(literal(1)) - 1, counting(2)));
    case 'first':
    case 'any_value':
      return gathered(nth(frames(), 0, counting(1)));
    case 'last':
      return gathered(last(frames(), counting(1)));
    case 'min':
    case 'max':
    case 'min_by':
    case 'max_by': {
      const by = call.fn.endsWith('_by') ? 1 : 0;
      const sign = call.fn.startsWith('min') ? 1 : -1;
      return gathered(extreme(block, frames(), block.plainColumn(args[by]), call.args[by].type, sign, by === 1));
    }
    default: {
      const known = frames();
      return exactly(block, call, args, known) ?? accumulated(block, blockCall, known);
    }
  }
}

function orderKey(block: Block, { index, type, ascending }: NonNullable<BlockCall['key']>): OrderKey {
  return { column: block.plainColumn(index), type, ascending };
}

export const literalOf = (expr: BoundExpr | undefined): unknown => (expr?.kind === 'literal' ? expr.value : undefined);

/** Rows back for lag, forward for lead, as a signed number forward. */
export const shiftOf = (call: Windowed<BoundExpr>): number => Number(literalOf(call.args[1]) ?? 1) * (call.fn === 'lag' ? -1 : 1);

function shiftedColumn(block: Block, call: Windowed<BoundExpr>, args: readonly number[]): Column {
  const column = block.column(args[0]);
  const rows = shifted(block, shiftOf(call), literalOf(call.args[3]) === true ? column : null);
  const fallback = call.args[2];
  if (fallback === undefined || (fallback.kind === 'literal' && fallback.value === null)) return take(column, rows, block.length);
  for (let i = 0; i < rows.length; i++) if (rows[i] < 0) rows[i] = block.length + i;
  return take(concat(call.type, [column, block.column(args[2])]), rows, block.length);
}

/** Counts, and sums of what adds up exactly; null for other aggregates. */
function exactly(block: Block, { fn, args: exprs, type }: Windowed<BoundExpr>, args: readonly number[], frames: Frames): Column | null {
  if (fn === 'count') {
    return countIn(
      countsOf(
        args.filter((_, i) => exprs[i].kind !== 'literal' || literalOf(exprs[i]) === null).map((index) => block.column(index)),
        block.length,
      ),
      frames,
    );
  }
  if ((fn !== 'sum' && fn !== 'avg') || !isExact(exprs[0].type)) return null;
  const column = block.plainColumn(args[0]);
  const counts = countsOf([column], block.length);
  const totals = totalsOf(column, exprs[0].type);
  if (fn === 'sum') return sumIn(totals, counts, frames, type);
  if (type.kind !== 'decimal') return meanIn(totals, counts, frames);
  const { scale } = exprs[0].type as Extract<DataType, { kind: 'decimal' }>;
  return decimalMeanIn(totals, counts, frames, type, scale, exactMean(callOf(fn, exprs, type)) as ExactMean);
}

export function accumulationOf({ call: windowed, closures }: BlockCall): Accumulation {
  const { fn, type } = windowed;
  const definition = findFunction(fn) as AggregateFunction | null;
  if (definition?.kind !== 'aggregate') throw fatalError('INTERNAL_ERROR', `${fn} is no aggregate.`);
  const call = aggregateCall(windowed, closures);
  const isSmall = definition.partialTypes(call).every(({ kind }) => !['array', 'map', 'struct', 'binary'].includes(kind));
  return { accumulator: definition.accumulator(call), isSmall, type };
}

function accumulated(block: Block, blockCall: BlockCall, frames: Frames): Column {
  const { call, args } = blockCall;
  const values = args.map((index, i) => readRows(block.column(index), call.args[i].type));
  return accumulate(accumulationOf(blockCall), (row) => values.map((column) => column[row]), block.starts, frames);
}
