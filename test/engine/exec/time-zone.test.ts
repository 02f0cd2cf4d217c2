/** The session's time zone in whole queries: literals, casts, files, pivots, windows, show(). The answers are Spark's. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { col, count, dateTrunc, expr, hour, lag, toTimestamp, Window } from '../../../src/index.js';
import { openInProcess } from './in-process.js';

const { spark } = openInProcess({ 'session.timeZone': 'Europe/Berlin', 'shuffle.partitions': '2' });
const dir = mkdtempSync(join(tmpdir(), 'minispark-zone-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** Around the change to summer time. */
const events = () =>
  spark.createDataFrame(
    [
      [1, '2024-03-30T22:59:59Z'],
      [2, '2024-03-30T23:00:00Z'],
      [3, '2024-03-31T00:59:59.5Z'],
      [4, '2024-03-31T01:00:00Z'],
      [5, null],
    ],
    'id int, at timestamp',
  );

test('show() and casts show what a clock does', async () => {
  expect(await events().select('at', hour('at').as('h'), col('at').cast('string').as('text')).showString(20, false)).toBe(
    `+---------------------+----+---------------------+
|at                   |h   |text                 |
+---------------------+----+---------------------+
|2024-03-30 23:59:59  |23  |2024-03-30 23:59:59  |
|2024-03-31 00:00:00  |0   |2024-03-31 00:00:00  |
|2024-03-31 01:59:59.5|1   |2024-03-31 01:59:59.5|
|2024-03-31 03:00:00  |3   |2024-03-31 03:00:00  |
|NULL                 |NULL|NULL                 |
+---------------------+----+---------------------+
`,
  );
});

test('groups by the day of the clock, and a literal without a zone', async () => {
  const days = await events()
    .groupBy(dateTrunc('day', col('at')).as('day'))
    .agg(count().as('n'))
    .orderBy('day')
    .collect();
  expect(days.map(({ day, n }) => `${day}: ${n}`)).toEqual(['null: 1', '2024-03-29 23:00:00: 1', '2024-03-30 23:00:00: 3']);
  expect(await events().where("at >= TIMESTAMP '2024-03-31 00:00:00' AND at < TIMESTAMP '2024-03-31 00:00:00Z'").count()).toBe(1);
});

test('a pivot names its columns, and lag() its default, by the clock', async () => {
  const pivot = events().where('id IN (1, 4)').groupBy().pivot('at').agg(count());
  expect((await pivot.schema()).fields.map(({ name }) => name)).toEqual(['2024-03-30 23:59:59', '2024-03-31 03:00:00']);
  const before = expr("lag(at, 1, TIMESTAMP '2024-01-01 00:00:00') OVER (ORDER BY id)").cast('string').as('b');
  expect((await events().select(before).collect())[0].b).toBe('2024-01-01 00:00:00');
  const w = Window.orderBy('id');
  expect((await events().select(lag('at', 1).over(w).cast('string').as('b')).collect())[1].b).toBe('2024-03-30 23:59:59');
});

test.each(['csv', 'json'] as const)('%s holds timestamps with the offset, and reads them without one', async (format) => {
  const path = join(dir, format);
  await events().where('id > 1').coalesce(1).write[format](path);
  const file = readdirSync(path).find((name) => name.startsWith('part'))!;
  const text = readFileSync(join(path, file), 'utf8');
  expect(text).toContain('2024-03-31T00:00:00.000+01:00');
  expect(text).toContain('2024-03-31T03:00:00.000+02:00');
  const back = await spark.read.schema('id int, at timestamp')[format](path).orderBy('id').collect();
  expect(back.map(({ at }) => String(at))).toEqual(['2024-03-30 23:00:00', '2024-03-31 00:59:59.5', '2024-03-31 01:00:00', 'null']);
  const bare = join(dir, `bare.${format}`);
  writeFileSync(bare, format === 'csv' ? '2024-03-31 02:30:00\n' : '{"at":"2024-03-31 02:30:00"}\n');
  const read = (options: Record<string, string>) => spark.read.options(options).schema('at timestamp')[format](bare).collect();
  expect(String((await read({}))[0].at)).toBe('2024-03-31 01:30:00');
  expect(String((await read({ timeZone: 'Asia/Tokyo' }))[0].at)).toBe('2024-03-30 17:30:00');
});

test('directories of a partitioned output are named by the clock', async () => {
  const path = join(dir, 'days');
  await events().where('id = 2').write.partitionBy('at').parquet(path);
  expect(readdirSync(path)).toContain('at=2024-03-31 00%3A00%3A00');
});

test('many rows in generated code', async () => {
  const rows = spark.range(0, 4000, 1, 2).select(expr('timestamp_seconds(1711843200 + id * 3)').as('at'));
  const hours = await rows
    .groupBy(hour('at').as('h'), expr('date_format(at, "HH XXX")').as('t'))
    .agg(count().as('n'))
    .orderBy('h')
    .collect();
  expect(hours.map(({ h, t, n }) => `${h} ${t} ${n}`)).toEqual([
    '1 01 +01:00 1200',
    '3 03 +02:00 1200',
    '4 04 +02:00 1200',
    '5 05 +02:00 400',
  ]);
  const back = rows.where(toTimestamp(col('at').cast('string')).ne(col('at')));
  expect(await back.count()).toBe(0);
});
