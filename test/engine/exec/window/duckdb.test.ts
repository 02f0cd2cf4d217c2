/** The same windows in the same words give what DuckDB gives: ties, nulls and partitions of many sizes, over several tasks. */
import { expect, test } from 'vitest';
import { duckdb } from '../../sources/duckdb.js';
import { openInProcess } from '../in-process.js';

const ROWS = Array.from({ length: 500 }, (_, i) => ({
  id: i,
  k: i % 7 === 0 ? null : Math.floor(Math.sqrt((i * 37) % 100)),
  v: (i * 7919) % 11 === 0 ? null : (i * 7919) % 23,
}));

const KEYS = 'PARTITION BY k ORDER BY v ASC NULLS FIRST';
const EXPRESSIONS = [
  `rank() OVER (${KEYS})`,
  `dense_rank() OVER (${KEYS})`,
  `percent_rank() OVER (${KEYS})`,
  `cume_dist() OVER (${KEYS})`,
  `ntile(4) OVER (${KEYS}, id)`,
  `row_number() OVER (${KEYS}, id)`,
  `lag(v, 3) OVER (${KEYS}, id)`,
  `lead(id, 2, -1) OVER (${KEYS}, id)`,
  `sum(v) OVER (${KEYS})`,
  'sum(v) OVER (PARTITION BY k)',
  `sum(v) OVER (${KEYS}, id ROWS BETWEEN 40 PRECEDING AND 3 PRECEDING)`,
  `avg(v) OVER (${KEYS} RANGE BETWEEN 2 PRECEDING AND 5 FOLLOWING)`,
  `count(v) OVER (${KEYS} RANGE BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING)`,
  `max(id) OVER (${KEYS}, id ROWS BETWEEN 25 PRECEDING AND 25 FOLLOWING)`,
  `min(id) OVER (${KEYS}, id ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING)`,
  `first_value(id) OVER (${KEYS}, id ROWS BETWEEN 5 PRECEDING AND 2 PRECEDING)`,
  `nth_value(id, 3) OVER (${KEYS}, id ROWS BETWEEN 5 PRECEDING AND CURRENT ROW)`,
  `bool_or(v > 20) OVER (${KEYS}, id ROWS BETWEEN 30 PRECEDING AND 30 FOLLOWING)`,
];

test('as DuckDB', async () => {
  const values = ROWS.map(({ id, k, v }) => `(${id}, ${k}, ${v})`).join(', ');
  const columns = EXPRESSIONS.map((sql, i) => `${sql} AS c${i}`);
  const wanted = await duckdb(`SELECT id, ${columns.join(', ')} FROM (VALUES ${values}) AS t(id, k, v) ORDER BY id`);
  const { spark } = openInProcess({ 'shuffle.partitions': '3' });
  const found = await spark
    .createDataFrame(ROWS, 'id int, k int, v int')
    .repartition(4)
    .selectExpr('id', ...columns)
    .orderBy('id')
    .collect();
  const cell = (value: unknown): string => (value === null || typeof value === 'boolean' ? String(value) : Number(value).toPrecision(12));
  const plain = (rows: readonly object[]): string[][] => rows.map((row) => Object.values(row).map(cell));
  expect(plain(found)).toEqual(plain(wanted));
});
