/** The table of rooms: what each may import. docs/architecture.md explains it; this file holds it. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const SRC = fileURLToPath(new URL('../src', import.meta.url));

const FRONTEND = ['plan', 'functions', 'sql', 'closures', 'api'];
const PLANNER = ['analyzer', 'statistics', 'optimizer', 'physical', 'stages'];
const ENGINE = ['sources', 'codegen', 'exec'];
const BELOW_DRIVER = ['data', ...FRONTEND, ...PLANNER, ...ENGINE, 'rpc', 'shuffle', 'scheduler', 'worker'];

/** Room → rooms that it may import, bottom to top; `core` goes without saying. `index` is src/index.ts, the public surface. */
const TABLE: Readonly<Record<string, readonly string[]>> = {
  core: [],
  data: [],
  plan: ['data'],
  functions: ['data', 'plan'],
  sql: ['data', 'plan'],
  closures: ['data'],
  api: ['data', 'plan', 'sql'],
  sources: ['data', 'plan'],
  analyzer: ['data', 'plan', 'functions', 'sources'],
  statistics: ['data', 'plan'],
  optimizer: ['data', 'plan', 'functions', 'statistics'],
  physical: ['data', 'plan', 'functions', 'sources', 'statistics'],
  stages: ['data', 'plan', 'physical'],
  codegen: ['data', 'plan', 'functions'],
  exec: ['data', 'plan', 'functions', 'physical', 'sources', 'codegen'],
  rpc: [],
  shuffle: ['data', 'rpc'],
  scheduler: ['stages', 'rpc'],
  // Of api only what a job's bundle imports: task threads load it beside the bundle.
  worker: ['api', 'plan', 'physical', 'stages', 'exec', 'closures', 'shuffle', 'rpc'],
  driver: BELOW_DRIVER,
  index: ['data', 'plan', 'api', 'driver'],
  observability: [],
  lab: ['api', 'driver', 'observability'],
  cli: [...BELOW_DRIVER, 'driver', 'index', 'observability', 'lab'],
};

const FLOORS: Readonly<Record<string, readonly string[]>> = {
  frontend: FRONTEND,
  planner: PLANNER,
  engine: ENGINE,
  runtime: ['rpc', 'shuffle', 'scheduler', 'worker', 'driver'],
};

/** Packages that would make a worker thread's import of a job file, or the reading of events, heavy. */
const LIGHT = ['core', 'data', 'plan', 'functions', 'sql', 'api', 'observability'];
const HEAVY = /^(@grpc\/|piscina$|esbuild$)/;

interface Import {
  readonly file: string;
  readonly from: string;
}

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => join(SRC, name));
const imports = files.flatMap((file) => importsOf(readFileSync(file, 'utf8')).map((from): Import => ({ file, from })));

/** Every module named by import, export … from, import() and import type, comments left out. */
function importsOf(source: string): string[] {
  const code = source.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
  const patterns = [
    /^\s*(?:import|export)\s[^'"`;]*?from\s*['"]([^'"]+)['"]/gm,
    /^\s*import\s*['"]([^'"]+)['"]/gm,
    /\bimport\(\s*['"]([^'"]+)['"]/g,
  ];
  return patterns.flatMap((pattern) => [...code.matchAll(pattern)].map((match) => match[1]));
}

function roomOf(file: string): string {
  const [floor, room] = relative(SRC, file).split('/');
  if (room === undefined) return floor === 'index.ts' ? 'index' : `src/${floor}`;
  const rooms = FLOORS[floor];
  if (rooms === undefined) return floor;
  return rooms.includes(room) ? room : `${floor}/${room}`;
}

const show = (file: string) => relative(dirname(SRC), file);

test('finds imports of every form', () => {
  const source = `
import { a } from './a.js';
import type {
  B,
} from '../b.js';
import './c.js';
export { d } from "./d.js";
// import { no } from './no.js';
/* import { no } from './no.js'; */
const e = await import('./e.js');
let f: import('./f.js').F;
`;
  expect(importsOf(source)).toEqual(['./a.js', '../b.js', './d.js', './c.js', './e.js', './f.js']);
});

test('every file lies in a room of the table', () => {
  expect(files.map(roomOf).filter((room) => !Object.hasOwn(TABLE, room))).toEqual([]);
});

test('no room imports a room that the table does not allow', () => {
  const forbidden = imports.flatMap(({ file, from }) => {
    if (!from.startsWith('.')) return [];
    const [importer, imported] = [roomOf(file), roomOf(resolve(dirname(file), from))];
    const allowed = imported === importer || imported === 'core' || TABLE[importer]?.includes(imported);
    return allowed ? [] : [`${show(file)} imports ${from}: ${importer} may not import ${imported}`];
  });
  expect(forbidden).toEqual([]);
});

test('nothing imports minispark by its public name, and light rooms stay light', () => {
  const heavy = imports.filter(({ file, from }) => from === 'minispark' || (HEAVY.test(from) && LIGHT.includes(roomOf(file))));
  expect(heavy.map(({ file, from }) => `${show(file)} imports ${from}`)).toEqual([]);
});

test('docs/architecture.md has the same table', () => {
  const page = readFileSync(join(SRC, '../docs/architecture.md'), 'utf8');
  const rows = [...page.matchAll(/^\| `?(?:\w+\/)?(\w+)(?:\.ts`)? \|([^|]*)\|[^|]*\|$/gm)].filter(([, room]) => Object.hasOwn(TABLE, room));
  const written = rows.map(([, room, text]): [string, string[]] => [
    room,
    text
      .split(/\W+/)
      .filter((word) => Object.hasOwn(TABLE, word))
      .sort(),
  ]);
  // These two the page tells in words.
  const told = ['driver', 'cli'];
  const expected = Object.entries(TABLE).map(([room, allowed]) => [room, told.includes(room) ? [] : [...allowed].sort()]);
  expect(Object.fromEntries(written)).toEqual(Object.fromEntries(expected));
});

test('the table has no cycle', () => {
  const finished = new Set<string>();
  const visit = (room: string, path: readonly string[]): void => {
    if (path.includes(room)) throw new Error(`cycle: ${[...path, room].join(' → ')}`);
    if (finished.has(room)) return;
    for (const next of TABLE[room]) visit(next, [...path, room]);
    finished.add(room);
  };
  for (const room of Object.keys(TABLE)) visit(room, []);
  expect(finished.size).toBe(Object.keys(TABLE).length);
});
