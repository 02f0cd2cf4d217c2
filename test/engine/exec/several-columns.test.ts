/** What stands for several columns: columns by pattern, the columns of generators and their names, json_tuple. */
import { describe, expect, test } from 'vitest';
import { expr, jsonTuple, posexplode } from '../../../src/index.js';
import { openInProcess } from './in-process.js';

const { spark } = openInProcess();

describe('columns by pattern', () => {
  const table = spark.createDataFrame([{ price_net: 1, PRICE_all: 2, kind: 'k' }], 'price_net int, PRICE_all int, kind string');

  test('whole names match, case ignored; what is not quoted is a name', async () => {
    expect(await table.select(table.colRegex('`price_.*`')).collect()).toEqual([{ price_net: 1, PRICE_all: 2 }]);
    expect(await table.select(table.colRegex('`(?!kind).+`'), 'kind').collect()).toEqual([{ price_net: 1, PRICE_all: 2, kind: 'k' }]);
    expect(await table.select(table.colRegex('`price`'), table.colRegex('kind')).collect()).toEqual([{ kind: 'k' }]);
    expect(await table.alias('t').select(table.colRegex('t.`k.*`')).collect()).toEqual([{ kind: 'k' }]);
  });

  test('a pattern that is none', async () => {
    await expect(table.select(table.colRegex('`(`')).schema()).rejects.toMatchObject({ condition: 'INVALID_PARAMETER_VALUE.PATTERN' });
  });
});

describe('several names', () => {
  const table = spark.createDataFrame([{ l: ['a', 'b'], m: new Map([['k', 1]]) }], 'l array<string>, m map<string,int>');

  test('for the columns of a generator, in the API and in SQL text', async () => {
    expect(await table.select(posexplode('l').as(['i', 'v'])).collect()).toEqual([
      { i: 0, v: 'a' },
      { i: 1, v: 'b' },
    ]);
    expect(await table.selectExpr('explode(m) AS (key2, value2)').collect()).toEqual([{ key2: 'k', value2: 1 }]);
    expect(await table.selectExpr('posexplode(l) (`the place`, v)').limit(1).collect()).toEqual([{ 'the place': 0, v: 'a' }]);
    expect(
      await table
        .select(expr('explode(l)').as(['v']))
        .limit(1)
        .collect(),
    ).toEqual([{ v: 'a' }]);
  });

  test.each([
    ['posexplode(l) AS (a, b, c)', 'UDTF_ALIAS_NUMBER_MISMATCH'],
    ['posexplode(l) AS a', 'UDTF_ALIAS_NUMBER_MISMATCH'],
    ['explode(l) AS (a, b)', 'UDTF_ALIAS_NUMBER_MISMATCH'],
    ['size(l) AS (a, b)', 'MULTI_ALIAS_WITHOUT_GENERATOR'],
  ])('%s is refused', async (sql, condition) => {
    await expect(table.select(expr(sql)).schema()).rejects.toMatchObject({ condition });
  });

  test('a list that does not end', () => {
    expect(() => expr('posexplode(l) AS (a, )')).toThrow(expect.objectContaining({ condition: 'PARSE_SYNTAX_ERROR' }));
  });
});

describe('json_tuple', () => {
  const table = spark.createDataFrame(
    ['{"a": 1, "b": "x", "c.d": {"e": [1, 2]}}', '{"b": null, "a": true}', '[1]', 'no json', null].map((j) => ({ j })),
    'j string',
  );

  test('fields by name, null where there is none', async () => {
    expect(
      await table
        .select('j', jsonTuple('j', 'a', 'b', 'c.d'))
        .drop('j')
        .collect(),
    ).toEqual([
      { c0: '1', c1: 'x', c2: '{"e":[1,2]}' },
      { c0: 'true', c1: null, c2: null },
      { c0: null, c1: null, c2: null },
      { c0: null, c1: null, c2: null },
      { c0: null, c1: null, c2: null },
    ]);
  });

  test('named', async () => {
    const first = table.limit(1);
    expect(await first.select(jsonTuple('j', 'a', 'b').as(['x', 'y'])).collect()).toEqual([{ x: '1', y: 'x' }]);
    expect(await first.selectExpr("json_tuple(j, 'b') AS (only)", 'length(j) AS n').collect()).toEqual([{ only: 'x', n: 40 }]);
    expect(await first.selectExpr("json_tuple(j, 'b') AS only").collect()).toEqual([{ only: 'x' }]);
  });

  test.each([
    ['json_tuple(j)', 'WRONG_NUM_ARGS.WITHOUT_SUGGESTION'],
    ['json_tuple(j, 1)', 'DATATYPE_MISMATCH.NON_STRING_TYPE'],
    ["json_tuple(j, 'a', 'b') AS x", 'UDTF_ALIAS_NUMBER_MISMATCH'],
  ])('%s is refused', async (sql, condition) => {
    await expect(table.select(expr(sql)).schema()).rejects.toMatchObject({ condition });
  });
});
