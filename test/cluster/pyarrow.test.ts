/** pyarrow as a judge: it opens what minispark writes, and minispark reads what it writes. MINISPARK_PYTHON names a Python that has it. */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Batch, Column } from '../../src/data/batch.js';
import { columnOf } from '../../src/data/builder.js';
import { loadCodec } from '../../src/data/codec.js';
import { parseSchema } from '../../src/data/schema-text.js';
import { type DataFrame, Session } from '../../src/index.js';
import { readIndex } from '../../src/runtime/shuffle/local-blocks.js';
import { createSortWriter } from '../../src/runtime/shuffle/sort-writer.js';
import { temporary } from './processes.js';

const PYTHON = process.env['MINISPARK_PYTHON'] ?? 'python3';
const hasPyarrow = spawnSync(PYTHON, ['-c', 'import pyarrow']).status === 0;
if (!hasPyarrow && process.env['CI'] !== 'true') console.log(`pyarrow.test.ts: skipped, for ${PYTHON} has no pyarrow.`);
const judged = test.skipIf(!hasPyarrow && process.env['CI'] !== 'true');

const { dir, remove } = temporary();
let spark: Session;

beforeAll(async () => {
  spark = await Session.builder().master('local').config('storage.root', dir).getOrCreate();
});

afterAll(async () => {
  await spark.stop();
  remove();
});

function python(script: string, args: readonly string[], input = ''): string {
  const path = fileURLToPath(new URL(`reference/${script}`, import.meta.url));
  const { status, stdout, stderr } = spawnSync(PYTHON, [path, ...args], { input, encoding: 'utf8', maxBuffer: 64 << 20 });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout;
}

const SCHEMA = parseSchema('id bigint, word string, x double');

/** `word` over a dictionary of the batch's own, so that a block may hold several in turn. */
function batchOf(ids: readonly bigint[], words: readonly (string | null)[]): Batch {
  const [id, word, x] = SCHEMA.fields.map(({ type }) => type);
  const entries = [...new Set(words.filter((text) => text !== null))];
  const plain = columnOf(word, words);
  const codes = Int32Array.from(words, (text) => (text === null ? 0 : entries.indexOf(text)));
  const validity = plain.layout === 'bytes' ? plain.validity : null;
  const coded: Column = { layout: 'dictionary', length: words.length, validity, codes, dictionary: columnOf(word, entries) };
  const halves = ids.map((i) => Number(i) / 8);
  return { length: ids.length, columns: [columnOf(id, ids), coded, columnOf(x, halves)] };
}

judged.each([
  [null, 1 << 20],
  ['lz4', 1 << 20],
  ['zstd', 1 << 20],
  [null, 10_000],
] as const)('every shuffle block is an Arrow stream of its own, codec %s, %i bytes held', async (codec, bufferBytes) => {
  if (codec !== null) await loadCodec(codec);
  const ids = Array.from({ length: 5000 }, (_, i) => BigInt(i));
  const words = ids.map((i) => (i % 9n === 0n ? null : `word ${i % 13n}`));
  const partitions = Int32Array.from(ids, (i) => Number(i % 7n) * 2);
  const dataPath = join(dir, `shuffle-${codec}-${bufferBytes}.data`);
  const identity = { worker: 'worker-1', shuffle: 0, map: 0, attempt: 0 };
  const writer = createSortWriter({
    schema: SCHEMA,
    partitions: 14,
    identity,
    dataPath,
    spillDir: dir,
    bufferBytes,
    batchRows: 1000,
    codec,
  });
  for (let from = 0; from < ids.length; from += 1000) {
    writer.write(batchOf(ids.slice(from, from + 1000), words.slice(from, from + 1000)), partitions.subarray(from, from + 1000));
  }
  const { rows } = await writer.finish();
  const index = readIndex(dataPath);
  const ranges = rows.map((_, p) => [index!.entry(p).offset, index!.entry(p).length]);
  const blocks = JSON.parse(python('blocks.py', [], JSON.stringify({ path: dataPath, ranges }))) as unknown[][][];
  const expected = rows.map((_, p) =>
    ids.filter((i) => partitions[Number(i)] === p).map((i) => [Number(i), words[Number(i)], Number(i) / 8]),
  );
  expect(blocks).toEqual(expected);
});

judged('it reads our Parquet: dictionaries, nulls, decimals, dates, nested columns', async () => {
  const rows = [
    { id: 1n, name: 'a', price: '1.50', day: '2024-02-29', tags: ['x', null], at: { lat: 1.5 } },
    { id: 2n, name: null, price: null, day: null, tags: null, at: null },
    { id: 3n, name: 'a', price: '-0.01', day: '1582-10-04', tags: [], at: { lat: null } },
  ];
  const ddl = 'id bigint, name string, price decimal(9,2), day date, tags array<string>, at struct<lat:double>';
  await (spark.createDataFrame(rows as never, ddl) as unknown as DataFrame<{ id: bigint }>).write.parquet('ours');
  expect(JSON.parse(python('parquet_read.py', [join(dir, 'ours')]))).toEqual(rows.map((row) => ({ ...row, id: Number(row.id) })));
});

judged('we read its Parquet, whatever codec and encoding', async () => {
  const theirs = join(dir, 'theirs');
  mkdirSync(theirs);
  python('parquet_write.py', [theirs]);
  const table = spark.read.parquet('theirs').orderBy('id');
  const rows = (await table.collect()) as unknown as { id: bigint; name: string | null; x: number | null }[];
  expect(rows.length).toBe(10 * 1000);
  for (const [i, { id, name, x }] of rows.entries()) {
    const n = Math.floor(i / 10);
    expect([id, name, x]).toEqual([BigInt(n), n % 7 === 0 ? null : `name ${n % 5}`, n % 11 === 0 ? null : n / 4]);
  }
});
