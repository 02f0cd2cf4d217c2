/** Unions by name, intersections, differences and distinct rows, from the API to rows. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { col, createMap, lit, rand, sum } from '../../../src/index.js';
import { openInProcess } from './in-process.js';

const { spark, backend } = openInProcess({ 'shuffle.partitions': '3' });

const table = (ddl: string, ...rows: readonly (readonly unknown[])[]) => {
  const names = ddl.split(',').map((column) => column.trim().split(' ')[0]);
  return spark.createDataFrame(
    rows.map((row) => Object.fromEntries(names.map((name, i) => [name, row[i]]))),
    ddl,
  );
};
const tuples = (rows: readonly object[]) => rows.map((row) => Object.values(row));
const sorted = (rows: readonly object[]) => tuples(rows).sort((a, b) => (String(a) < String(b) ? -1 : 1));

const left = table('a int, b string', [1, 'x'], [1, 'x'], [1, 'x'], [2, null], [2, null], [3, 'z'], [null, null]).repartition(2);
const right = table('c int, d string', [1, 'x'], [1, 'x'], [2, null], [4, 'w'], [null, null], [null, null]).repartition(2);

describe('intersect and except', () => {
  test.each([
    [
      'intersect',
      [
        [1, 'x'],
        [2, null],
        [null, null],
      ],
    ],
    [
      'intersectAll',
      [
        [1, 'x'],
        [1, 'x'],
        [2, null],
        [null, null],
      ],
    ],
    ['except', [[3, 'z']]],
    ['subtract', [[3, 'z']]],
    [
      'exceptAll',
      [
        [1, 'x'],
        [2, null],
        [3, 'z'],
      ],
    ],
  ] as const)('%s', async (method, expected) => {
    const result = left[method](right as never);
    expect(sorted(await result.collect())).toEqual([...expected].sort((a, b) => (String(a) < String(b) ? -1 : 1)));
    expect(await result.columns()).toEqual(['a', 'b']);
  });

  test('types are widened, names are those of the left, columns match by position', async () => {
    const result = table('n int', [1], [2]).intersect(table('m bigint', [2], [2n ** 40n]) as never);
    expect(await result.collect()).toEqual([{ n: 2n }]);
  });

  test('a row that may be null on one side only is no null in an intersection', async () => {
    const ids = spark.range(3n);
    expect((await ids.intersect(table('id bigint', [1], [null]) as never).schema()).fields[0].nullable).toBe(false);
    expect(
      (
        await table('id bigint', [1], [null])
          .except(ids as never)
          .schema()
      ).fields[0].nullable,
    ).toBe(true);
  });

  test('NaN equals itself, -0 equals 0', async () => {
    const x = table('x double', [Number.NaN], [-0], [1.5]);
    expect(tuples(await x.except(table('x double', [Number.NaN], [0])).collect())).toEqual([[1.5]]);
  });

  test('filters go into both sides', async () => {
    const filtered = left.intersect(right as never).where(col('a').eq(1));
    expect(tuples(await filtered.collect())).toEqual([[1, 'x']]);
    expect((await backend.explain(filtered.plan)).match(/Filter/g)?.length).toBeGreaterThanOrEqual(3);
  });

  test('equal to counting rows by hand', async () => {
    const row = fc.tuple(fc.constantFrom(1, 2, null), fc.constantFrom('a', null));
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 12 }), fc.array(row, { maxLength: 12 }), async (ls, rs) => {
        const [l, r] = [ls, rs].map((rows) => table('a int, b string', ...rows));
        const count = (rows: readonly (readonly unknown[])[], key: string) => rows.filter((other) => JSON.stringify(other) === key).length;
        const expected = (times: (l: number, r: number) => number) =>
          [...new Set(ls.map((each) => JSON.stringify(each)))].flatMap((key) =>
            Array<string>(Math.max(0, times(count(ls, key), count(rs, key)))).fill(key),
          );
        const got = async (frame: typeof l) =>
          tuples(await frame.collect())
            .map((each) => JSON.stringify(each))
            .sort();
        expect(await got(l.intersect(r))).toEqual(expected((_, m) => (m > 0 ? 1 : 0)).sort());
        expect(await got(l.intersectAll(r))).toEqual(expected((n, m) => Math.min(n, m)).sort());
        expect(await got(l.except(r))).toEqual(expected((_, m) => (m > 0 ? 0 : 1)).sort());
        expect(await got(l.exceptAll(r))).toEqual(expected((n, m) => n - m).sort());
      }),
      { numRuns: 30 },
    );
  });

  test.each([
    ['of other widths', () => left.intersect(table('a int', [1]) as never), 'NUM_COLUMNS_MISMATCH'],
    ['of types that do not meet', () => table('a boolean', [true]).except(table('a date') as never), 'INCOMPATIBLE_COLUMN_TYPE'],
    [
      'of maps',
      () =>
        spark
          .range(1n)
          .select(createMap(lit('k'), 'id').as('m'))
          .intersect(spark.range(1n).select(createMap(lit('k'), 'id').as('m'))),
      'UNSUPPORTED_FEATURE.SET_OPERATION_ON_MAP_TYPE',
    ],
  ])('%s they are refused', async (_, make, condition) => {
    await expect(make().collect()).rejects.toMatchObject({ condition });
  });
});

describe('unionByName', () => {
  test('columns in another order', async () => {
    const other = table('B string, a bigint', ['y', 5]);
    expect(
      tuples(
        await left
          .limit(1)
          .unionByName(other as never)
          .collect(),
      ),
    ).toEqual([
      [1n, 'x'],
      [5n, 'y'],
    ]);
  });

  test('columns that one side lacks', async () => {
    const result = table('a int, b string', [1, 'x']).unionByName(table('c double, a int', [0.5, 2]), true);
    expect(await result.orderBy('a').collect()).toEqual([
      { a: 1, b: 'x', c: null },
      { a: 2, b: null, c: 0.5 },
    ]);
  });

  test.each([
    ['a column that is missing', () => left.unionByName(right as never), 'UNRESOLVED_COLUMN_AMONG_FIELD_NAMES'],
    ['a name that is there twice', () => left.select('a', col('b').as('A')).unionByName(left as never), 'AMBIGUOUS_REFERENCE'],
  ])('%s', async (_, make, condition) => {
    await expect(make().collect()).rejects.toMatchObject({ condition });
  });
});

describe('dropDuplicates', () => {
  const rows = table('k string, n int, x double', ['a', 1, 0.1], ['a', 2, 0.2], ['b', 3, 0.3], [null, 4, 0.4], [null, 5, 0.5]);

  test('of some columns: whole rows, columns in their order', async () => {
    expect(sorted(await rows.dropDuplicates('k').collect())).toEqual(
      [
        ['a', 1, 0.1],
        ['b', 3, 0.3],
        [null, 4, 0.4],
      ].sort((a, b) => (String(a) < String(b) ? -1 : 1)),
    );
  });

  test('over partitions the columns of a row stay together', async () => {
    const many = spark.range(1000n).select(col('id').mod(10n).as('k'), col('id').as('n'), col('id').times(2n).as('twice')).repartition(4);
    const result = await many.dropDuplicates(['k']).collect();
    expect(result.length).toBe(10);
    for (const { n, twice } of result) expect(twice).toBe((n as bigint) * 2n);
  });

  test('columns can be used afterwards, and only those that are used are kept', async () => {
    const result = rows.alias('r').dropDuplicates('k').where(col('r.n').gt(1)).groupBy('r.k').agg(sum('n').as('s'));
    expect(sorted(await result.collect())).toEqual(
      [
        ['b', 3n],
        [null, 4n],
      ].sort((a, b) => (String(a) < String(b) ? -1 : 1)),
    );
    expect(await backend.explain(result.plan)).not.toContain('first(x)');
  });

  test('by a column that is not there', async () => {
    await expect(rows.dropDuplicates('wrong' as never).collect()).rejects.toMatchObject({ condition: 'UNRESOLVED_COLUMN' });
  });
});

test('conditions stay above what is drawn for each row', async () => {
  const drawn = await spark.range(100n).withColumn('r', rand(3)).collect();
  const some = await spark.range(100n).withColumn('r', rand(3)).where(col('id').ge(50n)).collect();
  expect(some).toEqual(drawn.slice(50));
});
