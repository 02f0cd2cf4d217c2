/** mapBatches(): columns as typed arrays in, columns in any form out, and what a function may not give. */
import { describe, expect, test } from 'vitest';
import { col, Decimal, LocalDate, sum } from '../../../src/index.js';
import { openInProcess } from './in-process.js';

const { spark, backend } = openInProcess({ 'shuffle.partitions': '2' });
const rows = [
  { i: 1, d: 0.5, n: 2n ** 60n, s: 'äb', p: true, m: Decimal.parse('1.25'), t: LocalDate.parse('2024-02-29'), a: [1, null] },
  { i: null, d: null, n: null, s: null, p: null, m: null, t: null, a: null },
  { i: -3, d: -0, n: -1n, s: '', p: false, m: Decimal.parse('-0.01'), t: LocalDate.parse('1969-12-31'), a: [] },
];
const DDL = 'i int, d double, n bigint, s string, p boolean, m decimal(10,2), t date, a array<int>';
const table = () => spark.createDataFrame(rows, DDL);

test('views go through as they are', async () => {
  expect(
    await table()
      .mapBatches(({ columns }) => columns, DDL)
      .collect(),
  ).toEqual(rows);
  const parts = await table()
    .repartition(3)
    .mapBatches(({ columns }) => columns, DDL)
    .orderBy(col('i'))
    .collect();
  expect(parts).toEqual([rows[1], rows[2], rows[0]]);
});

test('values, offsets and validity are those of Arrow', async () => {
  const seen: unknown[] = [];
  await table()
    .mapBatches(({ length, columns: { i, d, n, s, p, m, t, a } }) => {
      seen.push(length, i.values, d.values, n.values?.[0], m.values?.[0], t.values?.[2], i.validity?.[0], p.values?.[0]);
      seen.push(s.offsets, Buffer.from(s.values as Uint8Array).toString(), a.values, s.get(0), a.toArray(), i.isNull(1));
      return { n: [length] };
    }, 'n int')
    .collect();
  expect(seen.slice(0, 8)).toEqual([3, Int32Array.of(1, 0, -3), Float64Array.of(0.5, 0, -0), 2n ** 60n, 125n, -1, 0b101, 1]);
  expect(seen.slice(8)).toEqual([Int32Array.of(0, 3, 3, 3), 'äb', null, 'äb', [[1, null], null, []], true]);
});

test('dictionaries show as plain columns', async () => {
  const words = spark.createDataFrame(
    Array.from({ length: 50 }, (_, i) => ({ w: `w${i % 3}` })),
    'w string',
  );
  const lengths = await words
    .groupBy('w')
    .count()
    .mapBatches(({ columns: { w, count } }) => ({ text: w.toArray(), n: count.values as BigInt64Array }), 'text string, n bigint')
    .orderBy('text')
    .collect();
  expect(lengths).toEqual([
    { text: 'w0', n: 17n },
    { text: 'w1', n: 17n },
    { text: 'w2', n: 16n },
  ]);
});

test('columns are given in many forms, a batch at a time or several', async () => {
  const made = spark.range(0, 6, 1, 2).mapBatches(function* ({ length, columns: { id } }, { partition }) {
    const twice = Float64Array.from(id.values as BigInt64Array, (v) => Number(v) * 2);
    yield {
      twice,
      odd: id.toArray().map((v) => v! % 2n === 1n),
      p: new Int32Array(length).fill(partition),
      some: { values: Int32Array.of(1, 2, 3), validity: Uint8Array.of(0b101) },
    };
    yield { twice: [-1], odd: new Uint8Array(1), p: [undefined], some: Float64Array.of(7) };
  }, 'twice double, odd boolean, p int, some int');
  expect(await made.where(col('twice').ge(0)).collect()).toEqual(
    [0, 1, 2, 3, 4, 5].map((i) => ({ twice: 2 * i, odd: i % 2 === 1, p: i < 3 ? 0 : 1, some: [1, null, 3][i % 3] })),
  );
  expect(await made.where(col('twice').lt(0)).collect()).toEqual(Array(2).fill({ twice: -1, odd: false, p: null, some: 7 }));
  expect(await made.agg(sum('twice').as('s')).collect()).toEqual([{ s: 28 }]);
});

test('what is given is copied: a function may use its arrays again', async () => {
  const scratch = new Float64Array(2);
  const made = spark.range(0, 8, 1, 4).mapBatches(({ columns: { id } }) => {
    scratch.set(Array.from(id.values as BigInt64Array, Number));
    return { x: scratch };
  }, 'x double');
  expect((await made.collect()).map(({ x }) => x)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
});

test('it shows in plans, and all columns below it are read', async () => {
  const plan = table().mapBatches(function double({ columns: { d } }) {
    return { d };
  }, 'd double').plan;
  expect(await backend.explain(plan)).toMatch(/^MapBatches double \[d\]\n\+- LocalRows \[i, d, n, s, p, m, t, a\]$/);
});

describe('what goes wrong', () => {
  const given = async (data: unknown, schema = 'x int not null, y string'): Promise<unknown> => {
    const made = table().mapBatches((() => data) as () => never, schema as string);
    return made.collect().catch((error) => `${error.condition}: ${error.message}`);
  };

  test.each([
    [null, 'INVALID_BATCH: The function of mapBatches: A batch is an object of columns, not null.'],
    [{ x: [1] }, "INVALID_BATCH: The function of mapBatches: Column 'y' is missing."],
    [{ x: [1], y: ['a'], z: [1] }, "INVALID_BATCH: The function of mapBatches: There is no column 'z' in its schema."],
    [{ x: [1, 2], y: ['a'] }, "INVALID_BATCH: The function of mapBatches: Column 'x' has 2 rows and column 'y' 1."],
    [{ x: [null], y: ['a'] }, "INVALID_VALUE: The function of mapBatches: Column 'x' holds null, which its schema rules out."],
    [{ x: [1.5], y: ['a'] }, 'INVALID_VALUE: The function of mapBatches: x[0]: expected int, got 1.5 (not a whole number).'],
    [
      { x: Float64Array.of(2 ** 40), y: ['a'] },
      'INVALID_VALUE: The function of mapBatches: x[0]: expected int, got 1099511627776 (out of range).',
    ],
    [
      { x: 'no', y: ['a'] },
      "INVALID_BATCH: The function of mapBatches: Column 'x' must be an array, a typed array or a column of a batch.",
    ],
    [
      { x: { values: new Int32Array(9), validity: Uint8Array.of(1) }, y: [] },
      "INVALID_BATCH: The function of mapBatches: The validity of column 'x' is too short.",
    ],
    [Promise.resolve({}), 'INVALID_ELEMENT: The function of mapBatches gave a Promise.'],
  ])('%o', async (data, message) => {
    expect(await given(data)).toBe(message);
  });

  test('digits beyond the precision', async () => {
    expect(await given({ m: BigInt64Array.of(123456n) }, 'm decimal(5,2)')).toBe(
      'INVALID_VALUE: The function of mapBatches: m[0]: 123456 has too many digits for decimal(5,2).',
    );
  });

  test('a function that throws, at once or on its way', async () => {
    const fails = table().mapBatches((): { x: number[] } => {
      throw new RangeError('no');
    }, 'x int');
    await expect(fails.collect()).rejects.toMatchObject({ condition: 'UDF_FAILED', message: expect.stringContaining('a batch of 3 rows') });
    const later = table().mapBatches(function* (): Iterable<{ x: number[] }> {
      yield { x: [1] };
      throw new RangeError('later');
    }, 'x int');
    await expect(later.collect()).rejects.toThrow('RangeError: later');
  });

  test('a schema without columns', () => {
    expect(() => table().mapBatches(() => ({}), { fields: [] })).toThrow('needs a schema with a column');
  });
});
