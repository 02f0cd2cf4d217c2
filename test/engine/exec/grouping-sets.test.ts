/** ROLLUP, CUBE, GROUPING SETS and FILTER, from the API to rows. */
import { describe, expect, test } from 'vitest';
import { avg, col, collectSet, count, expr, grouping, groupingId, lit, max, min, sortArray, sum, upper } from '../../../src/index.js';
import { openInProcess } from './in-process.js';

const { spark, backend } = openInProcess({ 'shuffle.partitions': '3' });
const raw = openInProcess({}, false).spark;

const sales = (session = spark) =>
  session
    .createDataFrame(
      [
        { city: 'Rome', kind: 'a', n: 1 },
        { city: 'Rome', kind: 'b', n: 2 },
        { city: 'Oslo', kind: 'a', n: 4 },
        { city: null, kind: 'a', n: 8 },
      ],
      'city string, kind string, n int',
    )
    .repartition(2);

const rows = (objects: readonly object[]) => objects.map((object) => Object.values(object).join(' ')).sort();

describe('grouping sets', () => {
  test('rollup: all columns, the first, none', async () => {
    const result = await sales().rollup('city', 'kind').agg(sum('n').as('n'), groupingId().as('id')).collect();
    expect(rows(result)).toEqual(
      [
        'Rome a 1 0',
        'Rome b 2 0',
        'Oslo a 4 0',
        ' a 8 0',
        'Rome  3 1',
        'Oslo  4 1',
        '  8 1', // the city that is null
        '  15 3',
      ].sort(),
    );
  });

  test('cube: every subset, told apart by grouping()', async () => {
    const result = await sales()
      .cube('city', 'kind')
      .agg(grouping('city').as('g1'), grouping('kind').as('g2'), groupingId('city', 'kind').as('id'), count().as('n'))
      .collect();
    expect(rows(result)).toEqual(
      [
        'Rome a 0 0 0 1',
        'Rome b 0 0 0 1',
        'Oslo a 0 0 0 1',
        ' a 0 0 0 1',
        'Rome  0 1 1 2',
        'Oslo  0 1 1 1',
        '  0 1 1 1',
        ' a 1 0 2 3',
        ' b 1 0 2 1',
        '  1 1 3 4',
      ].sort(),
    );
  });

  test('grouping sets as named; one that is named twice gives its groups twice', async () => {
    const result = await sales()
      .groupingSets([['kind'], [], ['kind']], 'city', 'kind')
      .agg(sum('n').as('n'))
      .collect();
    expect(rows(result)).toEqual(['  15', ' a 13', ' a 13', ' b 2', ' b 2']);
  });

  test('aggregates read the columns as they were', async () => {
    const result = await sales().rollup('city').agg(count('city').as('named'), max('city').as('last')).orderBy('named', 'city').collect();
    expect(result).toEqual([
      { city: null, named: 0n, last: null },
      { city: 'Oslo', named: 1n, last: 'Oslo' },
      { city: 'Rome', named: 2n, last: 'Rome' },
      { city: null, named: 3n, last: 'Rome' },
    ]);
  });

  test('expressions are grouped by and named in results', async () => {
    const result = await sales()
      .rollup(upper('kind').as('k'))
      .agg(upper('kind').as('again'), sum(col('n').times(2)).as('n'))
      .orderBy('k')
      .collect();
    expect(result).toEqual([
      { k: null, again: null, n: 30n },
      { k: 'A', again: 'A', n: 26n },
      { k: 'B', again: 'B', n: 4n },
    ]);
  });

  test('sorts and filters above may name grouping(), and conditions on groups stay above', async () => {
    const totals = sales().cube('city', 'kind').agg(sum('n').as('n'));
    expect(await totals.where(groupingId().eq(2)).orderBy('kind').collect()).toEqual([
      { city: null, kind: 'a', n: 13n },
      { city: null, kind: 'b', n: 2n },
    ]);
    expect(await totals.where(col('kind').isNull().and(col('city').eq('Rome'))).collect()).toEqual([{ city: 'Rome', kind: null, n: 3n }]);
    expect((await totals.orderBy(grouping('kind').desc(), col('n').desc()).collect())[0]).toEqual({ city: null, kind: null, n: 15n });
  });

  test('distinct aggregates, arrays and decimals under grouping sets', async () => {
    const result = await sales()
      .select('city', 'kind', col('n').cast('decimal(10,1)').as('d'), col('n').cast('double').as('x'))
      .rollup('d')
      .agg(sortArray(collectSet('kind')).as('kinds'), avg('x').as('x'))
      .orderBy(col('d').ascNullsLast())
      .collect();
    expect(result.map(({ d, kinds, x }) => [String(d), kinds, x])).toEqual([
      ['1.0', ['a'], 1],
      ['2.0', ['b'], 2],
      ['4.0', ['a'], 4],
      ['8.0', ['a'], 8],
      ['null', ['a', 'b'], 3.75],
    ]);
  });

  test('one expression under two names is two groupings, under one name it is one', async () => {
    const kinds = () => sales().where(col('kind').isNotNull());
    const twice = kinds().rollup(col('kind').as('x'), col('kind').as('y')).agg(sum('n').as('n'), groupingId().as('id'));
    expect(await twice.orderBy('id', 'x').collect()).toEqual([
      { x: 'a', y: 'a', n: 13n, id: 0n },
      { x: 'b', y: 'b', n: 2n, id: 0n },
      { x: 'a', y: null, n: 13n, id: 1n },
      { x: 'b', y: null, n: 2n, id: 1n },
      { x: null, y: null, n: 15n, id: 3n },
    ]);
    const same = await kinds().rollup('kind', col('kind')).agg(sum('n').as('n')).collect();
    expect(rows(same)).toEqual([' 15', 'a 13', 'a 13', 'b 2', 'b 2']);
    expect(Object.keys(same[0])).toEqual(['kind', 'n']);
  });

  test('no rows give no total', async () => {
    expect(await sales().where(lit(false)).rollup('city').agg(count()).collect()).toEqual([]);
  });

  test('without the optimizer too', async () => {
    const result = await sales(raw).cube('kind').agg(min('n').as('n')).collect();
    expect(rows(result)).toEqual([' 1', 'a 1', 'b 2']);
  });

  test('nullable columns, plan text', async () => {
    const frame = spark.range(3n).rollup('id').agg(count().as('n'), grouping('id'));
    expect((await frame.schema()).fields).toEqual([
      { name: 'id', type: { kind: 'int64' }, nullable: true },
      { name: 'n', type: { kind: 'int64' }, nullable: false },
      { name: 'grouping(id)', type: { kind: 'int8' }, nullable: expect.anything() },
    ]);
    expect(await backend.explain(spark.range(3n).rollup('id').agg(count().as('n')).plan)).toContain(
      'Expand [[id, 0], [NULL, 1]] AS [id, spark_grouping_id]',
    );
  });

  test.each([
    ['grouping() without sets', () => sales().groupBy('city').agg(grouping('city')), 'UNSUPPORTED_GROUPING_EXPRESSION'],
    ['grouping() of another column', () => sales().rollup('city').agg(grouping('kind')), 'GROUPING_COLUMN_MISMATCH'],
    ['grouping_id() of some columns', () => sales().cube('city', 'kind').agg(groupingId('city')), 'GROUPING_ID_COLUMN_MISMATCH'],
    [
      'a set of another column',
      () =>
        sales()
          .groupingSets([['n']])
          .agg(expr('kind')),
      'MISSING_AGGREGATION',
    ],
  ])('%s', async (_, frame, condition) => {
    await expect(frame().collect()).rejects.toMatchObject({ condition });
  });
});

describe('FILTER', () => {
  test('in the API and in SQL', async () => {
    const result = await sales()
      .agg(
        sum('n').filter(col('kind').eq('a')).as('a'),
        count().as('two').filter(col('n').gt(1)).filter(col('n').lt(8)),
        expr('count(*) FILTER (WHERE city IS NULL) AS c'),
      )
      .collect();
    expect(result).toEqual([{ a: 13n, two: 2n, c: 1n }]);
  });

  test('its name', async () => {
    expect(
      await sales()
        .agg(sum('n').filter(col('n').gt(1)))
        .columns(),
    ).toEqual(['sum(n) FILTER (WHERE (n > 1))']);
  });

  test('behind anything but a call it is refused', () => {
    expect(() => col('n').filter(lit(true))).toThrow(expect.objectContaining({ condition: 'INVALID_AGGREGATE_FILTER' }));
  });
});
