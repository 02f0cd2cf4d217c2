/**
 * Owns: what a window expression is over: the partition, the order, and the frame of rows around each row; and how these are written.
 * `O` is an offset: an expression as the user wrote it, or the value that it became.
 */

export type FrameBound<O> =
  | { readonly kind: 'unboundedPreceding' | 'currentRow' | 'unboundedFollowing' }
  | { readonly kind: 'preceding' | 'following'; readonly offset: O };

/** `rows` counts rows; `range` compares values of the single sort key, and takes rows of equal keys together. Both ends are included. */
export interface Frame<O> {
  readonly unit: 'rows' | 'range';
  readonly lower: FrameBound<O>;
  readonly upper: FrameBound<O>;
}

/** Ends of a frame after analysis: an offset is signed, negative before the row; of a `range` it is a value of the sort key's type. */
export type Bound = 'unboundedPreceding' | 'currentRow' | 'unboundedFollowing' | Offset;

export interface Offset {
  readonly offset: number | bigint;
  /** Of dates and timestamps: by so many months, or by microseconds whose whole days are those of a clock. Absent: added to the value as it is. */
  readonly by?: 'months' | 'dayTime';
  /** Of timestamps that are instants, unless the clock is that of UTC. */
  readonly zone?: string;
}

export interface ResolvedFrame {
  readonly unit: 'rows' | 'range';
  readonly lower: Bound;
  readonly upper: Bound;
}

const SPECIAL = {
  unboundedPreceding: 'UNBOUNDED PRECEDING',
  currentRow: 'CURRENT ROW',
  unboundedFollowing: 'UNBOUNDED FOLLOWING',
} as const;

/** `ROWS BETWEEN 1 PRECEDING AND CURRENT ROW`. */
export function frameText<O>({ unit, lower, upper }: Frame<O>, offsetText: (offset: O) => string): string {
  const end = (bound: FrameBound<O>): string =>
    'offset' in bound ? `${offsetText(bound.offset)} ${bound.kind.toUpperCase()}` : SPECIAL[bound.kind];
  return `${unit.toUpperCase()} BETWEEN ${end(lower)} AND ${end(upper)}`;
}

function resolvedFrameText({ unit, lower, upper }: ResolvedFrame): string {
  const bound = (end: Bound): FrameBound<string> => {
    if (typeof end === 'string') return { kind: end };
    const size = `${end.offset < 0 ? -end.offset : end.offset}${end.by === 'months' ? ' MONTH' : ''}`;
    return { kind: end.offset < 0 ? 'preceding' : 'following', offset: size };
  };
  return frameText({ unit, lower: bound(lower), upper: bound(upper) }, String);
}

/** Functions over all rows up to the current one, whatever they are ordered by. */
export const RANKING: ReadonlySet<string> = new Set(['row_number', 'rank', 'dense_rank', 'percent_rank', 'ntile']);

/** The row that a function reads lies by its offset before the current one, or behind it. */
export const OFFSET_SIGN: Readonly<Record<string, 1 | -1>> = { lag: -1, lead: 1 };

const FRAMELESS = new Set([...RANKING, 'cume_dist', ...Object.keys(OFFSET_SIGN)]);

/** ` ROWS BETWEEN …` behind a call in a plan's text; nothing where the function leaves no choice. */
export const frameSuffix = (fn: string, frame: ResolvedFrame): string => (FRAMELESS.has(fn) ? '' : ` ${resolvedFrameText(frame)}`);

/** Without an order all rows of the partition, with one the rows up to the current row and those equal to it. */
export const defaultFrame = (isOrdered: boolean): Frame<never> =>
  isOrdered
    ? { unit: 'range', lower: { kind: 'unboundedPreceding' }, upper: { kind: 'currentRow' } }
    : { unit: 'rows', lower: { kind: 'unboundedPreceding' }, upper: { kind: 'unboundedFollowing' } };

/** The parts between the brackets after OVER. */
export function windowText(partitionBy: readonly string[], orderBy: readonly string[], frame: string): string {
  const partition = partitionBy.length === 0 ? [] : [`PARTITION BY ${partitionBy.join(', ')}`];
  const order = orderBy.length === 0 ? [] : [`ORDER BY ${orderBy.join(', ')}`];
  return `(${[...partition, ...order, frame].join(' ')})`;
}
