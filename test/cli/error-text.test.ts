import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { errorText } from '../../src/cli/error-text.js';
import { exitCodeOf } from '../../src/cli/exit-codes.js';
import { asMinisparkError, fatalError, userError } from '../../src/core/errors.js';
import { NO_PAINT } from '../../src/observability/paint.js';

const plain = { paint: NO_PAINT, verbose: false };

test('message, place and hint', () => {
  const frame = ['job.ts:2:10', '  1 | a', "> 2 |   .where(col('wrod'))", '    |          ^ here', '  3 | b'].join('\n');
  const error = userError('UNRESOLVED_COLUMN', "Column 'wrod' does not exist.", { hint: 'Did you mean word?', frame });
  expect(errorText(error, plain)).toBe(`error: Column 'wrod' does not exist. [UNRESOLVED_COLUMN]

  job.ts:2:10
    1 | a
  > 2 |   .where(col('wrod'))
      |          ^ here
    3 | b

hint: Did you mean word?
`);
});

test('the condition stands on the first line of a message', () => {
  expect(errorText(userError('UDF_FAILED', 'udf threw Error: no\n  input: 7n'), plain)).toBe(
    'error: udf threw Error: no [UDF_FAILED]\n  input: 7n\n',
  );
});

test('a place without a frame is looked up in the file, or named alone where the file is gone', () => {
  const dir = mkdtempSync(join(tmpdir(), 'minispark-cli-'));
  const file = join(dir, 'job.ts');
  writeFileSync(file, 'first\n  second\nthird\n');
  const error = userError('X', 'Wrong.', { site: { file, line: 2, column: 3 } });
  expect(errorText(error, plain)).toBe(`error: Wrong. [X]

  ${file}:2:3
    1 | first
  > 2 |   second
      |   ^
    3 | third
`);
  rmSync(dir, { recursive: true });
  expect(errorText(error, plain)).toBe(`error: Wrong. [X]\n\n  ${file}:2:3\n`);
});

test('stacks only where asked for, those of the causes too', () => {
  const thrown = asMinisparkError(new TypeError('x is not a function'));
  expect(errorText(thrown, plain)).toBe(
    'error: x is not a function [INTERNAL_ERROR]\n\nhint: This is a fault of minispark. --verbose shows where it happened.\n',
  );
  const verbose = errorText(fatalError('A', 'outer', { cause: new Error('inner') }), { paint: NO_PAINT, verbose: true });
  expect(verbose).toContain('MinisparkError: outer\n    at ');
  expect(verbose).toContain('caused by: Error: inner\n    at ');
});

test('exit codes tell usage from failure', () => {
  expect(exitCodeOf(userError('UNKNOWN_ARGUMENT', ''))).toBe(2);
  expect(exitCodeOf(userError('DIVIDE_BY_ZERO', ''))).toBe(1);
  expect(exitCodeOf(fatalError('INTERNAL_ERROR', ''))).toBe(1);
});
