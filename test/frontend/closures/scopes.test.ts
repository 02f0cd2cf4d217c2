/** The scope analysis: each function's outer names on hand-made probes, and agreement with eslint-scope on whole files. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type AnyNode, type Identifier, type Program, parse } from 'acorn';
import { transform } from 'esbuild';
import { analyze, type Scope } from 'eslint-scope';
import { expect, test } from 'vitest';
import { analyseScopes } from '../../../src/frontend/closures/scopes.js';
import { eachChild, type FunctionNode, isFunction } from '../../../src/frontend/closures/syntax.js';

const parseModule = (code: string): Program => parse(code, { ecmaVersion: 'latest', sourceType: 'module', ranges: true });

function functionsOf(root: AnyNode): FunctionNode[] {
  const found: FunctionNode[] = [];
  const search = (node: AnyNode): void => {
    if (isFunction(node)) found.push(node);
    eachChild(node, search);
  };
  search(root);
  return found;
}

/** Local variables of enclosing functions that `find`, the function of that source text, reads or writes; `=` marks writes. */
function captures(code: string, find: string): string[] {
  const program = parseModule(code);
  const { free, module } = analyseScopes(program);
  const fn = functionsOf(program).find((node) => code.slice(node.start, node.end) === find);
  if (!fn) throw new Error(`no function ${find}`);
  const names = (free.get(fn) ?? [])
    .filter(({ variable }) => variable && variable.scope !== module)
    .map((r) => r.identifier.name + (r.assigns ? '=' : ''));
  return [...new Set(names)];
}

test.each([
  ['a parameter', 'function f(a, b) { use(() => a); }', '() => a', ['a']],
  ['a var of the body, hoisted', 'function f() { use(() => a); if (x) { var a = 1; } }', '() => a', ['a']],
  ['a let in a block does not leak', 'function f(a) { { let a = 1; } use(() => a); }', '() => a', ['a']],
  [
    'a block variable hides an outer one',
    'function f(a) { use(() => { { const a = 1; g(a); } }); }',
    '() => { { const a = 1; g(a); } }',
    [],
  ],
  ['a hoisted function of the block', 'function f() { { use(() => g()); function g() {} } }', '() => g()', ['g']],
  ['default parameters see earlier ones only', 'function f(a) { use((b = a, c = b) => c); }', '(b = a, c = b) => c', ['a']],
  [
    'a default does not see the body',
    'function f(x) { use((a = x) => { var x = 1; return a + x; }); }',
    '(a = x) => { var x = 1; return a + x; }',
    ['x'],
  ],
  [
    'patterns with computed keys and defaults',
    'function f(k, d) { use(({ [k]: v = d, ...rest }) => v + rest); }',
    '({ [k]: v = d, ...rest }) => v + rest',
    ['k', 'd'],
  ],
  [
    'property names are none',
    'function f(a, b) { use((o) => ({ a: o.a, b() {}, [o.b]: o?.b })); }',
    '(o) => ({ a: o.a, b() {}, [o.b]: o?.b })',
    [],
  ],
  ['a shorthand is one', 'function f(a) { use(() => ({ a })); }', '() => ({ a })', ['a']],
  ['labels are none', 'function f(a) { use(() => { a: for (;;) break a; }); }', '() => { a: for (;;) break a; }', []],
  ['the name of a function expression is its own', 'function f() { use(function g() { return g; }); }', 'function g() { return g; }', []],
  ['the name of a class expression is its own', 'function f() { use(() => class g { x = g; }); }', '() => class g { x = g; }', []],
  ['a class of the body', 'function f() { class C {} use(() => new C()); }', '() => new C()', ['C']],
  [
    'class members and their computed keys',
    'function f(k, v) { use(() => class { [k] = v; static { v; } }); }',
    '() => class { [k] = v; static { v; } }',
    ['k', 'v'],
  ],
  ['the superclass', 'function f(Base) { use(() => class extends Base {}); }', '() => class extends Base {}', ['Base']],
  ['a loop variable', 'function f(xs) { for (const x of xs) use(() => x); }', '() => x', ['x']],
  [
    'a loop head sees the outer name',
    'function f(x) { use(() => { for (const y of x) { let x = y; } }); }',
    '() => { for (const y of x) { let x = y; } }',
    ['x'],
  ],
  ['an assigned loop variable', 'function f() { let x; use(() => { for (x of []); }); }', '() => { for (x of []); }', ['x=']],
  ['a catch parameter', 'function f() { try {} catch ({ message }) { use(() => message); } }', '() => message', ['message']],
  ['cases share one scope', 'function f(v) { switch (v) { case 1: let a = 1; default: use(() => a); } }', '() => a', ['a']],
  [
    'destructuring assignment writes',
    'function f() { let a, b; use(() => { [a, { b }] = []; }); }',
    '() => { [a, { b }] = []; }',
    ['a=', 'b='],
  ],
  ['an update writes', 'function f() { let n = 0; use(() => n++); }', '() => n++', ['n=']],
  ['a member assignment reads', 'function f() { const o = {}; use(() => { o.n = 1; }); }', '() => { o.n = 1; }', ['o']],
  ['arguments of the function around', 'function f() { use(() => arguments); }', '() => arguments', ['arguments']],
  ['arguments of its own', 'function f() { use(function () { return arguments; }); }', 'function () { return arguments; }', []],
  [
    'tagged templates and optional calls',
    'function f(a, b, c) { use(() => a`$' + '{b}` + c?.()); }',
    '() => a`$' + '{b}` + c?.()',
    ['a', 'b', 'c'],
  ],
  ['inner functions count for outer ones', 'function f(a) { use(() => () => a); }', '() => () => a', ['a']],
  ['a class of the module that names itself', 'class C { f() { use(() => C); } }', '() => C', []],
  ['a variable of the module is none', 'const a = 1; function f() { use(() => a); }', '() => a', []],
  [
    'exports and imports are of the module',
    "import a, { b as c } from 'x'; export { c as d }; function f() { use(() => a + c); }",
    '() => a + c',
    [],
  ],
  [
    'import.meta and new.target are none',
    'function f(meta, target) { use(function () { return [import.meta, new.target]; }); }',
    'function () { return [import.meta, new.target]; }',
    [],
  ],
] as const)('%s', (_, code, find, expected) => {
  expect(captures(code, find)).toEqual(expected);
});

/** eslint-scope gives a class declaration a second variable inside of the class; for us both are the outer one. */
function declaredIn(scope: Scope): Scope {
  return scope.type === 'class' && scope.block.type === 'ClassDeclaration' && scope.upper ? scope.upper : scope;
}

/** `start:name` of each reference that leaves the function, with where its variable is declared: in a function, in the module or nowhere. */
function freeByEslint(program: Program): Map<FunctionNode, string[]> {
  const scopes = analyze(program as never, { ecmaVersion: 2024, sourceType: 'module', ignoreEval: true });
  const module = scopes.acquire(program as never, true);
  const result = new Map<FunctionNode, string[]>();
  for (const fn of functionsOf(program)) {
    const texts = new Set<string>();
    for (const { resolved, identifier, init } of scopes.acquire(fn as never)?.through ?? []) {
      if (init || (resolved?.scope.type === 'function-expression-name' && resolved.scope.block === (fn as never))) continue;
      const { name, start } = identifier as unknown as Identifier;
      const scope = resolved ? declaredIn(resolved.scope) : null;
      texts.add(`${start}:${name}:${!scope || scope.type === 'global' ? 'global' : scope === module ? 'module' : 'local'}`);
    }
    result.set(fn, [...texts].sort());
  }
  return result;
}

const SRC = fileURLToPath(new URL('../../../src', import.meta.url));
const FILES = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));

test("agrees with eslint-scope on every file of minispark's own", async () => {
  let compared = 0;
  for (const name of FILES) {
    const { code } = await transform(readFileSync(`${SRC}/${name}`, 'utf8'), { loader: 'ts', target: 'node20', format: 'esm' });
    const program = parseModule(code);
    const { free, module } = analyseScopes(program);
    for (const [fn, expected] of freeByEslint(program)) {
      const got = (free.get(fn) ?? []).map(
        ({ identifier, variable }) =>
          `${identifier.start}:${identifier.name}:${!variable ? 'global' : variable.scope === module ? 'module' : 'local'}`,
      );
      expect([...new Set(got)].sort(), `${name}: ${code.slice(fn.start, fn.start + 80)}`).toEqual(expected);
      compared++;
    }
  }
  expect(compared).toBeGreaterThan(300);
});
