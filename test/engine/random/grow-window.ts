/** Columns over windows whose answer is certain: ordered by every column, or with frames and functions that take equal keys together. */
import { INT32, INT64 } from '../../../src/data/types.js';
import type { Expr, SortKey, WindowSpec } from '../../../src/frontend/plan/expression.js';
import type { Frame, FrameBound } from '../../../src/frontend/plan/window.js';
import { aggregateOf } from './grow-aggregate.js';
import { type Choices, call, column, type GrownColumn, literal } from './grow-expression.js';
import type { Kind } from './tables.js';

type Made = { readonly expr: Expr; readonly kind: Kind; readonly isExact: boolean };

/** Where there are more, frames of the naive reference are only counted. */
const MOST_ROWS_OF_FRAMES = 500;

interface WindowSource {
  readonly columns: readonly GrownColumn[];
  readonly rows: number;
}

const ends = (lower: FrameBound<Expr>, upper: FrameBound<Expr>, unit: 'rows' | 'range'): Frame<Expr> => ({ unit, lower, upper });
const FIRST = { kind: 'unboundedPreceding' } as const;
const LAST = { kind: 'unboundedFollowing' } as const;
const HERE = { kind: 'currentRow' } as const;

/** `byRows`: whether it may tell rows that are equal apart. Two such columns in one step would have to agree on which is which. */
export function windowOf(from: WindowSource, choices: Choices, byRows: boolean): Made {
  const { columns } = from;
  const partitionBy = columns.slice(0, choices.below(3)).map((c) => column(c.name));
  const way = choices.below(3);
  if (way === 0 && byRows) return ofRows(from, partitionBy, choices);
  return way === 1 ? ofPeers(from, partitionBy, choices) : ofValues(from, partitionBy, choices);
}

const keyOf = (expr: Expr, choices: Choices): SortKey => ({ expr, ascending: choices.below(2) === 0, nullsFirst: choices.below(2) === 0 });
const over = (fn: Expr, spec: WindowSpec): Expr => ({ kind: 'window', fn, spec, site: null });

/** By every column, rows that are equal in the order are equal throughout: it does not matter which of them comes first. */
function ofRows(from: WindowSource, partitionBy: readonly Expr[], choices: Choices): Made {
  const { columns } = from;
  const orderBy = columns.map((c) => keyOf(column(c.name), choices));
  const any = choices.of(columns);
  const offset = (kind: 'preceding' | 'following'): FrameBound<Expr> => ({ kind, offset: literal(choices.of([1, 0, 3]), INT32) });
  const frame = choices.of<Frame<Expr>>([
    ends(FIRST, HERE, 'rows'),
    ends(offset('preceding'), offset('following'), 'rows'),
    ends(HERE, LAST, 'rows'),
    ends(offset('preceding'), HERE, 'rows'),
    ends(offset('following'), LAST, 'rows'),
  ]);
  switch (choices.below(6)) {
    case 0:
      return { expr: over(call('row_number'), { partitionBy, orderBy, frame: null }), kind: 'int', isExact: true };
    case 1:
      return {
        expr: over(call('ntile', literal(choices.of([2, 3, 7]), INT32)), { partitionBy, orderBy, frame: null }),
        kind: 'int',
        isExact: true,
      };
    case 2:
    case 3: {
      const step = literal(choices.of([1, 2, 0]), INT32);
      const fn = call(choices.of(['lag', 'lead']), column(any.name), step);
      return { expr: over(fn, { partitionBy, orderBy, frame: null }), kind: any.kind, isExact: any.isExact };
    }
    default: {
      const made = aggregateOver(from, choices);
      return { ...made, expr: over(made.expr, { partitionBy, orderBy, frame }) };
    }
  }
}

/** By some column: ranks, and frames that end with the equals of a row. */
function ofPeers(from: WindowSource, partitionBy: readonly Expr[], choices: Choices): Made {
  const { columns } = from;
  const orderBy = [keyOf(column(choices.of(columns).name), choices)];
  const frame = choices.of([null, ends(HERE, LAST, 'range'), ends(FIRST, LAST, 'range'), ends(HERE, HERE, 'range')]);
  switch (choices.below(5)) {
    case 0:
    case 1:
      return { expr: over(call(choices.of(['rank', 'dense_rank'])), { partitionBy, orderBy, frame: null }), kind: 'int', isExact: true };
    case 2: {
      const fn = call(choices.of(['percent_rank', 'cume_dist']));
      return { expr: over(fn, { partitionBy, orderBy, frame: null }), kind: 'double', isExact: false };
    }
    default: {
      const made = aggregateOver(from, choices);
      return { ...made, expr: over(made.expr, { partitionBy, orderBy, frame }) };
    }
  }
}

/** By a small number, with values up to some distance from a row's own. */
function ofValues(from: WindowSource, partitionBy: readonly Expr[], choices: Choices): Made {
  const { columns } = from;
  const numbers = columns.filter((c) => c.kind === 'int' || c.kind === 'long');
  if (numbers.length === 0) return ofPeers(from, partitionBy, choices);
  const { name, kind } = choices.of(numbers);
  const [type, seven] = kind === 'int' ? ([INT32, 7] as const) : ([INT64, 7n] as const);
  const orderBy = [keyOf(call('%', column(name), literal(seven, type)), choices)];
  const distance = (of: 'preceding' | 'following'): FrameBound<Expr> => {
    const far = choices.of([1, 0, 3]);
    return { kind: of, offset: literal(kind === 'int' ? far : BigInt(far), type) };
  };
  const frame = choices.of<Frame<Expr>>([
    ends(distance('preceding'), distance('following'), 'range'),
    ends(FIRST, distance('following'), 'range'),
    ends(distance('preceding'), HERE, 'range'),
    ends(distance('following'), LAST, 'range'),
  ]);
  const made = aggregateOver(from, choices);
  return { ...made, expr: over(made.expr, { partitionBy, orderBy, frame }) };
}

/** An aggregate that windows take: neither distinct nor filtered. Of doubles that are not finite, a sum depends on the way there; a count does not. */
function aggregateOver({ columns, rows }: WindowSource, choices: Choices): Made {
  const { expr, kind, isExact } = aggregateOf(columns, choices);
  if (rows > MOST_ROWS_OF_FRAMES || expr.kind !== 'call' || expr.fn === 'sort_array')
    return { expr: call('count', column(columns[0].name)), kind: 'long', isExact: true };
  return { expr: { ...expr, distinct: false, filter: null }, kind, isExact: isExact && kind !== 'double' };
}
