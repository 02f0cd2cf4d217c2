/** Window functions of the reference: each row's frame is found by looking at every row of its partition. */
import type { Aggregated, ResolvedOf, Windowed } from '../../../src/frontend/plan/resolved.js';
import type { Bound } from '../../../src/frontend/plan/window.js';
import { evaluators, type Row, runReference } from './reference.js';
import { AGGREGATES } from './reference-functions.js';
import { orderOf, textOf, type Value } from './reference-values.js';

type Keys = ResolvedOf<'window'>['orderBy'];
interface Entry {
  readonly row: Row;
  readonly keys: Row;
  /** Number of its key among those of the partition, from 1: equal for equal keys. */
  rank: number;
}
type OfRow = (sorted: readonly Entry[], at: number) => Value;

export function windowRows(plan: ResolvedOf<'window'>): Row[] {
  const partitionBy = evaluators(plan.partitionBy, plan.child);
  const orderBy = evaluators(
    plan.orderBy.map((key) => key.expr),
    plan.child,
  );
  const partitions = new Map<string, Entry[]>();
  for (const row of runReference(plan.child)) {
    const name = partitionBy.map((key) => textOf(key(row))).join();
    const entry = { row, keys: orderBy.map((key) => key(row)), rank: 0 };
    const known = partitions.get(name);
    if (known) known.push(entry);
    else partitions.set(name, [entry]);
  }
  const calls = plan.calls.map((call) => callOver(call, plan));
  return [...partitions.values()].flatMap((entries) => {
    const sorted = entries.sort((a, b) => orderOfEntries(a, b, plan.orderBy));
    sorted.forEach((entry, i) => {
      const before = sorted[i - 1];
      entry.rank = before === undefined ? 1 : before.rank + (orderOfEntries(before, entry, plan.orderBy) === 0 ? 0 : 1);
    });
    return sorted.map(({ row }, at) => [...row, ...calls.map((of) => of(sorted, at))]);
  });
}

function orderOfEntries(a: Entry, b: Entry, keys: Keys): number {
  for (const [i, { ascending, nullsFirst }] of keys.entries()) {
    const [x, y] = [a.keys[i], b.keys[i]];
    if (x === null && y === null) continue;
    if (x === null || y === null) return (x === null) === nullsFirst ? -1 : 1;
    const order = orderOf(x, y);
    if (order !== 0) return ascending ? order : -order;
  }
  return 0;
}

function callOver(call: Windowed, plan: ResolvedOf<'window'>): OfRow {
  const args = evaluators(call.args, plan.child);
  const firstPeer = (sorted: readonly Entry[], at: number): number => sorted.findIndex((e) => e.rank === sorted[at].rank);
  switch (call.fn) {
    case 'row_number':
      return (_, at) => at + 1;
    case 'rank':
      return (sorted, at) => firstPeer(sorted, at) + 1;
    case 'dense_rank':
      return (sorted, at) => sorted[at].rank;
    case 'percent_rank':
      return (sorted, at) => (sorted.length === 1 ? 0 : firstPeer(sorted, at) / (sorted.length - 1));
    case 'cume_dist':
      return (sorted, at) => sorted.filter((e) => e.rank <= sorted[at].rank).length / sorted.length;
    case 'ntile':
      return (sorted, at) => tile(sorted.length, args[0](sorted[at].row) as number, at);
    case 'lag':
    case 'lead':
      return (sorted, at) => {
        const step = args[1](sorted[at].row) as number;
        const other = sorted[call.fn === 'lag' ? at - step : at + step];
        return other === undefined ? (args[2]?.(sorted[at].row) ?? null) : args[0](other.row);
      };
  }
  const ofGroup = AGGREGATES[call.fn];
  if (!ofGroup) throw new Error(`The reference does not know the window function ${call.fn}.`);
  const aggregated: Aggregated = { ...call, distinct: false, filter: null };
  return (sorted, at) => {
    const frame = sorted.filter((_, other) => isInFrame(call, plan.orderBy, sorted, at, other));
    return ofGroup(
      frame.map(({ row }) => args[0](row)).filter((v) => v !== null),
      aggregated,
    );
  };
}

/** The first tiles are one larger where the rows do not divide. */
function tile(rows: number, tiles: number, at: number): number {
  const [size, larger] = [Math.floor(rows / tiles), rows % tiles];
  return at < larger * (size + 1) ? Math.floor(at / (size + 1)) + 1 : larger + Math.floor((at - larger * (size + 1)) / size) + 1;
}

function isInFrame({ frame }: Windowed, keys: Keys, sorted: readonly Entry[], at: number, other: number): boolean {
  /** Below 0 before that end, 0 at it. */
  const beyond = (end: Bound): number => {
    if (end === 'unboundedPreceding') return 1;
    if (end === 'unboundedFollowing') return -1;
    const offset = end === 'currentRow' ? 0 : end.offset;
    if (frame.unit === 'rows') return other - at - Number(offset);
    if (end === 'currentRow') return sorted[other].rank - sorted[at].rank;
    const own = sorted[at].keys[0];
    // A null has its equals around it, and nothing is at a distance from it.
    if (own === null || sorted[other].keys[0] === null) return sorted[other].rank - sorted[at].rank;
    const sign = keys[0].ascending ? 1 : -1;
    return sign * Number(BigInt(sorted[other].keys[0] as number) - BigInt(own as number)) - Number(offset);
  };
  return beyond(frame.lower) >= 0 && beyond(frame.upper) <= 0;
}
