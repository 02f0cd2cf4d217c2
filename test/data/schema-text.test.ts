import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseSchema, parseType, schemaDdl, schemaTree } from '../../src/data/schema-text.js';
import * as types from '../../src/data/types.js';
import { typeName } from '../../src/data/types.js';
import { anyType } from './arbitraries.js';

const DDL = 'word string, n bigint not null, d decimal(10,2), a array<struct<x:int,`a b`:date>>, m MAP<STRING, DOUBLE>';

test('parseSchema reads DDL', () => {
  expect(parseSchema(DDL)).toEqual({
    fields: [
      { name: 'word', type: { kind: 'string' }, nullable: true },
      { name: 'n', type: { kind: 'int64' }, nullable: false },
      { name: 'd', type: { kind: 'decimal', precision: 10, scale: 2 }, nullable: true },
      {
        name: 'a',
        type: types.arrayOf(types.structOf([types.field('x', types.INT32), types.field('a b', types.DATE)])),
        nullable: true,
      },
      { name: 'm', type: types.mapOf(types.STRING, types.FLOAT64), nullable: true },
    ],
  });
  expect(parseSchema('')).toEqual({ fields: [] });
  expect(parseSchema('decimal: decimal, array `struct<>`, x struct<>'.replace('`struct<>`', 'byte'))).toEqual({
    fields: [types.field('decimal', types.decimal(10, 0)), types.field('array', types.INT8), types.field('x', types.structOf([]))],
  });
});

test('schemaDdl is read back', () => {
  expect(schemaDdl(parseSchema(DDL))).toBe(
    'word string, n bigint not null, d decimal(10,2), a array<struct<x:int,`a b`:date>>, m map<string,double>',
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.string({ minLength: 1 }), anyType(), fc.boolean())), (fields) => {
      const schema = types.schemaOf(...fields.map(([name, type, nullable]) => types.field(name, type, nullable)));
      const back = parseSchema(schemaDdl(schema));
      expect(back.fields.map((f) => [f.name, f.nullable, types.sameType(f.type, f.type) && typeName(f.type)])).toEqual(
        schema.fields.map((f) => [f.name, f.nullable, typeName(f.type)]),
      );
    }),
  );
});

describe('a wrong schema shows its place', () => {
  test.each([
    ['word strng', "The schema is wrong at character 6: 'strng' is not a type.\n  word strng\n       ^", 'Did you mean string?'],
    ['a int b int', "The schema is wrong at character 7: expected a comma or the end, found 'b'.\n  a int b int\n        ^", undefined],
    ['a array<int', "The schema is wrong at character 12: expected '>', found the end.\n  a array<int\n             ^", undefined],
    ['a', 'The schema is wrong at character 2: expected a type, found the end.\n  a\n   ^', undefined],
    ['a int,', 'The schema is wrong at character 7: expected a field name, found the end.\n  a int,\n        ^', undefined],
    ['a int, %', 'The schema is wrong at character 8: this is not part of a schema.\n  a int, %\n         ^', undefined],
    ['d decimal(39,2)', 'The schema is wrong at character 3: decimal(39,2) does not exist.\n  d decimal(39,2)\n    ^', undefined],
    ['d decimal(x)', "The schema is wrong at character 11: expected a precision, found 'x'.\n  d decimal(x)\n            ^", undefined],
    ['a int not', "The schema is wrong at character 10: expected 'null', found the end.\n  a int not\n           ^", undefined],
  ])('%s', (ddl, message, hint) => {
    const expected = { kind: 'user', condition: 'INVALID_SCHEMA', message, ...(hint === undefined ? {} : { hint }) };
    expect(() => parseSchema(ddl)).toThrow(expect.objectContaining(expected));
  });
});

test('parseType reads one type', () => {
  expect(parseType(' Map< int , array<timestamp_ntz> > ')).toEqual(types.mapOf(types.INT32, types.arrayOf(types.TIMESTAMP_NTZ)));
  expect(parseType('varchar(10)')).toEqual(types.STRING);
  expect(() => parseType('int int')).toThrow('expected a comma or the end');
});

test('schemaTree is what printSchema shows', () => {
  expect(
    schemaTree(
      parseSchema('n bigint not null, d decimal(10,2), a array<struct<x:int>>, m map<string,array<double>>, i interval hour to second'),
    ),
  ).toBe(
    `root
 |-- n: long (nullable = false)
 |-- d: decimal(10,2) (nullable = true)
 |-- a: array (nullable = true)
 |    |-- element: struct (containsNull = true)
 |    |    |-- x: integer (nullable = true)
 |-- m: map (nullable = true)
 |    |-- key: string
 |    |-- value: array (valueContainsNull = true)
 |    |    |-- element: double (containsNull = true)
 |-- i: interval hour to second (nullable = true)
`,
  );
});
