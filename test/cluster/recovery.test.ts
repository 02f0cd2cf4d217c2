/**
 * What becomes of a job, its answer, its files and its processes, when workers, the scheduler or the driver die or are stopped in the middle of it.
 * The job's tasks wait for a file that the test makes, so that the middle is where the test says.
 */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ANSWER, answer, gated, newPlace, openGate, type Place } from './gated.js';
import {
  type Cluster,
  clusterForEachTest,
  eventually,
  FIXTURES,
  filesBelow,
  processesOf,
  run,
  type Started,
  start,
  startCluster,
  startWorker,
  stopCluster,
  within,
} from './processes.js';

const clusters = clusterForEachTest();
const OLD = 'data of an earlier job\n';

/** Workers whose scheduler was killed: they give up after half a minute, while the other tests run. */
let orphans: Started[] = [];
let orphansTmp = '';

/** Directories of one test; at `output` lies the result of an earlier job. */
function placeWithOutput(): Place {
  const place = newPlace(clusters.dir);
  mkdirSync(place.output);
  writeFileSync(join(place.output, 'part-old'), OLD);
  return place;
}

const submit = (master: string, place: Place, ...args: string[]): Started =>
  start(['submit', '--json', '--master', master, ...gated(place, ...args)], { env: place.env });

const idOf = (worker: Started): string => /^(\S+) runs/.exec(worker.stdout)![1];

/** The worker that has finished most tasks of the job so far. */
function busiest(job: Started, { workers }: Cluster): Started {
  const finished = job.eventsOf('task-finished').map((event) => event.worker);
  const count = (worker: Started): number => finished.filter((id) => id === idOf(worker)).length;
  return [...workers].sort((a, b) => count(b) - count(a))[0];
}

/** Shuffle, spill and stage files; what marks a worker's directory as in use stays as long as the worker. */
const taskFiles = ({ env }: Place): string[] => filesBelow(env.TMPDIR).filter((path) => path.includes('job-'));

test('the scheduler is killed: the job ends with an error', async () => {
  const place = placeWithOutput();
  const { scheduler, workers, master } = await startCluster(2, place);
  const job = submit(master, place);
  await job.tasksFinished(6);
  scheduler.kill('SIGKILL');
  const { code, stderr } = await within(15_000, 'the end of the job', job.ended);
  expect(stderr).toMatch(/^error: [^\n]* \[SCHEDULER_LOST\]\n/);
  expect(code).toBe(1);
  expect(filesBelow(place.output)).toEqual(['part-old']);
  orphans = [...workers];
  orphansTmp = place.env.TMPDIR;
});

test.each(['map', 'reduce'])('one of three workers is killed while %s tasks run: the answer is right', async (hold) => {
  const place = placeWithOutput();
  const cluster = await clusters.start(3, place);
  const job = submit(cluster.master, place, '--hold', hold, '--free', hold === 'map' ? '6' : '1');
  await job.tasksFinished(hold === 'map' ? 6 : 24);
  const victim = busiest(job, cluster);
  victim.kill('SIGKILL');
  await job.until('the loss is known', () => job.eventsOf('worker-lost').length > 0);
  openGate(place);
  const { code, stderr } = await within(30_000, 'the end of the job', job.ended);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(answer(place)).toEqual(ANSWER);
  expect(job.eventsOf('worker-lost').map(({ worker }) => worker)).toEqual([idOf(victim)]);
  // What it had mapped is mapped again, by others.
  const again = job.eventsOf('task-finished').filter(({ task, worker }) => task.stage === 0 && task.attempt > 0 && worker !== idOf(victim));
  expect(again.length).toBeGreaterThan(0);
  await eventually('the job left no files with those that live', () => taskFiles(place).every((path) => path.includes(idOf(victim))));
  // The next worker on the machine removes what the dead one left.
  expect(filesBelow(place.env.TMPDIR).some((path) => path.includes(idOf(victim)))).toBe(true);
  const next = startWorker(cluster.master, place);
  await next.until('it runs', ({ stdout }) => stdout.includes(' runs '));
  expect(filesBelow(place.env.TMPDIR).filter((path) => path.includes(idOf(victim)))).toEqual([]);
  next.kill('SIGTERM');
  await within(10_000, 'the end of the next worker', next.ended);
});

test('a worker is asked to stop in the middle of a job: it leaves, and the answer is right', async () => {
  const place = placeWithOutput();
  const cluster = await clusters.start(3, place);
  const job = submit(cluster.master, place);
  await job.tasksFinished(6);
  const leaver = busiest(job, cluster);
  leaver.kill('SIGTERM');
  expect(await within(10_000, 'the end of the worker', leaver.ended)).toMatchObject({ code: 0, stderr: 'stopping\n' });
  expect(filesBelow(place.env.TMPDIR).filter((path) => path.includes(idOf(leaver)))).toEqual([]);
  openGate(place);
  expect(await within(30_000, 'the end of the job', job.ended)).toMatchObject({ code: 0, stderr: '' });
  expect(answer(place)).toEqual(ANSWER);
  expect(job.eventsOf('worker-lost')).toMatchObject([{ worker: idOf(leaver), reason: 'it was stopped' }]);
  for (const failed of job.eventsOf('task-failed')) expect(failed).toMatchObject({ error: { condition: 'WORKER_LOST' }, willRetry: true });
});

test('all workers are killed: the job fails, and says why', async () => {
  const place = placeWithOutput();
  const cluster = await clusters.start(3, place);
  const job = submit(cluster.master, place);
  await job.tasksFinished(6);
  for (const worker of cluster.workers) worker.kill('SIGKILL');
  const { code, stderr } = await within(15_000, 'the end of the job', job.ended);
  expect(stderr.replace(/worker-[0-9a-f]+/, 'worker-1')).toBe(
    [
      'error: No worker has been there to run tasks for 10 s. Worker worker-1 on 127.0.0.1 was lost: its connection broke. [NO_WORKERS]',
      '',
      '  test/cluster/jobs/gated.ts:30:17',
      '    29 |     });',
      "  > 30 |     await lines.saveAsTextFile(output, 'overwrite');",
      '       |                 ^',
      '    31 |   },',
      '',
      'hint: Start workers with `minispark worker --scheduler <host:port>`, or look into why those that ran have ended',
      '',
    ].join('\n'),
  );
  expect(code).toBe(1);
  expect(filesBelow(place.output)).toEqual(['part-old']);
});

test('all workers of a local cluster are killed: the job fails', async () => {
  const place = placeWithOutput();
  const job = submit('local-cluster[2,1]', place);
  await job.tasksFinished(6);
  for (const pid of processesOf(job)) if (pid !== job.pid) process.kill(pid, 'SIGKILL');
  const { code, stderr } = await within(8_000, 'the end of the job', job.ended);
  expect(stderr).toMatch(/^error: No worker [^\n]* \[NO_WORKERS\]\n/);
  expect(code).toBe(1);
  expect(filesBelow(place.output)).toEqual(['part-old']);
});

test.each(['local[2]', 'local-cluster[2,1]'])('Ctrl-C on %s leaves nothing', async (master) => {
  const place = placeWithOutput();
  const job = submit(master, place);
  await job.tasksFinished(6);
  expect(taskFiles(place)).not.toEqual([]);
  job.killGroup('SIGINT');
  const { code, stderr } = await within(10_000, 'the end of the job', job.ended);
  expect({ code, stderr }).toEqual({ code: 130, stderr: 'warning: ending the job; Ctrl-C again leaves at once\n' });
  expect(filesBelow(place.output)).toEqual(['part-old']);
  expect(readdirSync(place.output)).toEqual(['part-old']);
  await eventually('all processes ended', () => processesOf(job).length === 0);
  expect(filesBelow(place.env.TMPDIR)).toEqual([]);
});

test('Ctrl-C on a standing cluster frees it for the next job', async () => {
  const place = placeWithOutput();
  const cluster = await clusters.start(2, place);
  const job = submit(cluster.master, place);
  await job.tasksFinished(6);
  job.killGroup('SIGINT');
  expect((await within(10_000, 'the end of the job', job.ended)).code).toBe(130);
  expect(readdirSync(place.output)).toEqual(['part-old']);
  await eventually('the workers dropped its files', () => taskFiles(place).length === 0);
  openGate(place);
  const next = submit(cluster.master, place);
  expect(await within(15_000, 'the end of the next job', next.ended)).toMatchObject({ code: 0 });
  expect(answer(place)).toEqual(ANSWER);
  await eventually('the workers dropped its files', () => taskFiles(place).length === 0);
  await stopCluster(cluster);
  expect(filesBelow(place.env.TMPDIR)).toEqual([]);
});

test('the driver of a standing cluster is killed: its job is dropped', async () => {
  const place = placeWithOutput();
  const cluster = await clusters.start(2, place);
  const job = submit(cluster.master, place);
  await job.tasksFinished(6);
  job.kill('SIGKILL');
  await cluster.scheduler.until('the job ended', ({ stdout }) => / was cancelled\n| failed: /.test(stdout), 10_000);
  await eventually('the workers dropped its files', () => taskFiles(place).length === 0);
});

test('the driver of a local cluster is killed: its workers end and remove their files', async () => {
  const place = placeWithOutput();
  const job = submit('local-cluster[2,1]', place);
  await job.tasksFinished(6);
  job.kill('SIGKILL');
  await eventually('all processes ended', () => processesOf(job).length === 0);
  expect(filesBelow(place.env.TMPDIR)).toEqual([]);
});

test('all processes of a job are killed: the next job on the machine removes what they left', async () => {
  const place = placeWithOutput();
  const job = submit('local-cluster[2,1]', place);
  await job.tasksFinished(6);
  job.killGroup('SIGKILL');
  await eventually('all processes ended', () => processesOf(job).length === 0);
  expect(taskFiles(place)).not.toEqual([]);
  openGate(place);
  expect(await run(['submit', '--quiet', '--master', 'local[2]', ...gated(place)], place)).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(answer(place)).toEqual(ANSWER);
  expect(filesBelow(place.env.TMPDIR)).toEqual([]);
});

test("what the user's code throws is not tried again", async () => {
  const place = placeWithOutput();
  const output = `${place.output}-new`;
  const job = start(['submit', '--json', '--master', 'local[1]', join(FIXTURES, 'throws-once.ts'), '--output', output], place);
  const { code, stderr } = await within(30_000, 'the end of the job', job.ended);
  expect(stderr).toMatch(/^error: the function of map threw Error: only at first \[UDF_FAILED\]\n {2}input: 3\n/);
  expect(code).toBe(1);
  expect(job.eventsOf('task-failed')).toMatchObject([{ task: { stage: 0, partition: 2, attempt: 0 }, willRetry: false }]);
  expect(filesBelow(output)).toEqual([]);
});

test('workers whose scheduler was killed give up by themselves', async () => {
  expect(orphans).toHaveLength(2);
  for (const { code, stderr } of await within(45_000, 'the end of the workers', Promise.all(orphans.map(({ ended }) => ended)))) {
    expect(stderr).toMatch(/^error: No scheduler answered at [\d.:]+ within [^\n]* \[SCHEDULER_UNREACHABLE\]\n/);
    expect(code).toBe(1);
  }
  expect(filesBelow(orphansTmp)).toEqual([]);
});
