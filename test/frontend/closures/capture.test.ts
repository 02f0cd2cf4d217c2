/** Warnings, opaque functions, inline text and what a thread says when it cannot rebuild a function. */
import { afterAll, describe, expect, test } from 'vitest';
import type { PureExpression } from '../../../src/core/pure-expression.js';
import { encodeClosure } from '../../../src/frontend/closures/capture.js';
import { decodeClosure } from '../../../src/frontend/closures/decode.js';
import { registerUnpacker } from '../../../src/frontend/closures/portable.js';
import type { AnyFunction } from '../../../src/frontend/closures/runtime.js';
import { callInThread, failureOf, jobSource, removeTemporaryDirectories, runJob } from './job-fixture.js';

afterAll(removeTemporaryDirectories);

const run = (body: string, head = '', files: Record<string, string> = {}) => runJob({ 'job.ts': jobSource(body, head), ...files });

describe('warnings', () => {
  test('changing a captured object', async () => {
    const { warnings } = await run(
      '  const seen = new Set<string>();\n  spark.ship((w: string) => {\n    seen.add(w);\n    return w;\n  });',
    );
    expect(warnings).toEqual([
      [
        'A function sent to workers changes seen.',
        'job.ts:5:5',
        '  4 |   spark.ship((w: string) => {',
        '> 5 |     seen.add(w);',
        '    |     ^ changes a copy on the worker',
        '  6 |     return w;',
        'hint: Return a value and aggregate it instead',
      ].join('\n'),
    ]);
  });

  test('changing a field of a captured object', async () => {
    const { warnings } = await run('  const o = { n: { deep: 0 } };\n  spark.ship(() => {\n    o.n.deep++;\n  });');
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('> 5 |     o.n.deep++;');
  });

  test('reading a module-level object that the driver fills', async () => {
    const { warnings } = await run(
      "  lookup.set('a', 1);\n  spark.ship((w: string) => lookup.get(w));",
      'const lookup = new Map<string, number>();\n',
    );
    expect(warnings).toEqual([
      [
        'A function sent to workers reads lookup, which job.ts:4 changes.',
        'job.ts:5:29',
        "  4 |   lookup.set('a', 1);",
        '> 5 |   spark.ship((w: string) => lookup.get(w));',
        '    |                             ^ workers see the value from loading the module',
        '  6 | });',
        'hint: Copy it to a const inside the job, and use that',
      ].join('\n'),
    ]);
  });

  test('captures above a mebibyte, and none below', async () => {
    const { warnings } = await run(
      '  const small = new Uint8Array(1000);\n  spark.ship(() => small[0]);\n  const big = new Uint8Array(2 << 20);\n  spark.ship(() => big[0]);',
    );
    expect(warnings).toEqual([
      [
        'A function sent to workers carries 2.0 MiB of captured values.',
        'job.ts:6:14',
        '  5 |   const big = new Uint8Array(2 << 20);',
        '> 6 |   spark.ship(() => big[0]);',
        '    |              ^ 2.0 MiB with every task',
        '  7 | });',
        'hint: Broadcast large values: they are sent once to each worker',
      ].join('\n'),
    ]);
  });
});

/** `(op left right)`: the tree of an inline function, short. */
function written(tree: PureExpression): string {
  const list = (head: string, ...parts: readonly PureExpression[]): string => `(${[head, ...parts.map(written)].join(' ')})`;
  switch (tree.kind) {
    case 'parameter':
      return `$${tree.index}`;
    case 'number':
      return tree.text;
    case 'bigint':
      return `${tree.text}n`;
    case 'string':
      return `'${tree.value}'`;
    case 'boolean':
      return String(tree.value);
    case 'unary':
      return list(tree.op, tree.of);
    case 'binary':
    case 'logical':
      return list(tree.op, tree.left, tree.right);
    case 'choice':
      return list('?', tree.test, tree.yes, tree.no);
    case 'template':
      return `(\` ${tree.texts.flatMap((text, i) => [`'${text}'`, ...tree.values.slice(i, i + 1).map(written)]).join(' ')})`;
    case 'member':
      return list(`.${tree.name}`, tree.of);
    case 'method':
      return list(`.${tree.name}`, tree.of, ...tree.args);
    case 'global':
      return list(tree.name, ...tree.args);
    default:
      return tree.kind;
  }
}

describe('what an encoded closure says', () => {
  test('id, name and place, all JSON', async () => {
    const { shipped, bundle } = await run('  const k = 2;\n  const times = (x: number) => x * k;\n  spark.ship(times);');
    const [closure] = shipped;
    expect(JSON.parse(JSON.stringify(closure))).toEqual(closure);
    expect({ ...closure, captures: '' }).toEqual({
      id: 'job.ts:4:17',
      name: 'times',
      site: { file: `${bundle.root}/job.ts`, line: 4, column: 17 },
      captures: '',
      shared: [],
      inline: {
        parameters: 1,
        text: '(x) => x * k',
        body: { kind: 'binary', op: '*', left: { kind: 'parameter', index: 0 }, right: { kind: 'number', text: '2' } },
      },
      parameterTypes: [['number']],
    });
  });

  test.each([
    ['(x: number) => x * RATE + k', '(+ (* $0 0.5) 2)'],
    ["(w: string) => w.trim().toLowerCase() !== ''", "(!== (.toLowerCase (.trim $0)) '')"],
    ['(r: any) => r.a?.b ?? (flag ? text : big)', "(?? (? (== (.a $0) null) undefined (.b (.a $0))) (? true 'a\"b' 12n))"],
    ['(x: number) => `<$' + '{Math.max(x, zero)}>`', "(` '<' (Math.max $0 -0) '>')"],
    ['(x: any) => x === undefined || Number.isNaN(x)', '(|| (=== $0 undefined) (Number.isNaN $0))'],
    ['(x: number) => -x * -1 + Math.PI', '(+ (* (- $0) -1) 3.141592653589793)'],
    ['(s: string) => s[0]', '(.at $0 0)'],
    ['(x: number) => [x]', null],
    ['(x: number) => ({ x })', null],
    ['(x: string) => x + long', null],
    ['(x: number) => Math.random() + x', null],
    ['(x: number) => { return x; }', null],
    ['async (x: number) => x', null],
    ['async (x: Promise<number>) => await x', null],
    ['({ a }: any) => a', null],
    ['(x = 1) => x', null],
    ['(...xs: number[]) => xs', null],
    ['(x: number) => helper(x)', null],
    ['(xs: number[]) => xs.map((x) => x)', null],
    ['(xs: number[]) => xs.push(1)', null],
    ['(o: any) => (o.n = 1)', null],
    ['(o: any) => o.n++', null],
    ['(o: any) => delete o.n', null],
    ['(o: any) => o.toLowerCase(...o)', null],
    ['(x: number) => x + list.length', null],
    ['(x: number) => process.pid + x', null],
    ['function (x: number) { return x; }', null],
    ['(x: number) => new Date(x)', null],
    ['(Math: any) => Math.max(1)', null],
    ['(Number: any) => Number(1)', null],
  ])('inline text of %s', async (source, inline) => {
    const head = 'const RATE = 0.5;\nconst helper = (x: number) => x;\n';
    const { shipped } = await run(
      `  const k = 2, flag = true, text = 'a"b', big = 12n, zero = -0, list = [1], long = 'x'.repeat(300);\n  spark.ship(${source});`,
      head,
    );
    const tree = shipped[0].inline?.body;
    expect(tree ? written(tree) : null).toBe(inline);
  });
});

describe('opaque functions', () => {
  const context = { bundle: null, allowOpaque: true, warn: () => undefined };

  test('are found again in this thread, once each', async () => {
    let calls = 0;
    const count = () => ++calls;
    const encoded = encodeClosure(count, context);
    expect(encoded).toMatchObject({ name: 'count', captures: '', inline: null });
    expect(encoded.id).toMatch(/^opaque:\d+$/);
    expect(encoded.site?.file).toBe('test/frontend/closures/capture.test.ts');
    expect(encodeClosure(count, context).id).toBe(encoded.id);
    expect(encodeClosure(() => 1, context).id).not.toBe(encoded.id);
    (await decodeClosure(encoded))();
    expect(calls).toBe(1);
  });

  test('are refused where they would have to travel', async () => {
    const double = (x: number) => 2 * x;
    expect(await failureOf(async () => encodeClosure(double, { ...context, allowOpaque: false }))).toBe(
      [
        'user CLOSURE_NOT_SHIPPABLE: The function double cannot travel to other processes: it was not bundled.',
        "hint: Put the code into a job file, `export default job(async (spark) => { … })`, and run it with minispark submit; or use the master 'local'",
      ].join('\n'),
    );
  });

  test('are unknown elsewhere', async () => {
    await expect(decodeClosure({ id: 'opaque:99999', captures: '' })).rejects.toThrow('The function opaque:99999 lives in another thread.');
  });

  test('inside of a job, a function that the bundle does not hold is opaque too where that is allowed', async () => {
    const { bundle } = await run('');
    expect(encodeClosure(Math.abs.bind(null), { ...context, bundle }).id).toMatch(/^opaque:/);
    expect(encodeClosure(Math.abs, { ...context, bundle }).id).toBe('Math.abs');
  });
});

describe('decoding', () => {
  test('in the process that loaded the job: a new function, its captures copied', async () => {
    const { shipped, result } = await run(
      '  const state = { n: 1 };\n  const read = () => state.n;\n  spark.ship(read);\n  state.n = 2;\n  return read;',
    );
    const decoded = await decodeClosure(shipped[0]);
    expect(decoded()).toBe(1);
    expect((result as AnyFunction)()).toBe(2);
  });

  test('two jobs with functions at the same place do not meet', async () => {
    const [one, two] = [await run('  spark.ship(() => 1);'), await run('  spark.ship(() => 2);')];
    expect(one.shipped[0].id).toBe(two.shipped[0].id);
    expect([(await decodeClosure(one.shipped[0]))(), (await decodeClosure(two.shipped[0]))()]).toEqual([1, 2]);
  });

  test('a thread with another bundle says so', async () => {
    const [one, two] = [await run('  spark.ship(() => 1);'), await run('  spark.ship(() => 2);')];
    await expect(callInThread(one.bundle, [{ closure: two.shipped[0], args: [] }])).rejects.toMatchObject({
      stack: expect.stringContaining(`belongs to a bundle that this thread has not loaded: ${two.bundle.hash}.`),
    });
  });

  test('an object that says how it travels comes back as its kind', async () => {
    registerUnpacker('counter', ({ step }: { step: number }) => ({ add: (n: number) => n + step }));
    const head =
      "class Counter {\n  step = 5;\n  [Symbol.for('minispark.pack')]() { return { kind: 'counter', data: { step: this.step } }; }\n  add(n: number) { return n; }\n}\n";
    const { shipped, warnings } = await run('  const c = new Counter();\n  spark.ship((n: number) => c.add(n));', head);
    expect(warnings).toEqual([]);
    expect((await decodeClosure(shipped[0]))(1)).toBe(6);
  });
});
