/** The types of parameters as the user's source says, where they are primitives. */
import { expect, test } from 'vitest';
import { parameterTypes } from '../../../src/frontend/closures/parameter-types.js';

test.each([
  ['(a: number, b: string | null) => a', [['number'], ['string', 'null']]],
  ['async (a: bigint) => a', [['bigint']]],
  ['function f(a: boolean, b?: string) {}', [['boolean'], ['string', 'undefined']]],
  ['function (a: number) {}', [['number']]],
  ['<T>(a: number, b: T) => a', [['number'], null]],
  ['update(state: State, x: number) {}', [null, ['number']]],
  ['(\n  a: number,\n  b: string,\n) => a', [['number'], ['string']]],
  ['(a, b: number) => a', [null, ['number']]],
  ["(a: 'x' | 'y') => a", [null]],
  ['(a: number[], b: number) => a', []],
  ['({ a }: { a: number }, b: number) => a', []],
  ['(a: number, f: (x: number) => void, b: number) => a', [['number']]],
  ['(a: number, b = 1) => a', [['number']]],
  ['(...xs: number[]) => xs', []],
  ['x => x', []],
  ['() => 1', []],
])('%s', (source, types) => {
  expect(parameterTypes(`const one = 1;\nconst f = ${source};\n`, 2, 11)).toEqual(types);
});
