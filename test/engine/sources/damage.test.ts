/** Files that are not what they say: named errors, no crash, no hang, and with checksums no wrong row. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { deserializeTCompactProtocol } from 'hyparquet/src/thrift.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeDirectories } from '../../../src/core/make-directories.js';
import { parseSchema } from '../../../src/data/schema-parse.js';
import type { EngineValue } from '../../../src/data/value.js';
import { binary, i32, i64, thriftBytes } from '../../../src/engine/sources/parquet/thrift-write.js';
import { sourceOf } from '../../../src/engine/sources/registry.js';
import { fileOf, readRowsOf, tempDir } from './reading.js';
import { batchOf, writeAll, writeSpec } from './writing.js';

let dir: ReturnType<typeof tempDir>;
beforeAll(() => {
  dir = tempDir();
});
afterAll(() => dir.dispose());

const SCHEMA = parseSchema('i bigint, s string, d date');
const ROWS = Array.from({ length: 500 }, (_, i) => [i % 7 === 0 ? null : BigInt(i) * 1000003n, `s${i % 90}`, i - 250]);

async function written(
  name: string,
  options: Record<string, string> = {},
  rows: readonly (readonly EngineValue[])[] = ROWS,
): Promise<Buffer> {
  const path = join(dir.path, name);
  await writeAll(writeSpec('parquet', path, { options }), SCHEMA, [[batchOf(SCHEMA, rows)]]);
  return readFileSync(join(path, readdirSync(path).find((file) => file.endsWith('.parquet')) as string));
}

let versions = 0;
function read(bytes: Uint8Array): Promise<unknown[][]> {
  const path = join(dir.path, `damaged-${versions++}.parquet`);
  writeFileSync(path, bytes);
  return readRowsOf('parquet', [fileOf(path)], { schema: SCHEMA });
}

const corrupt = (what: RegExp) => ({
  name: 'MinisparkError',
  kind: 'user',
  condition: 'CORRUPT_FILE',
  message: expect.stringMatching(what),
});

/** Where the footer begins: all before it, but the magic, are pages. */
const footerStart = (bytes: Buffer): number => bytes.length - 8 - bytes.readUInt32LE(bytes.length - 8);

describe('damaged Parquet', () => {
  test.each(['snappy', 'uncompressed', 'gzip'])('any byte among the pages, %s: the same rows or CORRUPT_FILE', async (compression) => {
    const good = await written(`flips-${compression}`, { compression });
    expect(await read(good)).toEqual(ROWS);
    const end = footerStart(good);
    const at = fc.integer({ min: 4, max: end - 1 });
    await fc.assert(
      fc.asyncProperty(at, fc.integer({ min: 1, max: 255 }), async (place, flip) => {
        const bytes = Buffer.from(good);
        bytes[place] ^= flip;
        const rows = await read(bytes).catch((error) => {
          expect(error).toMatchObject(corrupt(/./));
          return null;
        });
        if (rows) expect(rows).toEqual(ROWS);
      }),
      { numRuns: 150 },
    );
  });

  test('any byte of the footer: rows or a named error, in bounded time', async () => {
    const good = await written('footer');
    const check = async (place: number, flip: number): Promise<void> => {
      const bytes = Buffer.from(good);
      bytes[place] ^= flip;
      const rows = await read(bytes).catch((error) => {
        expect(error).toMatchObject({ name: 'MinisparkError', kind: 'user' });
        return null;
      });
      if (rows) expect([place, flip, rows.length]).toEqual([place, flip, ROWS.length]);
    };
    const at = fc.integer({ min: footerStart(good), max: good.length - 1 });
    await fc.assert(fc.asyncProperty(at, fc.integer({ min: 1, max: 255 }), check), { numRuns: 400 });
    // One bit may make another type of a field, and nothing of all that follows.
    for (let place = footerStart(good); place < good.length; place++) for (let bit = 0; bit < 8; bit++) await check(place, 1 << bit);
  });

  test('cut short anywhere; a file of no bytes has no rows', async () => {
    expect(await read(new Uint8Array())).toEqual([]);
    const good = await written('short');
    for (const length of [3, 11, 100, footerStart(good), good.length - 9, good.length - 1]) {
      await expect(read(good.subarray(0, length))).rejects.toMatchObject(corrupt(/./));
    }
  });

  test('a page whose checksum is wrong', async () => {
    const good = await written('checksum', { compression: 'uncompressed' });
    const bytes = Buffer.from(good);
    // The first page is the dictionary of the longs or their plain values: its last byte before the footer's start is a value.
    const view = new DataView(good.buffer, good.byteOffset, good.length);
    const reader = { view, offset: 4 };
    deserializeTCompactProtocol(reader);
    bytes[reader.offset + 5] ^= 1;
    await expect(read(bytes)).rejects.toMatchObject(corrupt(/a page does not have its checksum/));
  });

  test('a footer that promises what is not there', async () => {
    const magic = Buffer.from('PAR1');
    const withFooter = (footer: Uint8Array): Buffer => {
      const length = Buffer.alloc(4);
      length.writeUInt32LE(footer.length);
      return Buffer.concat([magic, footer, length, magic]);
    };
    const root = { t: 'struct', v: { 4: binary('schema'), 5: i32(1) } } as const;
    const column = { t: 'struct', v: { 1: i32(2), 3: i32(1), 4: binary('i') } } as const;
    const group = (offset: number, bytes: number, values: number, rows: number) =>
      ({
        t: 'struct',
        v: {
          1: {
            t: 'list',
            of: 'struct',
            v: [
              {
                t: 'struct',
                v: {
                  2: i64(4),
                  3: { t: 'struct', v: { 1: i32(2), 4: i32(0), 5: i64(values), 6: i64(bytes), 7: i64(bytes), 9: i64(offset) } },
                },
              },
            ],
          },
          2: i64(bytes),
          3: i64(rows),
        },
      }) as const;
    const file = (offset: number, bytes: number, values: number, rows: number, total = rows): Buffer =>
      withFooter(
        thriftBytes({
          1: i32(1),
          2: { t: 'list', of: 'struct', v: [root, column] },
          3: i64(total),
          4: { t: 'list', of: 'struct', v: [group(offset, bytes, values, rows)] },
        }),
      );
    await expect(read(file(1e12, 100, 5, 5))).rejects.toMatchObject(corrupt(/should lie in bytes 1000000000000/));
    await expect(read(file(4, -100, 5, 5))).rejects.toMatchObject(corrupt(/should lie in bytes/));
    await expect(read(file(4, 20, 1e15, 5))).rejects.toMatchObject(corrupt(/1000000000000000 values in a row group of 5 rows/));
    await expect(read(file(4, 20, 5, 5, 7))).rejects.toMatchObject(corrupt(/row groups have 5 rows of 7/));
    await expect(read(file(4, 20, 1e15, 1e15))).rejects.toMatchObject(corrupt(/./));
    const path = join(dir.path, 'without-chunks.parquet');
    const columns = { t: 'list', of: 'struct', v: [root, column] } as const;
    const empty = { t: 'list', of: 'struct', v: [{ t: 'struct', v: { 3: i64(5) } }] } as const;
    writeFileSync(path, withFooter(thriftBytes({ 1: i32(1), 2: columns, 3: i64(5), 4: empty })));
    await expect(sourceOf('parquet').statistics?.([fileOf(path)])).rejects.toMatchObject(corrupt(/its footer is damaged/));
  });

  test('dates before 1582 of Spark 2 are refused, later ones read; those of others are Gregorian', async () => {
    const julian = (file: Buffer): Buffer => {
      const start = footerStart(file);
      const note = { t: 'struct', v: { 1: binary('org.apache.spark.legacyDateTime'), 2: binary('') } } as const;
      // The footer's struct, its end cut off, goes on with field 5, the notes: named by its number, in zigzag.
      const notes = thriftBytes({ 1: { t: 'list', of: 'struct', v: [note] } }).subarray(1);
      const footer = Buffer.concat([file.subarray(start, file.length - 9), Buffer.from([0x09, 10]), notes]);
      const length = Buffer.alloc(4);
      length.writeUInt32LE(footer.length);
      return Buffer.concat([file.subarray(0, start), footer, length, Buffer.from('PAR1')]);
    };
    const ancient = await written('ancient', {}, [[1n, 'a', -141_428]]);
    expect(await read(ancient)).toEqual([[1n, 'a', -141_428]]);
    expect(await read(julian(await written('modern')))).toEqual(ROWS);
    await expect(read(julian(ancient))).rejects.toMatchObject({
      condition: 'INCONSISTENT_BEHAVIOR_CROSS_VERSION.READ_ANCIENT_DATETIME',
      message: expect.stringContaining("Column 'd'"),
    });
  });
});

test('directories below what can have none', () => {
  expect(() => makeDirectories('/proc/minispark/none/of/this')).toThrowError(/ENOENT|EACCES|EPERM/);
  makeDirectories(join(dir.path, 'a/b/c'));
  makeDirectories(join(dir.path, 'a/b/c'));
  writeFileSync(join(dir.path, 'a/file'), '');
  expect(() => makeDirectories(join(dir.path, 'a/file'))).toThrowError(/EEXIST/);
  expect(() => makeDirectories(join(dir.path, 'a/file/below'))).toThrowError(/ENOTDIR/);
});

describe('schemas from a share of the records', () => {
  const lines = (n: number, last: string): string => `${Array.from({ length: n }, (_, i) => `{"a": ${i}}`).join('\n')}\n${last}\n`;

  test('a piece of a large file is enough', async () => {
    const file = fileOf(join(dir.path, 'many.json'), lines(400_000, '{"a": "text"}'));
    const { sourceOf } = await import('../../../src/engine/sources/registry.js');
    const inferred = async (samplingRatio: string) => (await sourceOf('json').inferSchema([file], { samplingRatio })).fields[0].type.kind;
    expect(await inferred('1')).toBe('string');
    expect(await inferred('0.25')).toBe('int64');
    await expect(inferred('0')).rejects.toMatchObject({ condition: 'INVALID_OPTION' });
    const csv = fileOf(join(dir.path, 'many.csv'), `a\n${Array.from({ length: 700_000 }, (_, i) => i).join('\n')}\ntext\n`);
    const ofCsv = async (samplingRatio: string) =>
      (await sourceOf('csv').inferSchema([csv], { header: 'true', inferSchema: 'true', samplingRatio })).fields[0].type.kind;
    expect(await ofCsv('1')).toBe('string');
    expect(await ofCsv('0.3')).toBe('int32');
  });
});
