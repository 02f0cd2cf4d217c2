import { expect, test } from 'vitest';
import { instantiate } from '../../../src/engine/codegen/compile.js';

type Sum = (x: number) => number;

/** Its value is the function; evaluating it counts. */
const TEXT = '(globalThis.timesMade = (globalThis.timesMade ?? 0) + 1, function sum(constants, x) { return constants[0] + x; })';

test('the same text is one function, with the constants of each that asked for it', () => {
  const sums = [1, 10, 100].map((constant) => instantiate<Sum>(TEXT, 'sum', [constant], 2));
  expect({ values: sums.map((sum) => sum(5)), made: Reflect.get(globalThis, 'timesMade') }).toEqual({ values: [6, 15, 105], made: 1 });
});

test('beyond the most that are kept, what was used least recently is compiled anew', () => {
  const made: number[] = [];
  Reflect.set(globalThis, 'noteText', (n: number) => made.push(n));
  const text = (n: number): string => `(noteText(${n}), function same(constants, x) { return x; })`;
  for (const n of [1, 2, 1, 3, 1, 2]) instantiate(text(n), 'same', [], 2);
  expect(made).toEqual([1, 2, 3, 2]);
});
