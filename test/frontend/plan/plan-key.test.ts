import { expect, test } from 'vitest';
import { createSession } from '../../../src/frontend/api/session.js';
import { planKey } from '../../../src/frontend/plan/plan-key.js';
import { col, lit, udf } from '../../../src/index.js';
import { RecordingBackend } from '../api/recording-backend.js';

const spark = createSession(new RecordingBackend());
const rows = spark.createDataFrame([{ n: 1 }], 'n int');

test('equal queries have one key, wherever they were written', () => {
  const build = () => spark.read.csv('a.csv').where(col('n').gt(1)).union(spark.range(3)).select('n', lit(2n).as('two'));
  expect(planKey(build().plan)).toBe(planKey(build().plan));
  expect(planKey(rows.select('n').plan)).toBe(planKey(rows.select('n').plan));
});

test('everything but the place counts', () => {
  const double = udf((n: number) => n * 2, 'int');
  const frames = [
    spark.read.csv('a.csv'),
    spark.read.csv('b.csv'),
    spark.read.option('sep', ';').csv('a.csv'),
    spark.range(3),
    spark.range(4),
    spark.range(0, 3, 1, 2),
    rows,
    spark.createDataFrame([{ n: 1 }], 'n int'),
    rows.select(lit(1)),
    rows.select(lit(1n)),
    rows.select(lit(1).as('a')),
    rows.where(col('n').eq(Number.NaN)),
    rows.where(col('n').eq(0)),
    rows.select(double('n')),
    rows.select(double('n')),
    rows.crossJoin(spark.range(3)),
    spark.range(3).crossJoin(rows),
    rows.orderBy('n'),
    rows.orderBy(col('n').desc()),
  ];
  expect(new Set(frames.map(({ plan }) => planKey(plan))).size).toBe(frames.length);
});
