/** Arrow and gzip files that are not what they say: the right rows or a named error, with the file's name and nothing of the runtime's. */
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { tableFromArrays, tableFromIPC, tableToIPC } from 'apache-arrow';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadCodec } from '../../../src/data/codec.js';
import { encodeStream } from '../../../src/data/ipc.js';
import { parseSchema } from '../../../src/data/schema-parse.js';
import { fileOf, readRowsOf, tempDir } from './reading.js';
import { batchOf } from './writing.js';

let dir: ReturnType<typeof tempDir>;
beforeAll(() => {
  dir = tempDir();
});
afterAll(() => dir.dispose());

let versions = 0;
const read = (format: string, bytes: Uint8Array, extension: string): Promise<unknown[][]> =>
  readRowsOf(format, [fileOf(join(dir.path, `damaged-${versions++}.${extension}`), bytes)]);

/** What the runtime says when nobody checked. */
const RAW = /Cannot read prop|undefined|is not a function|Invalid (typed )?array|Offset is outside|out of range|\bNaN\b/;

/** The number of rows, or null for an error that a user can read. */
async function rowsOf(format: string, bytes: Uint8Array, extension: string): Promise<number | null> {
  const rows = await read(format, bytes, extension).catch((error) => {
    expect(error).toMatchObject({ name: 'MinisparkError', kind: 'user', message: expect.stringContaining('damaged-') });
    expect(error.message).not.toMatch(RAW);
    return null;
  });
  return rows === null ? null : rows.length;
}

const SCHEMA = parseSchema('i int, s string, a array<int>');
const ROWS = [
  [1, 'x', [1, null]],
  [null, '', []],
  [3, null, null],
];
const ours = (isEncoded = true) =>
  encodeStream(SCHEMA, [batchOf(SCHEMA, ROWS), batchOf(SCHEMA, ROWS)], { dictionaries: [false, isEncoded, false] });
/** Unsigned integers are not ours: apache-arrow reads them. */
const foreign = (format: 'file' | 'stream') => tableToIPC(tableFromArrays({ u: Uint16Array.of(1, 2, 3), s: ['a', 'bb', 'a'] }), format);

describe('Arrow', () => {
  test.each([
    ['a stream', () => ours(), 6],
    ['a file', () => tableToIPC(tableFromIPC(ours(false)), 'file'), 6],
    ['a stream of other types', () => foreign('stream'), 3],
    ['a file of other types', () => foreign('file'), 3],
  ])('%s: any byte changed, any length cut, zeros from anywhere: all rows or an error', async (_, make, rows) => {
    const good = Buffer.from(make());
    expect(await rowsOf('arrow', good, 'arrow')).toBe(rows);
    for (let at = 0; at < good.length; at += 5) {
      const flipped = Buffer.from(good);
      flipped[at] ^= 1 << (at % 8);
      expect([at, (await rowsOf('arrow', flipped, 'arrow')) ?? rows]).toEqual([at, rows]);
      const high = Buffer.from(good);
      high.fill(0x7f, at, Math.min(at + 4, good.length));
      expect([at, (await rowsOf('arrow', high, 'arrow')) ?? rows]).toEqual([at, rows]);
      const zeros = Buffer.from(good).fill(0, at);
      const left = await rowsOf('arrow', zeros, 'arrow');
      expect([at, left ?? rows]).toEqual([at, rows]);
      expect(await rowsOf('arrow', good.subarray(0, at), 'arrow')).toBeNull();
    }
  });

  test.each(['lz4', 'zstd'] as const)('a stream compressed with %s', async (codec) => {
    await loadCodec(codec);
    expect(await read('arrow', encodeStream(SCHEMA, [batchOf(SCHEMA, ROWS)], { codec }), 'arrow')).toEqual(ROWS);
  });
});

describe('gzip', () => {
  const members = [0, 1, 2].map((k) => gzipSync(Array.from({ length: 50 }, (_, i) => `${k}-${i * 7919}\n`).join('')));
  const good = Buffer.concat(members);

  test('any byte changed: all lines or an error; a member that begins with a zero was the last, and nobody knew', async () => {
    expect(await rowsOf('text', good, 'txt.gz')).toBe(150);
    for (let at = 0; at < good.length; at++) {
      const bytes = Buffer.from(good);
      bytes[at] ^= 1 << (at % 8);
      expect([at, (await rowsOf('text', bytes, 'txt.gz')) ?? 150]).toEqual([at, 150]);
    }
    const second = Buffer.from(good);
    second[members[0].length] = 0;
    await expect(read('text', second, 'txt.gz')).rejects.toMatchObject({
      condition: 'CORRUPT_FILE',
      message: expect.stringContaining(`what follows byte ${members[0].length} is not compressed by gzip`),
    });
  });

  test('zeros may fill a file up', async () => {
    expect(await rowsOf('text', Buffer.concat([good, Buffer.alloc(512)]), 'txt.gz')).toBe(150);
  });
});
