/** udaf(): in one phase and two, with nulls, empty input, filters, spilled state; and what its functions may not do. */
import { describe, expect, test } from 'vitest';
import { col, count, lit, udaf } from '../../../src/index.js';
import { openInProcess } from './in-process.js';

const { spark, backend } = openInProcess({ 'shuffle.partitions': '3' });

/** The mean of the values and how many they were, null for none. */
const meanOf = udaf(
  {
    init: () => ({ sum: 0, n: 0 }),
    update: (state: { sum: number; n: number }, value: number | null) =>
      value === null ? state : { sum: state.sum + value, n: state.n + 1 },
    merge: (a, b) => ({ sum: a.sum + b.sum, n: a.n + b.n }),
    finish: ({ sum, n }) => (n === 0 ? null : sum / n),
  },
  'double',
  { name: 'mean_of' },
);

/** Changes its state in place, which is a Map. */
const histogram = udaf(
  {
    init: () => new Map<string, bigint>(),
    update: (state: Map<string, bigint>, word: string, n: bigint) => state.set(word, (state.get(word) ?? 0n) + n),
    merge: (a, b) => {
      for (const [word, n] of b) a.set(word, (a.get(word) ?? 0n) + n);
      return a;
    },
    finish: (state) => new Map([...state].sort()),
  },
  'map<string,bigint>',
);

const rows = Array.from({ length: 100 }, (_, i) => ({ k: i % 3, x: i % 10 === 0 ? null : i, w: 'abc'[i % 2], n: BigInt(i) }));
const table = (partitions = 1) => spark.createDataFrame(rows, 'k int, x double, w string, n bigint').repartition(partitions);

describe.each([1, 4])('over %d partitions', (partitions) => {
  test('groups have the values of their rows', async () => {
    const found = await table(partitions)
      .groupBy('k')
      .agg(meanOf('x').as('m'), count().as('c'), histogram('w', 'n').as('h'))
      .orderBy('k')
      .collect();
    const expected = [0, 1, 2].map((k) => {
      const own = rows.filter((row) => row.k === k);
      const values = own.flatMap(({ x }) => (x === null ? [] : [x]));
      const of = (word: string) => own.filter(({ w }) => w === word).reduce((sum, { n }) => sum + n, 0n);
      return {
        k,
        m: values.reduce((a, b) => a + b, 0) / values.length,
        c: BigInt(own.length),
        h: new Map([
          ['a', of('a')],
          ['b', of('b')],
        ]),
      };
    });
    expect(found).toEqual(expected);
  });

  test('no rows are one group without keys, and filters are rows left out', async () => {
    const none = table(partitions).where(col('k').gt(9));
    expect(await none.agg(meanOf('x')).collect()).toEqual([{ 'mean_of(x)': null }]);
    expect(await none.groupBy('k').agg(meanOf('x').as('m')).collect()).toEqual([]);
    const some = table(partitions).agg(
      meanOf('x')
        .filter(col('n').lt(lit(3n)))
        .as('m'),
    );
    expect(await some.collect()).toEqual([{ m: 1.5 }]);
  });
});

test('two phases show it by its name, and equal calls are one', async () => {
  const plan = await backend.explain(table(4).groupBy('k').agg(meanOf('x').as('a'), meanOf('x').plus(1).as('b')).plan);
  expect(plan).toMatch(/HashAggregate partial, keys: \[k\], aggregates: \[mean_of\(x\) AS a\]/);
});

test('state spills and comes back', async () => {
  const words = udaf(
    {
      init: (): string[] => [],
      update: (state: string[], n: bigint) => [...state, `${n}`.padStart(200, '0')].sort().slice(0, 3),
      merge: (a, b) => [...a, ...b].sort().slice(0, 3),
      finish: (state) => state.map((text) => text.slice(-5)).join(),
    },
    'string',
  );
  const run = async (memory: string) => {
    const opened = openInProcess({ 'shuffle.partitions': '2', memory });
    const numbers = opened.spark.range(0, 20_000, 1, 4).withColumn('k', col('id').mod(5000));
    const groups = await numbers.groupBy('k').agg(words('id').as('w')).orderBy('k').collect();
    return { groups, spilled: opened.backend.metrics.spilledBytes };
  };
  const [small, large] = [await run('1m'), await run('1g')];
  expect(small.groups).toEqual(large.groups);
  expect(small.groups[7]).toEqual({ k: 7n, w: '00007,05007,10007' });
  expect(small.spilled).toBeGreaterThan(0);
  expect(large.spilled).toBe(0);
});

describe('what goes wrong', () => {
  const failing = (part: 'init' | 'update' | 'merge' | 'finish') => {
    const fail = (): never => {
      throw new RangeError('no');
    };
    const whole = {
      init: () => 0,
      update: (n: number, x: number | null) => n + (x ?? 0),
      merge: (a: number, b: number) => a + b,
      finish: (n: number) => n,
    };
    return udaf({ ...whole, [part]: fail }, 'double', { name: 'mine' });
  };

  test.each(['init', 'update', 'merge', 'finish'] as const)('%s throws', async (part) => {
    const error = await table(4)
      .groupBy('k')
      .agg(failing(part)('x'))
      .collect()
      .catch((thrown) => thrown);
    expect(error).toMatchObject({ condition: 'UDF_FAILED' });
    expect(error.message).toContain(`${part} of mine threw RangeError: no\n  input: `);
  });

  test('a result of another type, a state that cannot be copied', async () => {
    const wrong = udaf({ init: () => 0, update: (n: number) => n, merge: (a) => a, finish: () => 'x' as unknown as number }, 'int');
    await expect(table().agg(wrong()).collect()).rejects.toMatchObject({ condition: 'INVALID_VALUE' });
    const stuck = udaf({ init: () => () => 0, update: (f) => f, merge: (a) => a, finish: () => 0 }, 'int');
    await expect(table(4).groupBy('k').agg(stuck()).collect()).rejects.toMatchObject({ condition: 'INVALID_ELEMENT' });
  });

  test('SQL text has no udaf', async () => {
    await expect(table().selectExpr('udaf(x)').collect()).rejects.toMatchObject({ condition: 'UNRESOLVED_ROUTINE' });
  });
});
