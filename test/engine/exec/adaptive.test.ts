/** Joins of skewed rows have the same rows whether stages adapt or not, whatever is decided. */
import { expect, test } from 'vitest';
import { Config } from '../../../src/core/config.js';
import { createSession } from '../../../src/frontend/api/session.js';
import { col, count, type DataFrame, expr, sum } from '../../../src/index.js';
import { InProcessBackend } from './in-process.js';

const CONFIG = { 'shuffle.partitions': '8', 'broadcast.threshold': '0' };
const ALL = { slots: 2, targetBytes: 12_000, broadcastBytes: 0 };
const BROADCASTS = { ...ALL, broadcastBytes: 20_000 };

async function rowsOf(query: (spark: ReturnType<typeof createSession>) => DataFrame<never>, adaptive: typeof ALL | null) {
  const backend = new InProcessBackend(Config.from(CONFIG), true, adaptive);
  const rows = await query(createSession(backend, CONFIG)).collect();
  const texts = rows.map((row) => Object.values(row as object).join(' '));
  return { rows: texts.sort(), decided: [...new Set(backend.decisions.map(({ decision }) => decision))].sort() };
}

/** Half of the rows have key 0. */
const skewed = (spark: ReturnType<typeof createSession>) =>
  spark.range(0, 3000, 1, 6).select(expr('if(id % 2 = 0, 0, id % 40)').as('k'), col('id').as('a'));
const keys = (spark: ReturnType<typeof createSession>) => spark.range(0, 30, 1, 2).select(col('id').as('k'), expr('id * 10').as('b'));

test.each([
  ['inner', true],
  ['left', true],
  ['right', false],
  ['full', false],
  ['semi', true],
  ['anti', true],
] as const)('%s join: the large partition is shared, or the small side read whole: %s', async (how, spreads) => {
  const query = (spark: ReturnType<typeof createSession>) => skewed(spark).join(keys(spark), 'k', how) as DataFrame<never>;
  const plain = await rowsOf(query, null);
  const shared = await rowsOf(query, ALL);
  const whole = await rowsOf(query, BROADCASTS);
  expect(plain.rows.length).toBeGreaterThan(20);
  expect(shared.rows).toEqual(plain.rows);
  expect(whole.rows).toEqual(plain.rows);
  expect([plain.decided, shared.decided.includes('skew'), whole.decided.includes('broadcast')]).toEqual([[], spreads, spreads]);
});

test('what lies above such a join, or below it', async () => {
  const grouped = (spark: ReturnType<typeof createSession>) =>
    skewed(spark)
      .join(keys(spark).groupBy('k').agg(sum('b').as('b')), 'k')
      .groupBy('b')
      .agg(count().as('n'), sum('a').as('s'))
      .orderBy('b') as unknown as DataFrame<never>;
  const sameKey = (spark: ReturnType<typeof createSession>) =>
    skewed(spark).join(keys(spark), 'k').groupBy('k').agg(count().as('n')) as unknown as DataFrame<never>;
  const twice = (spark: ReturnType<typeof createSession>) =>
    skewed(spark)
      .join(keys(spark), 'k')
      .join(keys(spark).select(col('k'), expr('b + 1').as('c')), 'k')
      .where('c > 50') as unknown as DataFrame<never>;
  for (const query of [grouped, sameKey, twice]) {
    const plain = await rowsOf(query, null);
    expect(plain.rows.length).toBeGreaterThan(5);
    expect((await rowsOf(query, ALL)).rows).toEqual(plain.rows);
    expect((await rowsOf(query, BROADCASTS)).rows).toEqual(plain.rows);
  }
});
