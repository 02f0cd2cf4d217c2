import { describe, expect, test } from 'vitest';
import { Decimal } from '../../../src/data/decimal.js';
import { decodeElement, encodeElement, encodeKey } from '../../../src/data/element.js';
import { parseType } from '../../../src/data/schema-text.js';
import { LocalDate } from '../../../src/data/temporal.js';
import { BINARY, type DataType, INT32, STRING } from '../../../src/data/types.js';
import type { EngineValue } from '../../../src/data/value.js';
import type { Argument } from '../../../src/frontend/functions/definition.js';
import { evaluatorOf, findFunction } from '../../../src/frontend/functions/registry.js';

/** Type and value of a call, as a plan would have it. */
function evaluate(fn: string, ...args: readonly [DataType, EngineValue][]): { type: DataType; value: EngineValue | null } {
  const definition = findFunction(fn);
  if (definition?.kind !== 'scalar') throw new Error(`no function ${fn}`);
  const given = args.map(([type, literal]): Argument => ({ type, nullable: true, literal }));
  const signature = definition.resolve(given);
  expect(signature.args).toEqual(args.map(([type]) => type));
  return { type: signature.result, value: evaluatorOf({ fn, args: given, type: signature.result })(...args.map(([, value]) => value)) };
}

const element = (value: unknown): [DataType, EngineValue] => [BINARY, encodeElement(value)];

describe('functions of elements', () => {
  test('to_element encodes API values, NULL too', () => {
    const { type, value } = evaluate('to_element', [parseType('struct<d: decimal(3,1), n: bigint>'), [15n, null]]);
    expect([type, decodeElement(value as Uint8Array)]).toEqual([BINARY, { d: Decimal.parse('1.5'), n: null }]);
    expect(decodeElement(evaluate('to_element', [INT32, null]).value as Uint8Array)).toBeNull();
  });

  test('from_element gives a value of the type named', () => {
    const ddl: [DataType, EngineValue] = [STRING, 'struct<word: string, n: bigint>'];
    expect(evaluate('from_element', element({ word: 'a', n: 1 }), ddl)).toEqual({ type: parseType(ddl[1] as string), value: ['a', 1n] });
    expect(evaluate('from_element', element(['a', 1n]), ddl).value).toEqual(['a', 1n]);
    expect(() => evaluate('from_element', element({ word: 5 }), ddl)).toThrow('An element of the Dataset.word: expected string, got 5.');
  });

  test('pairs come apart and together again', () => {
    const pair = element(['k', { v: 1 }]);
    const key = evaluate('element_item', pair, [INT32, 0]).value;
    const value = evaluate('element_item', pair, [INT32, 1]).value;
    expect([key, value].map((bytes) => decodeElement(bytes as Uint8Array))).toEqual(['k', { v: 1 }]);
    expect(evaluate('element_pair', [BINARY, key], [BINARY, value]).value).toEqual(pair[1]);
    expect(() => evaluate('element_item', element(['k']), [INT32, 0])).toThrow(
      expect.objectContaining({ kind: 'user', condition: 'NOT_A_PAIR' }),
    );
  });

  test('element_key has one encoding for equal keys', () => {
    expect(evaluate('element_key', element(-0)).value).toEqual(encodeKey(0));
    expect(() => evaluate('element_key', element({}))).toThrow(expect.objectContaining({ condition: 'INVALID_KEY' }));
  });

  test.each([
    ['text', 'text'],
    [5, '5'],
    [5n, '5'],
    [null, 'null'],
    [true, 'true'],
    [Decimal.parse('1.50'), '1.50'],
    [LocalDate.of(2024, 2, 29), '2024-02-29'],
    [new Date(0), '1970-01-01T00:00:00.000Z'],
    [['a', 1n, null], '["a",1,null]'],
    [{ a: { b: [2n ** 60n] } }, '{"a":{"b":["1152921504606846976"]}}'],
    [new Map([['k', 1]]), '[["k",1]]'],
  ])('element_text of %o is %s', (value, text) => {
    expect(evaluate('element_text', element(value))).toEqual({ type: STRING, value: text });
  });
});
