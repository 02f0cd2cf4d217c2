/** Sessions and workers that end before they have quite begun, and scripts that only node runs. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Session } from '../../src/index.js';
import { ROOT, run, Started, start, within } from './processes.js';

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'minispark-start-'));
});

afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

/** Names of what workers that keep their files in `dir` have left there. */
const left = (): string[] => readdirSync(dir).flatMap((name) => readdirSync(join(dir, name)));

const open = (shuffleDir = dir): Promise<Session> =>
  Session.builder().master('local-cluster[2,1]').config('shuffle.dir', shuffleDir).getOrCreate();

test('a local cluster is stopped while its workers start: at once, and nothing is left', async () => {
  const session = await open();
  await within(4_000, 'the end of the session', session.stop());
  expect(left()).toEqual([]);
});

test('stop() ends an action that waits for workers or runs on them', async () => {
  const session = await open();
  const waits = session.range(10).count();
  await Promise.all([expect(waits).rejects.toMatchObject({ condition: 'JOB_CANCELLED' }), session.stop()]);
  const second = await open();
  const large = second.range(0, 10_000_000_000, 1, 4).count();
  second.onEvent((event) => {
    if (event.kind === 'task-started') void second.stop();
  });
  await expect(large).rejects.toMatchObject({ condition: 'JOB_CANCELLED' });
  await second.stop();
  expect(left()).toEqual([]);
});

test('workers that cannot start are told of in their own words', async () => {
  const file = join(dir, 'file');
  writeFileSync(file, '');
  const session = await open(file);
  const error = await session
    .range(10)
    .count()
    .catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ condition: 'WORKER_START_FAILED', message: expect.stringContaining('SHUFFLE_DIR_UNUSABLE') });
  await session.stop();
});

test('a machine that runs no more processes is told of, too', async () => {
  const { execPath } = process;
  process.execPath = join(dir, 'no-node');
  const session = await open().finally(() => {
    process.execPath = execPath;
  });
  await expect(session.range(10).count()).rejects.toMatchObject({
    condition: 'WORKER_START_FAILED',
    message: expect.stringContaining('ENOENT'),
  });
  await within(4_000, 'the end of the session', session.stop());
});

test('a job that does not compile ends at once on a local cluster', async () => {
  const job = join(dir, 'broken.ts');
  writeFileSync(job, 'export default job(');
  const { code, stderr } = await within(4_000, 'its end', run(['submit', '--master', 'local-cluster[2,1]', job]));
  expect([code, stderr]).toEqual([1, expect.stringContaining('JOB_DOES_NOT_COMPILE')]);
});

test('a worker that looks for its scheduler leaves when it is told to', async () => {
  const worker = start(['worker', '--scheduler', 'localhost:1', '--dir', dir]);
  while (readdirSync(dir).length === 0 || left().length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  worker.kill('SIGTERM');
  expect(await within(3_000, 'its end', worker.ended)).toMatchObject({ code: 0, stderr: 'stopping\n' });
  expect(left()).toEqual([]);
});

test.each(['local', 'local[2]', 'local-cluster[2,1]'])('a script on %s ends by itself after stop()', async (master) => {
  mkdirSync(join(dir, 'node_modules'));
  symlinkSync(ROOT, join(dir, 'node_modules', 'minispark'));
  const script = join(dir, 'script.mjs');
  writeFileSync(
    script,
    `import { col, Session } from 'minispark';
const spark = await Session.builder().master('${master}').getOrCreate();
const rows = await spark.range(0, 100, 1, 4).groupBy(col('id').mod(2).as('k')).count().orderBy('k').collect();
console.log(rows.map(({ k, count }) => k + ':' + count).join());
try {
  console.log((await spark.parallelize([1, 2]).map((x) => x * 10).collect()).join());
} catch (error) {
  console.log(error.condition, error.hint);
}
await spark.stop();
`,
  );
  const child = spawn(process.execPath, [script], { cwd: dir, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const { code, stdout, stderr } = await within(20_000, 'its end', new Started(child).ended);
  expect([code, stderr]).toEqual([0, '']);
  const [counts, mapped] = stdout.trim().split('\n');
  expect(counts).toBe('0:50,1:50');
  expect(mapped).toMatch(master.startsWith('local-cluster') ? /^CLOSURE_NOT_SHIPPABLE .*minispark submit.*'local'/ : /^10,20$/);
});

test.each(['js', 'mjs', 'ts'])('a job file may end in .%s', async (extension) => {
  const job = join(dir, `job.${extension}`);
  writeFileSync(
    job,
    "import { job } from 'minispark';\nexport default job(async (spark) => {\n  console.log((await spark.parallelize([1, 2]).map((x) => x * 10).collect()).join());\n});\n",
  );
  expect(await run(['submit', '-q', '--master', 'local[1]', job])).toEqual({ code: 0, stdout: '10,20\n', stderr: '' });
});

test.each([
  ["spark.range(0, 1e9, 1, 4).write.csv('out')", 'ACTION_NOT_AWAITED', 'await df.write'],
  ['spark.range(3).show()', 'ACTION_NOT_AWAITED', 'await df.write'],
  ['Promise.resolve().then(() => spark.range(3).count())', 'ACTION_NOT_AWAITED', 'await df.write'],
  ["Promise.reject(new Error('nobody waits')); await never", 'JOB_FAILED', 'nobody waits'],
  ["setTimeout(() => { throw new Error('too late'); }, 50); await never", 'JOB_FAILED', 'too late'],
])('a job that does not await what fails: %s', async (main, condition, said) => {
  const job = join(dir, 'stray.ts');
  writeFileSync(
    job,
    `import { job } from 'minispark';\nconst never = new Promise(() => {});\nexport default job(async (spark) => {\n  ${main};\n});\n`,
  );
  const { code, stderr } = await within(10_000, 'its end', run(['submit', '-q', '--master', 'local[1]', job], { cwd: dir }));
  expect([code, stderr]).toEqual([1, expect.stringContaining(condition)]);
  expect(stderr).toContain(said);
  expect(stderr).toContain('stray.ts:4:');
  expect(readdirSync(dir)).toEqual(['stray.ts']);
});
