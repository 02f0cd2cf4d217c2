import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { run } from '../../src/cli/run.js';
import { parseLab } from '../../src/lab/lab-file.js';
import { cellsOf } from '../../src/lab/matrix.js';
import { METRIC_NAMES, type Measures } from '../../src/lab/metrics.js';
import { type Guess, savePredictions, scoreGuess, scorePredictions } from '../../src/lab/predict/predictions.js';
import { parseGuess, questionsOf } from '../../src/lab/predict/question.js';
import type { LabStore, RunResult } from '../../src/lab/store.js';

const dir = mkdtempSync(join(tmpdir(), 'minispark-predict-'));
afterAll(() => rmSync(dir, { recursive: true }));

const FILE = join(fileURLToPath(new URL('../../labs', import.meta.url)), 'test.yaml');
const BASE = ['title: A test', 'job: ../jobs/lab/shuffle.ts', 'matrix: {shuffle.writer: [hash, sort], args.maps: [4]}'];
const parse = (...lines: string[]) => parseLab([...BASE, ...lines].join('\n'), FILE, { quick: false });
const FILES = 'predict: [{ask: How many?, metric: files, cell: {shuffle.writer: hash}}';

test.each([
  ['64', 'count', 64],
  ['1.5m', 'count', 1_500_000],
  ['4,000,100', 'count', 4_000_100],
  ['64m', 'bytes', 64 << 20],
  ['1.5 MiB', 'bytes', 1.5 * 2 ** 20],
  ['2.5s', 'ms', 2500],
  ['2 min', 'ms', 120_000],
  ['.8', 'ratio', 0.8],
  ['3×', 'ratio', 3],
] as const)('%s is understood as %s', (text, unit, value) => {
  expect(parseGuess(text, unit)).toBe(value);
});

test.each([
  ['many', 'count'],
  ['3', 'ms'],
  ['-3', 'count'],
  ['', 'ratio'],
  ['3s', 'bytes'],
] as const)("'%s' is no %s", (text, unit) => {
  expect(() => parseGuess(text, unit)).toThrow(expect.objectContaining({ condition: 'INVALID_ANSWER' }));
});

test('questions of a lab are read, and what is wrong with them told', () => {
  const lab = parse(`${FILES}, {ask: How much slower?, metric: wall, cell: {shuffle.writer: hash}, over: {shuffle.writer: sort}}]`);
  expect(questionsOf(lab)).toMatchObject([
    { ask: 'How many?', metric: 'files', cell: { 'shuffle.writer': 'hash' }, over: null },
    { metric: 'wall', over: { 'shuffle.writer': 'sort' } },
  ]);
  const fault = (line: string) => expect(() => parse(line));
  fault('predict: [{ask: a, metric: filse, cell: {shuffle.writer: hash}}]').toThrow("There is no metric 'filse'.");
  fault('predict: [{ask: a, metric: files, cell: {shuffle.writer: sotr}}]').toThrow('No cell of the matrix is shuffle.writer=sotr.');
  fault('predict: [{ask: a, metric: files, cell: {args.maps: 4}}]').toThrow('No cell of the matrix is args.maps=4.');
  fault('predict: [{ask: a, metric: files}]').toThrow("A question of predict has no 'cell'.");
});

test('only what the quick form runs is asked of it', () => {
  const lines = [`${FILES}, {ask: Other?, metric: files, cell: {shuffle.writer: sort}}]`, 'quick: {matrix: {shuffle.writer: [sort]}}'];
  const quick = parseLab([...BASE, ...lines].join('\n'), FILE, { quick: true });
  expect(questionsOf(quick).map(({ ask }) => ask)).toEqual(['Other?']);
});

const guess = (value: number | null): Guess => ({ ask: '?', metric: 'files', cell: {}, over: null, guess: value });

test.each([
  [100, 100, 0, 3],
  [109, 100, 0.09, 3],
  [140, 100, 0.4, 2],
  [40, 100, 0.6, 1],
  [10, 100, 0.9, 0],
  [0, 0, 0, 3],
  [5, 0, null, 0],
  [0, 5, 1, 0],
  [null, 5, null, 0],
  [5, null, null, 0],
])('a guess of %s where %s was measured', (value, measured, relativeError, points) => {
  const scored = scoreGuess(guess(value), measured);
  expect(scored.points).toBe(points);
  if (relativeError === null) expect(scored.relativeError).toBeNull();
  else expect(scored.relativeError).toBeCloseTo(relativeError);
});

test('guesses are kept, and scored against the mean of the runs that succeeded', () => {
  const lab = parse(`${FILES}, {ask: Slower?, metric: wall, cell: {shuffle.writer: hash}, over: {shuffle.writer: sort}}]`);
  savePredictions(dir, 'test', questionsOf(lab), [60, null]);
  const cells = cellsOf(lab);
  const none = Object.fromEntries(METRIC_NAMES.map((name) => [name, null])) as Measures;
  const result = (cell: number, files: number, wall: number, error: string | null = null): RunResult => ({
    ...{ cell, settings: cells[cell].settings, repeat: 1, startedAt: '', error, outputHash: '' },
    measures: { ...none, files, wall },
  });
  const results = [result(0, 60, 300), result(0, 64, 500), result(0, 0, 1, 'it failed'), result(1, 4, 200)];
  const store = { path: (...names: string[]) => join(dir, ...names) } as LabStore;
  expect(scorePredictions({ cells, results, store })).toMatchObject({
    ...{ lab: 'test', blind: true, points: 3, of: 6 },
    guesses: [
      { measured: 62, points: 3 },
      { measured: 2, points: 0, guess: null },
    ],
  });
});

test('lab predict without a terminal: answers come by flags, or the error lists the questions', async () => {
  const said: string[] = [];
  const { write } = process.stderr;
  process.stderr.write = (text) => said.push(String(text)) > 0;
  const out = join(dir, 'out');
  const answers = ['--answer', '136', '--answer', '24', '--answer', '24', '--answer', '3'];
  try {
    expect(await run(['lab', 'predict', 'writers', '--out', out, '--answer', '7'])).toBe(2);
    expect(await run(['lab', 'predict', 'writers', '--out', out, ...answers])).toBe(0);
  } finally {
    process.stderr.write = write;
  }
  expect(said.join('')).toMatch(
    /^error: There are 4 questions, and 1 answers\. \[INVALID_ANSWER\]\n\nhint: The questions, in order:\n {2}1\. With 16/,
  );
  const { guesses } = JSON.parse(readFileSync(join(out, 'predictions.json'), 'utf8')) as { guesses: Guess[] };
  expect(guesses.map((one) => one.guess)).toEqual([136, 24, 24, 3]);
});
