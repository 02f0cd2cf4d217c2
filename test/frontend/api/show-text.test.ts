import { describe, expect, test } from 'vitest';
import { parseType } from '../../../src/data/schema-text.js';
import type { EngineValue } from '../../../src/data/value.js';
import { zoneOf } from '../../../src/data/zone.js';
import { createSession } from '../../../src/frontend/api/session.js';
import { cellText, tableText } from '../../../src/frontend/api/show-text.js';
import { RecordingBackend } from './recording-backend.js';

const table = (text: string) => text.replace(/^\n/, '').replace(/^ {4}/gm, '').replace(/ *$/, '');

const framed = (ddl: string, rows: readonly (readonly EngineValue[])[]) => {
  const backend = new RecordingBackend().answer(ddl, rows);
  return { backend, frame: createSession(backend).read.parquet('x') };
};

describe('show', () => {
  test('cells stand at the right, columns are three wide at least', async () => {
    const { frame } = framed('id int, word string', [
      [1, 'spark'],
      [200_000, null],
    ]);
    expect(await frame.showString()).toBe(
      table(`
    +------+-----+
    |    id| word|
    +------+-----+
    |     1|spark|
    |200000| NULL|
    +------+-----+
    `),
    );
    expect(await framed('i int', []).frame.showString()).toBe('+---+\n|  i|\n+---+\n+---+\n');
  });

  test('long cells are cut, or not and stand at the left', async () => {
    const { frame } = framed('word string', [['abcdefghijklmnopqrstuvwxyz'], ['exactly twenty chars']]);
    expect(await frame.showString()).toBe(
      table(`
    +--------------------+
    |                word|
    +--------------------+
    |abcdefghijklmnopq...|
    |exactly twenty chars|
    +--------------------+
    `),
    );
    expect(await frame.showString(20, false)).toBe(
      table(`
    +--------------------------+
    |word                      |
    +--------------------------+
    |abcdefghijklmnopqrstuvwxyz|
    |exactly twenty chars      |
    +--------------------------+
    `),
    );
    expect(await frame.showString(1, 3)).toBe('+----+\n|word|\n+----+\n| abc|\n+----+\nonly showing top 1 row\n');
  });

  test('asks for one row more than it shows, to know whether there are more', async () => {
    const { backend, frame } = framed('n int', [[1], [2], [3]]);
    expect(await frame.showString(2)).toBe('+---+\n|  n|\n+---+\n|  1|\n|  2|\n+---+\nonly showing top 2 rows\n');
    expect(backend.executed[0]).toMatchObject({ kind: 'limit', limit: 3 });
    expect(await frame.showString(3)).not.toContain('only');
  });

  test('characters that would break the table are escaped; wide ones take two places', () => {
    expect(tableText(['a\tb'], [['x\ny'], ['日本']], 20, false)).toBe('+----+\n|a\\tb|\n+----+\n|x\\ny|\n|日本|\n+----+\n');
  });
});

test.each<[string, EngineValue, string]>([
  ['string', null, 'NULL'],
  ['boolean', true, 'true'],
  ['bigint', -5n, '-5'],
  ['double', 1, '1.0'],
  ['double', 0.1, '0.1'],
  ['double', -0, '-0.0'],
  ['double', 1234567.891, '1234567.891'],
  ['double', 1e7, '1.0E7'],
  ['double', 12345678.9, '1.23456789E7'],
  ['double', 0.001, '0.001'],
  ['double', 0.00012, '1.2E-4'],
  ['double', 100, '100.0'],
  ['double', Number.NaN, 'NaN'],
  ['double', Number.NEGATIVE_INFINITY, '-Infinity'],
  ['float', Math.fround(0.1), '0.1'],
  ['float', Math.fround(16777216), '1.6777216E7'],
  ['decimal(10,2)', -5n, '-0.05'],
  ['date', 0, '1970-01-01'],
  ['timestamp', 1_500_000n, '1970-01-01 00:00:01.5'],
  ['binary', Uint8Array.of(97, 255), '[61 FF]'],
  ['array<double>', [1, null], '[1.0, NULL]'],
  ['struct<a:int,b:string>', [1, 'x'], '{1, x}'],
  [
    'map<string,int>',
    [
      ['k', 1],
      ['l', null],
    ],
    '{k -> 1, l -> NULL}',
  ],
])('%s %o is shown as %s', (type, value, text) => {
  expect(cellText(value, parseType(type), zoneOf('UTC'))).toBe(text);
});
