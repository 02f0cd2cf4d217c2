/**
 * Owns: a partition that lies on disk, and the frame of each of its rows in turn: as frames.ts finds them in memory, along cursors that only
 * move forward.
 */
import type { DataType } from '../../../data/types.js';
import type { Bound, Offset, ResolvedFrame } from '../../../frontend/plan/window.js';
import type { BlockCall } from './compute.js';
import { PeerCursor, type RowCursor } from './cursor.js';
import { edgeOf, isBefore, type KeyRule } from './frames.js';

/** A partition on disk: how many rows, and fresh cursors over its evaluated columns. */
export interface Partition {
  readonly rows: number;
  readonly order: readonly { readonly index: number; readonly type: DataType }[];
  open(): RowCursor;
}

/** The frame of a row: asked for every row in turn. */
type FrameAt = (row: number) => { readonly from: number; readonly to: number };

export function frameWalk(partition: Partition, frame: ResolvedFrame, key: BlockCall['key']): FrameAt {
  const lower = endWalk(partition, frame.unit, frame.lower, key, 0);
  const upper = endWalk(partition, frame.unit, frame.upper, key, 1);
  return (row) => {
    const from = lower(row);
    return { from, to: Math.max(from, upper(row)) };
  };
}

function endWalk(
  partition: Partition,
  unit: ResolvedFrame['unit'],
  bound: Bound,
  key: BlockCall['key'],
  after: 0 | 1,
): (row: number) => number {
  const { rows } = partition;
  if (bound === 'unboundedPreceding') return () => 0;
  if (bound === 'unboundedFollowing') return () => rows;
  if (bound === 'currentRow') {
    if (unit === 'rows') return (row) => row + after;
    const peers = new PeerCursor(partition.open(), rows, partition.order);
    return (row) => {
      peers.moveTo(row);
      return after === 1 ? peers.to : peers.from;
    };
  }
  if (unit === 'range') return rangeWalk(partition, key!, bound, after);
  const shift = Number(bound.offset) + after;
  return (row) => Math.max(0, Math.min(rows, row + shift));
}

/** Rows without a key are equal to each other and to nothing else: their frame ends where they end. */
function rangeWalk(partition: Partition, key: KeyRule & { readonly index: number }, offset: Offset, after: 0 | 1): (row: number) => number {
  const { rows } = partition;
  const [current, edge] = [partition.open(), partition.open()];
  const peers = new PeerCursor(partition.open(), rows, partition.order);
  const move = edgeOf(offset, key);
  let at = 0;
  return (row) => {
    const value = current.value(row, key.index) as number | bigint | null;
    if (value === null) {
      peers.moveTo(row);
      return after === 1 ? peers.to : peers.from;
    }
    const limit = move(value);
    for (; at < rows; at++) {
      const other = edge.value(at, key.index) as number | bigint | null;
      // Nulls before this row's key come before every value, those after it come after.
      if (other === null ? at > row : !isBefore(other, limit, key.ascending, after)) break;
    }
    return at;
  };
}
