import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseSchema } from '../../../src/data/schema-parse.js';
import { field, STRING, schemaOf, typeName } from '../../../src/data/types.js';
import type { EngineValue } from '../../../src/data/value.js';
import { sourceOf } from '../../../src/engine/sources/registry.js';
import { duckdb } from './duckdb.js';
import { fileOf, readRowsOf, tempDir } from './reading.js';
import { batchOf, writeAll, writeSpec } from './writing.js';

let dir: ReturnType<typeof tempDir>;
beforeAll(() => {
  dir = tempDir();
});
afterAll(() => dir.dispose());

const path = (name: string) => join(dir.path, name);
const rowsOf = (content: string, settings: Parameters<typeof readRowsOf>[2] = {}) =>
  readRowsOf('json', [fileOf(path('t.json'), content)], settings);
const infer = async (content: string, options: Record<string, string> = {}) => {
  const { fields } = await sourceOf('json').inferSchema([fileOf(path('i.json'), content)], options);
  return fields.map((f) => `${f.name} ${typeName(f.type)}`).join(', ');
};

test('types are inferred and merged over all records, fields in the order of their names', async () => {
  expect(await infer('{"b":1,"a":"x"}\n{"a":null,"c":true}\n')).toBe('a string, b bigint, c boolean');
  expect(await infer('{"n":1}\n{"n":2.5}\n')).toBe('n double');
  expect(await infer('{"n":1}\n{"n":"x"}\n')).toBe('n string');
  expect(await infer('{"n":12345678901234567890}\n')).toBe('n decimal(20,0)');
  expect(await infer('{"n":null,"e":{},"l":[]}\n')).toBe('l array<string>, n string');
  expect(await infer('{"l":[1,2.5,null],"s":{"y":1}}\n{"s":{"x":"q"}}')).toBe('l array<double>, s struct<x:string,y:bigint>');
  expect(await infer('{"a":1}\nnonsense\n')).toBe('_corrupt_record string, a bigint');
  expect(await infer('[{"a":1},\n{"b":2}]', { multiLine: 'true' })).toBe('a bigint, b bigint');
  await expect(infer('')).rejects.toMatchObject({ condition: 'UNABLE_TO_INFER_SCHEMA' });
  await expect(infer('{"a":1}\n{"a":}', { mode: 'failfast' })).rejects.toThrowError(/line 2: a value is expected/);
});

test('single quotes, NaN and infinities are read, as Spark does unasked', async () => {
  expect(await infer(`{'a':NaN,"b":'x'}\n{"a":-Infinity,"c":[1,INF]}\n`)).toBe('a double, b string, c array<double>');
  const schema = parseSchema('d double, f float, i int, s string');
  const text = [
    `{"d":NaN,"f":+Infinity,"i":NaN,"s":NaN}`,
    `{"d":-INF,'f':INF,'s':'it\\'s "so" \\u00e9\\\\'}`,
    `{"d":Infinity,"s":"it's"}`,
  ].join('\n');
  expect(await rowsOf(text, { schema })).toEqual([
    [Number.NaN, Number.POSITIVE_INFINITY, null, 'NaN'],
    [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, null, 'it\'s "so" é\\'],
    [Number.POSITIVE_INFINITY, null, null, "it's"],
  ]);
  for (const bad of ['{"d":-NaN}', '{"d":Inf}', '{"d":nan}', '{"d":+1}', `{"d":'x"}`, `{'d":1}`]) {
    await expect(infer(`{"d":1}\n${bad}`, { mode: 'failfast' }), bad).rejects.toMatchObject({ condition: 'MALFORMED_RECORD' });
  }
});

test('values of every type, exactly', async () => {
  const schema = parseSchema(
    'b boolean, i int, l bigint, d double, m decimal(30,2), s string, day date, t timestamp, x binary, a array<int>, p struct<q:int,r:string>, k map<string,int>',
  );
  const text = `{"b":true,"i":-5,"l":9007199254740993,"d":1e3,"m":12345678901234567890.126,"s":"é\\n\\u00e9","day":"2024-02-29","t":"1970-01-01T00:00:01.5Z","x":"AQI=","a":[1,null],"p":{"r":"z","other":[{}],"q":1},"k":{"one":1,"two":null}}
{"d":"NaN","s":{"raw": [1, 2]}}`;
  expect(await rowsOf(text, { schema })).toEqual([
    [
      true,
      -5,
      9007199254740993n,
      1000,
      1234567890123456789013n,
      'é\né',
      19782,
      1500000n,
      new Uint8Array([1, 2]),
      [1, null],
      [1, 'z'],
      [
        ['one', 1],
        ['two', null],
      ],
    ],
    [null, null, null, Number.NaN, null, '{"raw": [1, 2]}', null, null, null, null, null, null],
  ]);
});

test('only wanted columns are read, also out of order, and none counts rows', async () => {
  const text = '{"a":1,"b":"x"}\n\n{"b":"y","a":2}\n';
  const schema = parseSchema('a bigint, b string');
  expect(await rowsOf(text, { schema, columns: schemaOf(field('b', STRING)) })).toEqual([['x'], ['y']]);
  expect(await rowsOf(text, { schema, columns: schemaOf() })).toEqual([[], []]);
});

const BAD = '{"n":1,"s":"a"}\n{"n":"x","s":"b"}\n{"n":3,"s":\n{"n":4} x\n[1]\n{"n":6,"s":"\\q"}\n{"n":7}\r\n';

test('permissive, dropmalformed, failfast', async () => {
  const schema = parseSchema('n int, s string, _corrupt_record string');
  expect(await rowsOf(BAD, { schema })).toEqual([
    [1, 'a', null],
    [null, 'b', '{"n":"x","s":"b"}'],
    [null, null, '{"n":3,"s":'],
    [null, null, '{"n":4} x'],
    [null, null, '[1]'],
    [null, null, '{"n":6,"s":"\\q"}'],
    [7, null, null],
  ]);
  const plain = parseSchema('n int, s string');
  expect(await rowsOf(BAD, { schema: plain, options: { mode: 'dropMalformed' } })).toEqual([
    [1, 'a'],
    [7, null],
  ]);
  const failing = rowsOf(BAD, { schema: plain, options: { mode: 'FAILFAST' } });
  await expect(failing).rejects.toMatchObject({ kind: 'user', condition: 'MALFORMED_RECORD' });
  await expect(failing).rejects.toThrowError(/t\.json' has a malformed record at line 2: "x" in field 'n' is no int/);
});

test('multiLine reads documents: objects one after another, and arrays of them', async () => {
  const text = '{\n "a": 1\n}\n{"a": 2} [ {"a": 3},\n {"a": 4} ]';
  expect(await rowsOf(text, { options: { multiLine: 'true' }, batchRows: 3 })).toEqual([[1n], [2n], [3n], [4n]]);
});

test('very deep values are refused, not a crash', async () => {
  const deep = `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
  expect(await rowsOf(`${deep}\n{"a":"x"}`, { schema: parseSchema('a string') })).toEqual([[null], ['x']]);
});

test('JSON is accepted exactly when JSON.parse accepts it', async () => {
  const piece = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"a"',
    '"\\n"',
    '"\\x"',
    '1',
    '-',
    '0',
    '01',
    '1.5',
    '.5',
    '1.',
    '2e3',
    'e',
    'true',
    'nul',
    'null',
    ' ',
    '"',
    '\t',
    '+1',
  );
  const property = fc.asyncProperty(fc.array(piece, { maxLength: 8 }), async (pieces) => {
    const text = `{"a":${pieces.join('')}}`;
    let good = true;
    try {
      JSON.parse(text);
    } catch {
      good = false;
    }
    const rows = await rowsOf(text, { schema: parseSchema('a string, _corrupt_record string') });
    expect([text, rows[0][1] === null]).toEqual([text, good]);
  });
  await fc.assert(property, { numRuns: 400 });
});

test('any split size gives every record once', async () => {
  const value = fc.record({
    s: fc.string({ unit: 'binary', maxLength: 8 }),
    n: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    d: fc.double({ noNaN: true, noDefaultInfinity: true }),
  });
  const schema = parseSchema('s string, n bigint, d double');
  const property = fc.asyncProperty(fc.array(value, { maxLength: 20 }), fc.integer({ min: 1, max: 200 }), async (records, splitBytes) => {
    const text = records.map(({ s, n, d }) => `{"s":${JSON.stringify(s)},"n":${n},"d":${JSON.stringify(d)}}`).join('\n');
    const rows = await rowsOf(text, { schema, splitBytes, batchBytes: 50, batchRows: 3 });
    expect(rows).toEqual(records.map(({ s, n, d }) => [Buffer.from(s).toString(), n, Object.is(d, -0) ? 0 : d]));
  });
  await fc.assert(property, { numRuns: 150 });
});

test('what is written reads back, and DuckDB reads it too', async () => {
  const schema = parseSchema(
    's string, i int, l bigint, d double, m decimal(20,2), day date, t timestamp, x binary, a array<string>, p struct<q:int,r:double>, k map<int,string>',
  );
  const rows: EngineValue[][] = [
    ['a "b"\n\\é', 1, 9007199254740993n, Number.NaN, -5n, 19782, 1500000n, new Uint8Array([1, 255]), ['x', null], [1, 1e10], [[1, 'one']]],
    [null, null, null, null, null, null, null, null, null, null, null],
    ['', 0, 0n, -0.5, 100n, 0, 0n, new Uint8Array(), [], [null, null], []],
  ];
  await writeAll(writeSpec('json', path('w')), schema, [[batchOf(schema, rows)]]);
  const file = path('w/part-00000-q1-c000.json');
  const lines = readFileSync(file, 'utf8').split('\n');
  expect(lines[0]).toBe(
    '{"s":"a \\"b\\"\\n\\\\é","i":1,"l":9007199254740993,"d":"NaN","m":-0.05,"day":"2024-02-29","t":"1970-01-01T00:00:01.500Z","x":"Af8=","a":["x",null],"p":{"q":1,"r":1.0E10},"k":{"1":"one"}}',
  );
  expect(lines[1]).toBe('{}');
  const readable = parseSchema(
    's string, i int, l bigint, d double, m decimal(20,2), day date, t timestamp, x binary, a array<string>, p struct<q:int,r:double>',
  );
  expect(await readRowsOf('json', [fileOf(file)], { schema: readable })).toEqual(rows.map((row) => row.slice(0, -1)));
  const duck = await duckdb(
    `SELECT s, i, l, m::VARCHAR, a, p.r FROM read_json('${file}', format = 'newline_delimited', columns = {s: 'VARCHAR', i: 'INT', l: 'BIGINT', m: 'DECIMAL(20,2)', a: 'VARCHAR[]', p: 'STRUCT(q INT, r DOUBLE)'})`,
  );
  expect(duck[0]).toEqual(['a "b"\n\\é', 1, '9007199254740993', '-0.05', ['x', null], 1e10]);
});
