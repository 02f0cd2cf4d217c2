/**
 * Owns: leaving out row groups in whose bloom filters none of the values is that a filter asks for by `=` or IN.
 * Format: apache/parquet-format, BloomFilter.md; hyparquet tests the bits.
 */
import { readBloomFilter, sbbfContains } from 'hyparquet/src/bloom.js';
import { deserializeTCompactProtocol } from 'hyparquet/src/thrift.js';
import { xxhash64 } from 'hyparquet/src/xxhash.js';
import { type DataType, type Schema, sameType } from '../../../data/types.js';
import type { EngineValue } from '../../../data/value.js';
import { conjuncts } from '../../../frontend/plan/conditions.js';
import type { BoundExpr } from '../../../frontend/plan/resolved.js';
import type { InputFile } from '../fs.js';
import type { RowGroup, Thrift } from './footer.js';
import { columnOf } from './prune.js';
import type { Leaf, Node } from './schema.js';

/** A filter's header is some twenty bytes; files need not say how long it is with its bits. */
const HEADER_BYTES = 64;
const MOST_BYTES = 2 ** 27;

/** Whether a row of the group may pass all filters. `columns` are what the filters' ordinals mean. */
export function mayContain(
  file: InputFile,
  group: RowGroup,
  filters: readonly BoundExpr[],
  columns: Schema,
  nodes: readonly Node[],
): boolean {
  return filters
    .flatMap((f) => conjuncts(f))
    .every((filter) => {
      const asked = askedFor(filter);
      const column = asked === null ? null : columnOf(columns.fields[asked.index], nodes);
      if (asked === null || column === null) return true;
      const start = group.chunks[column.leaf.index].bloomFilter;
      if (start === null || !asked.types.every((type) => sameType(type, column.type))) return true;
      const hashes = asked.values.map((value) => (value === null ? null : hashOf(value, column.leaf, column.type)));
      // A value that has no hash here may be anywhere; a null equals nothing.
      if (asked.values.some((value, i) => value !== null && hashes[i] === null)) return true;
      const blocks = bitsAt(file, start);
      return blocks === null || hashes.some((hash) => hash !== null && sbbfContains(blocks, hash));
    });
}

interface Asked {
  readonly index: number;
  readonly values: readonly EngineValue[];
  readonly types: readonly DataType[];
}

/** The column and the values of `column = literal` and `column IN (literals)`. */
function askedFor(filter: BoundExpr): Asked | null {
  if (filter.kind !== 'call' || !['=', '==', 'in'].includes(filter.fn)) return null;
  const [first, ...rest] = filter.args[0]?.kind === 'literal' && filter.fn !== 'in' ? [...filter.args].reverse() : filter.args;
  if (first?.kind !== 'input') return null;
  const literals = rest.flatMap((arg) => (arg.kind === 'literal' ? [arg] : []));
  if (literals.length < rest.length) return null;
  return { index: first.index, values: literals.map((l) => l.value), types: literals.map((l) => l.type) };
}

/** Of the value's plain encoding; null where the file may hold equal values in other bytes. */
function hashOf(value: EngineValue, leaf: Leaf, type: DataType): bigint | null {
  if (leaf.physical === 'BYTE_ARRAY' && type.kind === 'string') return xxhash64(new Uint8Array(Buffer.from(value as string)));
  const isWhole = ['int8', 'int16', 'int32', 'int64', 'date'].includes(type.kind);
  const width = leaf.physical === 'INT32' ? 4 : leaf.physical === 'INT64' ? 8 : 0;
  if (!isWhole || width === 0) return null;
  const bytes = new BigInt64Array([BigInt(value as number | bigint)]);
  return xxhash64(new Uint8Array(bytes.buffer, 0, width));
}

function bitsAt(file: InputFile, start: number): Uint32Array | null {
  try {
    const head = readerOf(file.readRange(start, Math.min(file.bytes, start + HEADER_BYTES)));
    const size = Number((deserializeTCompactProtocol(head) as Thrift).field_1);
    if (!(size > 0 && size <= MOST_BYTES)) return null;
    return readBloomFilter(readerOf(file.readRange(start, start + head.offset + size)))?.blocks ?? null;
  } catch {
    // Damaged, it is as good as none: it is a hint.
    return null;
  }
}

const readerOf = (bytes: Uint8Array) => ({ view: new DataView(bytes.buffer as ArrayBuffer), offset: 0 });
