/**
 * The example jobs against references in Python: on every kind of master, with few and many reduce partitions, on ordinary and odd inputs.
 * One submitted job runs all inputs, so that a combination costs one process.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Event } from '../../src/core/events.js';
import { type Cluster, FIXTURES, JOBS, killAll, outputLines, processesOf, run, startCluster, stopCluster, temporary } from './processes.js';

const { dir, remove } = temporary();
const inputs = join(dir, 'in');
const env = { TMPDIR: join(dir, 'tmp') };
let cluster: Cluster;

const hasPython = spawnSync('python3', ['--version']).status === 0;
if (!hasPython && process.env['CI'] !== 'true') console.log('answers.test.ts: skipped, for there is no python3 to compute the references.');

const LOG = '::1 - - [29/Feb/2024:23:59:59 +0000] "GET /a HTTP/1.1" 200 12';
const ODD_LOG = `${LOG}\nnot a request\n${LOG.replace('12', '-')}`;
const TEXTS: Readonly<Record<string, { readonly text: string | Uint8Array; readonly log: string }>> = {
  empty: { text: '', log: '' },
  'one-byte': { text: 'x', log: 'x' },
  'one-newline': { text: '\n', log: '\n' },
  'no-final-newline': { text: 'the last line\n\n\nhas no newline at the last', log: ODD_LOG },
  crlf: { text: 'lines\r\nof windows\r\n\r\nwindows windows\rstay\r\n', log: `${ODD_LOG.replaceAll('\n', '\r\n')}\r\n` },
  'non-ascii': {
    text: '\ufeffÉtude über İstanbul – naïve words 日本語 words\nemoji 😀 words\u2028\u0085 \0null\u00a0space ſtraße WORDS\n'.repeat(40),
    log: `${LOG.replace('/a', '/é日本')}\n`,
  },
  'broken-utf8': {
    text: Buffer.from('good wor\xffds and wor\xe2\x82 broken\xf0\x9f\x98words \xc0\xaf over\n', 'latin1'),
    log: `\u00ff\n${LOG}\n`,
  },
};

beforeAll(async () => {
  if (!hasPython) return;
  mkdirSync(env.TMPDIR);
  for (const [name, { text, log }] of Object.entries(TEXTS)) {
    mkdirSync(join(inputs, name), { recursive: true });
    writeFileSync(join(inputs, name, 'a.txt'), text);
    writeFileSync(join(inputs, name, 'a.log'), log);
  }
  mkdirSync(join(inputs, 'several'));
  for (const name of readdirSync(join(JOBS, 'data'))) {
    if (/\.(txt|log)$/.test(name)) copyFileSync(join(JOBS, 'data', name), join(inputs, 'several', name));
  }
  cluster = await startCluster(2, { env });
});

afterAll(async () => {
  if (cluster) await stopCluster(cluster);
  killAll();
  remove();
});

test('python3 is there in CI', () => {
  expect(hasPython || process.env['CI'] !== 'true').toBe(true);
});

const MASTERS = {
  'local[2]': () => 'local[2]',
  'local-cluster[2,1]': () => 'local-cluster[2,1]',
  'a scheduler and two workers': () => cluster.master,
};
/** Few and many on every master. */
const CASES: readonly (readonly [keyof typeof MASTERS, number])[] = [
  ['local[2]', 1],
  ['local[2]', 7],
  ['local[2]', 64],
  ['local-cluster[2,1]', 1],
  ['local-cluster[2,1]', 64],
  ['a scheduler and two workers', 7],
  ['a scheduler and two workers', 64],
];

test.skipIf(!hasPython).each(CASES)('%s with %i reduce partitions', async (master, partitions) => {
  const outputs = join(dir, `out-${partitions}-${master.replace(/\W+/g, '-')}`);
  const log = `${outputs}.jsonl`;
  const conf = ['--event-log', log, '-c', `shuffle.partitions=${partitions}`, '-c', 'read.splitBytes=1k'];
  const job = [join(FIXTURES, 'answers.ts'), '--inputs', inputs, '--outputs', outputs];
  const ended = await run(['submit', '--quiet', '--master', MASTERS[master](), ...conf, ...job], { env });
  expect(ended).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(taskCounts(log)).toContainEqual({ maps: 26, reduces: partitions });
  for (const name of readdirSync(inputs)) {
    const output = join(outputs, name);
    expect({ name, wordcount: outputLines(join(output, 'wordcount')) }).toEqual({ name, wordcount: reference('wordcount', name, '.txt') });
    expect({ name, index: outputLines(join(output, 'inverted-index')).sort() }).toEqual({
      name,
      index: reference('inverted-index', name, '.txt').sort(),
    });
    const logs = [...outputLines(join(output, 'access-log', 'hosts')), '', ...outputLines(join(output, 'access-log', 'days'))];
    expect({ name, logs }).toEqual({ name, logs: reference('access-log', name, '.log') });
  }
});

test.skipIf(!hasPython).each(Object.keys(MASTERS))('the command itself on %s', async (master) => {
  const output = join(dir, 'command', master.replace(/\W+/g, '-'));
  const args = ['--input', join(inputs, 'several', '*.txt'), '--output', output];
  const ended = await run(['submit', '--master', MASTERS[master as keyof typeof MASTERS](), join(JOBS, 'wordcount.ts'), ...args], { env });
  expect(ended.code).toBe(0);
  expect(ended.stderr).toMatch(/^✔ wordcount\.ts:\d+ done in [\d.]+ m?s\n {2}stage /);
  expect(outputLines(output)).toEqual(reference('wordcount', 'several', '.txt'));
  expect(readFileSync(join(output, '_SUCCESS'), 'utf8')).toBe('');
  expect(processesOf(cluster.scheduler)).toEqual([cluster.scheduler.pid]);
});

/** Of each query that ran, the tasks of its first two stages. */
function taskCounts(log: string): { maps: number; reduces: number }[] {
  const events = readFileSync(log, 'utf8').split('\n').slice(0, -1);
  return events
    .map((line) => JSON.parse(line) as Event)
    .flatMap((event) => (event.kind === 'job-submitted' ? [{ maps: event.stages[0]?.tasks, reduces: event.stages[1]?.tasks }] : []));
}

const references = new Map<string, string[]>();

/** The lines of a script of reference/ over the files of an input. */
function reference(script: string, name: string, extension: string): string[] {
  const known = references.get(`${script}/${name}`);
  if (known) return known;
  const files = readdirSync(join(inputs, name)).filter((file) => file.endsWith(extension));
  const path = join(import.meta.dirname, 'reference', `${script}.py`);
  const { status, stdout, stderr } = spawnSync('python3', [path, ...files.map((file) => join(inputs, name, file))], {
    encoding: 'utf8',
    env: { ...process.env, PYTHONIOENCODING: 'utf-8' },
  });
  if (status !== 0) throw new Error(stderr);
  const lines = stdout.split('\n').slice(0, -1);
  references.set(`${script}/${name}`, lines);
  return [...lines];
}
