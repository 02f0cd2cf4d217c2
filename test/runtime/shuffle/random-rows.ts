/** Owns: batches with random rows of every kind of column, from a seed, for tests that compare what went in with what came out. */
import type { Batch, Column } from '../../../src/data/batch.js';
import { columnOf } from '../../../src/data/builder.js';
import {
  arrayOf,
  BOOLEAN,
  type DataType,
  decimal,
  FLOAT64,
  field,
  INT16,
  INT32,
  INT64,
  mapOf,
  type Schema,
  STRING,
  schemaOf,
  structOf,
} from '../../../src/data/types.js';
import { type EngineValue, readValue } from '../../../src/data/value.js';

export const MIXED: Schema = schemaOf(
  field('id', INT32),
  field('big', INT64),
  field('x', FLOAT64),
  field('name', STRING),
  field('word', STRING),
  field('flag', BOOLEAN),
  field('price', decimal(12, 2)),
  field('wide', decimal(30, 4)),
  field('list', arrayOf(INT16)),
  field('map', mapOf(STRING, INT32)),
  field('pair', structOf([field('a', INT32), field('b', STRING)])),
);

export type Random = () => number;

/** mulberry32: numbers in [0, 1) from a seed. */
export function randomOf(seed: number): Random {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

function randomValue(type: DataType, random: Random): EngineValue {
  if (random() < 0.1) return null;
  const int = Math.floor(random() * 60_000) - 30_000;
  switch (type.kind) {
    case 'boolean':
      return random() < 0.5;
    case 'int64':
      return BigInt(int) * 1_000_003_000_000n;
    case 'decimal':
      return type.precision > 18 ? BigInt(int) * 1_000_000_007_000_000_000_000n : BigInt(int);
    case 'float64':
      return int / 7;
    case 'string':
      return `v${'é'.repeat(Math.floor(random() * 5))}${int}${random() < 0.02 ? '-'.repeat(100) : ''}`;
    case 'array':
      return Array.from({ length: Math.floor(random() * 4) }, () => randomValue(type.element, random));
    case 'map':
      return Array.from({ length: Math.floor(random() * 3) }, (_, i) => [`k${i}`, randomValue(type.value, random)] as EngineValue[]);
    case 'struct':
      return type.fields.map((f) => randomValue(f.type, random));
    default:
      return int;
  }
}

const WORDS = ['north', 'south', 'east', 'west'];

/** A batch of MIXED; its column `word` is dictionary-encoded over one dictionary, the same in every batch, or over one of its own. */
export function randomBatch(rows: number, random: Random, shared: Column | null): Batch {
  const columns = MIXED.fields.map(({ name, type }) => {
    if (name !== 'word')
      return columnOf(
        type,
        Array.from({ length: rows }, () => randomValue(type, random)),
      );
    const dictionary = shared ?? columnOf(STRING, WORDS.slice(Math.floor(random() * 3)));
    const plain = columnOf(
      STRING,
      Array.from({ length: rows }, () => (random() < 0.1 ? null : 'x')),
    );
    const codes = Int32Array.from({ length: rows }, () => Math.floor(random() * dictionary.length));
    const validity = plain.layout === 'bytes' ? plain.validity : null;
    return { layout: 'dictionary', length: rows, validity, codes, dictionary } as Column;
  });
  return { length: rows, columns };
}

export const wordDictionary = (): Column => columnOf(STRING, WORDS);

/** Each row as text, for comparing. */
export function rowTexts(batch: Batch, schema: Schema): string[] {
  return Array.from({ length: batch.length }, (_, row) =>
    JSON.stringify(
      batch.columns.map((column, i) => readValue(column, schema.fields[i].type, row)),
      (_key, value) => (typeof value === 'bigint' ? `${value}n` : value),
    ),
  );
}
