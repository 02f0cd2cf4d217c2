/** Missing values, samples, summaries, names and columns as rows, from the API to rows. */
import { describe, expect, test } from 'vitest';
import { col, count, Decimal, lit, max, min, sparkPartitionId, sum } from '../../../src/index.js';
import { openInProcess } from './in-process.js';

const { spark, backend } = openInProcess({ 'shuffle.partitions': '3' });

const people = spark.createDataFrame(
  [
    { name: 'Ada', age: 36, height: 1.7, ok: true },
    { name: null, age: 20, height: Number.NaN, ok: null },
    { name: 'Cy', age: null, height: null, ok: false },
    { name: null, age: null, height: null, ok: null },
  ],
  'name string, age int, height double, ok boolean',
);
const values = async (frame: { collect(): Promise<object[]> }) => (await frame.collect()).map((row) => Object.values(row));

describe('dropna', () => {
  test.each([
    ['any value missing', () => people.dropna(), ['Ada']],
    ['all missing', () => people.dropna({ how: 'all' }), ['Ada', null, 'Cy']],
    ['fewer than two', () => people.dropna({ thresh: 2 }), ['Ada', 'Cy']],
    ['NaN is missing', () => people.dropna({ subset: ['height'] }), ['Ada']],
    ['of some columns', () => people.dropna({ how: 'all', subset: ['name', 'age'] }), ['Ada', null, 'Cy']],
    ['more than there are', () => people.dropna({ thresh: 9 }), []],
    ['none wanted', () => people.dropna({ thresh: 0 }).limit(1), ['Ada']],
    ['as na.drop', () => people.na.drop(2, ['age', 'height']), ['Ada']],
    ['as na.drop all', () => people.na.drop('all'), ['Ada', null, 'Cy']],
  ])('%s', async (_, frame, expected) => {
    expect((await frame().collect()).map(({ name }) => name)).toEqual(expected);
  });

  test('a column that is not there', async () => {
    await expect(people.dropna({ subset: ['wrong' as 'name'] }).collect()).rejects.toMatchObject({ condition: 'UNRESOLVED_COLUMN' });
  });
});

describe('fillna', () => {
  test('numbers go into numbers, text into text, booleans into booleans; types stay', async () => {
    expect(await values(people.fillna(5.9))).toEqual([
      ['Ada', 36, 1.7, true],
      [null, 20, 5.9, null],
      ['Cy', 5, 5.9, false],
      [null, 5, 5.9, null],
    ]);
    expect((await values(people.fillna('?').fillna(false)))[1]).toEqual(['?', 20, Number.NaN, false]);
    expect((await people.fillna(1).schema()).fields.map(({ type }) => type.kind)).toEqual(['string', 'int32', 'float64', 'boolean']);
  });

  test('a value for each column, in some columns only', async () => {
    expect(await values(people.fillna({ name: 'nobody', height: 0 }))).toEqual([
      ['Ada', 36, 1.7, true],
      ['nobody', 20, 0, null],
      ['Cy', null, 0, false],
      ['nobody', null, 0, null],
    ]);
    expect((await values(people.na.fill(0, ['age'])))[3]).toEqual([null, 0, null, null]);
  });

  test('decimals keep their type', async () => {
    const frame = spark.createDataFrame([{ d: '1.50' }, { d: null }], 'd decimal(6,2)').fillna(2);
    expect((await frame.collect()).map(({ d }) => String(d))).toEqual(['1.50', '2.00']);
    expect((await frame.collect())[1].d).toBeInstanceOf(Decimal);
  });

  test('null is no value to fill with', () => {
    expect(() => people.fillna(null as never)).toThrow(expect.objectContaining({ condition: 'INVALID_ARGUMENT' }));
  });
});

describe('replace', () => {
  test('one value, in the columns of its kind', async () => {
    expect((await values(people.replace('Ada', 'Eva'))).map(([name]) => name)).toEqual(['Eva', null, 'Cy', null]);
    expect((await values(people.replace(36, null))).map(([, age]) => age)).toEqual([null, 20, null, null]);
  });

  test('several, in a column', async () => {
    const pairs = new Map([
      [36, 63],
      [20, 2],
    ]);
    expect((await values(people.replace(pairs, ['age']))).map(([, age]) => age)).toEqual([63, 2, null, null]);
    expect((await values(people.na.replace('name', { Ada: 'A', Cy: 'C' }))).map(([name]) => name)).toEqual(['A', null, 'C', null]);
    expect((await values(people.na.replace('*', new Map([[true, false]])))).map((row) => row[3])).toEqual([false, null, false, null]);
  });

  test('values of two kinds are refused', async () => {
    await expect(people.replace('a', 1).collect()).rejects.toMatchObject({ condition: 'INVALID_ARGUMENT' });
  });
});

describe('samples', () => {
  const ids = spark.range(0n, 10_000n, 1n, 4);

  test('about the share that was asked for, the same rows for the same seed, order kept', async () => {
    const rows = await values(ids.sample(0.3, 7));
    expect(Math.abs(rows.length - 3000)).toBeLessThan(200);
    expect(await values(ids.sample(0.3, { seed: 7n }))).toEqual(rows);
    expect(await values(ids.sample(0.3, 8))).not.toEqual(rows);
    expect(rows.map(([id]) => id)).toEqual(rows.map(([id]) => id as bigint).sort((a, b) => Number(a - b)));
  });

  test('all and none', async () => {
    expect(await ids.sample(1).count()).toBe(10_000);
    expect(await ids.sample(0).count()).toBe(0);
  });

  test('the numbers are those of rand()', async () => {
    const drawn = (await spark.range(5n).collect()).map(({ id }) => id);
    const kept = (await spark.range(5n).sample(0.77, 0).collect()).map(({ id }) => id);
    expect(drawn.length).toBe(5);
    expect(kept[0]).toBe(0n); // rand(0) begins with 0.7604…
    expect((await spark.range(5n).sample(0.76, 0).collect())[0]?.id).not.toBe(0n);
  });

  test('with replacement a row comes as often as it is drawn', async () => {
    const rows = await ids.sample(2.5, { withReplacement: true, seed: 1 }).groupBy('id').agg(count().as('n')).collect();
    const total = rows.reduce((all, { n }) => all + Number(n), 0);
    expect(Math.abs(total - 25_000)).toBeLessThan(1000);
    expect(Math.max(...rows.map(({ n }) => Number(n)))).toBeGreaterThan(5);
  });

  test('parts of a split are all rows, each once', async () => {
    const parts = ids.repartition(3).randomSplit([3, 1, 1], 5);
    const rows: number[][] = [];
    for (const part of parts) rows.push((await part.collect()).map(({ id }) => Number(id)));
    expect(rows.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: 10_000 }, (_, i) => i));
    expect(Math.abs(rows[0].length - 6000)).toBeLessThan(300);
  });

  test.each([
    [() => ids.sample(-0.1)],
    [() => ids.sample(1.1)],
    [() => ids.sample(Number.NaN)],
    [() => ids.sample(0.5, 1.5)],
    [() => ids.randomSplit([])],
    [() => ids.randomSplit([1, -1])],
  ])('%s is refused', (make) => {
    expect(make).toThrow(expect.objectContaining({ condition: 'INVALID_ARGUMENT' }));
  });
});

describe('names and order', () => {
  test('toDF, withColumnsRenamed, withColumns', async () => {
    const frame = people
      .select('name', 'age')
      .toDF('a', 'b')
      .withColumnsRenamed({ a: 'x', nothing: 'y' } as { a: 'x' });
    expect(await frame.columns()).toEqual(['x', 'b']);
    const wider = people
      .select('age')
      .limit(1)
      .withColumns({ age: col('age').plus(1), old: col('age') });
    expect(await wider.collect()).toEqual([{ age: 37, old: 36 }]);
    await expect(people.toDF('one').collect()).rejects.toMatchObject({ condition: 'ASSIGNMENT_ARITY_MISMATCH' });
  });

  test('transform gives what the function gives', async () => {
    expect(await people.transform((frame) => frame.where('age > 30')).count()).toBe(1);
  });

  test('offset, alone and with limits', async () => {
    const ids = spark.range(0n, 10n, 1n, 3);
    const left = async (frame: typeof ids) => (await frame.collect()).map(({ id }) => Number(id));
    expect(await left(ids.offset(7))).toEqual([7, 8, 9]);
    expect(await left(ids.offset(2).limit(3))).toEqual([2, 3, 4]);
    expect(await left(ids.limit(5).offset(3))).toEqual([3, 4]);
    expect(await left(ids.orderBy(col('id').desc()).offset(8))).toEqual([1, 0]);
    expect(await backend.explain(ids.offset(7).plan)).toContain('Offset 7');
  });

  test('repartitionByRange puts ranges of keys together', async () => {
    const { spark: session, backend: engine } = openInProcess();
    const frame = session.range(0n, 100n, 1n, 4).repartitionByRange(3, col('id').desc());
    const ranges = await frame
      .groupBy(sparkPartitionId().as('p'))
      .agg(min('id').as('low'), max('id').as('high'), count().as('n'))
      .orderBy('p')
      .collect();
    expect(ranges.map(({ p }) => p)).toEqual([0, 1, 2]);
    expect(ranges.reduce((all, { n }) => all + n, 0n)).toBe(100n);
    expect(ranges[0].low > ranges[1].high && ranges[1].low > ranges[2].high).toBe(true);
    expect(await engine.explain(frame.plan)).toContain('Exchange range(id DESC NULLS LAST) to 3');
    expect(() => session.range(1n).repartitionByRange(2)).toThrow(expect.objectContaining({ condition: 'INVALID_ARGUMENT' }));
  });
});

describe('describe and summary', () => {
  test('describe', async () => {
    expect(await values(people.describe())).toEqual([
      ['count', '2', '2', '2'],
      ['mean', null, '28.0', 'NaN'],
      ['stddev', null, '11.313708498984761', 'NaN'],
      ['min', 'Ada', '20', '1.7'],
      ['max', 'Cy', '36', 'NaN'],
    ]);
    expect(await people.describe().columns()).toEqual(['summary', 'name', 'age', 'height']);
    expect(await values(people.describe('age'))).toEqual([
      ['count', '2'],
      ['mean', '28.0'],
      ['stddev', '11.313708498984761'],
      ['min', '20'],
      ['max', '36'],
    ]);
  });

  test('summary with percentiles; text that is a number counts as one', async () => {
    const frame = spark.range(1n, 101n, 1n, 4).select(col('id'), col('id').cast('string').as('s'));
    expect(await values(frame.summary('25%', '50%', '99.5%', 'mean', 'count_distinct'))).toEqual([
      ['25%', '25', '25.0'],
      ['50%', '50', '50.0'],
      ['99.5%', '100', '100.0'],
      ['mean', '50.5', '50.5'],
      ['count_distinct', '100', '100'],
    ]);
    expect((await values(frame.summary())).map(([name]) => name)).toEqual(['count', 'mean', 'stddev', 'min', '25%', '50%', '75%', 'max']);
  });

  test('without columns that it is about, and with an unknown statistic', async () => {
    expect(await values(people.select('ok').describe())).toEqual([['count'], ['mean'], ['stddev'], ['min'], ['max']]);
    for (const name of ['avarage', 'constructor'])
      await expect(people.summary(name).collect()).rejects.toMatchObject({ condition: 'INVALID_ARGUMENT' });
  });
});

describe('unpivot', () => {
  const wide = spark.createDataFrame(
    [
      { id: 1, a: 10, b: 2.5 },
      { id: 2, a: null, b: 0.5 },
    ],
    'id int, a int, b double',
  );

  test('columns as rows, of their common type', async () => {
    const expected = [
      { id: 1, what: 'a', v: 10 },
      { id: 1, what: 'b', v: 2.5 },
      { id: 2, what: 'a', v: null },
      { id: 2, what: 'b', v: 0.5 },
    ];
    expect(await wide.unpivot(['id'], ['a', 'b'], 'what', 'v').collect()).toEqual(expected);
    expect(await wide.melt(['id'], null, 'what', 'v').collect()).toEqual(expected);
    expect((await wide.unpivot(['id'], ['a', 'b'], 'what', 'v').schema()).fields).toEqual([
      { name: 'id', type: { kind: 'int32' }, nullable: true },
      { name: 'what', type: { kind: 'string' }, nullable: false },
      { name: 'v', type: { kind: 'float64' }, nullable: true },
    ]);
  });

  test('text, expressions, and an aggregation on top', async () => {
    const text = wide.unpivot([col('id').plus(1).as('next')], [col('a').cast('string').as('A'), lit('x').as('B')], 'k', 'v');
    expect(await values(text.where(col('k').eq('B')))).toEqual([
      [2, 'B', 'x'],
      [3, 'B', 'x'],
    ]);
    expect(await values(wide.unpivot(['id'], ['a', 'b'], 'k', 'v').groupBy('k').agg(sum('v')).orderBy('k'))).toEqual([
      ['a', 10],
      ['b', 3],
    ]);
  });

  test.each([
    ['types that do not meet', () => people.unpivot([], ['ok', 'age'], 'k', 'v'), 'UNPIVOT_VALUE_DATA_TYPE_MISMATCH'],
    ['no column', () => people.select('age').unpivot(['age'], null, 'k', 'v'), 'UNPIVOT_REQUIRES_VALUE_COLUMNS'],
    ['a wrong name', () => people.unpivot(['wrong' as 'age'], null, 'k', 'v'), 'UNRESOLVED_COLUMN'],
  ])('%s', async (_, frame, condition) => {
    await expect(frame().collect()).rejects.toMatchObject({ condition });
  });
});
