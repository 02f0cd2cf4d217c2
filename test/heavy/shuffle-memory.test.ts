/**
 * Ten times the memory budget through the shuffle, in whole processes with no more than 256 descriptors: all processes together stay within
 * 1.3 times the budget of their slots plus 300 MB. What is counted is the proportional set size, sampled; files in the page cache are not.
 */
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { measure } from '../../bench/measure.mjs';
import { CAN_MEASURE } from '../../bench/process-group.mjs';

const BUDGET = 32 << 20;
const ROW_BYTES = 120;
const ROWS = Math.ceil((10 * BUDGET) / ROW_BYTES);
const ROOT = join(import.meta.dirname, '..', '..');
const COMMAND = 'ulimit -n 256 && exec "$0" bin/minispark.js submit "$@"';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'shuffle-memory-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

test.runIf(CAN_MEASURE).each([
  ['local[1]', 1, 'repartition', 'sort', ['--partitions', '64']],
  ['local[1]', 1, 'repartition', 'hash', ['--partitions', '2048']],
  ['local[1]', 1, 'repartition', 'consolidated', ['--partitions', '2048', '--maps', '64']],
  ['local[1]', 1, 'repartition', 'sort', ['--partitions', '1', '--maps', '2']],
  ['local[1]', 1, 'sort', 'sort', ['--partitions', '1', '--maps', '2']],
  ['local[2]', 2, 'sort', 'hash', []],
  ['local[2]', 2, 'join', 'sort', []],
  ['local-cluster[2,1]', 2, 'sort', 'consolidated', []],
  ['local-cluster[2,1]', 2, 'aggregate', 'sort', []],
] as const)('%s, %i slots: %s by %s writer %j', async (master, slots, op, writer, more) => {
  const conf = [`memory=${BUDGET}`, `shuffle.writer=${writer}`, `shuffle.dir=${dir}`, 'broadcast.threshold=0', 'adaptive=false'];
  const job = ['bench/shuffle-memory.ts', '--op', op, '--rows', String(ROWS), ...more];
  const args = ['--quiet', '--master', master, ...conf.flatMap((entry) => ['--conf', entry]), ...job];
  const { memory, out } = await measure('bash', ['-c', COMMAND, process.execPath, ...args], { cwd: ROOT, sampleMemory: true });
  expect(out.trim()).toBe(String(ROWS));
  const bound = 1.3 * slots * BUDGET + 300e6;
  console.log(`${master} ${op} ${writer}: ${Math.round((memory ?? 0) / 1e6)} MB of ${Math.round(bound / 1e6)} MB`);
  expect(memory).toBeLessThanOrEqual(bound);
});

test.each([64, 44, 36, 28])('with %i descriptors: the answer, or too few of them by name', async (descriptors) => {
  const conf = ['memory=1m', 'shuffle.writer=hash', `shuffle.dir=${dir}`].flatMap((entry) => ['--conf', entry]);
  const job = ['bench/shuffle-memory.ts', '--op', 'sort', '--rows', '100000', '--partitions', '64'];
  const command = COMMAND.replace('256', String(descriptors));
  const args = ['-c', command, process.execPath, '--quiet', '--master', 'local[1]', ...conf, ...job];
  const { status, stdout, stderr } = spawnSync('bash', args, { cwd: ROOT, encoding: 'utf8', timeout: 60_000 });
  if (status === 0) expect(stdout.trim()).toBe('100000');
  else expect(stderr).toMatch(/too many (open files|files are open).*\[TOO_MANY_OPEN_FILES\]\s+hint: Raise the limit of open files/);
});
