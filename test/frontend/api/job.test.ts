import { describe, expect, test } from 'vitest';
import { job, parseJobArgs } from '../../../src/frontend/api/job.js';
import { mapReduce } from '../../../src/frontend/api/map-reduce.js';

const specs = {
  input: { required: true, description: 'Text files' },
  top: { type: 'int', default: 3 },
  rate: { type: 'number' },
  dry: { type: 'boolean', default: false },
} as const;

describe('job', () => {
  test('carries its brand, its arguments and its main', async () => {
    const plain = job((_, args) => args.x);
    expect(plain).toMatchObject({ kind: 'job', args: null, [Symbol.for('minispark.job')]: true });
    expect(await plain.main(null as never, { x: '1' } as never)).toBe('1');
    expect(job({ args: specs }, () => {}).args).toBe(specs);
    expect(mapReduce({ map: () => {}, reduce: () => {} })).toMatchObject({
      kind: 'mapReduce',
      args: { input: { required: true }, output: {}, reducers: { type: 'int' } },
    });
  });
});

describe('arguments', () => {
  test.each([
    [{ input: 'a' }, { input: 'a', top: 3, rate: undefined, dry: false }],
    [
      { input: '', top: '-7', rate: '1e3', dry: 'true' },
      { input: '', top: -7, rate: 1000, dry: true },
    ],
  ])('%o', (given, parsed) => {
    expect(parseJobArgs(specs, given)).toEqual(parsed);
  });

  test.each([
    [{}, 'MISSING_ARGUMENT', 'The job needs the argument --input.', 'Text files'],
    [{ inpt: 'a' }, 'UNKNOWN_ARGUMENT', 'The job takes no argument --inpt.', 'Did you mean --input?'],
    [{ input: 'a', top: '1.5' }, 'INVALID_ARGUMENT', "The argument --top takes a whole number, not '1.5'.", undefined],
    [{ input: 'a', rate: '' }, 'INVALID_ARGUMENT', "The argument --rate takes a number, not ''.", undefined],
    [{ input: 'a', dry: 'yes' }, 'INVALID_ARGUMENT', "The argument --dry takes true or false, not 'yes'.", undefined],
  ])('%o is refused', (given, condition, message, hint) => {
    expect(() => parseJobArgs(specs, given)).toThrow(expect.objectContaining({ kind: 'user', condition, message, hint }));
  });

  test('a job in JavaScript that leaves out `args` takes none', () => {
    const { args } = job({} as never, () => {});
    expect(() => parseJobArgs(args, { a: '1' })).toThrow(expect.objectContaining({ condition: 'UNKNOWN_ARGUMENT', hint: 'It takes none' }));
  });

  test('a job without a declaration takes any', () => {
    expect(parseJobArgs(null, { a: '1' })).toEqual({ a: '1' });
  });
});
