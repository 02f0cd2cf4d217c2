/** Functions of elements: SQL text and the API, nested, over columns and aggregates; generated loops against evaluators and plain JavaScript. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MinisparkError } from '../../../src/core/errors.js';
import { arrayOf, BOOLEAN, type DataType, INT32, mapOf, STRING } from '../../../src/data/types.js';
import type { EngineValue } from '../../../src/data/value.js';
import type { ScalarFunction } from '../../../src/frontend/functions/definition.js';
import { findFunction } from '../../../src/frontend/functions/registry.js';
import {
  aggregate,
  arraySort,
  type Column,
  col,
  collectList,
  exists,
  explode,
  expr,
  filter,
  forall,
  lit,
  mapFilter,
  mapZipWith,
  rand,
  size,
  split,
  struct,
  sum,
  transform,
  transformKeys,
  transformValues,
  udf,
  when,
  zipWith,
} from '../../../src/index.js';
import { openInProcess } from './in-process.js';

const { spark } = openInProcess({ 'shuffle.partitions': '2' });

const table = () =>
  spark.createDataFrame(
    [
      {
        id: 1,
        n: [3, 1, null, 2],
        m: new Map([
          ['a', 1],
          ['b', null],
        ]),
        s: 'x y x',
      },
      { id: 2, n: [], m: new Map(), s: '' },
      { id: 3, n: null, m: null, s: null },
    ],
    'id int, n array<int>, m map<string, int>, s string',
  );

const valuesOf = async (...columns: readonly Column[]) =>
  (
    await table()
      .orderBy('id')
      .select(...columns)
      .collect()
  ).map((row) => Object.values(row));
const sql = async (text: string) => (await valuesOf(expr(text))).map(([value]) => value);

describe('answers', () => {
  test.each<[string, unknown[]]>([
    ['transform(n, x -> x * id)', [[3, 1, null, 2], [], null]],
    ['transform(n, (x, i) -> i * 10 + coalesce(x, 0))', [[3, 11, 20, 32], [], null]],
    ['transform(n, 7)', [[7, 7, 7, 7], [], null]],
    ['filter(n, x -> x > id)', [[3, 2], [], null]],
    ['filter(n, (x, i) -> i % 2 = 0)', [[3, null], [], null]],
    ['exists(n, x -> x = 2)', [true, false, null]],
    ['exists(n, x -> x = 5)', [null, false, null]],
    ['forall(n, x -> x > 0)', [null, true, null]],
    ['forall(n, x -> x > 2)', [false, true, null]],
    ['aggregate(n, 0, (acc, x) -> acc + coalesce(x, 0))', [6, 0, null]],
    ['aggregate(n, 0, (acc, x) -> acc + x)', [null, 0, null]],
    ['aggregate(n, 0, (acc, x) -> CASE WHEN acc IS NULL THEN 7 WHEN x IS NULL THEN NULL ELSE acc * 10 + x END)', [7, 0, null]],
    ["aggregate(n, 'abcdef', (acc, x) -> substring(acc, 2, length(acc) - 2))", ['', 'abcdef', null]],
    ["reduce(n, '', (acc, x) -> acc || coalesce(CAST(x AS STRING), '-'), acc -> upper(acc) || '!')", ['31-2!', '!', null]],
    ["zip_with(n, split(s, ' '), (x, y) -> concat(y, x))", [['x3', 'y1', null, null], [null], null]],
    ['array_sort(n, (l, r) -> coalesce(r, 0) - coalesce(l, 0))', [[3, 2, 1, null], [], null]],
    ['array_sort(n)', [[1, 2, 3, null], [], null]],
    ['map_filter(m, (k, v) -> v IS NULL)', [new Map([['b', null]]), new Map(), null]],
    [
      "transform_keys(m, (k, v) -> k || '!')",
      [
        new Map([
          ['a!', 1],
          ['b!', null],
        ]),
        new Map(),
        null,
      ],
    ],
    [
      'transform_values(m, (k, v) -> length(k) + v)',
      [
        new Map([
          ['a', 2],
          ['b', null],
        ]),
        new Map(),
        null,
      ],
    ],
    [
      "map_zip_with(m, map('b', 1, 'c', 2), (k, x, y) -> concat_ws('', k, x, y))",
      [
        new Map([
          ['a', 'a1'],
          ['b', 'b1'],
          ['c', 'c2'],
        ]),
        new Map([
          ['b', 'b1'],
          ['c', 'c2'],
        ]),
        null,
      ],
    ],
  ])('%s', async (text, wanted) => {
    expect(await sql(text)).toEqual(wanted);
  });

  test('lambdas inside of lambdas see the variables around them, the nearest of a name', async () => {
    expect(await sql("transform(n, x -> transform(split(s, ' '), y -> y || x || id))")).toEqual([
      [
        ['x31', 'y31', 'x31'],
        ['x11', 'y11', 'x11'],
        [null, null, null],
        ['x21', 'y21', 'x21'],
      ],
      [],
      null,
    ]);
    expect(await sql('transform(n, x -> aggregate(filter(n, x -> x < 3), x, (a, x) -> a * 10 + x))')).toEqual([
      [312, 112, null, 212],
      [],
      null,
    ]);
    expect(await sql('filter(n, x -> exists(n, y -> y < x))')).toEqual([[3, 2], [], null]);
  });

  test('the parameters of a lambda hide columns', async () => {
    expect(await sql('transform(n, id -> id + 1)')).toEqual([[4, 2, null, 3], [], null]);
  });

  test('a user function inside of a lambda', async () => {
    const twice = udf((x: number | null) => (x ?? 50) * 2, 'int');
    expect(await valuesOf(transform('n', (x) => twice(x)))).toEqual([[[6, 2, 100, 4]], [[]], [null]]);
  });

  test('explode of what lambdas make; an array used twice', async () => {
    const rows = await table()
      .select(
        'id',
        explode(
          filter(
            transform('n', (x) => x.times(10)),
            (x) => x.gt(10),
          ),
        ).as('x'),
      )
      .collect();
    expect(rows).toEqual([
      { id: 1, x: 30 },
      { id: 1, x: 20 },
    ]);
    const made = table().select(transform('n', (x) => x.plus(1)).as('t'));
    expect(await made.select(size('t').as('a'), exists('t', (x) => x.eq(4)).as('b')).collect()).toEqual([
      { a: 4, b: true },
      { a: 0, b: false },
      { a: null, b: null },
    ]);
  });
});

describe('the API', () => {
  test('builds what SQL text does', async () => {
    expect(
      await valuesOf(
        transform('n', (x, i) => x.plus(i)),
        filter('n', (x) => x.isNotNull()),
        exists('n', (x) => x.isNull()),
        forall('n', (x) => x.isNotNull()),
        aggregate(
          'n',
          lit(0n),
          (acc, x) => acc.plus(when(x.isNull(), 0).otherwise(x)),
          (acc) => acc.times(2),
        ),
        zipWith('n', 'n', (x, y) => x.times(y)),
        arraySort('n', (a, b) => expr('0').plus(when(a.isNull(), 9).otherwise(a)).minus(when(b.isNull(), 9).otherwise(b))),
      ),
    ).toEqual([
      [[3, 2, null, 5], [3, 1, 2], true, false, 12n, [9, 1, null, 4], [1, 2, 3, null]],
      [[], [], false, true, 0n, [], []],
      [null, null, null, null, null, null, null],
    ]);
    expect(
      await valuesOf(
        mapFilter('m', (_, v) => v.gt(0)),
        transformKeys('m', (k) => k.eq('a')),
        transformValues('m', (k) => k),
        mapZipWith('m', 'm', (k, a, b) => struct(k.as('k'), a.eqNullSafe(b).as('same'))),
      ),
    ).toMatchObject([
      [
        new Map([['a', 1]]),
        new Map([
          [true, 1],
          [false, null],
        ]),
        new Map([
          ['a', 'a'],
          ['b', 'b'],
        ]),
        new Map([
          ['a', { same: true }],
          ['b', { same: true }],
        ]),
      ],
      [new Map(), new Map(), new Map(), new Map()],
      [null, null, null, null],
    ]);
  });

  test('a function is called once, when the expression is built; nested ones keep their own parameters', async () => {
    let calls = 0;
    const nested = transform('n', (x) => {
      calls++;
      return transform(split(col('s'), ' '), (y) => expr('concat(s, 1)').substr(1, 1).eq(y).and(x.gt(1)));
    });
    expect(calls).toBe(1);
    expect(await valuesOf(nested)).toEqual([
      [
        [
          [true, false, true],
          [false, false, false],
          [null, false, null],
          [true, false, true],
        ],
      ],
      [[]],
      [null],
    ]);
  });

  test('a random value of each element is the same wherever it is used', async () => {
    const rows = await table()
      .select(transform('n', () => rand()).as('r'))
      .select(aggregate('r', lit(0.5), (acc, x) => acc.plus(x)).as('a'), aggregate('r', lit(0.5), (acc, x) => acc.plus(x)).as('b'))
      .collect();
    expect(rows.map(({ a, b }) => a === b)).toEqual([true, true, true]);
  });

  test('over aggregates', async () => {
    const rows = await table()
      .select(explode('n').as('x'))
      .groupBy(col('x').isNull().as('isNull'))
      .agg(transform(arraySort(collectList('x')), (x) => x.plus(sum('x'))).as('shifted'))
      .orderBy('isNull')
      .collect();
    expect(rows).toEqual([
      { isNull: false, shifted: [7n, 8n, 9n] },
      { isNull: true, shifted: [] },
    ]);
  });

  test('lambdas that differ in a variable alone are not the same grouping', async () => {
    const grouped = table().groupBy(zipWith('n', 'n', (x) => x).as('k'));
    await expect(grouped.agg(size(zipWith('n', 'n', (x) => x)).as('s')).collect()).resolves.toHaveLength(3);
    await expect(grouped.agg(size(zipWith('n', 'n', (_, y) => y)).as('s')).collect()).rejects.toMatchObject({
      condition: 'MISSING_AGGREGATION',
    });
  });

  test('a grouping may be a lambda expression, recognised again above', async () => {
    const key = () => size(filter('n', (x) => x.gt(1)));
    const rows = await table().groupBy(key().as('k')).agg(key().plus(1).as('next')).orderBy('k').collect();
    expect(rows).toEqual([
      { k: null, next: null },
      { k: 0, next: 1 },
      { k: 2, next: 3 },
    ]);
  });

  test.each<[string, () => unknown, string]>([
    ['no function', () => transform('n', 1 as never), 'INVALID_ARGUMENT'],
    ['no column in return', () => transform('n', (() => undefined) as never), 'UNSUPPORTED_LITERAL'],
  ])('%s', (_, build, condition) => {
    expect(build).toThrow(expect.objectContaining({ condition }));
  });
});

describe('refused', () => {
  test.each([
    ['transform(n, (a, b, c) -> a)', 'INVALID_LAMBDA_FUNCTION_CALL.NUM_ARGS_MISMATCH'],
    ['aggregate(n, 0, x -> x)', 'INVALID_LAMBDA_FUNCTION_CALL.NUM_ARGS_MISMATCH'],
    ['zip_with(n, n, (a, A) -> a)', 'INVALID_LAMBDA_FUNCTION_CALL.DUPLICATE_ARG_NAMES'],
    ['upper(x -> x)', 'INVALID_LAMBDA_FUNCTION_CALL.NON_HIGHER_ORDER_FUNCTION'],
    ['transform(x -> x, x -> x)', 'INVALID_LAMBDA_FUNCTION_CALL.PARAMETER_DOES_NOT_ACCEPT_LAMBDA_FUNCTION'],
    ['(x -> x) = 1', 'INVALID_LAMBDA_FUNCTION_CALL.NON_HIGHER_ORDER_FUNCTION'],
    ['transform(id, x -> x)', 'DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE'],
    ['transform(n)', 'WRONG_NUM_ARGS.WITHOUT_SUGGESTION'],
    ['filter(n, x -> x)', 'DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE'],
    ['aggregate(n, 0L, (acc, x) -> x)', 'DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE'],
    ['array_sort(n, (l, r) -> l > r)', 'DATATYPE_MISMATCH.UNEXPECTED_RETURN_TYPE'],
    ['array_sort(n, (l, r) -> l - r)', 'COMPARATOR_RETURNS_NULL'],
    ['transform_keys(m, (k, v) -> 1)', 'DUPLICATED_MAP_KEY'],
    ['transform_keys(m, (k, v) -> v)', 'NULL_MAP_KEY'],
    ['transform(n, x -> 1 / (x - 1))', 'DIVIDE_BY_ZERO'],
    ['transform(n, x -> nope)', 'UNRESOLVED_COLUMN'],
    ['transform(n, x -> sum(x))', 'UNRESOLVED_COLUMN'],
  ])('%s: %s', async (text, condition) => {
    const error = await sql(text).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(MinisparkError);
    expect(error).toMatchObject({ condition, kind: 'user' });
  });

  test('a parameter outside of its lambda', async () => {
    let leaked = lit(0) as ReturnType<typeof col>;
    transform('n', (x) => {
      leaked = x as typeof leaked;
      return x;
    });
    await expect(table().select(leaked).collect()).rejects.toMatchObject({ condition: 'UNRESOLVED_COLUMN' });
  });
});

/** A lambda by its SQL text and as a function of engine values. */
interface Pair {
  readonly text: string;
  readonly types: readonly DataType[];
  readonly args: readonly string[];
  readonly fn: (...values: never[]) => EngineValue | null;
  readonly body: DataType;
}

const list = arrayOf(INT32);
const map = mapOf(STRING, INT32);
const PAIRS: readonly (readonly [string, Pair])[] = [
  [
    'transform',
    { types: [list], args: ['a'], text: '(x, i) -> x + i', fn: (x: number | null, i: number) => (x === null ? null : x + i), body: INT32 },
  ],
  ['filter', { types: [list], args: ['a'], text: 'x -> x > 1', fn: (x: number | null) => x !== null && x > 1, body: BOOLEAN }],
  ['exists', { types: [list], args: ['a'], text: 'x -> x > 1', fn: (x: number | null) => (x === null ? null : x > 1), body: BOOLEAN }],
  ['forall', { types: [list], args: ['a'], text: 'x -> x > 1', fn: (x: number | null) => (x === null ? null : x > 1), body: BOOLEAN }],
  [
    'zip_with',
    {
      types: [list, list],
      args: ['a', 'b'],
      text: '(x, y) -> coalesce(x, y)',
      fn: (x: number | null, y: number | null) => x ?? y,
      body: INT32,
    },
  ],
  [
    'map_filter',
    { types: [map], args: ['m'], text: '(k, v) -> v > 1', fn: (_: string, v: number | null) => v !== null && v > 1, body: BOOLEAN },
  ],
  [
    'transform_values',
    {
      types: [map],
      args: ['m'],
      text: "(k, v) -> if(k = 'a', 0, v)",
      fn: (k: string, v: number | null) => (k === 'a' ? 0 : v),
      body: INT32,
    },
  ],
  ['transform_keys', { types: [map], args: ['m'], text: "(k, v) -> k || '!'", fn: (k: string) => `${k}!`, body: STRING }],
  [
    'map_zip_with',
    {
      types: [map, map],
      args: ['m', 'w'],
      text: '(k, x, y) -> coalesce(x, y)',
      fn: (_: string, x: number | null, y: number | null) => x ?? y,
      body: INT32,
    },
  ],
];

test.each(PAIRS)('%s: generated code gives what the evaluator gives', async (name, { text, types, args, fn, body }) => {
  const numbers = fc.array(fc.option(fc.integer({ min: -3, max: 3 }), { nil: null }), { maxLength: 6 });
  const entries = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.option(fc.integer({ min: 0, max: 3 }), { nil: null }));
  const rows = fc.array(fc.record({ a: numbers, b: numbers, m: entries, w: entries }), { minLength: 1, maxLength: 20 });
  const definition = findFunction(name) as ScalarFunction;
  const argument = (type: DataType) => ({ type, nullable: true, literal: undefined });
  const given = [...types, body].map(argument);
  const evaluate = definition.evaluator({ fn: name, args: given, type: definition.resolve(given).result });
  const plain = (value: unknown): unknown => (value instanceof Map ? [...value] : value);
  await fc.assert(
    fc.asyncProperty(rows, async (made) => {
      const input = made.map((row) => ({ ...row, m: new Map(Object.entries(row.m)), w: new Map(Object.entries(row.w)) }));
      const frame = spark.createDataFrame(input, 'a array<int>, b array<int>, m map<string, int>, w map<string, int>');
      const answers = await frame.select(expr(`${name}(${args.join(', ')}, ${text})`).as('r')).collect();
      const wanted = input.map((row) => evaluate(...args.map((arg) => plain(row[arg as 'a']) as EngineValue), fn as never));
      expect(answers.map(({ r }) => plain(r))).toEqual(wanted);
    }),
    { numRuns: 20 },
  );
});
