/** Pivots, from the API to rows: values that are named, and those that a query finds. */
import { describe, expect, test } from 'vitest';
import { avg, col, collectList, count, countDistinct, dateAdd, lit, max, struct, sum } from '../../../src/index.js';
import { openInProcess } from './in-process.js';

const { spark, backend } = openInProcess({ 'shuffle.partitions': '3' });

const sales = spark
  .createDataFrame(
    [
      { year: 2023, kind: 'a', n: 1 },
      { year: 2023, kind: 'b', n: 2 },
      { year: 2023, kind: 'b', n: 3 },
      { year: 2024, kind: 'a', n: 4 },
      { year: 2024, kind: null, n: 5 },
    ],
    'year int, kind string, n int',
  )
  .repartition(2);

describe('many values are looked up', () => {
  const rows = Array.from({ length: 300 }, (_, i) => ({ g: i % 4, v: i % 13 === 12 ? null : i % 13, n: i }));
  const table = () => spark.createDataFrame(rows, 'g int, v int, n int').repartition(3);
  const of = (g: number, v: number | null) => rows.filter((row) => row.g === g && row.v === v).map(({ n }) => n);
  const values = [...Array.from({ length: 12 }, (_, i) => i), null];

  test.each(['int', 'bigint', 'string', 'decimal(10,2)', 'double', 'date'])('of type %s, null among them', async (type) => {
    const key = type === 'date' ? dateAdd(lit('2024-01-01').cast('date'), col('v')) : col('v').cast(type as 'int');
    const pivot = table()
      .groupBy('g')
      .pivot(key)
      .agg(sum('n'), count().as('c'), max('n').filter(col('n').lt(100)).as('m'))
      .orderBy('g');
    const found = (await pivot.collect()).map((row) => Object.values(row));
    const order = type === 'string' ? [null, ...values.slice(0, 12).map(String).sort().map(Number)] : [null, ...values.slice(0, 12)];
    const wanted = [0, 1, 2, 3].map((g) => [
      g,
      ...order.flatMap((v) => {
        const own = of(g, v);
        const small = own.filter((n) => n < 100);
        return [BigInt(own.reduce((a, b) => a + b, 0)), BigInt(own.length), small.length === 0 ? null : Math.max(...small)];
      }),
    ]);
    expect(found).toEqual(wanted);
  });

  test('filters that ask for one value several times, and for others', async () => {
    const cases = Array.from({ length: 20 }, (_, i) =>
      sum('n')
        .filter(col('v').eq(i % 10))
        .as(`s${i}`),
    );
    const [row] = await table()
      .agg(count().as('all'), ...cases, count().filter(col('v').gt(3)).as('more'))
      .collect();
    const sumOf = (v: number) => BigInt([0, 1, 2, 3].flatMap((g) => of(g, v)).reduce((a, b) => a + b, 0));
    expect(Object.values(row)).toEqual([
      300n,
      ...cases.map((_, i) => sumOf(i % 10)),
      BigInt(rows.filter(({ v }) => v !== null && v > 3).length),
    ]);
  });
});

describe('pivot', () => {
  test('values that are named, in their order', async () => {
    expect(await sales.groupBy('year').pivot('kind', ['b', 'a', 'z']).sum('n').orderBy('year').collect()).toEqual([
      { year: 2023, b: 5n, a: 1n, z: null },
      { year: 2024, b: null, a: 4n, z: null },
    ]);
  });

  test('values that the column has, null among them, ascending', async () => {
    const pivot = sales.groupBy('year').pivot('kind').agg(sum('n').as('total'));
    expect(await pivot.columns()).toEqual(['year', 'null', 'a', 'b']);
    expect(await pivot.orderBy('year').collect()).toEqual([
      { year: 2023, null: null, a: 1n, b: 5n },
      { year: 2024, null: 5n, a: 4n, b: null },
    ]);
  });

  test('several aggregates; where a group has no such row all are what they make of no rows, as a list is among them', async () => {
    const pivot = sales
      .groupBy('kind')
      .pivot('year', [2023, 2024])
      .agg(count().as('rows'), collectList('n').as('all'), avg(col('n').times(2)), countDistinct('n').plus(1).as('more'));
    expect(await pivot.where(col('kind').eq('b')).collect()).toEqual([
      {
        kind: 'b',
        '2023_rows': 2n,
        '2023_all': [2, 3],
        '2023_avg((n * 2))': 5,
        '2023_more': 3n,
        '2024_rows': 0n,
        '2024_all': [],
        '2024_avg((n * 2))': null,
        '2024_more': 1n,
      },
    ]);
  });

  test('names are what a cast to text gives; without groups there is one row', async () => {
    const frame = sales.select(col('n').cast('decimal(4,1)').as('d'), col('n').gt(2).as('big'), 'n');
    expect(await frame.groupBy().pivot('d').count().columns()).toEqual(['1.0', '2.0', '3.0', '4.0', '5.0']);
    expect(await frame.groupBy().pivot('big').count().collect()).toEqual([{ false: 2n, true: 3n }]);
    expect(await frame.groupBy().pivot(col('n').plus(1), [2, 3]).max('n').collect()).toEqual([{ 2: 1, 3: 2 }]);
  });

  test('of structs', async () => {
    const pivot = sales.where('kind IS NOT NULL').groupBy().pivot(struct('year', 'kind')).sum('n');
    expect(await pivot.collect()).toEqual([{ '{2023, a}': 1n, '{2023, b}': 5n, '{2024, a}': 4n }]);
  });

  test('a filter of the aggregate holds too; a pivot of a pivot', async () => {
    const dear = sales
      .groupBy('year')
      .pivot('kind', ['a', 'b'])
      .agg(sum('n').filter(col('n').gt(2)));
    expect(await dear.orderBy('year').collect()).toEqual([
      { year: 2023, a: null, b: 3n },
      { year: 2024, a: 4n, b: null },
    ]);
    expect(await dear.groupBy().pivot('year').agg(sum('a').as('s')).collect()).toEqual([{ 2023: null, 2024: 4n }]);
  });

  test('the query for the values runs once', async () => {
    let queries = 0;
    const execute = backend.execute.bind(backend);
    backend.execute = (plan) => {
      queries++;
      return execute(plan);
    };
    const pivot = sales.groupBy('year').pivot('kind').count();
    await pivot.schema();
    await pivot.collect();
    await pivot.collect();
    backend.execute = execute;
    expect(queries).toBe(3);
  });

  test('no rows', async () => {
    expect(await sales.where(lit(false)).groupBy('year').pivot('kind').count().columns()).toEqual(['year']);
  });

  test.each([
    [
      'a wrong column',
      () =>
        sales
          .groupBy('year')
          .pivot('wrong' as 'kind')
          .count(),
      'UNRESOLVED_COLUMN',
    ],
    ['more values than a row can hold', () => spark.range(10_001n).groupBy().pivot('id').count(), 'PIVOT_VALUES_EXCEEDED'],
    ['no aggregate', () => sales.groupBy('year').pivot('kind', ['a']).agg(col('n')), 'MISSING_AGGREGATION'],
  ])('%s', async (_, frame, condition) => {
    await expect(frame().collect()).rejects.toMatchObject({ condition });
  });

  test('of grouping sets it is refused', () => {
    expect(() => sales.rollup('year').pivot('kind', ['a'])).toThrow(
      expect.objectContaining({ condition: 'UNSUPPORTED_FEATURE.PIVOT_AFTER_GROUP_BY' }),
    );
  });
});
