/** From places in a bundle to places in TypeScript, in stacks of threads and at call sites of the driver. */
import { afterAll, expect, test } from 'vitest';
import { codeFrame, displayPath } from '../../../src/frontend/closures/code-frame.js';
import type { JobBundle } from '../../../src/frontend/closures/function-info.js';
import { firstUserFrame, frameAt, mapStack, userFrame } from '../../../src/frontend/closures/stacks.js';
import { callInThread, jobSource, removeTemporaryDirectories, runJob } from './job-fixture.js';

afterAll(removeTemporaryDirectories);

const FAILING = {
  'job.ts': jobSource(
    '  const k = 1;\n  interface Row {\n    n: number;\n  }\n  spark.ship((r: Row): number => {\n    return k + fail(r.n);\n  });\n  return where();',
    "import { fail, where } from './lib/fail.js';\n",
  ),
  'lib/fail.ts':
    'type N = number;\nexport function fail(n: N): N {\n  if (n > 0) throw new RangeError("not " + n);\n  return n;\n}\nexport const where = (): string => new Error().stack ?? "";\n',
};

async function threadFailure(): Promise<{ bundle: JobBundle; stack: string }> {
  const { bundle, shipped } = await runJob(FAILING);
  const error = await callInThread(bundle, [{ closure: shipped[0], args: [{ n: 3 }] }]).then(
    () => null,
    (thrown: Error) => thrown,
  );
  return { bundle, stack: error?.stack ?? '' };
}

test('a stack from a worker thread, mapped on the driver', async () => {
  const { bundle, stack } = await threadFailure();
  const lines = mapStack(stack, bundle).split('\n');
  expect(lines.slice(0, 3)).toEqual([
    'RangeError: not 3',
    `    at fail (${bundle.root}/lib/fail.ts:3:20)`,
    expect.stringMatching(new RegExp(`^    at (\\S+ \\()?${bundle.root}/job.ts:9:16\\)?$`)),
  ]);
});

test('a stack from another machine maps too', async () => {
  const { bundle, stack } = await threadFailure();
  const elsewhere = stack.replaceAll(/[^\s(]*\/([0-9a-f]{64}\.mjs)/g, '/var/somewhere/else/$1');
  expect(elsewhere).toContain('/var/somewhere/else/');
  expect(mapStack(elsewhere, bundle)).toBe(mapStack(stack, bundle));
});

test("the user's line of an error, with the lines around it", async () => {
  const { bundle, stack } = await threadFailure();
  const site = userFrame(stack, bundle);
  expect(site).toEqual({ file: `${bundle.root}/lib/fail.ts`, line: 3, column: 20 });
  expect(site && frameAt(site, bundle, 'not 3')?.split('\n').slice(1)).toEqual([
    '  2 | export function fail(n: N): N {',
    '> 3 |   if (n > 0) throw new RangeError("not " + n);',
    '    |                    ^ not 3',
    '  4 |   return n;',
  ]);
  expect(userFrame('Error: none\n    at node:internal/x:1:2\n    at other (/x/y.js:1:2)', bundle)).toBeNull();
});

test('the call site in a loaded job, whatever called it', async () => {
  const { bundle, result } = await runJob(FAILING);
  expect(firstUserFrame(String(result))).toEqual({ file: `${bundle.root}/lib/fail.ts`, line: 6, column: 36 });
});

test('the call site in a plain script: the first place outside of minispark, Node and packages', () => {
  const own = new URL('../../../src/frontend/api/dataframe.ts', import.meta.url);
  const stack = [
    'Error',
    `    at DataFrame.select (${own.pathname}:10:5)`,
    `    at DataFrame.select (${own.href}:10:5)`,
    '    at Array.map (<anonymous>)',
    '    at wrap (/home/me/node_modules/pkg/main.js:1:1)',
    '    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)',
    '    at async Object.run (file:///home/me/my%20jobs/script.mjs:7:3)',
    '    at async file:///home/me/my%20jobs/script.mjs:20:1',
  ].join('\n');
  expect(firstUserFrame(stack)).toEqual({ file: '/home/me/my jobs/script.mjs', line: 7, column: 3 });
  expect(firstUserFrame(stack.split('\n').slice(0, 6).join('\n'))).toBeNull();
  expect(firstUserFrame('Error\n    at async file:///home/me/x.mjs:20:1')).toEqual({ file: '/home/me/x.mjs', line: 20, column: 1 });
  expect(firstUserFrame('Error\n    at new Thing (/home/me/a (copy)/x.js:2:3)')).toEqual({
    file: '/home/me/a (copy)/x.js',
    line: 2,
    column: 3,
  });
});

test('a call site of this very test', () => {
  expect(firstUserFrame(new Error().stack ?? '')?.file).toBe('test/frontend/closures/stacks.test.ts');
});

test.each([
  ['in the middle', 2, 3, 'here', ['a.ts:2:3', '  1 | one', '> 2 | two', '    |   ^ here', '  3 | three']],
  ['at the start', 1, 1, '', ['a.ts:1:1', '> 1 | one', '    | ^', '  2 | two']],
  ['at the end', 4, 2, 'x', ['a.ts:4:2', '  3 | three', '> 4 | \tfour', '    | \t^ x']],
  ['behind the end', 9, 1, 'x', ['a.ts:9:1', '    | ^ x']],
] as const)('a code frame %s', (_, line, column, note, expected) => {
  expect(codeFrame('a.ts', 'one\r\ntwo\nthree\n\tfour\n', line, column, note).split('\n')).toEqual(expected);
});

test('line numbers of two widths stand under each other', () => {
  const source = Array.from({ length: 12 }, (_, i) => `l${i + 1}`).join('\n');
  expect(codeFrame('a.ts', source, 9, 1).split('\n').slice(1)).toEqual(['   8 | l8', '>  9 | l9', '     | ^', '  10 | l10']);
});

test('files are named as a person here would', () => {
  expect(displayPath(process.cwd(), 'jobs/a.ts')).toBe('jobs/a.ts');
  expect(displayPath('/elsewhere', 'a.ts')).toBe('/elsewhere/a.ts');
});
