import { expect, test } from 'vitest';
import { ActionNames } from '../../../src/runtime/driver/action-names.js';
import { methodHint } from '../../../src/runtime/driver/method-hint.js';

const at = (file: string, line: number) => ({ file, line, column: 3 });

test('an action is called by its line, a second one on that line by number too', () => {
  const names = new ActionNames('etl.ts');
  expect(
    [at('jobs/etl.ts', 12), at('jobs/etl.ts', 14), at('jobs/etl.ts', 12), at('jobs/steps.ts', 3), null, null].map((site) =>
      names.next(site),
    ),
  ).toEqual(['etl.ts:12', 'etl.ts:14', 'etl.ts:12 (2)', 'etl.ts (steps.ts:3)', 'etl.ts', 'etl.ts (2)']);
  expect(new ActionNames('nightly').next(at('etl.ts', 12))).toBe('nightly (etl.ts:12)');
});

test('a method that is not there is told by its letters, or by what other APIs call it', () => {
  const hint = (text: string) => methodHint(new TypeError(text));
  expect(hint('df.filterr is not a function')).toBe('Did you mean filter?');
  expect(hint('col(...).multiply is not a function')).toBe('Did you mean times?');
  expect(hint('df.zzzzzz is not a function')).toBeUndefined();
  expect(hint("Cannot read properties of null (reading 'x')")).toBeUndefined();
  expect(hint('df.map is not a function')).toBe('map is a method of Dataset: df.toDataset() makes one');
  expect(hint('df.agg(...).pivot is not a function')).toBe('pivot is a method of GroupedData');
  expect(hint('spark.sql is not a function')).toMatch(/^SQL statements are not there: expr/);
  expect(hint('df.foreachPartition is not a function')).toContain('df.toDataset().mapPartitions');
  expect(hint('df is not iterable')).toContain('await df.collect()');
  expect(hint('Do not know how to serialize a BigInt')).toContain('Number(value)');
  expect(methodHint(new Error('df.filterr is not a function'))).toBeUndefined();
});
