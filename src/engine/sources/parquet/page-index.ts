/**
 * Owns: which rows of a row group may pass the filters by its page index: per filter on one column, the pages whose bounds allow it.
 * Format: apache/parquet-format, PageIndex.md. An index that is missing or makes no sense leaves all rows in.
 */
import { deserializeTCompactProtocol } from 'hyparquet/src/thrift.js';
import type { Schema } from '../../../data/types.js';
import { conjuncts } from '../../../frontend/plan/conditions.js';
import type { BoundExpr } from '../../../frontend/plan/resolved.js';
import type { InputFile } from '../fs.js';
import type { ChunkStatistics, RowGroup, Thrift } from './footer.js';
import { boundsOf, columnOf, mayBeTrue } from './prune.js';
import type { Node } from './schema.js';

/** Rows [from, to) of a row group. */
export interface RowRange {
  readonly from: number;
  readonly to: number;
}

interface IndexedPage extends RowRange {
  readonly statistics: ChunkStatistics;
}

/** Ascending, apart from each other and not empty. `columns` are what the filters' ordinals mean. */
export function rowRanges(
  file: InputFile,
  group: RowGroup,
  filters: readonly BoundExpr[],
  columns: Schema,
  nodes: readonly Node[],
): readonly RowRange[] {
  let ranges: readonly RowRange[] = [{ from: 0, to: group.rows }];
  for (const filter of filters.flatMap((f) => conjuncts(f))) {
    const inputs = [...inputsOf(filter)];
    const column = inputs.length === 1 ? columnOf(columns.fields[inputs[0]], nodes) : null;
    const pages = column === null ? null : pagesOf(file, group, column.leaf.index);
    if (column === null || pages === null) continue;
    const allowed = pages.filter(({ from, to, statistics }) =>
      mayBeTrue(filter, () => boundsOf(column.leaf, column.type, statistics, to - from)),
    );
    ranges = intersection(ranges, joined(allowed));
  }
  return ranges;
}

/** Ordinals of the columns that an expression reads. */
export function inputsOf(expr: BoundExpr, found = new Set<number>()): Set<number> {
  if (expr.kind === 'input') found.add(expr.index);
  if ('args' in expr) for (const arg of expr.args) inputsOf(arg, found);
  return found;
}

function pagesOf(file: InputFile, group: RowGroup, index: number): readonly IndexedPage[] | null {
  const { pageIndex } = group.chunks[index];
  if (pageIndex === null) return null;
  try {
    return parsePages(readThrift(file, pageIndex.bounds), readThrift(file, pageIndex.places), group.rows);
  } catch {
    // Damaged, it is as good as none: it is a hint.
    return null;
  }
}

function readThrift(file: InputFile, [from, to]: readonly [number, number]): Thrift {
  const bytes = file.readRange(from, to);
  return deserializeTCompactProtocol({ view: new DataView(bytes.buffer as ArrayBuffer), offset: 0 }) as Thrift;
}

function parsePages(bounds: Thrift, places: Thrift, rows: number): readonly IndexedPage[] | null {
  const firsts = (places.field_1 as Thrift[]).map((place) => Number(place.field_3));
  const [nulls, mins, maxs] = [bounds.field_1, bounds.field_2, bounds.field_3] as [boolean[], Uint8Array[], Uint8Array[]];
  const counts = bounds.field_5 as (number | bigint)[] | undefined;
  const ends = [...firsts.slice(1), rows];
  if (firsts[0] !== 0 || [nulls, mins, maxs].some((list) => list.length !== firsts.length)) return null;
  if (firsts.some((from, i) => !(from < ends[i]))) return null;
  return firsts.map((from, i) => {
    const to = ends[i];
    const statistics = nulls[i]
      ? { min: null, max: null, nulls: to - from }
      : { min: mins[i], max: maxs[i], nulls: counts === undefined ? null : Number(counts[i]) };
    return { from, to, statistics };
  });
}

/** Neighbours as one. */
function joined(ranges: readonly RowRange[]): RowRange[] {
  const out: { from: number; to: number }[] = [];
  for (const { from, to } of ranges) {
    const last = out[out.length - 1];
    if (last?.to === from) last.to = to;
    else out.push({ from, to });
  }
  return out;
}

function intersection(a: readonly RowRange[], b: readonly RowRange[]): RowRange[] {
  const out: RowRange[] = [];
  for (let i = 0, k = 0; i < a.length && k < b.length; ) {
    const from = Math.max(a[i].from, b[k].from);
    const to = Math.min(a[i].to, b[k].to);
    if (from < to) out.push({ from, to });
    if (a[i].to < b[k].to) i++;
    else k++;
  }
  return out;
}
