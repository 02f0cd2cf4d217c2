/** Owns: what the footers of Parquet files say of their columns as a whole: least and largest number, bytes of a text. Estimates go by it alone. */
import type { ColumnRange } from '../../../frontend/plan/resolved.js';
import type { Footer } from './footer.js';
import { chunkBounds } from './prune.js';
import { type Node, nodesOf } from './schema.js';

/** By column name; a column of which one row group says nothing has no bounds. Damaged footers say nothing: the reader will tell. */
export function columnRanges(footers: readonly Footer[]): Record<string, ColumnRange> {
  const ranges: Record<string, ColumnRange> = {};
  const seen = new Set<string>();
  for (const footer of footers) {
    for (const node of nodesOf(footer)) {
      const range = rangeOf(node, footer);
      if (range === null) continue;
      ranges[node.name] = seen.has(node.name) ? joined(ranges[node.name], range) : range;
      seen.add(node.name);
    }
  }
  return ranges;
}

function rangeOf(node: Node, footer: Footer): ColumnRange | null {
  if (node.kind !== 'leaf' || node.leaf.maxRep > 0 || footer.rows === 0) return null;
  const { leaf, type } = node;
  if (type.kind === 'string' || type.kind === 'binary') {
    const bytes = footer.groups.reduce((sum, group) => sum + group.chunks[leaf.index].size, 0);
    return { width: Math.max(CODE_BYTES, bytes / footer.rows) };
  }
  let range: ColumnRange | null = null;
  for (const group of footer.groups) {
    const bounds = chunkBounds(leaf, type, group.chunks[leaf.index], group.rows);
    if (bounds === null || !isNumber(bounds.min) || !isNumber(bounds.max)) return null;
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
