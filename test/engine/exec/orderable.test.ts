/** Maps have no order and no equality, nor has what holds one: refused at plan time wherever rows are compared. */
import { expect, test } from 'vitest';
import { col, type DataFrame, expr, max, Window } from '../../../src/index.js';
import { openInProcess } from './in-process.js';

const { spark } = openInProcess({});

const KINDS = { map: 'm', 'struct with a map': 's', 'array of structs with maps': 'a' };
const ORDER = 'DATATYPE_MISMATCH.INVALID_ORDERING_TYPE';

const USES: Record<string, readonly [(df: DataFrame, key: string) => DataFrame, string]> = {
  orderBy: [(df, key) => df.orderBy(key), ORDER],
  sortWithinPartitions: [(df, key) => df.sortWithinPartitions(key), ORDER],
  groupBy: [(df, key) => df.groupBy(key).count(), 'GROUP_EXPRESSION_TYPE_IS_NOT_ORDERABLE'],
  distinct: [(df, key) => df.select(key).distinct(), 'UNSUPPORTED_FEATURE.SET_OPERATION_ON_MAP_TYPE'],
  dropDuplicates: [(df, key) => df.dropDuplicates([key]), 'UNSUPPORTED_FEATURE.SET_OPERATION_ON_MAP_TYPE'],
  intersect: [(df, key) => df.select(key).intersect(df.select(key)), 'UNSUPPORTED_FEATURE.SET_OPERATION_ON_MAP_TYPE'],
  'join on': [(df, key) => df.alias('l').join(df.alias('r'), expr(`l.${key} = r.${key}`)), ORDER],
  'join using': [(df, key) => df.join(df, key), 'DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES'],
  'comparison <=>': [(df, key) => df.where(expr(`${key} <=> ${key}`)), ORDER],
  max: [(df, key) => df.agg(max(key)), ORDER],
  'window order': [(df, key) => df.select(expr('count(1)').over(Window.orderBy(key))), ORDER],
  'window partition': [(df, key) => df.select(expr('count(1)').over(Window.partitionBy(key))), 'EXPRESSION_TYPE_IS_NOT_ORDERABLE'],
  repartition: [(df, key) => df.repartition(2, key), 'DATATYPE_MISMATCH.HASH_MAP_TYPE'],
  repartitionByRange: [(df, key) => df.repartitionByRange(2, key), ORDER],
};

test.each(Object.keys(USES))('%s', async (name) => {
  const schema = 'm map<string,int>, s struct<x:int,y:map<string,int>>, a array<struct<y:map<string,int>>>, ok struct<x:int,y:array<int>>';
  const df = spark.createDataFrame([], schema) as DataFrame;
  const [use, condition] = USES[name];
  for (const [what, key] of Object.entries(KINDS)) {
    await expect((async () => use(df, key).collect())(), what).rejects.toMatchObject({ kind: 'user', condition });
  }
  expect(await use(df.select(col('ok')), 'ok').collect()).toEqual(name === 'max' ? [{ 'max(ok)': null }] : []);
});
