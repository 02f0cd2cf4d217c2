/** Functions that must not travel: what a person reads, with the frame at the line of the TypeScript source, before anything runs. */
import { afterAll, expect, test } from 'vitest';
import { failureOf, jobSource, removeTemporaryDirectories, runJob } from './job-fixture.js';

afterAll(removeTemporaryDirectories);

interface Case {
  readonly title: string;
  readonly body: string;
  readonly head?: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly says: string;
}

const CASES: readonly Case[] = [
  {
    title: 'this of a method',
    head: 'class Report {\n  constructor(private readonly prefix: string) {}\n  label(spark: any) {\n    return spark.ship((w: string): string => this.prefix + w);\n  }\n}\n',
    body: "  new Report('> ').label(spark);",
    says: [
      'user CLOSURE_NOT_SHIPPABLE: A function sent to workers uses this.',
      'job.ts:5:46',
      '  4 |   label(spark: any) {',
      '> 5 |     return spark.ship((w: string): string => this.prefix + w);',
      '    |                                              ^ this stays on the driver',
      '  6 |   }',
      'hint: Copy what you need first: const prefix = this.prefix',
    ].join('\n'),
  },
  {
    title: 'super',
    head: 'class A { f() { return 1; } }\nclass B extends A {\n  ship(spark: any) {\n    spark.ship(() => super.f());\n  }\n}\n',
    body: '  new B().ship(spark);',
    says: [
      'user CLOSURE_NOT_SHIPPABLE: A function sent to workers uses super.',
      'job.ts:5:22',
      '  4 |   ship(spark: any) {',
      '> 5 |     spark.ship(() => super.f());',
      '    |                      ^ super stays on the driver',
      '  6 |   }',
      'hint: Pass what you need in as a local const',
    ].join('\n'),
  },
  {
    title: 'new.target',
    head: 'function Make(this: any, spark: any) {\n  spark.ship(() => new.target);\n}\n',
    body: '  new (Make as any)(spark);',
    says: [
      'user CLOSURE_NOT_SHIPPABLE: A function sent to workers uses new.target.',
      'job.ts:3:20',
      '  2 | function Make(this: any, spark: any) {',
      '> 3 |   spark.ship(() => new.target);',
      '    |                    ^ new.target stays on the driver',
      '  4 | }',
      'hint: Pass what you need in as a local const',
    ].join('\n'),
  },
  {
    title: 'a private name',
    head: 'class Counter {\n  #n = 1;\n  static ship(spark: any, c: Counter) {\n    spark.ship(() => c.#n);\n  }\n}\n',
    body: '  Counter.ship(spark, new Counter());',
    says: [
      'user CLOSURE_NOT_SHIPPABLE: A function sent to workers uses the private name #n.',
      'job.ts:5:24',
      '  4 |   static ship(spark: any, c: Counter) {',
      '> 5 |     spark.ship(() => c.#n);',
      '    |                        ^ the private name #n stays on the driver',
      '  6 |   }',
      'hint: Pass what you need in as a local const',
    ].join('\n'),
  },
  {
    title: 'arguments of an enclosing function',
    body: '  (function (...all: number[]) {\n    spark.ship(() => arguments[0]);\n  })(1);',
    says: [
      'user CLOSURE_NOT_SHIPPABLE: A function sent to workers uses arguments.',
      'job.ts:4:22',
      '  3 |   (function (...all: number[]) {',
      '> 4 |     spark.ship(() => arguments[0]);',
      '    |                      ^ arguments stays on the driver',
      '  5 |   })(1);',
      'hint: Pass what you need in as a local const',
    ].join('\n'),
  },
  {
    title: 'eval',
    body: '  const k = 1;\n  spark.ship((text: string) => eval(text) + k);',
    says: [
      'user CLOSURE_NOT_SHIPPABLE: A function sent to workers uses eval.',
      'job.ts:4:32',
      '  3 |   const k = 1;',
      '> 4 |   spark.ship((text: string) => eval(text) + k);',
      '    |                                ^ eval stays on the driver',
      '  5 | });',
      'hint: Pass what you need in as a local const',
    ].join('\n'),
  },
  {
    title: 'a socket, by its path',
    head: "import { Socket } from 'node:net';\n",
    body: "  const client = { name: 'db', socket: new Socket() };\n  spark.ship((w: string) => client.socket.write(w));",
    says: [
      'user CLOSURE_NOT_SHIPPABLE: A function sent to workers captures client.socket: an instance of Socket.',
      'job.ts:5:29',
      "  4 |   const client = { name: 'db', socket: new Socket() };",
      '> 5 |   spark.ship((w: string) => client.socket.write(w));',
      '    |                             ^ captured here',
      '  6 | });',
      'hint: Only plain data travels: create it inside the function, or capture the fields that you need',
    ].join('\n'),
  },
  {
    title: 'a class instance, by way of a local function',
    head: 'class Db { find(w: string) { return w; } }\n',
    body: '  const db = new Db();\n  const look = (w: string) => db.find(w);\n  const outer = (w: string) => look(w);\n  spark.ship((w: string) => outer(w));',
    says: [
      'user CLOSURE_NOT_SHIPPABLE: A function sent to workers captures db: an instance of Db (it is used by outer at job.ts:6, used by the function at job.ts:7).',
      'job.ts:5:31',
      '  4 |   const db = new Db();',
      '> 5 |   const look = (w: string) => db.find(w);',
      '    |                               ^ captured here',
      '  6 |   const outer = (w: string) => look(w);',
      'hint: Only plain data travels: create it inside the function, or capture the fields that you need',
    ].join('\n'),
  },
  {
    title: 'an instance inside of a Map',
    head: 'class Db {}\n',
    body: "  const all = new Map([['a', [new Db()]]]);\n  spark.ship(() => all.size);",
    says: [
      'user CLOSURE_NOT_SHIPPABLE: A function sent to workers captures all.get(a)[0]: an instance of Db.',
      'job.ts:5:20',
      "  4 |   const all = new Map([['a', [new Db()]]]);",
      '> 5 |   spark.ship(() => all.size);',
      '    |                    ^ captured here',
      '  6 | });',
      'hint: Only plain data travels: create it inside the function, or capture the fields that you need',
    ].join('\n'),
  },
  {
    title: 'a DataFrame',
    head: "import { frame } from 'minispark';\n",
    body: '  const other = frame();\n  spark.ship((x: number) => x + other.count());',
    says: [
      'user CLOSURE_CAPTURES_DRIVER_OBJECT: A function sent to workers captures other: a DataFrame.',
      'job.ts:5:33',
      '  4 |   const other = frame();',
      '> 5 |   spark.ship((x: number) => x + other.count());',
      '    |                                 ^ captured here',
      '  6 | });',
      'hint: Collect or broadcast it first',
    ].join('\n'),
  },
  {
    title: 'a promise',
    body: '  const later = Promise.resolve(1);\n  spark.ship(async () => await later);',
    says: [
      'user CLOSURE_NOT_SHIPPABLE: A function sent to workers captures later: an instance of Promise.',
      'job.ts:4:32',
      '  3 |   const later = Promise.resolve(1);',
      '> 4 |   spark.ship(async () => await later);',
      '    |                                ^ captured here',
      '  5 | });',
      'hint: Only plain data travels: create it inside the function, or capture the fields that you need',
    ].join('\n'),
  },
  {
    title: 'a symbol',
    body: "  const s = Symbol('x');\n  spark.ship(() => s.toString());",
    says: [
      'user CLOSURE_NOT_SHIPPABLE: A function sent to workers captures s: a symbol.',
      'job.ts:4:20',
      "  3 |   const s = Symbol('x');",
      '> 4 |   spark.ship(() => s.toString());',
      '    |                    ^ captured here',
      '  5 | });',
      'hint: Only plain data travels: create it inside the function, or capture the fields that you need',
    ].join('\n'),
  },
  {
    title: 'a Proxy',
    body: '  const p = new Proxy({}, {});\n  spark.ship(() => p);',
    says: [
      'user CLOSURE_NOT_SHIPPABLE: A function sent to workers captures p: a Proxy.',
      'job.ts:4:20',
      '  3 |   const p = new Proxy({}, {});',
      '> 4 |   spark.ship(() => p);',
      '    |                    ^ captured here',
      '  5 | });',
      'hint: Only plain data travels: create it inside the function, or capture the fields that you need',
    ].join('\n'),
  },
  {
    title: 'shared memory',
    body: '  const s = new Int32Array(new SharedArrayBuffer(8));\n  spark.ship(() => s[0]);',
    says: [
      'user CLOSURE_NOT_SHIPPABLE: A function sent to workers captures s: shared memory.',
      'job.ts:4:20',
      '  3 |   const s = new Int32Array(new SharedArrayBuffer(8));',
      '> 4 |   spark.ship(() => s[0]);',
      '    |                    ^ captured here',
      '  5 | });',
      'hint: Broadcast it, or copy it to an ordinary array first',
    ].join('\n'),
  },
  {
    title: 'a local class',
    body: '  class Local {}\n  spark.ship(() => new Local());',
    says: [
      'user CLOSURE_NOT_SHIPPABLE: A function sent to workers captures Local: the class Local.',
      'job.ts:4:24',
      '  3 |   class Local {}',
      '> 4 |   spark.ship(() => new Local());',
      '    |                        ^ captured here',
      '  5 | });',
      'hint: Declare it at the top level of the module: then it is simply there',
    ].join('\n'),
  },
  {
    title: 'a method of an object',
    body: '  const tools = { double(n: number) { return 2 * n; } };\n  spark.ship((n: number) => tools.double(n));',
    says: [
      'user CLOSURE_NOT_SHIPPABLE: A function sent to workers captures tools.double: the function double, which has no place in the bundle.',
      'job.ts:4:29',
      '  3 |   const tools = { double(n: number) { return 2 * n; } };',
      '> 4 |   spark.ship((n: number) => tools.double(n));',
      '    |                             ^ captured here',
      '  5 | });',
      'hint: Methods, bound functions and functions of packages have none: keep an arrow function there, (x) => …',
    ].join('\n'),
  },
  {
    title: 'a bound function, by itself',
    body: '  const f = ((n: number) => n).bind(null);\n  spark.ship(f);',
    says: [
      'user CLOSURE_NOT_SHIPPABLE: Cannot send to workers: the function bound, which has no place in the bundle.',
      'job.ts:4:9',
      '  3 |   const f = ((n: number) => n).bind(null);',
      '> 4 |   spark.ship(f);',
      '    |         ^ here',
      '  5 | });',
      'hint: Methods, bound functions and functions of packages have none: write (x) => f(x)',
    ].join('\n'),
  },
  {
    title: 'a function of a package, by itself',
    head: "import { pad } from 'es-pad';\n",
    body: '  spark.ship(pad);',
    files: {
      'node_modules/es-pad/package.json': '{"name":"es-pad","type":"module","exports":"./main.js"}',
      'node_modules/es-pad/main.js': 'export const pad = (w) => w;\n',
    },
    says: [
      'user CLOSURE_NOT_SHIPPABLE: Cannot send to workers: the function pad, which has no place in the bundle.',
      'job.ts:4:9',
      '  3 | export default job(async (spark: any, args: any) => {',
      '> 4 |   spark.ship(pad);',
      '    |         ^ here',
      '  5 | });',
      'hint: Methods, bound functions and functions of packages have none: write (x) => f(x)',
    ].join('\n'),
  },
  {
    title: 'a capture that is not set yet',
    body: '  spark.ship((w: string) => w + late);\n  const late = 1;',
    says: [
      "user CLOSURE_NOT_SHIPPABLE: Cannot send to workers: a function whose captures are not set yet (Cannot access 'late' before initialization).",
      'job.ts:3:9',
      '  2 | export default job(async (spark: any, args: any) => {',
      '> 3 |   spark.ship((w: string) => w + late);',
      '    |         ^ here',
      '  4 |   const late = 1;',
      'hint: Declare them above the call that ships the function',
    ].join('\n'),
  },
  {
    title: 'assigning to a capture',
    body: '  let total = 0n;\n  spark.ship((n: bigint) => {\n    total += n;\n    return n;\n  });',
    says: [
      'user CLOSURE_NOT_SHIPPABLE: A function sent to workers assigns to total.',
      'job.ts:5:5',
      '  4 |   spark.ship((n: bigint) => {',
      '> 5 |     total += n;',
      '    |     ^ a copy on the worker would change, not yours',
      '  6 |     return n;',
      'hint: Return a value and aggregate it instead',
    ].join('\n'),
  },
  {
    title: 'assigning by destructuring',
    body: '  let a = 0;\n  spark.ship((r: { a: number }) => {\n    ({ a } = r);\n  });',
    says: [
      'user CLOSURE_NOT_SHIPPABLE: A function sent to workers assigns to a.',
      'job.ts:5:8',
      '  4 |   spark.ship((r: { a: number }) => {',
      '> 5 |     ({ a } = r);',
      '    |        ^ a copy on the worker would change, not yours',
      '  6 |   });',
      'hint: Return a value and aggregate it instead',
    ].join('\n'),
  },
  {
    title: 'counting up a variable of the module',
    head: 'let seen = 0;\n',
    body: '  spark.ship((x: number) => {\n    seen++;\n    return x;\n  });',
    says: [
      'user CLOSURE_NOT_SHIPPABLE: A function sent to workers assigns to seen.',
      'job.ts:5:5',
      '  4 |   spark.ship((x: number) => {',
      '> 5 |     seen++;',
      '    |     ^ a copy on the worker would change, not yours',
      '  6 |     return x;',
      'hint: Return a value and aggregate it instead; to compute seen once on each worker, write seen ??= …',
    ].join('\n'),
  },
  {
    title: 'a variable of the module that main reassigns',
    head: 'let rate = 1;\n',
    body: '  rate = 2;\n  spark.ship((x: number) => x * rate);',
    says: [
      'user CLOSURE_NOT_SHIPPABLE: A function sent to workers reads rate, which job.ts:4 changes.',
      'job.ts:5:33',
      '  4 |   rate = 2;',
      '> 5 |   spark.ship((x: number) => x * rate);',
      '    |                                 ^ workers see the value from loading the module',
      '  6 | });',
      'hint: Copy it to a const inside the job, and use that',
    ].join('\n'),
  },
  {
    title: 'the same, read by a function of the module that the closure calls',
    head: 'let rate = 1;\nconst price = (x: number) => x * rate;\n',
    body: '  rate = 2;\n  spark.ship((x: number) => price(x) + 1);',
    says: [
      'user CLOSURE_NOT_SHIPPABLE: A function sent to workers reads rate, which job.ts:5 changes (it is used by the function at job.ts:6).',
      'job.ts:3:34',
      '  2 | let rate = 1;',
      '> 3 | const price = (x: number) => x * rate;',
      '    |                                  ^ workers see the value from loading the module',
      '  4 | export default job(async (spark: any, args: any) => {',
      'hint: Copy it to a const inside the job, and use that',
    ].join('\n'),
  },
  {
    title: 'an imported variable that its module reassigns',
    head: "import { rate, setRate } from './config.js';\n",
    body: '  setRate(2);\n  spark.ship((x: number) => x * rate);',
    files: { 'config.ts': 'export let rate = 1;\nexport function setRate(n: number): void {\n  rate = n;\n}\n' },
    says: [
      'user CLOSURE_NOT_SHIPPABLE: A function sent to workers reads rate, which config.ts:3 changes.',
      'job.ts:5:33',
      '  4 |   setRate(2);',
      '> 5 |   spark.ship((x: number) => x * rate);',
      '    |                                 ^ workers see the value from loading the module',
      '  6 | });',
      'hint: Copy it to a const inside the job, and use that',
    ].join('\n'),
  },
];

test.each(CASES.map((c) => [c.title, c] as const))('%s', async (_, { head, body, files, says }) => {
  const said = await failureOf(() => runJob({ 'job.ts': jobSource(body, head), ...files }));
  expect(said).toBe(says);
});
