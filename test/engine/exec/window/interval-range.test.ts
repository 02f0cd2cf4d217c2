/** RANGE frames by intervals; the rows are those that Spark 4.3 finds in session time zone Europe/Berlin. */
import { describe, expect, test } from 'vitest';
import { col, collectList, expr, Window } from '../../../../src/index.js';
import { openInProcess } from '../in-process.js';

const data = [
  [1, '2024-01-31', '2024-03-30 01:30:00Z'],
  [2, '2024-02-29', '2024-03-30 02:10:00Z'],
  [3, '2024-03-01', '2024-03-31 00:59:00Z'],
  [4, '2024-03-29', '2024-03-31 01:05:00Z'],
  [5, '2024-03-30', '2024-03-31 01:30:00Z'],
  [6, '2024-03-31', '2024-04-01 00:30:00Z'],
  [7, '2024-04-30', '2024-04-30 00:30:00Z'],
  [8, null, null],
];

/** In memory, and with rows so wide that the partition goes to disk. */
describe.each([[0], [200_000]])('with %i bytes more a row', (width) => {
  const { spark, backend } = openInProcess({ 'session.timeZone': 'Europe/Berlin', memory: '1m', 'batch.rows': '3' });
  const pad = expr(`repeat(CAST(id AS STRING), ${width})`);
  const frame = spark.createDataFrame(data, 'id int, d date, at timestamp').withColumn('pad', pad);

  test.each([
    ["d RANGE BETWEEN INTERVAL '1' MONTH PRECEDING AND CURRENT ROW", '1 12 23 234 2345 23456 567 8'],
    ["d RANGE BETWEEN INTERVAL '1' MONTH PRECEDING AND INTERVAL '1' MONTH FOLLOWING", '12 1234 23456 23456 234567 234567 567 8'],
    ["d DESC RANGE BETWEEN INTERVAL '1' MONTH PRECEDING AND CURRENT ROW", '21 432 6543 654 765 76 7 8'],
    ["d DESC RANGE BETWEEN CURRENT ROW AND INTERVAL '1' MONTH FOLLOWING", '1 21 32 432 5432 65432 765 8'],
    ["d RANGE BETWEEN INTERVAL '2' DAY PRECEDING AND CURRENT ROW", '1 2 23 4 45 456 7 8'],
    ["at RANGE BETWEEN INTERVAL '1' DAY PRECEDING AND CURRENT ROW", '1 12 123 234 345 56 7 8'],
    ["at RANGE BETWEEN INTERVAL '24' HOUR PRECEDING AND CURRENT ROW", '1 12 123 234 345 56 7 8'],
    ["at RANGE BETWEEN CURRENT ROW AND INTERVAL '1' DAY FOLLOWING", '12345 2345 345 456 56 6 7 8'],
    ["at RANGE BETWEEN INTERVAL '1' MONTH PRECEDING AND CURRENT ROW", '1 12 123 1234 12345 123456 1234567 8'],
    ["CAST(at AS TIMESTAMP_NTZ) RANGE BETWEEN INTERVAL '1' DAY PRECEDING AND CURRENT ROW", '1 12 123 234 345 456 7 8'],
    ["d RANGE BETWEEN INTERVAL '1' MONTH FOLLOWING AND CURRENT ROW", '       8'],
  ])('%s', async (over, wanted) => {
    const rows = await frame
      .select('id', 'pad', expr(`collect_list(id) OVER (ORDER BY ${over})`).as('ids'))
      .orderBy('id')
      .collect();
    expect(rows.map(({ ids }) => (ids as number[]).join('')).join(' ')).toBe(wanted);
  });

  test('rangeBetween takes intervals', async () => {
    const w = Window.orderBy('d').rangeBetween(expr("INTERVAL '-1' MONTH"), Window.currentRow);
    const rows = await frame
      .select('id', 'pad', collectList(col('id')).over(w).as('ids'))
      .orderBy('id')
      .collect();
    expect(rows.map(({ ids }) => ids.join('')).join(' ')).toBe('1 12 23 234 2345 23456 567 8');
    expect(backend.metrics.spilledBytes > 0).toBe(width > 0);
  });
});

test.each([
  ["at RANGE BETWEEN INTERVAL '1' MONTH PRECEDING AND INTERVAL '1' DAY FOLLOWING", 'SPECIFIED_WINDOW_FRAME_DIFF_TYPES'],
  ["d RANGE BETWEEN INTERVAL '1' HOUR PRECEDING AND CURRENT ROW", 'RANGE_FRAME_INVALID_TYPE'],
  ["d RANGE BETWEEN INTERVAL '1' MONTH FOLLOWING AND INTERVAL '1' MONTH PRECEDING", 'SPECIFIED_WINDOW_FRAME_WRONG_COMPARISON'],
])('%s: %s', async (over, condition) => {
  const { spark } = openInProcess({ 'session.timeZone': 'Europe/Berlin' });
  const frame = spark.createDataFrame(data, 'id int, d date, at timestamp');
  await expect(frame.select(expr(`count(*) OVER (ORDER BY ${over})`)).schema()).rejects.toMatchObject({
    condition: `DATATYPE_MISMATCH.${condition}`,
  });
});
