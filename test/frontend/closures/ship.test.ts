/** Functions that travel: job source in, what the function answers in a real worker thread out. */
import { afterAll, expect, test } from 'vitest';
import { callInThread, jobSource, removeTemporaryDirectories, runJob } from './job-fixture.js';

afterAll(removeTemporaryDirectories);

interface Case {
  readonly title: string;
  readonly body: string;
  readonly head?: string;
  /** Files beside job.ts. */
  readonly files?: Readonly<Record<string, string>>;
  readonly args: readonly unknown[];
  readonly result: unknown;
}

const CASES: readonly Case[] = [
  { title: 'nothing captured', body: 'spark.ship((x: number) => x + 1);', args: [1], result: 2 },
  { title: 'a const', body: 'const k = 10;\nspark.ship((x: number) => x * k);', args: [4], result: 40 },
  { title: 'an argument of main', body: 'spark.ship((x: string) => x + args.suffix);', args: ['a'], result: 'a!' },
  {
    title: 'a destructured value with a default',
    body: 'const { a = 3, ...rest } = { b: 4 } as any;\nspark.ship(() => a + rest.b);',
    args: [],
    result: 7,
  },
  { title: 'a let at the time of shipping', body: 'let n = 1;\nn = 2;\nspark.ship(() => n);\nn = 3;', args: [], result: 2 },
  { title: 'a loop variable', body: 'for (const n of [1, 2, 3]) if (n === 2) spark.ship(() => n);', args: [], result: 2 },
  {
    title: 'a parameter of an enclosing function',
    body: 'const make = (k: number) => (x: number) => x + k;\nspark.ship(make(5));',
    args: [1],
    result: 6,
  },
  {
    title: 'a caught error is plain enough',
    body: 'try { throw { code: 7 } } catch (e: any) { spark.ship(() => e.code); }',
    args: [],
    result: 7,
  },
  {
    title: 'module-level values',
    head: 'const STOP = new Set(["the"]);\n',
    body: 'spark.ship((w: string) => STOP.has(w));',
    args: ['the'],
    result: true,
  },
  {
    title: 'a module-level function, by name',
    head: 'const clean = (w: string) => w.trim();\n',
    body: 'spark.ship(clean);',
    args: [' a '],
    result: 'a',
  },
  {
    title: 'a module-level declaration, used above its line',
    body: 'spark.ship(twice);',
    head: '',
    files: {
      'job.ts': `import { job } from 'minispark';\nexport default job((spark: any) => { spark.ship(twice); });\nfunction twice(n: number) { return n * 2; }\n`,
    },
    args: [4],
    result: 8,
  },
  {
    title: 'functions of a module in a block, each with its own captures',
    head: 'const makers: (() => number)[] = [];\nfor (const n of [1, 2]) makers.push(() => n);\n',
    body: 'spark.ship(makers[0]);',
    args: [],
    result: 1,
  },
  {
    title: 'a local function, captured',
    body: 'const k = 2;\nconst f = (x: number) => x * k;\nspark.ship((x: number) => f(x) + 1);',
    args: [3],
    result: 7,
  },
  {
    title: 'a const that calls itself',
    body: 'const fib = (n: number): number => (n < 2 ? n : fib(n - 1) + fib(n - 2));\nspark.ship(fib);',
    args: [10],
    result: 55,
  },
  {
    title: 'a let that calls itself',
    body: 'let fac = (n: number): number => (n < 2 ? 1 : n * fac(n - 1));\nspark.ship(fac);',
    args: [5],
    result: 120,
  },
  {
    title: 'a declaration that calls itself',
    body: 'spark.ship(fac);\nfunction fac(n: number): number { return n < 2 ? 1 : n * fac(n - 1); }',
    args: [5],
    result: 120,
  },
  {
    title: 'a named expression that calls itself',
    body: 'spark.ship(function f(n: number): number { return n ? n + f(n - 1) : 0; });',
    args: [4],
    result: 10,
  },
  {
    title: 'two that call each other',
    body: 'function even(n: number): boolean { return n === 0 || odd(n - 1); }\nfunction odd(n: number): boolean { return n !== 0 && even(n - 1); }\nspark.ship((n: number) => even(n));',
    args: [7],
    result: false,
  },
  {
    title: 'shadowed names are not captures',
    body: 'const x = { n: 1 };\nspark.ship((x: number) => { const y = x; { const x = 5; return x + y; } });',
    args: [1],
    result: 6,
  },
  { title: 'a builtin', body: 'spark.ship(Number);', args: ['12'], result: 12 },
  { title: 'a captured builtin', body: 'const f = Math.abs;\nspark.ship((x: number) => f(x));', args: [-2], result: 2 },
  {
    title: 'async functions',
    body: 'const k = 1;\nspark.ship(async (x: number) => (await Promise.resolve(x)) + k);',
    args: [1],
    result: 2,
  },
  {
    title: 'generators',
    body: 'const k = 2;\nspark.ship((n: number) => [...count(n)]);\nfunction* count(n: number) { for (let i = 0; i < n; i++) yield i * k; }',
    args: [3],
    result: [0, 2, 4],
  },
  {
    title: 'int64, map, set, date, bytes',
    body: 'const m = new Map([["a", 3n]]), s = new Set([1]), d = new Date(5), b = new Uint8Array([9]);\nspark.ship(() => [m.get("a"), s.has(1), d.getTime(), b[0]]);',
    args: [],
    result: [3n, true, 5, 9],
  },
  {
    title: 'one value captured twice stays one',
    body: 'const a = { n: 1 }; const b = { a, again: [a] };\nspark.ship(() => a === b.a && b.again[0] === a);',
    args: [],
    result: true,
  },
  { title: 'a cycle', body: 'const a: any = { n: 1 }; a.self = a;\nspark.ship(() => a.self.self.n);', args: [], result: 1 },
  {
    title: 'functions inside of captured data',
    body: 'const k = 3;\nconst table = { plus: (x: number) => x + k, all: [(x: number) => x * k], by: new Map([["m", (x: number) => x - k]]) };\nspark.ship((x: number) => [table.plus(x), table.all[0](x), table.by.get("m")!(x)]);',
    args: [5],
    result: [8, 15, 2],
  },
  {
    title: 'undefined, -0 and NaN',
    body: 'const u = undefined, z = -0, n = NaN;\nspark.ship(() => [u === undefined, Object.is(z, -0), n !== n]);',
    args: [],
    result: [true, true, true],
  },
  {
    title: 'enums and types vanish or stay as they should',
    head: 'enum Case { Lower, Upper }\ninterface A { n: number }\n',
    body: 'const c: Case = Case.Upper;\nspark.ship((a: A): number => a.n + c + Case.Upper);',
    args: [{ n: 1 }],
    result: 3,
  },
  {
    title: 'a class at the top level',
    head: 'class Point { #x: number; constructor(x: number) { this.#x = x; } get x() { return this.#x; } }\n',
    body: 'spark.ship((x: number) => new Point(x).x);',
    args: [3],
    result: 3,
  },
  {
    title: 'this inside of a function of its own',
    body: 'spark.ship(function () { return { n: 4, get() { return this.n; } }.get(); });',
    args: [],
    result: 4,
  },
  {
    title: 'an inner arguments',
    body: 'spark.ship((x: number) => (function () { return arguments.length; } as any)(x, x));',
    args: [1],
    result: 2,
  },
  {
    title: 'the API',
    head: 'import { lower } from "minispark";\n',
    body: 'spark.ship((w: string) => lower(w));',
    args: ['A'],
    result: 'a',
  },
  { title: 'the name of a function', body: 'const shout = (w: string) => w;\nspark.ship(() => shout.name);', args: [], result: 'shout' },
  {
    title: 'another file',
    head: "import { tidy, type Word } from './lib/words.js';\n",
    body: 'const w: Word = "x";\nspark.ship((t: string) => tidy(t) + w);',
    files: {
      'lib/words.ts': "export type Word = string;\nexport { twice } from './twice';\nexport const tidy = (t: Word) => t.trim();\n",
      'lib/twice.ts': 'export const twice = (n: number) => 2 * n;\n',
    },
    args: [' a '],
    result: 'ax',
  },
  {
    title: 'types re-exported without saying so',
    head: "import { one } from './lib.js';\n",
    body: 'spark.ship(() => one);',
    files: {
      'lib.ts': "export { Shape } from './shape.js';\nexport const one = 1;\n",
      'shape.ts': 'export interface Shape { n: number }\nexport const side = 4;\n',
    },
    args: [],
    result: 1,
  },
  {
    title: 'a function of a module that is imported dynamically',
    body: "const { make } = await import('./late.js');\nspark.ship(make(4));",
    files: { 'late.ts': 'export const make = (k: number) => (x: number) => x + k;\n' },
    args: [1],
    result: 5,
  },
  {
    title: 'an npm package as ES module',
    head: "import { pad } from 'es-pad';\n",
    body: 'spark.ship((w: string) => pad(w));',
    files: {
      'node_modules/es-pad/package.json': '{"name":"es-pad","type":"module","exports":"./main.js"}',
      'node_modules/es-pad/main.js': "export const pad = (w) => '[' + w + ']';\n",
    },
    args: ['a'],
    result: '[a]',
  },
  {
    title: 'an npm package as CommonJS that requires a builtin',
    head: "import { base } from 'cjs-base';\n",
    body: 'spark.ship((w: string) => base(w));',
    files: {
      'node_modules/cjs-base/package.json': '{"name":"cjs-base","main":"main.js"}',
      'node_modules/cjs-base/main.js': "const path = require('path');\nexports.base = (p) => path.basename(p);\n",
    },
    args: ['/a/b'],
    result: 'b',
  },
  {
    title: "the user's own require",
    head: "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);\n",
    body: "spark.ship((p: string) => require('node:path').basename(p));",
    args: ['/a/b'],
    result: 'b',
  },
  {
    title: 'paths and decorators of the tsconfig',
    head: "import { k } from '#consts';\nfunction mark(target: any) { target.marked = true; }\n@mark class Marked { static marked = false; }\n",
    body: 'spark.ship(() => [k, Marked.marked]);',
    files: {
      'tsconfig.json': '{"compilerOptions":{"experimentalDecorators":true,"paths":{"#consts":["./settings/consts.ts"]}}}',
      'settings/consts.ts': 'export const k = 6;\n',
    },
    args: [],
    result: [6, true],
  },
  {
    title: 'a class inside of the function, with fields and private names of its own',
    body: 'spark.ship((n: number) => { class Box { #n = n; twice = this.#n * 2; has(o: any) { return #n in o; } } const b = new Box(); return [b.twice, b.has(b)]; });',
    args: [4],
    result: [8, true],
  },
  {
    title: 'methods of an object, which see their names outside',
    body: 'const k = 2, map = 1;\nconst t = { map(x: number) { return x * k + map; }, async later(x: number) { return x + k; }, *all(x: number) { yield x; yield k; }, "quoted"(x: number) { return [x].map((y) => y + k)[0]; } };\nspark.ship(async (x: number) => [t.map(x), await t.later(x), [...t.all(x)], t.quoted(x), t.map.name]);',
    args: [5],
    result: [11, 7, [5, 2], 7, 'map'],
  },
  {
    title: 'a method of an object at the top level',
    head: 'const k = 3;\nconst parts = { map(x: number) { return x * k; } };\n',
    body: 'spark.ship(parts.map);',
    args: [5],
    result: 15,
  },
  {
    title: 'functions of the module that call each other',
    head: 'const even = (n: number): boolean => n === 0 || odd(n - 1);\nconst odd = (n: number): boolean => n !== 0 && even(n - 1);\n',
    body: 'spark.ship((n: number) => even(n));',
    args: [6],
    result: true,
  },
  {
    title: "import.meta of the user's file",
    body: "spark.ship(() => [import.meta.url.endsWith('/job.ts'), import.meta.filename.endsWith('/job.ts')]);",
    args: [],
    result: [true, true],
  },
  {
    title: 'a variable of the module that each worker fills for itself',
    head: 'let table: Map<string, number> | undefined;\nconst look = (w: string) => { table ??= new Map([["a", 1]]); return table.get(w); };\n',
    body: 'look("a");\nspark.ship((w: string) => look(w));',
    args: ['a'],
    result: 1,
  },
  {
    title: 'a cache of the module',
    head: 'const cache = new Map<number, number>();\nconst square = (n: number) => { if (!cache.has(n)) cache.set(n, n * n); return cache.get(n); };\n',
    body: 'square(2);\nspark.ship((n: number) => square(n));',
    args: [3],
    result: 9,
  },
  {
    title: "minispark's own values",
    head: "import { decimal, day } from 'minispark';\n",
    body: 'const d = decimal("1.50"), t = day(20000);\nspark.ship(() => [String(d), String(t)]);',
    args: [],
    result: ['1.50', '2024-10-04'],
  },
  {
    title: 'a switch, a label and a default parameter',
    body: 'const k = 1;\nspark.ship((n: number, m = k) => { outer: for (;;) { switch (n) { case 1: { break outer; } default: return -1; } } return m; });',
    args: [1],
    result: 1,
  },
];

test.each(CASES.map((c) => [c.title, c] as const))('%s', async (_, { head, body, files, args, result }) => {
  const { bundle, shipped, warnings } = await runJob({ 'job.ts': jobSource(body, head), ...files }, { suffix: '!' });
  expect(warnings).toEqual([]);
  expect(await callInThread(bundle, [{ closure: shipped[0], args }])).toEqual([result]);
});
