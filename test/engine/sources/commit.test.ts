import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DATE, decimal, FLOAT64, field, INT32, INT64, STRING, schemaOf } from '../../../src/data/types.js';
import { abortWrite, beginWrite, commitWrite } from '../../../src/engine/sources/commit.js';
import { discoverFiles } from '../../../src/engine/sources/partitions.js';
import { checkWrite, openSink } from '../../../src/engine/sources/sink.js';
import { readRowsOf, tempDir } from './reading.js';
import { batchOf, runTask, writeAll, writeSpec } from './writing.js';

const LINES = schemaOf(field('value', STRING));
let dir: ReturnType<typeof tempDir>;
let out: string;
beforeEach(() => {
  dir = tempDir();
  out = join(dir.path, 'out');
});
afterEach(() => dir.dispose());

const lines = (...values: string[]) =>
  batchOf(
    LINES,
    values.map((value) => [value]),
  );
const visible = () => (existsSync(out) ? readdirSync(out).filter((name) => name !== '_temporary') : []);
const content = async () => (await readRowsOf('text', (await discoverFiles([pathToFileURL(out).href], {})).files)).map((row) => row[0]);

test('nothing is visible before the commit, and _SUCCESS is there after it', async () => {
  const write = writeSpec('text', out);
  await beginWrite(write, 'q');
  const messages = [runTask(write, LINES, 'q', 0, [lines('a', 'b')]), runTask(write, LINES, 'q', 1, [lines('c')])];
  expect(visible()).toEqual([]);
  await commitWrite(write, 'q', messages);
  expect(readdirSync(out).sort()).toEqual(['_SUCCESS', 'part-00000-q-c000.txt', 'part-00001-q-c000.txt']);
  expect(await content()).toEqual(['a', 'b', 'c']);
  expect(messages[0].files[0]).toMatchObject({ rows: 2, bytes: 4 });
});

test('a path below a file cannot be written, as the user named it', async () => {
  writeFileSync(out, 'a file');
  await expect(beginWrite(writeSpec('text', join(out, 'below')), 'q')).rejects.toMatchObject({
    condition: 'FILE_NOT_WRITABLE',
    message: `'${join(out, 'below')}' cannot be written: a part of its path is a file.`,
  });
});

test('files of attempts that are not committed are dropped', async () => {
  const write = writeSpec('text', pathToFileURL(out).href);
  await beginWrite(write, 'q');
  runTask(write, LINES, 'q', 0, [lines('lost')], 0);
  const second = runTask(write, LINES, 'q', 0, [lines('kept')], 1);
  await commitWrite(write, 'q', [JSON.parse(JSON.stringify(second))]);
  expect(await content()).toEqual(['kept']);
});

test('abort leaves nothing; a sink that aborts removes its own files', async () => {
  const write = writeSpec('text', out);
  await beginWrite(write, 'q');
  const sink = openSink(write, LINES, { query: 'q', partition: 0, attempt: 0 });
  sink.writeBatch(lines('a'));
  sink.abort();
  expect(existsSync(join(out, '_temporary/q/task-0-0'))).toBe(false);
  await abortWrite(write, 'q');
  expect(existsSync(out)).toBe(false);
});

test('overwrite keeps the old data until the commit, and for good when the job fails', async () => {
  await writeAll(writeSpec('text', out), LINES, [[lines('old')]]);
  const write = writeSpec('text', out, { mode: 'overwrite' });
  await beginWrite(write, 'q2');
  runTask(write, LINES, 'q2', 0, [lines('new')]);
  expect(await content()).toEqual(['old']);
  await abortWrite(write, 'q2');
  expect(await content()).toEqual(['old']);
  await writeAll(write, LINES, [[lines('new')]], 'q3');
  expect(await content()).toEqual(['new']);
  expect(existsSync(join(out, '_temporary'))).toBe(false);
});

test('a commit that fails half way brings the old data back', async () => {
  await writeAll(writeSpec('text', out), LINES, [[lines('old')]]);
  const write = writeSpec('text', out, { mode: 'overwrite' });
  await beginWrite(write, 'q2');
  const good = runTask(write, LINES, 'q2', 0, [lines('new')]);
  const bad = { files: [{ from: 'task-1-0/gone.txt', to: 'gone.txt', bytes: 1, rows: 1 }] };
  await expect(commitWrite(write, 'q2', [good, bad])).rejects.toMatchObject({ condition: 'FILE_NOT_WRITABLE' });
  expect(await content()).toEqual(['old']);
});

test('modes: error refuses, ignore skips, append adds', async () => {
  await writeAll(writeSpec('text', out), LINES, [[lines('one')]]);
  const site = { file: 'job.ts', line: 7, column: 3 };
  await expect(beginWrite(writeSpec('text', out, { site }), 'q2')).rejects.toMatchObject({ kind: 'user', condition: 'PATH_EXISTS', site });
  expect(await writeAll(writeSpec('text', out, { mode: 'ignore' }), LINES, [[lines('two')]], 'q2')).toEqual([]);
  await writeAll(writeSpec('text', out, { mode: 'append' }), LINES, [[lines('two')]], 'q3');
  expect((await content()).sort()).toEqual(['one', 'two']);
  const file = join(dir.path, 'file');
  writeFileSync(file, 'x');
  await expect(beginWrite(writeSpec('text', file, { mode: 'overwrite' }), 'q')).rejects.toMatchObject({ condition: 'PATH_EXISTS' });
});

test('two writes append to one path at the same time', async () => {
  const write = writeSpec('text', out, { mode: 'append' });
  await beginWrite(write, 'qa');
  await beginWrite(write, 'qb');
  const a = runTask(write, LINES, 'qa', 0, [lines('a')]);
  const b = runTask(write, LINES, 'qb', 0, [lines('b')]);
  await commitWrite(write, 'qa', [a]);
  expect(await content()).toEqual(['a']);
  await commitWrite(write, 'qb', [b]);
  expect((await content()).sort()).toEqual(['a', 'b']);
});

test('an output without rows has one file, and more tasks without rows add none', async () => {
  await writeAll(writeSpec('text', out), LINES, [[], []]);
  expect(visible().sort()).toEqual(['_SUCCESS', 'part-00000-q1-c000.txt']);
});

test('partition directories go out and come back with their types', async () => {
  const schema = schemaOf(field('day', DATE), field('value', STRING), field('n', INT32), field('k', STRING));
  const rows = [
    [19723, 'a', 1, 'x/y=z %'],
    [19724, 'b', 2, null],
    [19723, 'c', 1, 'x/y=z %'],
    [null, 'd', 3, ''],
  ] as const;
  const write = writeSpec('text', out, { partitionBy: ['day', 'n', 'K'] });
  await writeAll(write, schema, [[batchOf(schema, rows)]]);
  expect(readFileSync(join(out, 'day=2024-01-01/n=1/k=x%2Fy%3Dz %25/part-00000-q1-c000.txt'), 'utf8')).toBe('a\nc\n');
  const { files, partitionSchema } = await discoverFiles([pathToFileURL(out).href], {});
  expect(partitionSchema).toEqual(schemaOf(field('day', DATE), field('n', INT32), field('k', STRING)));
  expect(files.map((file) => file.values)).toEqual([
    [19723, 1, 'x/y=z %'],
    [19724, 2, null],
    [null, 3, null],
  ]);
  const result = await readRowsOf('text', files, { partitionSchema });
  expect(result).toContainEqual(['c', 19723, 1, 'x/y=z %']);
});

test('partition values take the narrowest type that fits them all', async () => {
  const typeOf = async (...values: string[]) => {
    const root = join(dir.path, `t${values.join('')}`);
    for (const value of values) {
      mkdirSync(join(root, `k=${value}`), { recursive: true });
      writeFileSync(join(root, `k=${value}`, 'f.txt'), 'x');
    }
    return (await discoverFiles([pathToFileURL(root).href], {})).partitionSchema.fields[0].type;
  };
  expect(await typeOf('1', '-2')).toEqual(INT32);
  expect(await typeOf('1', '3000000000')).toEqual(INT64);
  expect(await typeOf('1', '2.5')).toEqual(FLOAT64);
  expect(await typeOf('2024-01-01', '__HIVE_DEFAULT_PARTITION__')).toEqual(DATE);
  expect(await typeOf('2024-01-01', '7')).toEqual(STRING);
  expect(await typeOf('__HIVE_DEFAULT_PARTITION__')).toEqual(STRING);
});

test('files with other partition columns are refused by name', async () => {
  for (const part of ['a=1', 'b=1']) {
    mkdirSync(join(out, part), { recursive: true });
    writeFileSync(join(out, part, 'f.txt'), 'x');
  }
  await expect(discoverFiles([pathToFileURL(out).href], {})).rejects.toMatchObject({ condition: 'CONFLICTING_PARTITIONS' });
  expect((await discoverFiles([pathToFileURL(out).href], { recursiveFileLookup: 'true' })).files.length).toBe(2);
});

test('more partition values than open files', async () => {
  const schema = schemaOf(field('value', STRING), field('k', INT32));
  const rows = Array.from({ length: 500 }, (_, i) => [`v${i}`, i % 250]);
  await writeAll(writeSpec('text', out, { partitionBy: ['k'] }), schema, [[batchOf(schema, rows), batchOf(schema, rows)]]);
  const { files, partitionSchema } = await discoverFiles([pathToFileURL(out).href], {});
  const back = await readRowsOf('text', files, { partitionSchema });
  expect(back.length).toBe(1000);
  expect(new Set(back.map(([value, k]) => `${value} ${k}`)).size).toBe(500);
});

test('schemas that a format or a partition cannot hold are refused before anything runs', () => {
  const two = schemaOf(field('a', STRING), field('b', decimal(10, 2)));
  expect(() => checkWrite(writeSpec('text', out), two)).toThrowError(/one string column; these rows have a string, b decimal\(10,2\)/);
  expect(() => checkWrite(writeSpec('text', out, { partitionBy: ['c'] }), two)).toThrowError(/no column 'c'/);
  expect(() => checkWrite(writeSpec('text', out, { partitionBy: ['a', 'b'] }), two)).toThrowError(/Every column is a partition column/);
});

test('a directory that cannot be written says why', async () => {
  mkdirSync(out);
  chmodSync(out, 0o500);
  if (process.getuid?.() === 0) return;
  await expect(beginWrite(writeSpec('text', out, { mode: 'append' }), 'q')).rejects.toMatchObject({ condition: 'FILE_NOT_WRITABLE' });
});

test('a dynamic overwrite replaces the partitions that get rows, and leaves the others', async () => {
  const schema = schemaOf(field('day', STRING), field('n', STRING));
  const write = (mode: 'overwrite' | 'append', more: Record<string, string> = {}) =>
    writeSpec('text', out, { mode, partitionBy: ['day'], options: { partitionOverwriteMode: 'dynamic', ...more } });
  const days = (...rows: [string, string][]) => [[batchOf(schema, rows)]];
  const seen = () =>
    readdirSync(out).flatMap((day) => (day === '_SUCCESS' ? [] : readdirSync(join(out, day)).map((file) => linesOf(day, file))));
  const linesOf = (day: string, file: string) =>
    `${day}: ${readFileSync(join(out, day, file), 'utf8')
      .trim()
      .split('\n')
      .join()}`;
  await writeAll(write('overwrite'), schema, days(['mon', '1'], ['tue', '2']), 'q1');
  await writeAll(write('append'), schema, days(['mon', '3']), 'q2');
  await writeAll(write('overwrite'), schema, days(['mon', '4'], ['wed', '5']), 'q3');
  expect(seen().sort()).toEqual(['day=mon: 4', 'day=tue: 2', 'day=wed: 5']);
  await writeAll(write('overwrite', { partitionOverwriteMode: 'static' }), schema, days(['wed', '6']), 'q4');
  expect(seen()).toEqual(['day=wed: 6']);
  expect(readdirSync(out).sort()).toEqual(['_SUCCESS', 'day=wed']);
  expect(() => checkWrite(write('overwrite', { partitionOverwriteMode: 'some' }), schema)).toThrowError(
    expect.objectContaining({ condition: 'INVALID_OPTION', hint: 'It takes static, dynamic.' }),
  );
});
