/** Owns: what the footers of Parquet files say of their columns as a whole: least and largest number, bytes of a text. Estimates go by it alone. */
import type { ColumnRange } from '../../../frontend/plan/resolved.js';
import type { Footer } from './footer.js';
import { chunkBounds } from './prune.js';
import { type Node, nodesOf } from './schema.js';

/** By column name, of one file or of several; a column of which nothing is known for sure has an empty range. */
type ColumnRanges = Readonly<Record<string, ColumnRange>>;

/** Of one file, of the columns that have a value in it. Throws whatever a damaged footer leads to. */
export function columnRanges(footer: Footer): ColumnRanges {
  const ranges: [string, ColumnRange][] = [];
  for (const node of footer.rows === 0 ? [] : nodesOf(footer)) {
    const range = node.kind === 'leaf' && node.leaf.maxRep === 0 ? rangeOf(node, footer) : null;
    if (range !== null) ranges.push([node.name, range]);
  }
  return Object.fromEntries(ranges);
}

/** Of all files together: a column has the bounds that all of them give it which hold it. */
export function joinedRanges(files: readonly ColumnRanges[]): ColumnRanges {
  const ranges = new Map<string, ColumnRange>();
  for (const file of files) {
    for (const [name, range] of Object.entries(file)) {
      const before = ranges.get(name);
      ranges.set(name, before === undefined ? range : joined(before, range));
    }
  }
  return Object.fromEntries(ranges);
}

function rangeOf({ leaf, type }: Extract<Node, { kind: 'leaf' }>, footer: Footer): ColumnRange | null {
  if (type.kind === 'string' || type.kind === 'binary') {
    const bytes = footer.groups.reduce((sum, group) => sum + group.chunks[leaf.index].size, 0);
    return { width: Math.max(CODE_BYTES, bytes / footer.rows) };
  }
  let range: ColumnRange | null = null;
  for (const group of footer.groups) {
    const bounds = chunkBounds(leaf, type, group.chunks[leaf.index], group.rows);
    if (bounds !== null && bounds.nulls === group.rows) continue;
    if (bounds === null || !isNumber(bounds.min) || !isNumber(bounds.max)) return {};
    const next = { min: Number(bounds.min), max: Number(bounds.max) };
    range = range === null ? next : joined(range, next);
  }
  return range;
}

/** Texts of few values are codes in memory. */
const CODE_BYTES = 4;

const isNumber = (value: unknown): boolean => typeof value === 'number' || typeof value === 'bigint';

function joined(a: ColumnRange, b: ColumnRange): ColumnRange {
  const width = a.width !== undefined && b.width !== undefined ? { width: Math.max(a.width, b.width) } : {};
  if (a.min === undefined || a.max === undefined || b.min === undefined || b.max === undefined) return width;
  return { ...width, min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) };
}
