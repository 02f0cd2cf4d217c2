/** What a session keeps: found again, computed once, pruned, spilled, released; and never another answer than without. */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Event, EventOf } from '../../../src/core/events.js';
import { avg, col, count, type DataFrame, lit, Session, sum } from '../../../src/index.js';

let spark: Session;
let dir: string;
let events: Event[] = [];

const open = async (config: Record<string, string> = {}): Promise<void> => {
  let builder = Session.builder().master('local[2]');
  for (const [key, value] of Object.entries({ 'shuffle.dir': dir, ...config })) builder = builder.config(key, value);
  spark = await builder.getOrCreate();
  spark.onEvent((event) => events.push(event));
};

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'minispark-cache-'));
  await open();
});

afterEach(async () => {
  await spark.clearCache();
  events = [];
});

afterAll(async () => {
  await spark.stop();
  rmSync(dir, { recursive: true, force: true });
});

const eventsOf = <K extends Event['kind']>(kind: K): EventOf<K>[] => events.filter((event): event is EventOf<K> => event.kind === kind);
/** `partitions found/all` of each cache that an action used, one by one. */
const found = (): string[] => eventsOf('cache-used').map((event) => `${event.found}/${event.partitions}`);
const numbers = (rows = 1000, partitions = 4) =>
  spark.range(0, rows, 1, partitions).select(col('id'), col('id').mod(7).as('k'), col('id').cast('string').as('text'));

/** Another session, with other settings, for one test. */
async function withSession(config: Record<string, string>, act: () => Promise<void>): Promise<void> {
  await spark.stop();
  await open(config);
  try {
    await act();
  } finally {
    await spark.stop();
    await open();
  }
}

test('the first action computes it, later ones find it, by node and by equal plan', async () => {
  const df = numbers().cache();
  expect(df.storageLevel).toBe('MEMORY_AND_DISK');
  expect(await df.count()).toBe(1000);
  expect(await df.where(col('k').eq(3)).agg(sum('id').as('s')).collect()).toEqual([{ s: 71500n }]);
  expect(await numbers().agg(count().as('n')).collect()).toEqual([{ n: 1000n }]);
  expect(found()).toEqual(['0/4', '4/4', '4/4']);
  expect(eventsOf('cache-stored')).toHaveLength(4);
  const other = spark.range(0, 1000, 1, 5).select(col('id'));
  expect(other.storageLevel).toBeNull();
  await df.unpersist();
  await df.unpersist();
  expect(df.storageLevel).toBeNull();
  expect(await df.count()).toBe(1000);
  expect(found()).toHaveLength(3);
});

test('an action in the middle of a query, a join with itself and a cache of a cache', async () => {
  const base = numbers(100).cache();
  const sums = base.groupBy('k').agg(sum('id').as('s')).cache();
  const joined = base
    .alias('a')
    .join(sums.alias('b'), col('a.k').eq(col('b.k')))
    .where(col('a.id').eq(col('b.s').mod(100)));
  const plain = joined.select(col('a.id'), col('s')).orderBy('id');
  const first = await plain.collect();
  expect(await plain.collect()).toEqual(first);
  const twice = base.alias('x').join(base.alias('y'), col('x.id').eq(col('y.id').plus(1)));
  expect(await twice.count()).toBe(99);
  // Of three actions the first computes both, and finds neither; the second both; the third the one that it reads.
  expect(found()).toEqual(['0/4', expect.stringMatching(/^0\//), '4/4', expect.stringMatching(/^(\d+)\/\1$/), '4/4']);
  await base.unpersist();
  expect(await sums.count()).toBe(7);
});

test('explain shows what is kept, and only the columns that are read', async () => {
  const df = numbers().cache();
  const query = df.where(col('k').eq(3)).select('id');
  const text = async () => (await spark.backend.explain(query.plan, 'simple')).replace(/cache-[0-9a-f]+/g, 'cache-1');
  expect(await text()).toContain('InMemoryScan [id, k] of cache-1 (range), MEMORY_AND_DISK');
  expect(await text()).toContain('→ kept as cache-1, MEMORY_AND_DISK');
  expect(await text()).toContain('== Cached ==\ncache-1: MEMORY_AND_DISK, nothing stored yet');
  await df.count();
  expect(await text()).toMatch(/cache-1: MEMORY_AND_DISK, 4 partitions stored \(in memory\), \d+ bytes/);
});

test('a sort by a column that the cached select dropped still finds it', async () => {
  const df = numbers(20, 2).select('text').cache();
  expect(await df.count()).toBe(20);
  const rows = await df.orderBy(col<string>('id').desc()).limit(2).collect();
  expect(rows).toEqual([{ text: '19' }, { text: '18' }]);
});

test.each(['MEMORY_ONLY', 'MEMORY_AND_DISK', 'DISK_ONLY'] as const)('%s within and beyond its memory', async (level) => {
  await withSession({ 'cache.memory': '100k' }, async () => {
    const df = numbers(40_000, 16).persist(level);
    const wanted = [{ n: 40_000n, s: 799_980_000n }];
    const query = df.agg(count().as('n'), sum('id').as('s'));
    for (let i = 0; i < 3; i++) expect(await query.collect()).toEqual(wanted);
    const [first, ...later] = eventsOf('cache-used');
    expect(first.found).toBe(0);
    // What memory could not hold was there for its own job, and then not for the next.
    for (const { found, lost } of later) {
      if (level === 'MEMORY_ONLY') expect(found + lost).toBe(16);
      else expect(found).toBe(16);
    }
    if (level === 'MEMORY_ONLY') expect(later.some(({ lost }) => lost > 0)).toBe(true);
    if (level === 'DISK_ONLY') expect(eventsOf('cache-stored').every(({ memory }) => !memory)).toBe(true);
    expect(keptFiles().length > 0).toBe(level !== 'MEMORY_ONLY');
    await df.unpersist();
    await expect.poll(() => keptFiles()).toEqual([]);
  });
});

/** Files of cached partitions below the session's directory. */
function keptFiles(): string[] {
  const names = readdirSync(dir, { recursive: true, encoding: 'utf8' });
  return names.filter((name) => name.includes('cache-') && name.endsWith('.data'));
}

test('Datasets are kept too, in whatever form their elements lie', async () => {
  let calls = 0;
  const pairs = spark
    .parallelize([1, 2, 3, 4], 2)
    .map((n): [number, number] => {
      calls++;
      return [n % 2, n];
    })
    .cache();
  expect(pairs.storageLevel).toBe('MEMORY_AND_DISK');
  expect((await pairs.collect()).length).toBe(4);
  expect(await pairs.reduceByKey((a, b) => a + b).collect()).toEqual([
    [0, 6],
    [1, 4],
  ]);
  expect(
    await pairs
      .mapValues((n) => n * 10)
      .values()
      .collect(),
  ).toEqual([10, 20, 30, 40]);
  expect(calls).toBe(4);
});

test('a local checkpoint forgets how its rows came about, and can be freed', async () => {
  let df: DataFrame<{ id: bigint }> = spark.range(10);
  for (let i = 0; i < 3; i++) df = (await df.select(col('id').plus(1).as('id')).localCheckpoint()) as unknown as typeof df;
  expect(await df.agg(sum('id').as('s')).collect()).toEqual([{ s: 75n }]);
  expect(df.plan.kind).toBe('checkpoint');
  events = [];
  await df.count();
  expect(eventsOf('job-submitted')[0].stages.length).toBeLessThanOrEqual(3);
  await df.unpersist();
  await expect(df.count()).rejects.toMatchObject({ condition: 'CHECKPOINT_RELEASED' });
});

test('checkpoint() writes files and reads them', async () => {
  await expect(numbers().checkpoint()).rejects.toMatchObject({
    condition: 'CHECKPOINT_DIR_NOT_SET',
    hint: expect.stringContaining('checkpoint.dir'),
  });
  const place = join(dir, 'checkpoints');
  await withSession({ 'checkpoint.dir': place }, async () => {
    const df = numbers(50).where(col('k').ne(0));
    const saved = await df.checkpoint();
    expect(existsSync(place)).toBe(true);
    expect(saved.plan.kind).toBe('read');
    expect(await saved.collect()).toEqual(await df.collect());
    const words = await spark.parallelize(['b', 'a']).checkpoint();
    expect(await words.collect()).toEqual(['b', 'a']);
  });
});

test('a write of this session that replaces files drops what was computed of them', async () => {
  const path = join(dir, 'input');
  await spark.range(10).write.mode('overwrite').parquet(path);
  const df = spark.read.parquet(path).cache();
  expect(await df.count()).toBe(10);
  await spark.range(20).write.mode('overwrite').parquet(path);
  expect(await spark.read.parquet(path).count()).toBe(20);
  expect(await df.count()).toBe(20);
  expect(found()).toEqual(['0/1', '0/1', '1/1'].map((text) => expect.stringMatching(text.startsWith('0') ? /^0\// : /^(\d+)\/\1$/)));
});

test('a plan that cannot be computed fails as it does without, again and again', async () => {
  const df = numbers()
    .select(lit(1).divide(col('id')).as('x'))
    .cache();
  await expect(df.count()).rejects.toMatchObject({ condition: 'DIVIDE_BY_ZERO' });
  await expect(df.count()).rejects.toMatchObject({ condition: 'DIVIDE_BY_ZERO' });
  const wrong = numbers().select(col<string>('nope')).cache();
  await expect(wrong.count()).rejects.toMatchObject({ condition: expect.stringContaining('UNRESOLVED_COLUMN') });
  expect(() => numbers().persist('ON_TAPE' as never)).toThrowError(expect.objectContaining({ condition: 'INVALID_STORAGE_LEVEL' }));
});

type Frame = DataFrame<{ id: bigint; k: bigint; text: string }>;
const STEPS: readonly ((df: Frame) => Frame)[] = [
  (df) => df.where(col('id').mod(3).ne(1)),
  (df) => df.select(col('id').plus(1).as('id'), col('k'), col('text')) as unknown as Frame,
  (df) => df.union(df),
  (df) => df.distinct(),
  (df) => df.repartition(3, 'k'),
  (df) => df.coalesce(2),
  (df) =>
    df.groupBy('k').agg(sum('id').as('id'), count().cast('string').as('text')).select(col('id'), col('k'), col('text')) as unknown as Frame,
  (df) => df.join(df.groupBy('k').agg(avg('id').as('m')), 'k').select(col('id'), col('k'), col('text')) as unknown as Frame,
];

test('with caches anywhere in a plan, results are those without', { timeout: 120_000 }, async () => {
  const step = fc.record({
    step: fc.nat(STEPS.length - 1),
    keep: fc.constantFrom(null, null, 'MEMORY_ONLY', 'MEMORY_AND_DISK', 'DISK_ONLY'),
  });
  const plans = fc.record({
    rows: fc.constantFrom(0, 1, 60),
    partitions: fc.integer({ min: 1, max: 4 }),
    steps: fc.array(step, { minLength: 1, maxLength: 4 }),
  });
  const texts = async (df: Frame) => (await df.collect()).map((row) => `${row.id}|${row.k}|${row.text}`).sort();
  await fc.assert(
    fc.asyncProperty(plans, async ({ rows, partitions, steps }) => {
      const build = () => steps.reduce((df, { step: i }) => STEPS[i](df), numbers(rows, partitions) as unknown as Frame);
      const wanted = await texts(build());
      let df = numbers(rows, partitions) as unknown as Frame;
      for (const { step: i, keep } of steps) {
        df = STEPS[i](df);
        if (keep !== null) df.persist(keep as 'MEMORY_ONLY');
      }
      expect(await texts(df)).toEqual(wanted);
      expect(await texts(build())).toEqual(wanted);
      await spark.clearCache();
    }),
    { numRuns: 25 },
  );
});
