/** Bundling: what comes out, what the cache keeps, and what a person reads when a job does not compile or load. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundleJob } from '../../../src/frontend/closures/bundle.js';
import { loadJob } from '../../../src/frontend/closures/load-job.js';
import { isBundleLoaded } from '../../../src/frontend/closures/runtime.js';
import {
  buildThread,
  failureOf,
  installApi,
  jobSource,
  removeTemporaryDirectories,
  temporaryDirectory,
  writeFiles,
} from './job-fixture.js';

beforeAll(installApi);
afterAll(removeTemporaryDirectories);

const TWO_FILES = {
  'job.ts': jobSource('  spark.ship((x: number) => twice(x));', "import { twice } from './lib.js';\n"),
  'lib.ts': 'export const twice = (x: number) => 2 * x;\n',
};

const bundleIn = (directory: string, cacheDir: string | null = null, entry = 'job.ts') => bundleJob(join(directory, entry), { cacheDir });

test('a bundle knows its functions, its sources and its own hash', async () => {
  const directory = writeFiles(TWO_FILES);
  const bundle = await bundleIn(directory);
  expect(basename(bundle.path)).toBe(`${bundle.hash}.mjs`);
  expect(readFileSync(bundle.path, 'utf8')).toBe(bundle.code);
  expect(bundle.code.split('\n')[0]).toBe(`const __minispark = globalThis[Symbol.for('minispark.closures')]('${bundle.hash}');`);
  expect(bundle.root).toBe(directory);
  expect([...bundle.functions.keys()].sort()).toEqual(['job.ts:3:20', 'job.ts:4:14', 'lib.ts:1:22']);
  expect(Object.fromEntries(bundle.sources)).toEqual(TWO_FILES);
  expect((JSON.parse(bundle.map) as { sources: string[] }).sources.sort()).toContain('lib.ts');
});

test.each(['job.ts', 'job.mts', 'job.js', 'job.mjs'])('%s is a job file', async (name) => {
  const source = "import { job } from 'minispark';\nexport default job(() => 5);\n";
  const directory = writeFiles({ [name]: source });
  expect((await loadJob(await bundleIn(directory, null, name))).kind).toBe('job');
});

test('mapReduce is a job too', async () => {
  const directory = writeFiles({
    'job.ts': "import { mapReduce } from 'minispark';\nexport default mapReduce({ map: (x: string) => x });\n",
  });
  expect((await loadJob(await bundleIn(directory))).kind).toBe('mapReduce');
});

test('equal inputs give the same bundle from the cache, and any change of an input another', async () => {
  const cache = temporaryDirectory();
  const directory = writeFiles(TWO_FILES);
  const first = await bundleIn(directory, cache);
  const files = readdirSync(cache).sort();
  const again = await bundleIn(directory, cache);
  expect(again).toEqual(first);
  expect(readdirSync(cache).sort()).toEqual(files);

  writeFileSync(join(directory, 'lib.ts'), 'export const twice = (x: number) => x + x;\n');
  const changed = await bundleIn(directory, cache);
  expect(changed.hash).not.toBe(first.hash);
  expect(changed.code).toContain('x + x');

  writeFileSync(join(directory, 'lib.ts'), TWO_FILES['lib.ts']);
  expect((await bundleIn(directory, cache)).hash).toBe(first.hash);
});

test('a new tsconfig, a changed package and a file that shadows another are changes', async () => {
  const cache = temporaryDirectory();
  const directory = writeFiles({
    'job.ts': jobSource('', "import './side';\nimport { v } from 'pkg';\nglobalThis.console.debug(v);\n"),
    'side/index.ts': 'globalThis.console.debug(1);\n',
    'node_modules/pkg/package.json': '{"name":"pkg","type":"module","main":"main.js"}',
    'node_modules/pkg/main.js': 'export const v = 1;\n',
  });
  const hashes = new Set([(await bundleIn(directory, cache)).hash]);
  writeFileSync(join(directory, 'node_modules/pkg/main.js'), 'export const v = 2;\n');
  hashes.add((await bundleIn(directory, cache)).hash);
  writeFileSync(join(directory, 'side.ts'), 'globalThis.console.debug(2);\n');
  hashes.add((await bundleIn(directory, cache)).hash);
  expect(hashes.size).toBe(3);
  const before = readdirSync(cache).map((name) => [name, readFileSync(join(cache, name), 'utf8')]);
  writeFileSync(join(directory, 'tsconfig.json'), '{"extends":"./base.json"}');
  writeFileSync(join(directory, 'base.json'), '{"compilerOptions":{"useDefineForClassFields":false}}');
  await bundleIn(directory, cache);
  expect(readdirSync(cache).map((name) => [name, readFileSync(join(cache, name), 'utf8')])).not.toEqual(before);

  // A class field under `useDefineForClassFields: false` sets; the base file of the settings decides.
  writeFileSync(join(directory, 'side.ts'), 'class A {\n  n = 1;\n}\nglobalThis.console.debug(new A());\n');
  const sets = await bundleIn(directory, cache);
  writeFileSync(join(directory, 'base.json'), '{"compilerOptions":{"useDefineForClassFields":true}}');
  expect((await bundleIn(directory, cache)).hash).not.toBe(sets.hash);
});

test.each([
  ['the bundle is cut short', /\.mjs$/, (text: string) => text.slice(0, 100)],
  ['the bundle is changed', /\.mjs$/, (text: string) => text.replace('2 * x', '3 * x')],
  ['what is known of it is cut short', /^[0-9a-f]{64}\.json$/, (text: string) => text.slice(0, -5)],
  ['the manifest is cut short', /^entry-/, (text: string) => text.slice(0, -5)],
])('a damaged cache is built again: %s', async (_, pattern, damage) => {
  const cache = temporaryDirectory();
  const directory = writeFiles(TWO_FILES);
  const first = await bundleIn(directory, cache);
  const path = join(cache, readdirSync(cache).find((name) => pattern.test(name)) as string);
  writeFileSync(path, damage(readFileSync(path, 'utf8')));
  expect(await bundleIn(directory, cache)).toEqual(first);
  expect(readFileSync(first.path, 'utf8')).toBe(first.code);
});

test('bundling at the same time into one directory leaves whole files and nothing else', async () => {
  const cache = join(temporaryDirectory(), 'made', 'on demand');
  const directory = writeFiles(TWO_FILES);
  const bundles = await Promise.all(Array.from({ length: 6 }, () => bundleIn(directory, cache)));
  expect(new Set(bundles.map(({ hash }) => hash)).size).toBe(1);
  expect(readdirSync(cache)).toHaveLength(3);
});

test('a task thread imports neither the compiler nor a parser', async () => {
  const { inputs } = await buildThread();
  const packages = Object.keys(inputs).filter((name) => name.includes('node_modules'));
  expect(packages).toEqual([]);
});

interface Failure {
  readonly title: string;
  readonly files: Readonly<Record<string, string>>;
  readonly entry?: string;
  readonly says: string;
}

const FAILURES: readonly Failure[] = [
  {
    title: 'no such file, but one like it',
    files: { 'wordcount.ts': '' },
    entry: 'wordcont.ts',
    says: ['user JOB_FILE_NOT_FOUND: There is no job file wordcont.ts.', 'hint: Did you mean wordcount.ts?'].join('\n'),
  },
  {
    title: 'a directory',
    files: { 'job.ts/x': '' },
    says: ['user JOB_FILE_NOT_FOUND: job.ts is a directory, no job file.', 'hint: Name the job file itself'].join('\n'),
  },
  {
    title: 'another kind of file',
    files: { 'job.py': '' },
    entry: 'job.py',
    says: [
      'user JOB_DOES_NOT_COMPILE: job.py is not a job file.',
      'hint: A job file is JavaScript or TypeScript: .ts, .mts, .js, .mjs',
    ].join('\n'),
  },
  {
    title: 'a syntax error',
    files: { 'job.ts': 'const a: number = 1;\nconst b = (;\n' },
    says: [
      'user JOB_DOES_NOT_COMPILE: Unexpected ";".',
      'job.ts:2:12',
      '  1 | const a: number = 1;',
      '> 2 | const b = (;',
      '    |            ^',
    ].join('\n'),
  },
  {
    title: 'a syntax error in another file',
    files: { 'job.ts': "import './lib/x.js';\n", 'lib/x.ts': '\nlet 1;\n' },
    says: ['user JOB_DOES_NOT_COMPILE: Expected ";" but found "1".', 'lib/x.ts:2:5', '  1 |', '> 2 | let 1;', '    |     ^'].join('\n'),
  },
  {
    title: 'packages that are not there, below types that vanish',
    files: {
      'job.ts':
        "interface A {\n  n: number;\n}\nimport left from 'left-pad';\nimport { x } from './missing.js';\nexport const a: A = { n: left(x) };\n",
    },
    says: [
      'user JOB_DOES_NOT_COMPILE: The job has 2 faults.',
      'Could not resolve "left-pad".',
      'job.ts:4:18',
      '  3 | }',
      "> 4 | import left from 'left-pad';",
      '    |                  ^',
      "  5 | import { x } from './missing.js';",
      '',
      'Could not resolve "./missing.js".',
      'job.ts:5:19',
      "  4 | import left from 'left-pad';",
      "> 5 | import { x } from './missing.js';",
      '    |                   ^',
      '  6 | export const a: A = { n: left(x) };',
      'hint: Install it next to the job: npm install left-pad',
    ].join('\n'),
  },
  {
    title: 'a name that minispark does not export',
    files: { 'job.ts': "import { job, lowr } from 'minispark';\nexport default job(() => lowr('A'));\n" },
    says: [
      "user JOB_DOES_NOT_COMPILE: minispark has no export 'lowr'.",
      'job.ts:1:15',
      "> 1 | import { job, lowr } from 'minispark';",
      '    |               ^',
      "  2 | export default job(() => lowr('A'));",
      'hint: Did you mean lower?',
    ].join('\n'),
  },
  {
    title: 'a name that another file does not export',
    files: { 'job.ts': "import { a } from './lib.js';\nexport default a;\n", 'lib.ts': 'export const b = 1;\n' },
    says: [
      'user JOB_DOES_NOT_COMPILE: No matching export in "lib.ts" for import "a".',
      'job.ts:1:10',
      "> 1 | import { a } from './lib.js';",
      '    |          ^',
      '  2 | export default a;',
    ].join('\n'),
  },
  {
    title: 'no default export',
    files: { 'job.ts': "import { job } from 'minispark';\nexport const main = job(() => 1);\n" },
    says: [
      'user JOB_NOT_EXPORTED: job.ts has no default export.',
      "hint: Write: import { job } from 'minispark'; export default job(async (spark, args) => { … })",
    ].join('\n'),
  },
  {
    title: 'a default export that is no job',
    files: { 'job.ts': 'export default () => 1;\n' },
    says: [
      'user JOB_NOT_EXPORTED: job.ts exports something else than a job by default.',
      "hint: Write: import { job } from 'minispark'; export default job(async (spark, args) => { … })",
    ].join('\n'),
  },
  {
    title: 'an exception while the file is imported',
    files: {
      'job.ts': "import { load } from './settings.js';\nexport const settings = load();\n",
      'settings.ts':
        "interface Settings {\n  n: number;\n}\nexport function load(): Settings {\n  throw new TypeError('no settings');\n}\n",
    },
    says: [
      'user JOB_FAILED_TO_LOAD: job.ts failed while it was imported: TypeError: no settings',
      'settings.ts:5:9',
      '  4 | export function load(): Settings {',
      "> 5 |   throw new TypeError('no settings');",
      '    |         ^ TypeError: no settings',
      '  6 | }',
      'hint: A job file is imported on every worker: do the work inside of job(), not beside it',
    ].join('\n'),
  },
];

test.each(FAILURES.map((c) => [c.title, c] as const))('%s', async (_, { files, entry, says }) => {
  const directory = writeFiles(files);
  const said = await failureOf(async () => loadJob(await bundleIn(directory, null, entry)));
  expect(said).toBe(says);
});

test('many faults: five are shown', async () => {
  const directory = writeFiles({ 'job.ts': Array.from({ length: 7 }, (_, i) => `import './none-${i}.js';`).join('\n') });
  const said = await failureOf(() => bundleIn(directory));
  expect(said.split('\n')[0]).toBe('user JOB_DOES_NOT_COMPILE: The job has 7 faults.');
  expect(said.match(/Could not resolve/g)).toHaveLength(5);
  expect(said).toContain('… and 2 more');
});

test("the stack of an import-time exception names the user's files", async () => {
  const directory = writeFiles({ 'job.ts': 'type A = 1;\nfunction fail(): A {\n  throw new Error("x");\n}\nfail();\n' });
  const bundle = await bundleIn(directory);
  const error = await loadJob(bundle).then(
    () => null,
    (thrown: Error) => thrown,
  );
  expect(error?.stack?.split('\n')[1]).toBe(`    at fail (${directory}/job.ts:3:9)`);
});

test('a bundle that failed to load is not taken for loaded', async () => {
  const directory = writeFiles({ 'job.ts': 'throw new Error("x");\n' });
  const bundle = await bundleIn(directory);
  await expect(loadJob(bundle)).rejects.toThrow('failed while it was imported: Error: x');
  expect(isBundleLoaded(bundle.hash)).toBe(false);
});

test('a cache directory that cannot be used is an error of its own, not of the job', async () => {
  const directory = writeFiles(TWO_FILES);
  writeFileSync(join(directory, 'file'), '');
  await expect(bundleIn(directory, join(directory, 'file'))).rejects.toThrow(/EEXIST|ENOTDIR/);
});
