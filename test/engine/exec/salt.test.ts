/** Salted joins and groupings give the rows of plain ones, and spread those of one key. */
import { describe, expect, test } from 'vitest';
import {
  avg,
  col,
  collectList,
  count,
  countDistinct,
  explodeSalt,
  expr,
  max,
  type Session,
  salt,
  sortArray,
  sum,
} from '../../../src/index.js';
import { openInProcess } from './in-process.js';

const CONF = { 'shuffle.partitions': '7', 'broadcast.threshold': '0' };
const { spark, backend } = openInProcess(CONF);

/** Nearly all rows have key 0; some keys are null, some on one side only. */
const facts = (session: Session = spark) =>
  session
    .range(0, 600, 1, 3)
    .select('id', expr('CASE WHEN id % 50 = 1 THEN NULL WHEN id % 10 = 2 THEN CAST(id % 40 AS INT) ELSE 0 END AS k'), expr('id % 7 AS v'));
const names = (session: Session = spark) =>
  session.range(0, 30, 1, 2).select(expr('CAST(id AS INT) AS k'), expr("concat('name ', id) AS name"), expr('id AS other'));

const sorted = (rows: readonly object[]) => rows.map((row) => Object.entries(row).join()).sort();

describe('saltedJoin', () => {
  test.each(['inner', 'left', 'semi', 'anti'] as const)('%s', async (how) => {
    const salted = facts().saltedJoin(names(), 'k', { salts: 5, how });
    const plain = facts().join(names(), 'k', how);
    expect(sorted(await salted.collect())).toEqual(sorted(await plain.collect()));
    expect(await salted.columns()).toEqual(await plain.columns());
  });

  test('by several columns, inner unless said, with one salt', async () => {
    const twice = names().withColumn('v', expr('CAST(k % 7 AS BIGINT)'));
    const salted = facts().saltedJoin(twice, ['k', 'v'], { salts: 3 });
    expect(sorted(await salted.collect())).toEqual(sorted(await facts().join(twice, ['k', 'v']).collect()));
    const one = facts().saltedJoin(names(), 'k', { salts: 1 });
    expect(await one.count()).toBe(await facts().join(names(), 'k').count());
  });

  test('rows of one key lie in several partitions', async () => {
    const partitionsOf = async (joined: ReturnType<typeof facts>) =>
      (await joined.where('k = 0').select(expr('spark_partition_id() AS p')).distinct().collect()).length;
    expect(await partitionsOf(facts().join(names(), 'k') as never)).toBe(1);
    expect(await partitionsOf(facts().saltedJoin(names(), 'k', { salts: 16 }) as never)).toBeGreaterThan(4);
  });

  test('by hand', async () => {
    const left = facts().withColumn('salt', salt(4));
    const right = names().select('*', explodeSalt(4).as('salt'));
    expect(await right.count()).toBe(120);
    expect(sorted(await left.join(right, ['k', 'salt']).drop('salt').collect())).toEqual(
      sorted(await facts().join(names(), 'k').collect()),
    );
  });

  test('what it does not take', () => {
    const join = (options: object) => () => facts().saltedJoin(names(), 'k', options as { salts: number });
    for (const how of ['right', 'full', 'lefft']) {
      expect(join({ salts: 2, how })).toThrow(expect.objectContaining({ condition: 'UNSUPPORTED_JOIN_TYPE', kind: 'user' }));
    }
    for (const salts of [0, -1, 1.5, Number.NaN]) {
      expect(join({ salts })).toThrow(expect.objectContaining({ condition: 'INVALID_ARGUMENT' }));
      expect(() => salt(salts)).toThrow(expect.objectContaining({ condition: 'INVALID_ARGUMENT' }));
      expect(() => explodeSalt(salts)).toThrow(expect.objectContaining({ condition: 'INVALID_ARGUMENT' }));
      expect(() => facts().groupBy('k').salted(salts)).toThrow(expect.objectContaining({ condition: 'INVALID_ARGUMENT' }));
    }
  });
});

test('salt: the same for the same rows, about as many of each, and not in step with keys', async () => {
  const rows = await spark.range(0, 8000, 1, 1).select('id', salt(8).as('s')).collect();
  expect(await spark.range(0, 8000, 1, 1).select('id', salt(8).as('s')).collect()).toEqual(rows);
  for (const step of [1n, 8n]) {
    const counts = new Array<number>(8).fill(0);
    for (const { id, s } of rows) if (id % step === 0n) counts[s]++;
    const mean = 1000 / Number(step);
    expect(counts.every((n) => n > mean * 0.7 && n < mean * 1.3)).toBe(true);
  }
});

describe.each<Readonly<Record<string, string>>>([{}, { 'shuffle.combine': 'false' }, { 'aggregate.strategy': 'sort' }])(
  'salted groups, %o',
  (conf) => {
    const other = openInProcess({ ...CONF, ...conf });
    const calls = [count().as('n'), sum('v').as('s'), avg('v').as('a'), max('id').as('m'), sortArray(collectList('v')).as('l')] as const;

    test('are the plain ones', async () => {
      const by = (session: Session) =>
        facts(session)
          .groupBy('k')
          .agg(...calls);
      const salted = facts(other.spark)
        .groupBy('k')
        .salted(5)
        .agg(...calls);
      expect(sorted(await salted.collect())).toEqual(sorted(await by(spark).collect()));
      expect((await other.backend.explain(salted.plan)).match(/Exchange .*/g)).toEqual([
        'Exchange hash(k) to 7',
        'Exchange hash(k, pmod(hash(monotonically_increasing_id()), 5)) to 7',
      ]);
    });

    test('so are those of all rows, of sets, and DISTINCT ones', async () => {
      expect(await facts(other.spark).groupBy().salted(3).agg(count().as('n')).collect()).toEqual([{ n: 600n }]);
      const sets = (session: Session, salts: number | null) => {
        const grouped = facts(session).rollup('k', 'v');
        return (salts === null ? grouped : grouped.salted(salts)).agg(sum('id').as('s'));
      };
      expect(sorted(await sets(other.spark, 4).collect())).toEqual(sorted(await sets(spark, null).collect()));
      const distinct = facts(other.spark).groupBy('k').salted(3).agg(countDistinct('v').as('d'));
      expect(sorted(await distinct.collect())).toEqual(sorted(await facts().groupBy('k').agg(countDistinct('v').as('d')).collect()));
    });
  },
);

test('a computed grouping is salted too', async () => {
  const grouped = facts().groupBy(col('id').eq(3n).as('three')).salted(2).agg(count().as('n'));
  expect(sorted(await grouped.collect())).toEqual(['three,false,n,599', 'three,true,n,1']);
  expect(backend.graph.stages.length).toBeGreaterThan(2);
});
