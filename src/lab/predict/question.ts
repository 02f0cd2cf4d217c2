/**
 * Owns: what a lab asks before it runs: a metric of one cell, or how many times that of another cell it is. Reads the `predict` of a lab
 * file, and what a person answers; faults are INVALID_LAB at their line and INVALID_ANSWER.
 */
import type { CallSite, MinisparkError } from '../../core/errors.js';
import { userError } from '../../core/errors.js';
import { didYouMean } from '../../core/nearest.js';
import type { Axis } from '../lab-file.js';
import { formatMeasure, METRIC_NAMES, METRICS, type MetricName, type Unit } from '../metrics.js';
import { labError, type YamlNode } from '../yaml-reader.js';

export interface Question {
  readonly ask: string;
  readonly metric: MetricName;
  /** One value for each key of the matrix that has several. */
  readonly cell: Readonly<Record<string, string>>;
  /** The cell that it is compared with: asked for is how many times its value. */
  readonly over: Readonly<Record<string, string>> | null;
  readonly site: CallSite;
}

export function readQuestions(node: YamlNode | undefined): Question[] {
  return (node?.list() ?? []).map(readQuestion);
}

function readQuestion(node: YamlNode): Question {
  const entries = node.mapping(['ask', 'metric', 'cell', 'over']);
  const [ask, metric, cell] = ['ask', 'metric', 'cell'].map((key) => {
    const value = entries.get(key);
    if (value) return value;
    throw node.fail(`A question of predict has no '${key}'.`, 'It has ask, metric, cell, and over where a ratio is asked for.');
  });
  const name = metric.text();
  if (!METRIC_NAMES.includes(name as MetricName)) throw metric.fail(`There is no metric '${name}'.`, didYouMean(name, METRIC_NAMES));
  const over = entries.get('over');
  return { ask: ask.text(), metric: name as MetricName, cell: cellOf(cell), over: over ? cellOf(over) : null, site: node.site };
}

const cellOf = (node: YamlNode): Record<string, string> =>
  Object.fromEntries([...node.mapping()].map(([key, value]) => [key, value.placed().text]));

/** Each question must name one cell of one of the matrices: that of the lab, or that of its quick form. */
export function checkQuestions(questions: readonly Question[], matrices: readonly (readonly Axis[])[]): void {
  for (const question of questions) {
    for (const cell of [question.cell, question.over]) {
      if (cell !== null && !matrices.some((matrix) => isCell(cell, matrix))) {
        throw labError(question.site, `No cell of the matrix is ${textOf(cell)}.`, 'A cell names one value for each key that has several.');
      }
    }
  }
}

const textOf = (cell: Readonly<Record<string, string>>): string =>
  Object.entries(cell)
    .map(([key, value]) => `${key}=${value}`)
    .join(' ');

function isCell(cell: Readonly<Record<string, string>>, matrix: readonly Axis[]): boolean {
  const keys = new Set(matrix.map(({ key }) => key));
  return (
    Object.keys(cell).every((key) => keys.has(key)) &&
    matrix.every(({ key, values }) => (key in cell ? values.some(({ text }) => text === cell[key]) : values.length === 1))
  );
}

/** Those that can be asked of this form of the lab. */
export function questionsOf({ predict, matrix }: { readonly predict: readonly Question[]; readonly matrix: readonly Axis[] }): Question[] {
  return predict.filter(({ cell, over }) => isCell(cell, matrix) && (over === null || isCell(over, matrix)));
}

export const unitOf = ({ metric, over }: Pick<Question, 'metric' | 'over'>): Unit => (over === null ? METRICS[metric].unit : 'ratio');

export const formatGuess = (value: number, question: Pick<Question, 'metric' | 'over'>): string => formatMeasure(value, unitOf(question));

/** How an answer is written. */
export const EXAMPLE: Readonly<Record<Unit, string>> = {
  count: 'a number: 64, 20k, 1.5m',
  bytes: 'bytes: 512k, 64m, 1.5g',
  ms: 'a time: 300ms, 2.5s, 1m',
  ratio: 'a factor: 1.5, 0.8',
};

const FACTORS: Readonly<Record<Unit, Readonly<Record<string, number>>>> = {
  count: { '': 1, k: 1e3, m: 1e6, g: 1e9 },
  bytes: {
    '': 1,
    b: 1,
    k: 2 ** 10,
    m: 2 ** 20,
    g: 2 ** 30,
    kb: 2 ** 10,
    mb: 2 ** 20,
    gb: 2 ** 30,
    kib: 2 ** 10,
    mib: 2 ** 20,
    gib: 2 ** 30,
  },
  ms: { ms: 1, s: 1000, m: 60_000, min: 60_000, h: 3_600_000 },
  ratio: { '': 1, x: 1, '×': 1 },
};

/** Throws a user error INVALID_ANSWER, with how it is written. */
export function parseGuess(text: string, unit: Unit): number {
  const match = /^(\d[\d,_ ]*(?:\.\d+)?|\.\d+)\s*([a-z×]*)$/i.exec(text.trim());
  const factor = match && FACTORS[unit][match[2].toLowerCase()];
  if (match && factor) return Number(match[1].replace(/[,_ ]/g, '')) * factor;
  throw invalidAnswer(`'${text.trim()}' is not understood.`, `It takes ${EXAMPLE[unit]}`);
}

export function invalidAnswer(message: string, hint: string): MinisparkError {
  return userError('INVALID_ANSWER', message, { hint });
}
