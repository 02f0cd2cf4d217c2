/** What a session made by hand does when listeners throw, when it is stopped, and where its functions run. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Event } from '../../../src/core/events.js';
import { col, Session, udf } from '../../../src/index.js';

let spark: Session;

beforeEach(async () => {
  spark = await Session.builder().master('local[2]').getOrCreate();
});

afterEach(() => spark.stop());

test.each(['job-submitted', 'task-finished', 'job-finished'])(
  'a listener that throws at %s ends its job as the user’s fault',
  async (kind) => {
    spark.onEvent((event) => {
      if (event.kind === kind) throw new RangeError('my listener');
    });
    await expect(spark.range(10).count()).rejects.toMatchObject({
      kind: 'user',
      condition: 'EVENT_LISTENER_FAILED',
      message: expect.stringContaining('my listener'),
      site: { file: expect.stringContaining('session-life.test.ts') },
    });
  },
);

test('what a function throws names the line here', async () => {
  const broken = udf((_: bigint): bigint => {
    throw new Error('no');
  }, 'bigint');
  const error = await spark
    .range(1)
    .select(broken(col('id')))
    .collect()
    .catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ condition: 'UDF_FAILED', site: { file: expect.stringContaining('session-life.test.ts'), line: 34 } });
});

test('only queries with functions that this thread alone has run in it', async () => {
  const places = new Set<string>();
  spark.onEvent((event: Event) => {
    if (event.kind === 'task-started') places.add(event.worker);
  });
  const placesOf = async (action: Promise<unknown>): Promise<string[]> => {
    places.clear();
    await action;
    return [...places];
  };
  const threads = await placesOf(spark.range(10).count());
  const here = await placesOf(
    spark
      .parallelize([1, 2])
      .map((x) => x + 1)
      .collect(),
  );
  expect(here).not.toEqual(threads);
  expect(await placesOf(spark.range(10).count())).toEqual(threads);
});

test('any number of actions may run at once, without a warning', async () => {
  const warnings: Error[] = [];
  const listen = (warning: Error) => warnings.push(warning);
  process.on('warning', listen);
  const counts = await Promise.all(Array.from({ length: 20 }, (_, i) => spark.range(i).repartition(2).count()));
  await new Promise((resolve) => setImmediate(resolve));
  process.off('warning', listen);
  expect(counts).toEqual(Array.from({ length: 20 }, (_, i) => i));
  expect(warnings).toEqual([]);
});

test('stop() ends a running action, and one that reads batches; later ones are refused', async () => {
  const batches = spark.range(0, 50_000_000, 1, 40).batches();
  expect((await batches.next()).value?.length).toBeGreaterThan(0);
  const counting = expect(spark.range(0, 100_000_000_000, 1, 4).count()).rejects.toMatchObject({ condition: 'JOB_CANCELLED' });
  const stopped = spark.stop();
  await counting;
  const rest = async () => {
    for await (const _ of batches);
  };
  await expect(rest()).rejects.toMatchObject({ condition: 'JOB_CANCELLED' });
  await Promise.all([stopped, spark.stop()]);
  await expect(spark.range(1).collect()).rejects.toMatchObject({ condition: 'SESSION_STOPPED' });
});

test('when stop() resolves, a write that it ended is cleaned up', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'minispark-life-'));
  const write = spark.range(0, 1_000_000_000, 1, 4).write.csv(join(dir, 'out'));
  write.catch(() => {});
  await spark.stop();
  expect(readdirSync(dir)).toEqual([]);
  await expect(write).rejects.toMatchObject({ condition: 'JOB_CANCELLED' });
  rmSync(dir, { recursive: true });
});

test('a session of another master takes the place of one that was stopped', async () => {
  await expect(Session.builder().master('local[1]').getOrCreate()).rejects.toMatchObject({ condition: 'SESSION_EXISTS' });
  const stopped = spark.stop();
  spark = await Session.builder().master('local[1]').getOrCreate();
  expect(await spark.range(5).count()).toBe(5);
  await stopped;
  expect(await spark.range(6).count()).toBe(6);
});

test('shuffle.dir is refused where it would do nothing', async () => {
  await spark.stop();
  const session = Session.builder().master('grpc://localhost:1').config('shuffle.dir', '/somewhere').getOrCreate();
  await expect(session).rejects.toMatchObject({ condition: 'INVALID_CONFIG' });
});
