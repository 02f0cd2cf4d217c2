/**
 * Owns: what a lab file says: its keys, their checks, and what `quick` replaces. docs/labs.md is its reference.
 * Receives YAML text, gives a `Lab`; faults are user errors INVALID_LAB at their line. `check-job.ts` holds it against its job.
 */
import { existsSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { CONFIG, Config, parseBytes } from '../core/config.js';
import { asMinisparkError, type CallSite } from '../core/errors.js';
import { didYouMean } from '../core/nearest.js';
import { parseMaster } from '../runtime/driver/master.js';
import { DATASET_KINDS, type DatasetKind } from './dataset.js';
import { METRIC_NAMES, type MetricName } from './metrics.js';
import { checkQuestions, type Question, readQuestions } from './predict/question.js';
import { labError, type Placed, readYaml, type YamlNode } from './yaml-reader.js';

export interface LabData {
  readonly kind: DatasetKind;
  readonly bytes: number;
  readonly seed: number;
  readonly skew: number;
  readonly site: CallSite;
}

/** One key of the matrix: a configuration key, `args.NAME`, `master` or `kill`. */
export interface Axis {
  readonly key: string;
  readonly site: CallSite;
  readonly values: readonly Placed[];
}

export interface Lab {
  readonly file: string;
  readonly name: string;
  readonly title: string;
  readonly about: string;
  /** How long it takes, for `lab list`. */
  readonly time: string;
  /** Absolute path of the job file. */
  readonly job: Placed;
  readonly args: ReadonlyMap<string, Placed>;
  readonly conf: ReadonlyMap<string, Placed>;
  readonly data: LabData | null;
  readonly master: string;
  readonly matrix: readonly Axis[];
  readonly metrics: readonly MetricName[];
  readonly questions: readonly string[];
  /** What is asked before it runs. */
  readonly predict: readonly Question[];
  readonly repeat: number;
  /** Longest time of one run. */
  readonly timeoutMs: number;
}

const KEYS = [
  'name',
  'title',
  'about',
  'time',
  'job',
  'args',
  'conf',
  'data',
  'master',
  'matrix',
  'metrics',
  'questions',
  'predict',
  'repeat',
  'timeout',
  'quick',
];
/** What `quick` may say, each in the place of, or added to, what the lab says. */
const QUICK_KEYS = ['args', 'conf', 'data', 'master', 'matrix', 'repeat', 'timeout'];
const DATA_KEYS = ['kind', 'size', 'seed', 'skew'];
const DEFAULTS = { master: 'local-cluster[2,1]', repeat: 3, timeoutMs: 600_000 };
const MOST_CELLS = 256;

type Entries = ReadonlyMap<string, YamlNode>;

/** `file` is the path that errors name; `quick` takes what the file's `quick` replaces. */
export function parseLab(text: string, file: string, { quick }: { readonly quick: boolean }): Lab {
  const path = resolve(file);
  const root = readYaml(text, path);
  const entries = root.mapping(KEYS);
  const full = readLab(root, entries, path);
  const replaced = entries.get('quick');
  // Read also where it is not wanted: a fault in it should not wait for the first --quick.
  const small = replaced ? readQuick(full, replaced.mapping(QUICK_KEYS)) : full;
  for (const lab of [full, small]) checkCells(lab, root);
  checkQuestions(
    full.predict,
    [full, small].map(({ matrix }) => matrix),
  );
  return quick ? small : full;
}

function readLab(root: YamlNode, entries: Entries, path: string): Lab {
  const job = required(root, entries, 'job').placed();
  return {
    file: path,
    name: entries.get('name')?.text() ?? basename(path).replace(/\.ya?ml$/, ''),
    title: required(root, entries, 'title').text(),
    about: entries.get('about')?.text() ?? '',
    time: entries.get('time')?.text() ?? '',
    job: { ...job, text: jobFile(job, path) },
    args: readTexts(entries.get('args')),
    conf: readConf(entries.get('conf')),
    data: readData(entries.get('data'), null),
    master: readMaster(entries.get('master')) ?? DEFAULTS.master,
    matrix: readMatrix(required(root, entries, 'matrix')),
    metrics: readMetrics(entries.get('metrics')),
    questions:
      entries
        .get('questions')
        ?.list()
        .map((node) => node.text()) ?? [],
    predict: readQuestions(entries.get('predict')),
    repeat: entries.get('repeat')?.count(1) ?? DEFAULTS.repeat,
    timeoutMs: readDuration(entries.get('timeout')) ?? DEFAULTS.timeoutMs,
  };
}

function readQuick(lab: Lab, entries: Entries): Lab {
  const replaced = new Map(entries.has('matrix') ? readMatrix(entries.get('matrix')!).map((axis) => [axis.key, axis]) : []);
  const kept = lab.matrix.map((axis) => replaced.get(axis.key) ?? axis);
  return {
    ...lab,
    args: new Map([...lab.args, ...readTexts(entries.get('args'))]),
    conf: new Map([...lab.conf, ...readConf(entries.get('conf'))]),
    data: readData(entries.get('data'), lab.data),
    master: readMaster(entries.get('master')) ?? lab.master,
    matrix: [...kept, ...[...replaced.values()].filter(({ key }) => !lab.matrix.some((axis) => axis.key === key))],
    repeat: entries.get('repeat')?.count(1) ?? lab.repeat,
    timeoutMs: readDuration(entries.get('timeout')) ?? lab.timeoutMs,
  };
}

function required(root: YamlNode, entries: Entries, key: string): YamlNode {
  const node = entries.get(key);
  if (node) return node;
  throw root.fail(`The lab has no '${key}'.`, `A lab has at least title, job and matrix: docs/labs.md`);
}

function jobFile(job: Placed, path: string): string {
  const file = resolve(dirname(path), job.text.trim());
  if (!existsSync(file)) throw labError(job.site, `There is no job file ${job.text}.`, 'Its path is told from where the lab file lies.');
  return file;
}

function readTexts(node: YamlNode | undefined): Map<string, Placed> {
  if (!node) return new Map();
  return new Map([...node.mapping()].map(([key, value]) => [key, { text: value.placed().text, site: value.keySite }]));
}

function readConf(node: YamlNode | undefined): Map<string, Placed> {
  if (!node) return new Map();
  const conf = new Map<string, Placed>();
  for (const [key, value] of node.mapping(Object.keys(CONFIG))) conf.set(key, checkedConf(key, value.placed()));
  return conf;
}

function checkedConf(key: string, value: Placed): Placed {
  return atSite(value.site, () => {
    Config.from({ [key]: value.text });
    return value;
  });
}

/** What `check` finds wrong is wrong at that place of the lab file. */
export function atSite<T>(site: CallSite, check: () => T): T {
  try {
    return check();
  } catch (thrown) {
    const { kind, message, hint } = asMinisparkError(thrown);
    throw kind === 'user' ? labError(site, message, hint) : thrown;
  }
}

function readMaster(node: YamlNode | undefined): string | undefined {
  if (!node) return undefined;
  const text = node.text();
  atSite(node.site, () => parseMaster(text));
  return text;
}

function readMatrix(node: YamlNode): Axis[] {
  const axes = [...node.mapping()].map(([key, values]) => readAxis(key, values));
  if (axes.length === 0) throw node.fail('The matrix is empty.', 'It takes at least one key: shuffle.writer: [hash, sort]');
  return axes;
}

function readAxis(key: string, node: YamlNode): Axis {
  const known = key === 'master' || key === 'kill' || /^args\../.test(key);
  if (!known && !Object.hasOwn(CONFIG, key)) {
    const near = didYouMean(key, [...Object.keys(CONFIG), 'master', 'kill']);
    throw labError(node.keySite, `The matrix cannot have '${key}'.`, near || 'It takes configuration keys, args.NAME, master and kill.');
  }
  const values = node.list().map((value) => value.placed());
  for (const value of values) {
    if (key === 'master') atSite(value.site, () => parseMaster(value.text));
    else if (known) continue;
    else checkedConf(key, value);
  }
  values.forEach((value, i) => {
    const first = values.findIndex(({ text }) => text === value.text);
    if (first < i) throw labError(value.site, `${key} has the value '${value.text}' twice.`);
  });
  return { key, site: node.keySite, values };
}

function readMetrics(node: YamlNode | undefined): MetricName[] {
  if (!node) return ['wall', 'written', 'fetched'];
  return node.list().map((entry) => {
    const name = entry.text();
    if (!METRIC_NAMES.includes(name as MetricName)) {
      throw entry.fail(`There is no metric '${name}'.`, didYouMean(name, METRIC_NAMES) || `There are ${METRIC_NAMES.join(', ')}.`);
    }
    return name as MetricName;
  });
}

function readData(node: YamlNode | undefined, base: LabData | null): LabData | null {
  if (!node) return base;
  const entries = node.mapping(DATA_KEYS);
  const kind = entries.get('kind')?.text() ?? base?.kind;
  if (kind === undefined) throw node.fail(`data has no 'kind'.`, `It is one of ${DATASET_KINDS.join(', ')}.`);
  if (!DATASET_KINDS.includes(kind as DatasetKind)) {
    throw entries.get('kind')!.fail(`There is no data of kind '${kind}'.`, `It is one of ${DATASET_KINDS.join(', ')}.`);
  }
  return {
    kind: kind as DatasetKind,
    bytes: readSize(entries.get('size')) ?? base?.bytes ?? 64 << 20,
    seed: entries.get('seed')?.count(0) ?? base?.seed ?? 42,
    skew: readSkew(entries.get('skew')) ?? base?.skew ?? 1,
    site: node.keySite,
  };
}

function readSize(node: YamlNode | undefined): number | undefined {
  const bytes = node && parseBytes(node.text());
  if (node && !((bytes ?? Number.NaN) >= 1024)) throw node.fail(`${node.name} takes bytes such as 64m, at least 1k, not '${node.text()}'.`);
  return bytes;
}

function readSkew(node: YamlNode | undefined): number | undefined {
  const skew = node && Number(node.text());
  if (node && !(skew! >= 0 && skew! <= 4)) throw node.fail(`${node.name} takes a number from 0 to 4, not '${node.text()}'.`);
  return skew;
}

const TIME_UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };

function readDuration(node: YamlNode | undefined): number | undefined {
  if (!node) return undefined;
  const match = /^([1-9]\d*)(s|m|h)$/.exec(node.text());
  if (!match) throw node.fail(`${node.name} takes a time such as 90s or 10m, not '${node.text()}'.`);
  return Number(match[1]) * TIME_UNITS[match[2]];
}

function checkCells({ matrix, args, conf }: Lab, root: YamlNode): void {
  const cells = matrix.reduce((product, { values }) => product * values.length, 1);
  if (cells > MOST_CELLS) throw root.fail(`The matrix has ${cells} cells.`, `A lab has at most ${MOST_CELLS}.`);
  for (const { key, site } of matrix) {
    const fixed = key.startsWith('args.') ? args.get(key.slice('args.'.length)) : conf.get(key);
    if (fixed) throw labError(site, `The matrix varies ${key}, to which the lab gives one value at line ${fixed.site.line}.`);
  }
}
