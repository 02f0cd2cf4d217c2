import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tableFromIPC, tableToIPC } from 'apache-arrow';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseSchema } from '../../../src/data/schema-parse.js';
import { field, INT32, STRING, schemaOf } from '../../../src/data/types.js';
import type { EngineValue } from '../../../src/data/value.js';
import { sourceOf } from '../../../src/engine/sources/registry.js';
import { fileOf, readRowsOf, tempDir } from './reading.js';
import { batchOf, writeAll, writeSpec } from './writing.js';

let dir: ReturnType<typeof tempDir>;
beforeAll(() => {
  dir = tempDir();
});
afterAll(() => dir.dispose());
const path = (name: string) => join(dir.path, name);

const SCHEMA = parseSchema('i int, l bigint, s string, m decimal(12,2), t timestamp, a array<string>, p struct<x:double>, b boolean');
const ROWS: EngineValue[][] = [
  [1, 2n ** 60n, 'é', 125n, 1500000n, ['x', null], [0.5], true],
  [null, null, null, null, null, null, null, null],
  [3, -1n, '', -5n, 0n, [], [null], false],
];

test('what is written reads back, here and with apache-arrow, as a stream and as a file', async () => {
  await writeAll(writeSpec('arrow', path('w')), SCHEMA, [[batchOf(SCHEMA, ROWS), batchOf(SCHEMA, ROWS)]]);
  expect(readdirSync(path('w')).sort()).toEqual(['_SUCCESS', 'part-00000-q1-c000.arrows']);
  const stream = path('w/part-00000-q1-c000.arrows');
  expect(await readRowsOf('arrow', [fileOf(stream)], { batchRows: 2 })).toEqual([...ROWS, ...ROWS]);
  const table = tableFromIPC(readFileSync(stream));
  expect(table.numRows).toBe(6);
  expect(table.getChild('s')?.toArray().slice(0, 3)).toEqual(['é', null, '']);
  const file = fileOf(path('file.arrow'), tableToIPC(table, 'file'));
  expect(await sourceOf('arrow').inferSchema([file], {})).toEqual(SCHEMA);
  expect(await readRowsOf('arrow', [file])).toEqual([...ROWS, ...ROWS]);
});

test('columns are taken by name, those that are missing are null, other types are refused', async () => {
  const file = path('w/part-00000-q1-c000.arrows');
  expect(
    (await readRowsOf('arrow', [fileOf(file)], { schema: schemaOf(field('s', STRING), field('gone', INT32), field('i', INT32)) }))[0],
  ).toEqual(['é', null, 1]);
  await expect(readRowsOf('arrow', [fileOf(file)], { schema: schemaOf(field('s', INT32)) })).rejects.toMatchObject({
    kind: 'user',
    condition: 'WRONG_SCHEMA',
  });
});

test('damaged files are refused by name', async () => {
  const good = readFileSync(path('w/part-00000-q1-c000.arrows'));
  for (const bytes of [Buffer.from('hello, world: no Arrow'), good.subarray(0, 100), Buffer.from('ARROW1\0\0 and nothing else')]) {
    await expect(readRowsOf('arrow', [fileOf(path('bad.arrow'), bytes)], { schema: SCHEMA })).rejects.toMatchObject({
      kind: 'user',
      condition: 'CORRUPT_FILE',
    });
  }
});
