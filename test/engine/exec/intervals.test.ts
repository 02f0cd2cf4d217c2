/** Intervals from SQL text and the API through whole queries: arithmetic over columns, casts, aggregates, files, and what is refused. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { MinisparkError } from '../../../src/core/errors.js';
import {
  avg,
  col,
  type DataFrame,
  DayTimeInterval,
  expr,
  extract,
  LocalDate,
  lit,
  makeDtInterval,
  makeYmInterval,
  max,
  min,
  sum,
  Timestamp,
  YearMonthInterval,
} from '../../../src/index.js';
import { openInProcess } from './in-process.js';

const { spark } = openInProcess({ 'shuffle.partitions': '3' });
const dir = mkdtempSync(join(tmpdir(), 'minispark-intervals-'));
afterAll(() => rmSync(dir, { recursive: true }));

const rows = () =>
  spark.createDataFrame(
    [
      {
        id: 1,
        d: '2024-01-31',
        t: '2024-01-31T23:30:00Z',
        dt: DayTimeInterval.of({ days: 1, hours: 2 }),
        ym: YearMonthInterval.of({ months: 1 }),
      },
      {
        id: 2,
        d: '1969-12-31',
        t: '1969-12-31T00:00:00Z',
        dt: DayTimeInterval.of({ seconds: -0.5 }),
        ym: YearMonthInterval.of({ years: -1 }),
      },
      { id: 3, d: null, t: null, dt: null, ym: null },
    ],
    'id int, d date, t timestamp, dt interval day to second, ym interval year to month',
  );

const texts = async (sql: string) =>
  (await rows().orderBy('id').select(expr(sql).as('v')).collect()).map(({ v }) => (v === null ? null : String(v)));

describe('answers', () => {
  test.each<[string, (string | null)[]]>([
    ['d + INTERVAL 1 DAY', ['2024-02-01', '1970-01-01', null]],
    ['INTERVAL 2 DAYS + d', ['2024-02-02', '1970-01-02', null]],
    ['d + dt', ['2024-02-01 02:00:00', '1969-12-30 23:59:59.5', null]],
    ['d + ym', ['2024-02-29', '1968-12-31', null]],
    ['d - ym', ['2023-12-31', '1970-12-31', null]],
    ['t + dt', ['2024-02-02 01:30:00', '1969-12-30 23:59:59.5', null]],
    ['t - ym', ['2023-12-31 23:30:00', '1970-12-31 00:00:00', null]],
    ["'2024-02-28' + INTERVAL 1 DAY", ['2024-02-29 00:00:00', '2024-02-29 00:00:00', '2024-02-29 00:00:00']],
    ["d - DATE '1970-01-01'", ["INTERVAL '19753' DAY", "INTERVAL '-1' DAY", null]],
    ['t - d', ["INTERVAL '0 23:30:00' DAY TO SECOND", "INTERVAL '0 00:00:00' DAY TO SECOND", null]],
    ["t - TIMESTAMP '1970-01-01 00:00:01'", ["INTERVAL '19753 23:29:59' DAY TO SECOND", "INTERVAL '-1 00:00:01' DAY TO SECOND", null]],
    ['dt + INTERVAL 1 HOUR', ["INTERVAL '1 03:00:00' DAY TO SECOND", "INTERVAL '0 00:59:59.5' DAY TO SECOND", null]],
    ['INTERVAL 1 DAY + INTERVAL 1 HOUR', Array(3).fill("INTERVAL '1 01' DAY TO HOUR")],
    ['ym - INTERVAL 1 YEAR', ["INTERVAL '-0-11' YEAR TO MONTH", "INTERVAL '-2-0' YEAR TO MONTH", null]],
    ['dt * 2', ["INTERVAL '2 04:00:00' DAY TO SECOND", "INTERVAL '-0 00:00:01' DAY TO SECOND", null]],
    ['1.5 * dt', ["INTERVAL '1 15:00:00' DAY TO SECOND", "INTERVAL '-0 00:00:00.75' DAY TO SECOND", null]],
    ['dt / 3', ["INTERVAL '0 08:40:00' DAY TO SECOND", "INTERVAL '-0 00:00:00.166667' DAY TO SECOND", null]],
    ['ym * 2.5D', ["INTERVAL '0-3' YEAR TO MONTH", "INTERVAL '-2-6' YEAR TO MONTH", null]],
    ['ym / 5', ["INTERVAL '0-0' YEAR TO MONTH", "INTERVAL '-0-2' YEAR TO MONTH", null]],
    ['-dt', ["INTERVAL '-1 02:00:00' DAY TO SECOND", "INTERVAL '0 00:00:00.5' DAY TO SECOND", null]],
    ['abs(ym)', ["INTERVAL '0-1' YEAR TO MONTH", "INTERVAL '1-0' YEAR TO MONTH", null]],
    ['dt + NULL', [null, null, null]],
    ["dt > INTERVAL '0' SECOND", ['true', 'false', null]],
    [
      'greatest(dt, INTERVAL 1 DAY)',
      ["INTERVAL '1 02:00:00' DAY TO SECOND", "INTERVAL '1 00:00:00' DAY TO SECOND", "INTERVAL '1 00:00:00' DAY TO SECOND"],
    ],
    ['CAST(dt AS INTERVAL DAY TO HOUR)', ["INTERVAL '1 02' DAY TO HOUR", "INTERVAL '0 00' DAY TO HOUR", null]],
    ['CAST(CAST(dt AS INTERVAL HOUR) AS INT)', ['26', '0', null]],
    ['CAST(CAST(dt AS INTERVAL SECOND) AS DECIMAL(10,1))', ['93600.0', '-0.5', null]],
    ['CAST(id AS INTERVAL MONTH)', ["INTERVAL '1' MONTH", "INTERVAL '2' MONTH", "INTERVAL '3' MONTH"]],
    [
      "CAST(id || ' 02:30' AS INTERVAL DAY TO MINUTE)",
      ["INTERVAL '1 02:30' DAY TO MINUTE", "INTERVAL '2 02:30' DAY TO MINUTE", "INTERVAL '3 02:30' DAY TO MINUTE"],
    ],
    ["try_cast(id || 'x' AS INTERVAL DAY)", [null, null, null]],
    ['extract(HOUR FROM dt)', ['2', '0', null]],
    ['extract(SECOND FROM dt)', ['0.000000', '-0.500000', null]],
    ['extract(MONTH FROM ym)', ['1', '0', null]],
    [
      'make_dt_interval(id, 1, 2, 3.5)',
      ["INTERVAL '1 01:02:03.5' DAY TO SECOND", "INTERVAL '2 01:02:03.5' DAY TO SECOND", "INTERVAL '3 01:02:03.5' DAY TO SECOND"],
    ],
    ['make_ym_interval(id)', ["INTERVAL '1-0' YEAR TO MONTH", "INTERVAL '2-0' YEAR TO MONTH", "INTERVAL '3-0' YEAR TO MONTH"]],
    [
      'sequence(d, d + INTERVAL 2 MONTHS, INTERVAL 1 MONTH)',
      ['2024-01-31,2024-02-29,2024-03-31', '1969-12-31,1970-01-31,1970-02-28', null],
    ],
    [
      'sequence(t, t - INTERVAL 1 DAY, INTERVAL -12 HOURS)',
      ['2024-01-31 23:30:00,2024-01-31 11:30:00,2024-01-30 23:30:00', '1969-12-31 00:00:00,1969-12-30 12:00:00,1969-12-30 00:00:00', null],
    ],
    ['sequence(d, date_add(d, -1))', ['2024-01-31,2024-01-30', '1969-12-31,1969-12-30', null]],
    ['transform(sequence(1, id), x -> x * INTERVAL 1 DAY)[0]', Array(3).fill("INTERVAL '1 00:00:00' DAY TO SECOND")],
    ['to_json(struct(dt))', [`{"dt":"INTERVAL '1 02:00:00' DAY TO SECOND"}`, `{"dt":"INTERVAL '-0 00:00:00.5' DAY TO SECOND"}`, '{}']],
    ["from_json(to_json(struct(ym)), 'ym interval year to month').ym = ym", ['true', 'true', null]],
    ['typeof(d - d)', Array(3).fill('interval day')],
    ['hash(dt) = hash(CAST(93600000000 AS BIGINT)) OR dt IS NULL OR id = 2', ['true', 'true', 'true']],
  ])('%s', async (sql, wanted) => {
    expect(await texts(sql)).toEqual(wanted);
  });

  test('collect gives classes, whose fields are those of the type', async () => {
    const [row] = await rows().where('id = 1').select('dt', expr('d - d').as('days'), 'ym').collect();
    expect(row).toEqual({
      dt: new DayTimeInterval(93_600_000_000n),
      days: new DayTimeInterval(0n, 'day', 'day'),
      ym: new YearMonthInterval(1),
    });
  });

  test('columns are named after literals as Spark writes them', async () => {
    await expect(rows().select(expr('d + INTERVAL 1 DAY')).columns()).resolves.toEqual(["(d + INTERVAL '1' DAY)"]);
  });
});

test('the API', async () => {
  const [row] = await rows()
    .where(col('dt').gt(DayTimeInterval.of({ hours: 1 })))
    .select(
      col('d')
        .plus(YearMonthInterval.of({ months: 1 }))
        .as('a'),
      col('t')
        .minus(lit(DayTimeInterval.of({ minutes: 30 })))
        .as('b'),
      makeDtInterval(lit(1), lit(2)).as('c'),
      makeYmInterval('id').as('e'),
      extract('day', 'dt').as('f'),
      col('d').minus(col('d')).as('g'),
    )
    .collect();
  expect(row).toEqual({
    a: LocalDate.of(2024, 2, 29),
    b: Timestamp.parse('2024-01-31T23:00:00Z'),
    c: DayTimeInterval.of({ days: 1, hours: 2 }),
    e: YearMonthInterval.of({ years: 1 }),
    f: 1,
    g: new DayTimeInterval(0n, 'day', 'day'),
  });
});

test('Datasets hold intervals as elements', async () => {
  const longer = await rows()
    .where('id < 3')
    .select('dt', 'ym')
    .toDataset()
    .map(({ dt, ym }) => [new DayTimeInterval(dt.micros * 2n), ym] as const)
    .collect();
  expect(longer).toEqual([
    [new DayTimeInterval(187_200_000_000n), new YearMonthInterval(1)],
    [new DayTimeInterval(-1_000_000n), new YearMonthInterval(-12)],
  ]);
});

test('aggregates, groups, joins and orders', async () => {
  const all = rows().union(rows());
  expect(
    await all
      .agg(sum('dt').as('a'), avg('dt').as('b'), sum('ym').as('c'), avg('ym').as('d'), min('ym').as('e'), max('dt').as('f'))
      .collect(),
  ).toEqual([
    {
      a: new DayTimeInterval(2n * (93_600_000_000n - 500_000n)),
      b: new DayTimeInterval(46_799_750_000n),
      c: new YearMonthInterval(-22),
      // -5.5 away from zero
      d: new YearMonthInterval(-6),
      e: new YearMonthInterval(-12),
      f: new DayTimeInterval(93_600_000_000n),
    },
  ]);
  const groups = await all.groupBy('ym', 'dt').count().orderBy(col('dt').desc()).collect();
  expect(groups.map(({ ym, count }) => [String(ym), count])).toEqual([
    ["INTERVAL '0-1' YEAR TO MONTH", 2n],
    ["INTERVAL '-1-0' YEAR TO MONTH", 2n],
    ['null', 2n],
  ]);
  const joined = await rows().select('dt', 'id').join(rows().select('dt', 'ym'), 'dt').orderBy('id').collect();
  expect(joined.map(({ id, ym }) => [id, (ym as YearMonthInterval).months])).toEqual([
    [1, 1],
    [2, -12],
  ]);
});

describe('files', () => {
  const columns = 'id int, d date, t timestamp, dt interval day to second, ym interval year to month';
  const all = async (frame: Pick<DataFrame, 'orderBy'>) =>
    (await frame.orderBy('id').collect()).map((row) => Object.values(row).map(String));
  const fileText = (path: string) =>
    readdirSync(path)
      .filter((name) => name.startsWith('part'))
      .map((name) => readFileSync(join(path, name), 'utf8'))
      .join('');

  test('Parquet keeps the types; a bigint column is read as what the file says', async () => {
    const nested = rows()
      .withColumn('n', expr("map('a', array(dt), 'b', array())"))
      .withColumn('s', expr("named_struct('h', CAST(dt AS INTERVAL HOUR))"));
    await nested.write.parquet(join(dir, 'p'));
    const back = spark.read.parquet(join(dir, 'p'));
    expect((await back.schema()).fields.map((f) => f.type)).toEqual(
      (await nested.schema()).fields.map((f) => expect.objectContaining({ kind: f.type.kind })),
    );
    expect(await back.orderBy('id').collect()).toEqual(await nested.orderBy('id').collect());
    expect(await all(back.where('dt > INTERVAL 1 HOUR').drop('n').drop('s'))).toEqual((await all(rows())).slice(0, 1));
  });

  test.each(['json', 'csv'] as const)('%s holds text and reads it with a schema', async (format) => {
    const path = join(dir, format);
    await rows().write[format](path);
    expect(fileText(path)).toContain("INTERVAL '1 02:00:00' DAY TO SECOND");
    expect(await all(spark.read.schema(columns)[format](path))).toEqual(await all(rows()));
  });

  test('Arrow', async () => {
    await rows().write.arrow(join(dir, 'a'));
    expect(await spark.read.arrow(join(dir, 'a')).orderBy('id').collect()).toEqual(await rows().orderBy('id').collect());
  });
});

test.each([
  ['d + 1.5 * dt + ym * id + dt', null],
  ['dt + ym', 'DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES'],
  ['dt - d', 'DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES'],
  ['id + dt', 'DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES'],
  ['dt * dt', 'DATATYPE_MISMATCH.BINARY_OP_WRONG_TYPE'],
  ['2 / dt', 'DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES'],
  ['dt % 2', 'DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES'],
  ['dt > ym', 'DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES'],
  ['CAST(dt AS INTERVAL MONTH)', 'DATATYPE_MISMATCH.CAST_WITHOUT_SUGGESTION'],
  ['extract(YEAR FROM dt)', 'INVALID_EXTRACT_FIELD'],
  ['sequence(d, d, 1)', 'DATATYPE_MISMATCH.SEQUENCE_WRONG_INPUT_TYPES'],
  ['sequence(d, d + INTERVAL 2 DAYS, INTERVAL 0 DAYS)', 'ILLEGAL_SEQUENCE_BOUNDARIES'],
  ['sequence(d, d + INTERVAL 2 DAYS, INTERVAL 1 HOUR)', 'INVALID_PARAMETER_VALUE'],
  ['sequence(t, t + INTERVAL 1 YEAR, INTERVAL 1 SECOND)', 'COLLECTION_SIZE_LIMIT_EXCEEDED'],
  ["CAST(id || 'x' AS INTERVAL DAY)", 'INVALID_INTERVAL_FORMAT.UNMATCHED_FORMAT_STRING'],
  ['CAST(id * 200000000 AS INTERVAL YEAR)', 'CAST_OVERFLOW'],
  ['dt / 0', 'INTERVAL_DIVIDED_BY_ZERO'],
  ['dt * 9223372036854775807', 'INTERVAL_ARITHMETIC_OVERFLOW.WITHOUT_SUGGESTION'],
  ["dt + INTERVAL '106751991 04:00:54.775807' DAY TO SECOND", 'INTERVAL_ARITHMETIC_OVERFLOW.WITH_SUGGESTION'],
  ["d + INTERVAL '178956970' YEAR", 'DATETIME_OVERFLOW'],
  ["t + INTERVAL '106751991' DAY", 'DATETIME_OVERFLOW'],
  ['d + INTERVAL 106751991 DAYS + INTERVAL 106751991 DAYS', null],
])('%s: %s', async (sql, condition) => {
  const error = await texts(sql).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (condition === null) {
    expect(error).toBeNull();
    return;
  }
  expect(error).toBeInstanceOf(MinisparkError);
  expect(error).toMatchObject({ condition, kind: 'user' });
});
