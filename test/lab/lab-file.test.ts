import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { MinisparkError } from '../../src/core/errors.js';
import { checkJobArguments } from '../../src/lab/check-job.js';
import { type Lab, parseLab } from '../../src/lab/lab-file.js';
import { cellsOf, plannedRuns, submitArguments } from '../../src/lab/matrix.js';
import { describeJob } from '../../src/runtime/driver/submit.js';

const LABS = fileURLToPath(new URL('../../labs', import.meta.url));
const FILE = join(LABS, 'test.yaml');
const BASE = ['title: A test', 'job: ../jobs/lab/shuffle.ts'];

const parse = (lines: readonly string[], quick = false): Lab => parseLab([...BASE, ...lines].join('\n'), FILE, { quick });

/** `line:column message | hint` of the fault; lines count from the first of `lines`. */
function fault(lines: readonly string[], check: (lab: Lab) => void = () => {}): string {
  try {
    check(parse(lines));
  } catch (thrown) {
    if (!(thrown instanceof MinisparkError) || thrown.condition !== 'INVALID_LAB') throw thrown;
    expect(thrown.site?.file).toBe(FILE);
    return `${thrown.site!.line - BASE.length}:${thrown.site!.column} ${thrown.message}${thrown.hint ? ` | ${thrown.hint}` : ''}`;
  }
  return 'no fault';
}

test('a whole lab', () => {
  const lab = parse([
    'args: {rows: 100}',
    'conf: {memory: 64m}',
    'matrix:',
    '  shuffle.writer: [hash, sort]',
    '  args.partitions: [1, 7]',
    'metrics: [wall, files]',
  ]);
  expect(cellsOf(lab).map(({ label }) => label)).toEqual(['hash · 1', 'hash · 7', 'sort · 1', 'sort · 7']);
  expect(submitArguments(lab, cellsOf(lab)[1], '/data', { 'storage.root': '/out' })).toEqual([
    ...['--master', 'local-cluster[2,1]', '--conf', 'storage.root=/out', '--conf', 'memory=64m', '--conf', 'shuffle.writer=hash'],
    ...[resolve(LABS, '../jobs/lab/shuffle.ts'), '--rows=100', '--partitions=7', '--input=/data'],
  ]);
  expect(lab).toMatchObject({ name: 'test', repeat: 3, timeoutMs: 600_000, metrics: ['wall', 'files'], data: null });
});

test('quick replaces what it names', () => {
  const lines = ['args: {rows: 100, maps: 3}', 'matrix:', '  shuffle.writer: [hash, sort]', '  kill: [none, worker@25%]'];
  const quick = parse([...lines, 'quick:', '  args: {rows: 5}', '  matrix: {shuffle.writer: [sort]}', '  repeat: 1'], true);
  expect(
    cellsOf(quick).map((cell) =>
      submitArguments(quick, cell, null, {})
        .join(' ')
        .replace(/\S+\/jobs/, 'jobs'),
    ),
  ).toEqual([
    '--master local-cluster[2,1] --conf shuffle.writer=sort jobs/lab/shuffle.ts --rows=5 --maps=3',
    '--master local-cluster[2,1] --kill worker@25% --conf shuffle.writer=sort jobs/lab/shuffle.ts --rows=5 --maps=3',
  ]);
  expect(quick.repeat).toBe(1);
});

test('repeats are interleaved', () => {
  const cells = cellsOf(parse(['matrix: {shuffle.writer: [hash, sort]}']));
  expect(plannedRuns(cells, 2).map(({ cell, repeat }) => `${cell.label} ${repeat}`)).toEqual(['hash 1', 'sort 1', 'hash 2', 'sort 2']);
});

const MATRIX = 'matrix: {shuffle.writer: [hash, sort]}';

test.each([
  [['matrx: {shuffle.writer: [hash]}'], "1:1 There is no key 'matrx' in a lab. | Did you mean matrix?"],
  [['args: {rows: 1}'], "-1:1 The lab has no 'matrix'. | A lab has at least title, job and matrix: docs/labs.md"],
  [['matrix:', '  shufle.writer: [hash]'], "2:3 The matrix cannot have 'shufle.writer'. | Did you mean shuffle.writer or shuffle.dir?"],
  [
    ['matrix:', '  shuffle.writer: [hash, sorted]'],
    "2:26 Configuration shuffle.writer cannot be 'sorted'. | It takes one of sort, hash, consolidated: Files of a map task: sort (one), hash (one a reduce partition), consolidated (one a slot and reduce partition).",
  ],
  [['matrix:', '  shuffle.writer: [hash, hash]'], "2:26 shuffle.writer has the value 'hash' twice."],
  [['matrix:', '  shuffle.partitions: [-1]'], /^2:24 Configuration shuffle.partitions cannot be '-1'/],
  [['matrix:', '  shuffle.writer: []'], '2:19 matrix.shuffle.writer is an empty list.'],
  [['matrix:', '  shuffle.writer:'], '2:18 matrix.shuffle.writer takes a list: [a, b].'],
  [['matrix: {master: [lokal]}'], /^1:19 There is no master 'lokal'. \| Masters: local/],
  [[MATRIX, 'metrics: [wal]'], "2:11 There is no metric 'wal'. | Did you mean wall?"],
  [[MATRIX, 'repeat: -3'], "2:9 repeat takes a whole number from 1, not '-3'."],
  [[MATRIX, 'timeout: -3m'], "2:10 timeout takes a time such as 90s or 10m, not '-3m'."],
  [[MATRIX, 'data: {kind: txt}'], "2:14 There is no data of kind 'txt'. | It is one of text, events, skewed."],
  [[MATRIX, 'data: {kind: text, size: -5m}'], "2:26 data.size takes bytes such as 64m, at least 1k, not '-5m'."],
  [[MATRIX, 'conf: {shuffle.codec: lz5}'], /^2:23 Configuration shuffle.codec cannot be 'lz5'/],
  [['conf: {shuffle.writer: sort}', MATRIX], '2:10 The matrix varies shuffle.writer, to which the lab gives one value at line 3.'],
  [[MATRIX, 'title: again'], /^2:1 This is no YAML: Map keys must be unique/],
  [['matrix: {shuffle.writer: [hash}'], /This is no YAML/],
  [[MATRIX, 'quick: {metrics: [wall]}'], /^2:9 There is no key 'metrics' in quick/],
])('%j', (lines, expected) => {
  if (typeof expected === 'string') expect(fault(lines)).toBe(expected);
  else expect(fault(lines)).toMatch(expected);
});

test('a job file that is not there', () => {
  const broken = () => parseLab('title: x\njob: nowhere.ts\nmatrix: {memory: [64m]}', FILE, { quick: false });
  expect(broken).toThrow('There is no job file nowhere.ts.');
});

describe('against its job', () => {
  const specs = { rows: { type: 'int' }, partitions: { type: 'int' }, path: { required: true } } as const;
  test.each([
    [['args: {row: 1, path: x}', MATRIX], '1:8 The job takes no argument row. | Did you mean rows?'],
    [['args: {rows: many, path: x}', MATRIX], "1:8 The argument --rows takes a whole number, not 'many'."],
    [['args: {path: x}', 'matrix:', '  args.partition: [1, 2]'], '3:3 The job takes no argument partition. | Did you mean partitions?'],
    [
      ['args: {path: x}', MATRIX, 'data: {kind: text}'],
      '3:1 The job takes no argument input, which data goes to. | It takes rows, partitions, path.',
    ],
    [[MATRIX], "0:6 The job needs the argument path. | Give it below 'args'."],
  ])('%j', (lines, expected) => {
    expect(fault(lines, (lab) => checkJobArguments(lab, specs))).toBe(expected);
  });
});

const SHIPPED = readdirSync(LABS).filter((name) => name.endsWith('.yaml'));

test.each(SHIPPED)('labs/%s is well, in both forms, and fits its job', async (name) => {
  for (const quick of [false, true]) {
    const lab = parseLab(readFileSync(join(LABS, name), 'utf8'), join(LABS, name), { quick });
    expect(`${lab.name}.yaml`).toBe(name);
    expect(lab.time).not.toBe('');
    checkJobArguments(lab, (await describeJob(lab.job.text)).args);
  }
});

test("each lab has a page and an instructor's key, which name what there is", () => {
  const pages = (dir: string) => readdirSync(join(LABS, dir)).filter((name) => name.endsWith('.md'));
  const expected = SHIPPED.map((name) => name.replace('.yaml', '.md'));
  expect(SHIPPED).toHaveLength(10);
  expect([pages('.'), pages('keys')]).toEqual([expected, expected]);
  for (const name of expected) {
    const page = readFileSync(join(LABS, name), 'utf8');
    for (const part of ['**Goal.**', '## Background', '## Steps', '## Questions', '## What a good answer notices'])
      expect(page).toContain(part);
    for (const [, lab] of page.matchAll(/lab `(\w+)`/g)) expect(SHIPPED).toContain(`${lab}.yaml`);
    for (const [, job] of page.matchAll(/`(jobs\/\S+\.ts)`/g)) expect(existsSync(join(LABS, '..', job))).toBe(true);
    const key = readFileSync(join(LABS, 'keys', name), 'utf8');
    for (const part of ['2 cores', '## Look for', '## Misconceptions']) expect(key).toContain(part);
  }
});
