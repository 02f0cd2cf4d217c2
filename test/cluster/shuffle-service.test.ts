/** Shuffle services with real processes: what workers have mapped outlives them, and what a service had is made again when it goes. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from 'vitest';
import type { EventOf } from '../../src/core/events.js';
import { eventually, FIXTURES, filesBelow, killAll, outputLines, type Started, start, temporary, within } from './processes.js';

const { dir, remove } = temporary();

/** Sums of 0 to 239 by their remainder of 7. */
const ANSWER = ['0:4165', '1:4200', '2:3995', '3:4029', '4:4063', '5:4097', '6:4131'];
const MAPS = 24;

afterEach(killAll);
afterAll(remove);

function newPlace() {
  const own = mkdtempSync(join(dir, 'case-'));
  const env = { TMPDIR: join(own, 'tmp') };
  mkdirSync(env.TMPDIR);
  return { env, output: join(own, 'out'), gate: join(own, 'gate') };
}

type Place = ReturnType<typeof newPlace>;

/** All maps run at once; reduce tasks with keys beyond the first wait for the gate. */
const submit = (master: string, { env, output, gate }: Place, ...options: string[]): Started => {
  const args = ['--output', output, '--gate', gate, '--hold', 'reduce', '--free', '1'];
  return start(['submit', '--json', '--master', master, ...options, join(FIXTURES, 'gated.ts'), ...args], { env });
};

const ofKind = <K extends 'worker-lost' | 'shuffle-lost' | 'task-finished'>(job: Started, kind: K): EventOf<K>[] =>
  job.events.filter((event): event is EventOf<K> => event.kind === kind);

const mapsFinished = (job: Started): EventOf<'task-finished'>[] => ofKind(job, 'task-finished').filter(({ task }) => task.stage === 0);

/** Both workers have mapped, and no map is under way. */
const allMapped = (job: Started) => job.until('all maps finished', () => mapsFinished(job).length === MAPS);

const answer = ({ output }: Place): string[] => outputLines(output).sort();

const blocks = ({ env }: Place): string[] => filesBelow(env.TMPDIR).filter((path) => /\/service-\w+\/.*\.data$/.test(path));

async function startWithService(place: Place) {
  const service = start(['shuffle-service', '--port', '0'], place);
  const address = await service.until('its address', ({ stdout }) => / listens on (\S+), /.exec(stdout)?.[1]);
  const scheduler = start(['scheduler', '--port', '0'], place);
  const master = await scheduler.until('its address', ({ stdout }) => /listens on (grpc:\/\/\S+)\n/.exec(stdout)?.[1]);
  const worker = () => start(['worker', '--scheduler', master, '--threads', '1', '--shuffle-service', address], place);
  const workers = [worker(), worker()];
  await scheduler.until('both joined', ({ stdout }) => stdout.match(/ joined: /g)?.length === 2);
  return { service, master, workers };
}

test('a worker is killed after it mapped: nothing is mapped again; then the service stops: all is', async () => {
  const place = newPlace();
  const { service, master, workers } = await startWithService(place);
  const job = submit(master, place);
  await allMapped(job);
  expect(blocks(place)).toHaveLength(MAPS);
  // It may have mapped all of it.
  const victim = mapsFinished(job)[0].worker;
  workers.find(({ stdout }) => stdout.startsWith(victim))!.kill('SIGKILL');
  await job.until('the loss is known', () => ofKind(job, 'worker-lost').length > 0);
  expect(ofKind(job, 'worker-lost')).toMatchObject([{ worker: victim }]);
  writeFileSync(place.gate, '');
  expect(await within(30_000, 'the end of the job', job.ended)).toMatchObject({ code: 0, stderr: '' });
  expect(answer(place)).toEqual(ANSWER);
  expect(mapsFinished(job)).toHaveLength(MAPS);
  expect(ofKind(job, 'shuffle-lost')).toEqual([]);
  await eventually('the blocks of the job are gone, the dead worker’s too', () => blocks(place).length === 0);

  const next = { ...newPlace(), env: place.env };
  const second = submit(master, next);
  await allMapped(second);
  service.kill('SIGTERM');
  expect(await within(10_000, 'the end of the service', service.ended)).toMatchObject({ code: 0, stderr: 'stopping\n' });
  expect(blocks(place)).toEqual([]);
  writeFileSync(next.gate, '');
  expect(await within(60_000, 'the end of the job', second.ended)).toMatchObject({ code: 0, stderr: '' });
  expect(answer(next)).toEqual(ANSWER);
  expect(ofKind(second, 'worker-lost')).toEqual([]);
  expect(mapsFinished(second)).toHaveLength(2 * MAPS);
});

test('a local cluster has a service of its own on demand', async () => {
  const place = newPlace();
  const job = submit('local-cluster[2,1]', place, '--conf', 'shuffle.service=true', '--kill', 'worker@66%');
  await job.until('the loss is known', () => ofKind(job, 'worker-lost').length > 0);
  writeFileSync(place.gate, '');
  expect(await within(30_000, 'the end of the job', job.ended)).toMatchObject({ code: 0 });
  expect(answer(place)).toEqual(ANSWER);
  expect(mapsFinished(job)).toHaveLength(MAPS);
  expect(filesBelow(place.env.TMPDIR).filter((path) => path.includes('/service-'))).toEqual([]);
});
