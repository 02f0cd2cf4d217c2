/** SQL text through the public API on the real engine: rows in, rows out. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expr, Session } from '../../../src/index.js';

let spark: Session;

beforeAll(async () => {
  spark = await Session.builder().master('local').getOrCreate();
});

afterAll(() => spark.stop());

const orders = () =>
  spark.createDataFrame(
    [
      { id: 1, kind: 'book', price: 12.5, tags: ['a', 'b'] },
      { id: 2, kind: 'pen', price: 2, tags: [] },
      { id: 3, kind: null, price: 40, tags: ['c'] },
    ],
    'id int, kind string, price double, tags array<string>',
  );

test('selectExpr names columns as Spark does and takes stars, aliases and generators', async () => {
  const rows = await orders().selectExpr('id', 'price * 2', "coalesce(kind, 'none') AS kind", 'tags[0] first').where('id <> 2').collect();
  expect(rows).toEqual([
    { id: 1, '(price * 2)': 25, kind: 'book', first: 'a' },
    { id: 3, '(price * 2)': 80, kind: 'none', first: 'c' },
  ]);
  expect(await orders().selectExpr('*', 'id + 1 AS next').columns()).toEqual(['id', 'kind', 'price', 'tags', 'next']);
  expect(await orders().selectExpr('id', 'explode(tags) AS tag').collect()).toEqual([
    { id: 1, tag: 'a' },
    { id: 1, tag: 'b' },
    { id: 3, tag: 'c' },
  ]);
});

test('stack makes rows of columns', async () => {
  const rows = await orders().where('id = 1').selectExpr('id', "stack(2, 'price', price, 'twice', price * 2)").collect();
  expect(rows).toEqual([
    { id: 1, col0: 'price', col1: 12.5 },
    { id: 1, col0: 'twice', col1: 25 },
  ]);
  expect(await spark.range(1).selectExpr('stack(2, 1, 2, 3)').collect()).toEqual([
    { col0: 1, col1: 2 },
    { col0: 3, col1: null },
  ]);
});

test('aggregates with DISTINCT and FILTER', async () => {
  const rows = await orders().selectExpr('count(*)', 'count(DISTINCT kind) AS kinds', 'sum(price) FILTER (WHERE id > 1) AS late').collect();
  expect(rows).toEqual([{ 'count(1)': 3n, kinds: 2n, late: 42 }]);
});

test('expr beside other columns', async () => {
  const rows = await orders()
    .groupBy(expr("CASE WHEN price BETWEEN 10 AND 100 THEN 'dear' ELSE 'cheap' END AS class"))
    .agg(expr('max(price) AS most'))
    .orderBy('class')
    .collect();
  expect(rows).toEqual([
    { class: 'cheap', most: 2 },
    { class: 'dear', most: 40 },
  ]);
});

test('a condition must be true, and boolean', async () => {
  expect(await orders().where("kind LIKE 'b%' OR kind IS NULL").count()).toBe(2);
  await expect(orders().where('price').collect()).rejects.toMatchObject({ condition: 'DATATYPE_MISMATCH.FILTER_NOT_BOOLEAN' });
  await expect(orders().where('cost > 1').collect()).rejects.toMatchObject({ condition: 'UNRESOLVED_COLUMN' });
});
