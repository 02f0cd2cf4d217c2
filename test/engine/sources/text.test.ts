import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Batch } from '../../../src/data/batch.js';
import { field, INT64, STRING, schemaOf } from '../../../src/data/types.js';
import { sourceOf } from '../../../src/engine/sources/registry.js';
import { batchRows, fileOf, readRowsOf, requestFor, tempDir } from './reading.js';

let dir: ReturnType<typeof tempDir>;
beforeAll(() => {
  dir = tempDir();
});
afterAll(() => dir.dispose());

const path = (name: string) => join(dir.path, name);
const lines = async (content: string | Uint8Array, settings = {}) =>
  (await readRowsOf('text', [fileOf(path('t.txt'), content)], settings)).map((row) => row[0]);

/** What the reader promises, said simply. */
function linesOf(text: string): string[] {
  const parts = text.split('\n').map((line, i, all) => (i < all.length - 1 && line.endsWith('\r') ? line.slice(0, -1) : line));
  if (parts[parts.length - 1] === '') parts.pop();
  return parts;
}

test('line ends are \\n or \\r\\n and the last one may be missing', async () => {
  expect(await lines('a\nb\r\n\r\n\nlast')).toEqual(['a', 'b', '', '', 'last']);
  expect(await lines('a\n')).toEqual(['a']);
  expect(await lines('a\rb\n')).toEqual(['a\rb']);
});

test('empty and one-byte files', async () => {
  expect(await lines('')).toEqual([]);
  expect(await lines('x')).toEqual(['x']);
  expect(await lines('\n')).toEqual(['']);
});

test('a byte order mark and bytes that are not UTF-8 stay', async () => {
  const file = fileOf(path('bom.txt'), new Uint8Array([0xef, 0xbb, 0xbf, 65, 10, 0xff, 0xfe, 10]));
  const request = await requestFor('text', [file], {});
  const [split] = sourceOf('text').planSplits([file], {}, 100);
  for await (const batch of sourceOf('text').readSplit(split, request)) {
    const [column] = batch.columns;
    if (column.layout !== 'bytes') throw new Error(column.layout);
    expect([...column.data.subarray(column.offsets[0], column.offsets[2])]).toEqual([0xef, 0xbb, 0xbf, 65, 0xff, 0xfe]);
  }
});

test('any split size gives all lines once and in order, with their byte offsets', async () => {
  const piece = fc.constantFrom(
    'a',
    'bc',
    'é',
    '\u{1f680}',
    '\r',
    '\n',
    '\r\n',
    '\n\n',
    ' ',
    'a line that is somewhat longer than the others\n',
  );
  const columns = schemaOf(field('value', STRING), field('_metadata_offset', INT64));
  const property = fc.asyncProperty(
    fc.array(piece, { maxLength: 60 }),
    fc.integer({ min: 1, max: 80 }),
    fc.integer({ min: 1, max: 40 }),
    fc.integer({ min: 1, max: 5 }),
    async (pieces, splitBytes, batchBytes, batchRows) => {
      const text = pieces.join('');
      const bytes = Buffer.from(text);
      const rows = await readRowsOf('text', [fileOf(path('p.txt'), text)], { splitBytes, batchBytes, batchRows, columns });
      expect(rows.map((row) => row[0])).toEqual(linesOf(text));
      for (const [line, offset] of rows) expect(bytes.subarray(Number(offset)).toString().startsWith(String(line))).toBe(true);
    },
  );
  await fc.assert(property, { numRuns: 300 });
});

test('batches that are kept stay as they were, unless the reader recycles them', async () => {
  const text = Array.from({ length: 5000 }, (_, i) => `line ${i}\n`).join('');
  const file = fileOf(path('kept.txt'), text);
  const request = { ...(await requestFor('text', [file], { batchBytes: 1 << 10 })), recycles: false };
  const [split] = sourceOf('text').planSplits([file], {}, 1 << 20);
  const batches: Batch[] = [];
  for await (const batch of sourceOf('text').readSplit(split, request)) batches.push(batch);
  expect(batches.length).toBeGreaterThan(10);
  expect(
    batches
      .flatMap((batch) => batchRows(batch, request.columns))
      .map((row) => `${row[0]}\n`)
      .join(''),
  ).toBe(text);
});

test('a line longer than every buffer', async () => {
  const long = 'x'.repeat(5_000_000);
  const rows = await lines(`a\n${long}\nb\n`, { splitBytes: 100_000 });
  expect(rows.map((row) => String(row).length)).toEqual([1, 5_000_000, 1]);
});

test('gzip with several members is one split, read as a stream', async () => {
  const text = Array.from({ length: 50_000 }, (_, i) => `line ${i}`).join('\n');
  const half = Math.floor(text.length / 2);
  const packed = Buffer.concat([gzipSync(text.slice(0, half)), gzipSync(text.slice(half))]);
  const rows = await readRowsOf('text', [fileOf(path('t.txt.gz'), packed)], { splitBytes: 1000 });
  expect(rows.map((row) => row[0]).join('\n')).toBe(text);
});

test('a gzip file that is cut short says so', async () => {
  const packed = gzipSync('hello\n'.repeat(10_000));
  const file = fileOf(path('short.txt.gz'), packed.subarray(0, packed.length - 20));
  await expect(readRowsOf('text', [file])).rejects.toMatchObject({ kind: 'user', condition: 'CORRUPT_FILE' });
});

test('wholetext gives one row a file, also an empty one', async () => {
  const files = [fileOf(path('w1.txt'), 'a\nb\n'), fileOf(path('w2.txt'), '')];
  expect(await readRowsOf('text', files, { options: { wholeText: 'true' } })).toEqual([['a\nb\n'], ['']]);
});

test('no columns still count the rows; the file name and partition values are constants', async () => {
  const file = { ...fileOf(path('c.txt'), 'a\nb\n'), values: ['x'] };
  expect(await readRowsOf('text', [file], { columns: schemaOf() })).toEqual([[], []]);
  const columns = schemaOf(field('k', STRING), field('_metadata_file', STRING), field('value', STRING));
  const rows = await readRowsOf('text', [file], { columns, partitionSchema: schemaOf(field('k', STRING)) });
  expect(rows).toEqual([
    ['x', file.uri, 'a'],
    ['x', file.uri, 'b'],
  ]);
  const none = await readRowsOf('text', [{ ...file, values: [null] }], {
    columns: schemaOf(field('k', STRING)),
    partitionSchema: schemaOf(field('k', STRING)),
  });
  expect(none).toEqual([[null], [null]]);
});

test('what is missing or not known is named', async () => {
  const gone = { uri: `file://${path('gone.txt')}`, bytes: 3, values: [] };
  await expect(readRowsOf('text', [gone])).rejects.toMatchObject({ kind: 'user', condition: 'PATH_NOT_FOUND' });
  await expect(readRowsOf('text', [fileOf(path('o.txt'), 'a')], { options: { wholetxt: 'true' } })).rejects.toMatchObject({
    condition: 'UNKNOWN_OPTION',
    hint: expect.stringContaining('wholetext'),
  });
  expect(() => sourceOf('parket')).toThrowError(/no file format 'parket'/);
});
