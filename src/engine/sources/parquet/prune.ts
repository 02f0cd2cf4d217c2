/**
 * Owns: leaving out row groups whose statistics show that a filter is true for none of their rows. Only comparisons of a column with a
 * literal are understood; where anything is in doubt the group is read.
 */
import { allocInt32 } from '../../../data/alloc.js';
import { type DataType, type Field, type Schema, sameType } from '../../../data/types.js';
import { compareValues, type EngineValue, readValue } from '../../../data/value.js';
import type { BoundExpr } from '../../../frontend/plan/resolved.js';
import type { ChunkMeta, ChunkStatistics, RowGroup } from './footer.js';
import type { Leaf, Node } from './schema.js';
import { decodeValues, ENCODING } from './values.js';

interface Bounds {
  readonly type: DataType;
  readonly min: EngineValue;
  readonly max: EngineValue;
  readonly rows: number;
  readonly nulls: number | null;
}

/** Whether a row of the group may pass all filters. `columns` are what the filters' ordinals mean. */
export function mayMatch(filters: readonly BoundExpr[], columns: Schema, nodes: readonly Node[], group: RowGroup): boolean {
  const ofChunk = (index: number): Bounds | null => {
    const column = columnOf(columns.fields[index], nodes);
    return column === null ? null : chunkBounds(column.leaf, column.type, group.chunks[column.leaf.index], group.rows);
  };
  return filters.every((filter) => mayBeTrue(filter, ofChunk));
}

/** The flat column of a field, where the file has it in the same type. */
export function columnOf(field: Field, nodes: readonly Node[]): Extract<Node, { kind: 'leaf' }> | null {
  const node = nodes.find((n) => n.name === field.name);
  return node?.kind === 'leaf' && node.leaf.maxRep === 0 && sameType(node.type, field.type) ? node : null;
}

/** False only where the bounds of the columns that the filter names prove that it is true for no row. */
export function mayBeTrue(filter: BoundExpr, boundsOf: (index: number) => Bounds | null): boolean {
  if (filter.kind !== 'call') return true;
  const { fn, args } = filter;
  if (fn === 'and') return args.every((arg) => mayBeTrue(arg, boundsOf));
  if (fn === 'or') return args.some((arg) => mayBeTrue(arg, boundsOf));
  const [left, right] = args;
  if (left?.kind === 'literal' && right?.kind === 'input') {
    const flipped = FLIPPED[fn];
    return flipped === undefined || mayBeTrue({ ...filter, fn: flipped, args: [right, left] }, boundsOf);
  }
  if (left?.kind !== 'input') return true;
  const known = boundsOf(left.index);
  if (known === null) return true;
  if (fn === 'isnull') return known.nulls !== 0;
  if (known.nulls === known.rows) return fn !== 'isnotnull' && FLIPPED[fn] === undefined && fn !== 'in';
  const literals = args.slice(1);
  if (!literals.every((arg) => arg.kind === 'literal' && sameType(arg.type, known.type))) return true;
  const values = literals.map((arg) => (arg.kind === 'literal' ? arg.value : null));
  if (fn === 'in') return values.some((value) => value !== null && compares('=', value, known));
  return FLIPPED[fn] === undefined || values[0] === null || compares(fn, values[0], known);
}

const FLIPPED: Readonly<Record<string, string>> = { '=': '=', '==': '==', '<': '>', '<=': '>=', '>': '<', '>=': '<=' };

function compares(fn: string, value: EngineValue, { type, min, max }: Bounds): boolean {
  // NaN is the largest value of all and in no statistics.
  const isFloat = type.kind === 'float32' || type.kind === 'float64';
  if (isFloat && Number.isNaN(value)) return true;
  switch (fn) {
    case '=':
    case '==':
      return (min === null || compareValues(min, value, type) <= 0) && (max === null || compareValues(max, value, type) >= 0);
    case '<':
      return min === null || compareValues(min, value, type) < 0;
    case '<=':
      return min === null || compareValues(min, value, type) <= 0;
    case '>':
      return isFloat || max === null || compareValues(max, value, type) > 0;
    case '>=':
      return isFloat || max === null || compareValues(max, value, type) >= 0;
    default:
      return true;
  }
}

/** What a column chunk's statistics say of its values; null where it has none. */
export function chunkBounds(leaf: Leaf, type: DataType, { statistics }: ChunkMeta, rows: number): Bounds | null {
  return statistics === null ? null : boundsOf(leaf, type, statistics, rows);
}

export function boundsOf(leaf: Leaf, type: DataType, statistics: ChunkStatistics, rows: number): Bounds {
  return { type, rows, nulls: statistics.nulls, min: bound(statistics.min, leaf, type), max: bound(statistics.max, leaf, type) };
}

/** The value of a statistic; null where there is none or its order is not ours. */
function bound(bytes: Uint8Array | null, leaf: Leaf, type: DataType): EngineValue {
  if (bytes === null || leaf.physical === 'INT96' || type.kind === 'binary') return null;
  try {
    const value = readValue(oneValue(bytes, leaf, type), type, 0);
    // A text that was cut inside a character would not keep its place in the order.
    if (typeof value === 'string' && value.includes('\ufffd')) return null;
    return typeof value === 'number' && Number.isNaN(value) ? null : value;
  } catch {
    // Statistics that are damaged are as good as none: they are a hint.
    return null;
  }
}

function oneValue(bytes: Uint8Array, leaf: Leaf, type: DataType) {
  if (leaf.physical !== 'BYTE_ARRAY') return decodeValues(bytes.slice(), 0, ENCODING.PLAIN, 1, leaf, type);
  const prefixed = new Uint8Array(4 + bytes.length);
  prefixed.set(new Uint8Array(allocInt32(1).fill(bytes.length).buffer));
  prefixed.set(bytes, 4);
  return decodeValues(prefixed, 0, ENCODING.PLAIN, 1, leaf, type);
}
