import { describe, expect, test } from 'vitest';
import { parseSchema } from '../../../src/data/schema-text.js';
import { arrayOf, type DataType } from '../../../src/data/types.js';
import type { PhysicalOp } from '../../../src/planner/physical/operators.js';
import { call, input, literal, type Row, rowsLeaf, runPlan } from './task.js';

/** Column `v` of the rows taken apart; `id` stays. `made` are the generator's columns. */
function generated(fn: string, type: string, rows: readonly Row[], made: string, outer = false): PhysicalOp {
  const leaf = rowsLeaf(`id int, v ${type}`, rows);
  const schema = parseSchema(`id int, ${made}`);
  const generator = call(fn, [input(leaf, 'v')], arrayOf(schema.fields[1].type));
  return { kind: 'generate', schema, child: leaf, generator, outer, keep: [0] };
}

const run = async (plan: PhysicalOp): Promise<Row[]> => (await runPlan(plan, { config: { 'batch.rows': '2' } })).rows;

const LISTS: Row[] = [
  [1, ['a', null, 'b']],
  [2, []],
  [3, null],
  [4, ['']],
];

describe('arrays', () => {
  test('explode: a row an element, nulls among them; none for empty and null', async () => {
    expect(await run(generated('explode', 'array<string>', LISTS, 'col string'))).toEqual([
      [1, 'a'],
      [1, null],
      [1, 'b'],
      [4, ''],
    ]);
  });

  test('explode outer keeps rows without elements', async () => {
    expect(await run(generated('explode', 'array<string>', LISTS, 'col string', true))).toEqual([
      [1, 'a'],
      [1, null],
      [1, 'b'],
      [2, null],
      [3, null],
      [4, ''],
    ]);
  });

  test('posexplode counts from 0 in each row', async () => {
    expect(await run(generated('posexplode', 'array<string>', LISTS, 'pos int, col string'))).toEqual([
      [1, 0, 'a'],
      [1, 1, null],
      [1, 2, 'b'],
      [4, 0, ''],
    ]);
  });

  test('posexplode outer has no position where there is no element', async () => {
    expect(await run(generated('posexplode', 'array<string>', LISTS.slice(1), 'pos int, col string', true))).toEqual([
      [2, null, null],
      [3, null, null],
      [4, 0, ''],
    ]);
  });

  test.each<readonly [string, Row[]]>([
    ['bigint', [[1, [9007199254740993n, -1n, null]]]],
    ['double', [[1, [Number.NaN, -0, null]]]],
    ['decimal(38,2)', [[1, [10n ** 37n, -1n, null]]]],
    ['boolean', [[1, [true, false, null]]]],
    ['date', [[1, [19_000, -1, null]]]],
    ['array<int>', [[1, [[1, 2], [], null]]]],
    ['struct<a:int,b:string>', [[1, [[1, 'x'], [null, null], null]]]],
  ])('elements of type %s', async (type, rows) => {
    const elements = (rows[0][1] as readonly Row[number][]).map((v) => [1, v]);
    expect(await run(generated('explode', `array<${type}>`, rows, `col ${type}`))).toEqual(elements);
    expect(await run(generated('explode', `array<${type}>`, rows, `col ${type}`, true))).toEqual(elements);
  });
});

describe('maps and structs', () => {
  const MAPS: Row[] = [
    [
      1,
      [
        ['a', 1],
        ['b', null],
      ],
    ],
    [2, []],
    [3, null],
  ];

  test('explode of a map makes key and value', async () => {
    expect(await run(generated('explode', 'map<string,int>', MAPS, 'key string, value int'))).toEqual([
      [1, 'a', 1],
      [1, 'b', null],
    ]);
  });

  test('posexplode outer of a map', async () => {
    expect(await run(generated('posexplode', 'map<string,int>', MAPS, 'pos int, key string, value int', true))).toEqual([
      [1, 0, 'a', 1],
      [1, 1, 'b', null],
      [2, null, null, null],
      [3, null, null, null],
    ]);
  });

  test('inline: the fields of structs, one or several; a null struct gives nulls', async () => {
    const rows: Row[] = [
      [1, [[1, 'x'], null]],
      [2, null],
    ];
    expect(await run(generated('inline', 'array<struct<a:int,b:string>>', rows, 'a int, b string'))).toEqual([
      [1, 1, 'x'],
      [1, null, null],
    ]);
    const single: Row[] = [
      [1, [[7], null]],
      [2, []],
    ];
    expect(await run(generated('inline', 'array<struct<a:int>>', single, 'a int', true))).toEqual([
      [1, 7],
      [1, null],
      [2, null],
    ]);
  });
});

describe('straight from split', () => {
  const STRINGS: DataType = arrayOf({ kind: 'string' }, false);
  const splitting = (rows: readonly Row[], outer: boolean, separator = ' '): PhysicalOp => {
    const leaf = rowsLeaf('id int, s string', rows);
    const parts = call('split', [input(leaf, 's'), literal(separator, { kind: 'string' })], STRINGS);
    const schema = parseSchema('id int, pos int, word string');
    return { kind: 'generate', schema, child: leaf, generator: call('posexplode', [parts], STRINGS), outer, keep: [0] };
  };
  const TEXTS: Row[] = [
    [1, 'a  bä'],
    [2, ''],
    [3, null],
    [4, ' '],
  ];

  test.each([false, true])('outer %s: empty parts are parts, null has none', async (outer) => {
    expect(await run(splitting(TEXTS, outer))).toEqual([
      [1, 0, 'a'],
      [1, 1, ''],
      [1, 2, 'bä'],
      [2, 0, ''],
      ...(outer ? [[3, null, null]] : []),
      [4, 0, ''],
      [4, 1, ''],
    ]);
  });

  test('a separator of several bytes', async () => {
    expect(await run(splitting([[1, 'aöbööc']], false, 'ö'))).toEqual([
      [1, 0, 'a'],
      [1, 1, 'b'],
      [1, 2, ''],
      [1, 3, 'c'],
    ]);
  });
});

test('nothing in, nothing out', async () => {
  expect(await run(generated('explode', 'array<string>', [], 'col string', true))).toEqual([]);
});
