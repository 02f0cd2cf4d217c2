/** The command as a process: its exit codes, its two streams, its answer to Ctrl-C. Runs what was built. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Event } from '../../src/core/events.js';
import { parseEventLog } from '../../src/observability/event-log.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'minispark-submit-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** `onOut` hears each piece of stdout, with a way to send signals. */
function minispark(args: readonly string[], onOut?: (text: string, kill: (signal: NodeJS.Signals) => void) => void): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(ROOT, 'bin/minispark.js'), ...args], { cwd: ROOT });
    let [out, err] = ['', ''];
    child.stdout.on('data', (text) => {
      out += text;
      onOut?.(String(text), (signal) => child.kill(signal));
    });
    child.stderr.on('data', (text) => {
      err += text;
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, out, err }));
  });
}

/** A job file of its own. */
function jobFile(body: string): string {
  const path = join(dir, 'job.ts');
  writeFileSync(path, `import { col, job, udf } from 'minispark';\n${body}\n`);
  return path;
}

const wordcount = () => ['jobs/wordcount.ts', '--output', join(dir, 'out')];

test('a job that is done: 0, its own words on stdout, the table on stderr', async () => {
  const ended = await minispark(['submit', ...wordcount()]);
  expect(ended).toMatchObject({ code: 0, out: '' });
  expect(ended.err).toMatch(/^✔ wordcount\.ts:\d+ done in .*\n {2}stage .*tasks .*time .*\n {2}0 scan text/);
  expect(readdirSync(join(dir, 'out'))).toContain('_SUCCESS');
});

test('--quiet says nothing', async () => {
  expect(await minispark(['submit', '--quiet', ...wordcount()])).toEqual({ code: 0, out: '', err: '' });
});

test('--json and --event-log give the same events; what the job prints goes to stderr', async () => {
  const file = jobFile(`export default job(async (spark) => {\n  console.log('rows:', await spark.range(10).count());\n});`);
  const log = join(dir, 'events.jsonl');
  const { code, out, err } = await minispark(['submit', '--json', '--event-log', log, file]);
  expect({ code, err }).toEqual({ code: 0, err: 'rows: 10\n' });
  const events: Event[] = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(events[0].kind).toBe('job-submitted');
  expect(events.at(-1)).toMatchObject({ kind: 'job-finished', error: null });
  expect(parseEventLog(readFileSync(log, 'utf8'))).toEqual(events);
});

test('a job that fails: 1, and the line of the user that threw', async () => {
  const file = jobFile(`const inverse = udf((n: bigint) => {
  if (n === 7n) throw new RangeError('seven is too much');
  return n;
}, 'bigint');
export default job(async (spark) => {
  await spark.range(10).select(inverse('id')).collect();
});`);
  const { code, err } = await minispark(['submit', file]);
  expect(code).toBe(1);
  expect(err).toContain('✖ job.ts:7 failed after');
  expect(err).toContain('error: udf threw RangeError: seven is too much [UDF_FAILED]');
  expect(err).toContain("> 3 |   if (n === 7n) throw new RangeError('seven is too much');");
  expect(err).not.toContain('    at ');
});

test('wrong usage: 2, before anything runs', async () => {
  const { code, err } = await minispark(['submit', ...wordcount(), '--inptu', 'x']);
  expect({ code, err }).toEqual({
    code: 2,
    err: 'error: The job takes no argument --inptu. [UNKNOWN_ARGUMENT]\n\nhint: Did you mean --input?\n',
  });
  const late = await minispark(['submit', ...wordcount(), '--master=local']);
  expect(late.err).toContain('hint: --master is an option of submit: it stands before the file');
  expect((await minispark(['submit', join(dir, 'none.ts')])).code).toBe(2);
  expect((await minispark(['submit', '--master', 'lokal', ...wordcount()])).code).toBe(2);
  expect(existsSync(join(dir, 'out'))).toBe(false);
});

test.each([
  ['local[2]', 'SIGINT', 130],
  ['local[2]', 'SIGTERM', 143],
  ['local-cluster[2,1]', 'SIGINT', 130],
] as const)('%s: %s ends a job that would run on and on, with %d', async (master, signal, expected) => {
  const file = jobFile(`const wait = udf((n: bigint) => {
  for (const end = Date.now() + 100; Date.now() < end; );
  return n;
}, 'bigint');
export default job(async (spark) => {
  await spark.range(100_000).select(wait('id')).write.csv('${join(dir, 'out')}');
});`);
  let sent = false;
  const { code, out } = await minispark(['submit', '--json', '--master', master, file], (text, kill) => {
    if (sent || !text.includes('task-started')) return;
    sent = true;
    kill(signal);
  });
  expect(code).toBe(expected);
  expect(JSON.parse(out.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({ kind: 'job-finished', cancelled: true });
  expect(existsSync(join(dir, 'out', '_SUCCESS'))).toBe(false);
});

test('the help of a job file', async () => {
  const { code, out } = await minispark(['submit', 'jobs/wordcount.ts', '--help']);
  expect(code).toBe(0);
  expect(out).toContain('--input <string>');
});
