/** Shuffle services with real processes: what workers have mapped outlives them, and what a service had is made again when it goes. */
import { afterAll, afterEach, expect, test } from 'vitest';
import { ANSWER, answer, gated, newPlace, openGate, type Place } from './gated.js';
import { eventually, filesBelow, killAll, type Started, start, temporary, within } from './processes.js';

const { dir, remove } = temporary();

const MAPS = 24;

afterEach(killAll);
afterAll(remove);

/** All maps run at once; reduce tasks with keys beyond the first wait for the gate. */
const submit = (master: string, place: Place, ...options: string[]): Started =>
  start(['submit', '--json', '--master', master, ...options, ...gated(place, '--hold', 'reduce', '--free', '1')], place);

const mapsFinished = (job: Started) => job.eventsOf('task-finished').filter(({ task }) => task.stage === 0);

/** Both workers have mapped, and no map is under way. */
const allMapped = (job: Started) => job.until('all maps finished', () => mapsFinished(job).length === MAPS);

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
  const place = newPlace(dir);
  const { service, master, workers } = await startWithService(place);
  const job = submit(master, place);
  await allMapped(job);
  expect(blocks(place)).toHaveLength(MAPS);
  // It may have mapped all of it.
  const victim = mapsFinished(job)[0].worker;
  workers.find(({ stdout }) => stdout.startsWith(victim))!.kill('SIGKILL');
  await job.until('the loss is known', () => job.eventsOf('worker-lost').length > 0);
  expect(job.eventsOf('worker-lost')).toMatchObject([{ worker: victim }]);
  openGate(place);
  expect(await within(30_000, 'the end of the job', job.ended)).toMatchObject({ code: 0, stderr: '' });
  expect(answer(place)).toEqual(ANSWER);
  expect(mapsFinished(job)).toHaveLength(MAPS);
  expect(job.eventsOf('shuffle-lost')).toEqual([]);
  await eventually('the blocks of the job are gone, the dead worker’s too', () => blocks(place).length === 0);

  const next = { ...newPlace(dir), env: place.env };
  const second = submit(master, next);
  await allMapped(second);
  service.kill('SIGTERM');
  expect(await within(10_000, 'the end of the service', service.ended)).toMatchObject({ code: 0, stderr: 'stopping\n' });
  expect(blocks(place)).toEqual([]);
  openGate(next);
  expect(await within(60_000, 'the end of the job', second.ended)).toMatchObject({ code: 0, stderr: '' });
  expect(answer(next)).toEqual(ANSWER);
  expect(second.eventsOf('worker-lost')).toEqual([]);
  expect(mapsFinished(second)).toHaveLength(2 * MAPS);
});

test('a local cluster has a service of its own on demand', async () => {
  const place = newPlace(dir);
  const job = submit('local-cluster[2,1]', place, '--conf', 'shuffle.service=true', '--kill', 'worker@66%');
  await job.until('the loss is known', () => job.eventsOf('worker-lost').length > 0);
  openGate(place);
  expect(await within(30_000, 'the end of the job', job.ended)).toMatchObject({ code: 0 });
  expect(answer(place)).toEqual(ANSWER);
  expect(mapsFinished(job)).toHaveLength(MAPS);
  expect(filesBelow(place.env.TMPDIR).filter((path) => path.includes('/service-'))).toEqual([]);
});
