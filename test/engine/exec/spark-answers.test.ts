/** What Spark 4.3 answers (ANSI mode, UTC) where answers are easily another: nulls, NaN and -0 as keys, ties, frames, coercion, refusals. */
import { expect, test } from 'vitest';
import { typeName } from '../../../src/data/types.js';
import {
  anyValue,
  approxCountDistinct,
  avg,
  col,
  collectList,
  collectSet,
  corr,
  count,
  countDistinct,
  covarSamp,
  cumeDist,
  type DataFrame,
  denseRank,
  explode,
  expr,
  first,
  grouping,
  groupingId,
  hash,
  histogramNumeric,
  inline,
  inlineOuter,
  kurtosis,
  lag,
  last,
  lead,
  lit,
  max,
  maxBy,
  median,
  min,
  minBy,
  nthValue,
  ntile,
  percentile,
  percentRank,
  posexplodeOuter,
  skewness,
  sortArray,
  stddev,
  struct,
  sum,
  sumDistinct,
  varPop,
  Window,
  xxhash64,
} from '../../../src/index.js';
import { openInProcess } from './in-process.js';

const { spark } = openInProcess({ 'shuffle.partitions': '3' });
const df = (rows: readonly (readonly unknown[])[], ddl: string): DataFrame => spark.createDataFrame(rows, ddl) as DataFrame;

const t = df(
  [
    [1, 'a', 10, 1.5],
    [2, 'a', null, 2.5],
    [3, null, 30, null],
    [4, 'b', 10, NaN],
    [5, null, null, -0.0],
    [6, 'b', 5, 0.0],
  ],
  'id int, k string, v int, d double',
);
const u = df(
  [
    ['a', 1],
    ['a', 2],
    [null, 3],
    ['c', 4],
  ],
  'k string, w int',
);
const dec = df(
  [
    [1, '1.10'],
    [1, '2.25'],
    [1, '3.00'],
    [2, null],
    [2, '7.77'],
  ],
  'g int, x string',
).selectExpr('g', 'cast(x as decimal(10,2)) as x');
const arr = df(
  [
    [1, [1, 2]],
    [2, []],
    [3, null],
  ],
  'id int, xs array<int>',
);
const st = df(
  [
    [
      1,
      [
        { a: 1, b: 'x' },
        { a: 2, b: 'y' },
      ],
    ],
    [2, null],
    [3, [null, { a: 3, b: 'z' }]],
  ],
  'id int, ss array<struct<a:int,b:string>>',
);
const mp = df(
  [
    [
      1,
      new Map([
        ['a', 1],
        ['b', 2],
      ]),
    ],
    [2, new Map()],
    [3, null],
  ],
  'id int, m map<string,int>',
);
const t2 = df(
  [
    [1, '2024-01-01', '2024-01-01T10:00:00Z'],
    [2, '2024-01-02', '2024-01-01T10:30:00Z'],
    [3, '2024-01-05', '2024-01-01T12:00:00Z'],
    [4, null, null],
  ],
  'id int, d date, ts timestamp',
);
const multi = df([[1], [1], [1], [2], [null], [null]], 'x int');
const multi2 = df([[1], [1], [3], [null], [null], [null]], 'x int');
const o = Window.orderBy;

/** What is asked, the types of the answer, and its text: names, then rows. */
const ANSWERS: readonly (readonly [string, () => DataFrame, string, readonly string[]])[] = [
  [
    'rollup: a null key is a group of its own',
    () => t.rollup('k').agg(count('*').as('n'), sum('v').as('s'), grouping('k').as('g'), groupingId().as('gid')).orderBy('g', 'k'),
    'struct<k:string,n:bigint,s:bigint,g:tinyint,gid:bigint>',
    ['k | n | s | g | gid', 'NULL | 2 | 30 | 0 | 0', 'a | 2 | 10 | 0 | 0', 'b | 2 | 15 | 0 | 0', 'NULL | 6 | 55 | 1 | 1'],
  ],
  [
    'cube over two columns with nulls, and the bits of its groupings',
    () => t.cube('k', 'v').agg(count('*').as('n'), groupingId('k', 'v').as('gid')).orderBy('gid', 'k', 'v'),
    'struct<k:string,v:int,n:bigint,gid:bigint>',
    [
      'k | v | n | gid',
      'NULL | NULL | 1 | 0',
      'NULL | 30 | 1 | 0',
      'a | NULL | 1 | 0',
      'a | 10 | 1 | 0',
      'b | 5 | 1 | 0',
      'b | 10 | 1 | 0',
      'NULL | NULL | 2 | 1',
      'a | NULL | 2 | 1',
      'b | NULL | 2 | 1',
      'NULL | NULL | 2 | 2',
      'NULL | 5 | 1 | 2',
      'NULL | 10 | 2 | 2',
      'NULL | 30 | 1 | 2',
      'NULL | NULL | 6 | 3',
    ],
  ],
  [
    'RANGE over a descending key with nulls',
    () =>
      t
        .select(
          'id',
          'v',
          sum('id')
            .over(o(col('v').desc()).rangeBetween(-5, 5))
            .as('s'),
        )
        .orderBy('id'),
    'struct<id:int,v:int,s:bigint>',
    ['id | v | s', '1 | 10 | 11', '2 | NULL | 7', '3 | 30 | 3', '4 | 10 | 11', '5 | NULL | 7', '6 | 5 | 11'],
  ],
  [
    'RANGE over an ascending key with nulls',
    () => t.select('id', 'v', sum('id').over(o('v').rangeBetween(-5, 0)).as('s'), count('*').over(o('v')).as('c')).orderBy('id'),
    'struct<id:int,v:int,s:bigint,c:bigint>',
    ['id | v | s | c', '1 | 10 | 11 | 5', '2 | NULL | 7 | 2', '3 | 30 | 3 | 6', '4 | 10 | 11 | 5', '5 | NULL | 7 | 2', '6 | 5 | 6 | 3'],
  ],
  [
    'RANGE over doubles: NaN, null, 0 and -0',
    () => t.select('id', 'd', sum('id').over(o('d').rangeBetween(-1, 1)).as('s')).orderBy('id'),
    'struct<id:int,d:double,s:bigint>',
    ['id | d | s', '1 | 1.5 | 3', '2 | 2.5 | 3', '3 | NULL | 3', '4 | NaN | 4', '5 | -0.0 | 11', '6 | 0.0 | 11'],
  ],
  [
    'RANGE with nulls last',
    () =>
      t
        .select(
          'id',
          'v',
          sum('id')
            .over(o(col('v').ascNullsLast()).rangeBetween(Window.unboundedPreceding, 0))
            .as('s'),
        )
        .orderBy('id'),
    'struct<id:int,v:int,s:bigint>',
    ['id | v | s', '1 | 10 | 11', '2 | NULL | 21', '3 | 30 | 14', '4 | 10 | 11', '5 | NULL | 21', '6 | 5 | 6'],
  ],
  [
    'percentiles of decimals',
    () =>
      dec
        .groupBy('g')
        .agg(
          percentile('x', 0.5).as('p'),
          median('x').as('m'),
          expr('percentile_approx(x,0.5)').as('pa'),
          percentile('x', [0, 0.25, 1]).as('ps'),
        )
        .orderBy('g'),
    'struct<g:int,p:double,m:double,pa:decimal(10,2),ps:array<double>>',
    ['g | p | m | pa | ps', '1 | 2.25 | 2.25 | 2.25 | [1.1, 1.675, 3.0]', '2 | 7.77 | 7.77 | 7.77 | [7.77, 7.77, 7.77]'],
  ],
  [
    'percentile_cont and percentile_disc, descending',
    () =>
      dec
        .groupBy('g')
        .agg(
          expr('percentile_cont(0.4) within group (order by x desc)').as('c'),
          expr('percentile_disc(0.4) within group (order by x desc)').as('d'),
        )
        .orderBy('g'),
    'struct<g:int,c:double,d:double>',
    ['g | c | d', '1 | 2.4 | 2.25', '2 | 7.77 | 7.77'],
  ],
  [
    'mode',
    () => t.agg(expr('mode(v, true)').as('m'), expr('mode() within group (order by v desc)').as('w')),
    'struct<m:int,w:int>',
    ['m | w', '10 | 10'],
  ],
  [
    'max_by and min_by: nulls, and NaN as the largest',
    () => t.agg(maxBy('id', 'v').as('a'), minBy('k', 'v').as('b'), maxBy('k', 'd').as('c'), maxBy(lit(1), lit(null)).as('e')),
    'struct<a:int,b:string,c:string,e:int>',
    ['a | b | c | e', '3 | b | b | NULL'],
  ],
  [
    'full join USING: the key of either side',
    () => t.select('k', 'id').join(u, 'k', 'full').orderBy('k', 'id', 'w'),
    'struct<k:string,id:int,w:int>',
    [
      'k | id | w',
      'NULL | NULL | 3',
      'NULL | 3 | NULL',
      'NULL | 5 | NULL',
      'a | 1 | 1',
      'a | 1 | 2',
      'a | 2 | 1',
      'a | 2 | 2',
      'b | 4 | NULL',
      'b | 6 | NULL',
      'c | NULL | 4',
    ],
  ],
  [
    'right join USING: the key of the right side',
    () => t.select('k', 'id').join(u, 'k', 'right').orderBy('k', 'id', 'w'),
    'struct<k:string,id:int,w:int>',
    ['k | id | w', 'NULL | NULL | 3', 'a | 1 | 1', 'a | 1 | 2', 'a | 2 | 1', 'a | 2 | 2', 'c | NULL | 4'],
  ],
  [
    'full join on null-safe equality',
    () =>
      t
        .alias('a')
        .join(u.alias('b'), col('a.k').eqNullSafe(col('b.k')), 'full')
        .select('id', col('a.k'), 'w')
        .orderBy('id', 'w'),
    'struct<id:int,k:string,w:int>',
    [
      'id | k | w',
      'NULL | NULL | 4',
      '1 | a | 1',
      '1 | a | 2',
      '2 | a | 1',
      '2 | a | 2',
      '3 | NULL | 3',
      '4 | b | NULL',
      '5 | NULL | 3',
      '6 | b | NULL',
    ],
  ],
  [
    'semi join USING',
    () => t.join(u, 'k', 'semi').orderBy('id'),
    'struct<k:string,id:int,v:int,d:double>',
    ['k | id | v | d', 'a | 1 | 10 | 1.5', 'a | 2 | NULL | 2.5'],
  ],
  [
    'anti join USING: null has no partner',
    () => t.join(u, 'k', 'anti').orderBy('id'),
    'struct<k:string,id:int,v:int,d:double>',
    ['k | id | v | d', 'NULL | 3 | 30 | NULL', 'b | 4 | 10 | NaN', 'NULL | 5 | NULL | -0.0', 'b | 6 | 5 | 0.0'],
  ],
  [
    'pivot over a column with nulls',
    () => t.groupBy('id').pivot('k').agg(sum('v')).orderBy('id'),
    'struct<id:int,null:bigint,a:bigint,b:bigint>',
    [
      'id | null | a | b',
      '1 | NULL | 10 | NULL',
      '2 | NULL | NULL | NULL',
      '3 | 30 | NULL | NULL',
      '4 | NULL | NULL | 10',
      '5 | NULL | NULL | NULL',
      '6 | NULL | NULL | 5',
    ],
  ],
  [
    'pivot over booleans with nulls',
    () => t.withColumn('b', col('v').gt(7)).groupBy('k').pivot('b').count().orderBy('k'),
    'struct<k:string,null:bigint,false:bigint,true:bigint>',
    ['k | null | false | true', 'NULL | 1 | NULL | 1', 'a | 1 | NULL | 1', 'b | NULL | 1 | 1'],
  ],
  [
    'unpivot of int and double',
    () => t.unpivot(['k'], ['id', 'd'], 'what', 'val').orderBy('k', 'what', 'val'),
    'struct<k:string,what:string,val:double>',
    [
      'k | what | val',
      'NULL | d | NULL',
      'NULL | d | -0.0',
      'NULL | id | 3.0',
      'NULL | id | 5.0',
      'a | d | 1.5',
      'a | d | 2.5',
      'a | id | 1.0',
      'a | id | 2.0',
      'b | d | 0.0',
      'b | d | NaN',
      'b | id | 4.0',
      'b | id | 6.0',
    ],
  ],
  [
    'unpivot of bigint and decimal',
    () => dec.selectExpr('g', 'cast(g as bigint) as l', 'x').unpivot(['g'], ['l', 'x'], 'n', 'v').orderBy('g', 'n', 'v'),
    'struct<g:int,n:string,v:decimal(22,2)>',
    [
      'g | n | v',
      '1 | l | 1.00',
      '1 | l | 1.00',
      '1 | l | 1.00',
      '1 | x | 1.10',
      '1 | x | 2.25',
      '1 | x | 3.00',
      '2 | l | 2.00',
      '2 | l | 2.00',
      '2 | x | NULL',
      '2 | x | 7.77',
    ],
  ],
  [
    'defaults of lag and lead take the type of the column',
    () =>
      t
        .select('id', lag('v', 1, -1).over(o('id')).as('a'), lag('d', 1, 0).over(o('id')).as('b'), lead('k', 2, 'zz').over(o('id')).as('c'))
        .orderBy('id'),
    'struct<id:int,a:int,b:double,c:string>',
    [
      'id | a | b | c',
      '1 | -1 | 0.0 | NULL',
      '2 | 10 | 1.5 | b',
      '3 | NULL | 2.5 | NULL',
      '4 | 30 | NULL | b',
      '5 | 10 | NaN | zz',
      '6 | NULL | -0.0 | zz',
    ],
  ],
  [
    'a decimal default of lag over ints',
    () => t.select('id', expr('lag(v,1,1.5) over (order by id)').as('a')).orderBy('id'),
    'struct<id:int,a:int>',
    ['id | a', '1 | 1', '2 | 10', '3 | NULL', '4 | 30', '5 | 10', '6 | NULL'],
  ],
  [
    'posexplode_outer: null and empty arrays',
    () => arr.select('id', posexplodeOuter('xs')).orderBy('id', 'pos'),
    'struct<id:int,pos:int,col:int>',
    ['id | pos | col', '1 | 0 | 1', '1 | 1 | 2', '2 | NULL | NULL', '3 | NULL | NULL'],
  ],
  [
    'posexplode_outer of maps',
    () => mp.select('id', posexplodeOuter('m')).orderBy('id', 'pos'),
    'struct<id:int,pos:int,key:string,value:int>',
    ['id | pos | key | value', '1 | 0 | a | 1', '1 | 1 | b | 2', '2 | NULL | NULL | NULL', '3 | NULL | NULL | NULL'],
  ],
  [
    'stack with a value too few',
    () => t.orderBy('id').limit(2).selectExpr('id', 'stack(2, id, v, 7)').orderBy('id', 'col0'),
    'struct<id:int,col0:int,col1:int>',
    ['id | col0 | col1', '1 | 1 | 10', '1 | 7 | NULL', '2 | 2 | NULL', '2 | 7 | NULL'],
  ],
  [
    'inline: null arrays and null structs',
    () => st.select('id', inline('ss')).orderBy('id', 'a'),
    'struct<id:int,a:int,b:string>',
    ['id | a | b', '1 | 1 | x', '1 | 2 | y', '3 | NULL | NULL', '3 | 3 | z'],
  ],
  [
    'inline_outer',
    () => st.select('id', inlineOuter('ss')).orderBy('id', 'a'),
    'struct<id:int,a:int,b:string>',
    ['id | a | b', '1 | 1 | x', '1 | 2 | y', '2 | NULL | NULL', '3 | NULL | NULL', '3 | 3 | z'],
  ],
  [
    'dropDuplicates of doubles',
    () => t.select(expr('d + 0.0D').as('d')).dropDuplicates(['d']).select('d').orderBy('d'),
    'struct<d:double>',
    ['d', 'NULL', '0.0', '1.5', '2.5', 'NaN'],
  ],
  [
    'replace numbers in columns of numbers',
    () =>
      t
        .replace(
          new Map<number | string, number | string | null>([
            [10, 11],
            [30, null],
          ]),
        )
        .orderBy('id'),
    'struct<id:int,k:string,v:int,d:double>',
    [
      'id | k | v | d',
      '1 | a | 11 | 1.5',
      '2 | a | NULL | 2.5',
      '3 | NULL | NULL | NULL',
      '4 | b | 11 | NaN',
      '5 | NULL | NULL | -0.0',
      '6 | b | 5 | 0.0',
    ],
  ],
  [
    'replace by null',
    () =>
      t
        .replace(
          new Map<number | string, number | string | null>([
            ['a', 'x'],
            ['b', null],
          ]),
          ['k'],
        )
        .orderBy('id'),
    'struct<id:int,k:string,v:int,d:double>',
    [
      'id | k | v | d',
      '1 | x | 10 | 1.5',
      '2 | x | NULL | 2.5',
      '3 | NULL | 30 | NULL',
      '4 | NULL | 10 | NaN',
      '5 | NULL | NULL | -0.0',
      '6 | NULL | 5 | 0.0',
    ],
  ],
  [
    'fillna(2.7) over ints and doubles',
    () => t.fillna(2.7).orderBy('id'),
    'struct<id:int,k:string,v:int,d:double>',
    [
      'id | k | v | d',
      '1 | a | 10 | 1.5',
      '2 | a | 2 | 2.5',
      '3 | NULL | 30 | 2.7',
      '4 | b | 10 | 2.7',
      '5 | NULL | 2 | -0.0',
      '6 | b | 5 | 0.0',
    ],
  ],
  [
    'fillna by column',
    () => t.fillna({ k: '?', v: -1 }).orderBy('id'),
    'struct<id:int,k:string,v:int,d:double>',
    [
      'id | k | v | d',
      '1 | a | 10 | 1.5',
      '2 | a | -1 | 2.5',
      '3 | ? | 30 | NULL',
      '4 | b | 10 | NaN',
      '5 | ? | -1 | -0.0',
      '6 | b | 5 | 0.0',
    ],
  ],
  [
    'summary of texts, some of them numbers',
    () =>
      df(
        [
          ['1', 'x'],
          ['10', 'y'],
          ['abc', null],
          [null, 'z'],
        ],
        'n string, s string',
      ).summary(),
    'struct<summary:string,n:string,s:string>',
    [
      'summary | n | s',
      'count | 3 | 3',
      'mean | 5.5 | NULL',
      'stddev | 6.363961030678928 | NULL',
      'min | 1 | x',
      '25% | 1.0 | NULL',
      '50% | 1.0 | NULL',
      '75% | 10.0 | NULL',
      'max | abc | z',
    ],
  ],
  [
    'describe: columns in the order asked for',
    () => t.describe('v', 'k'),
    'struct<summary:string,v:string,k:string>',
    ['summary | v | k', 'count | 4 | 4', 'mean | 13.75 | NULL', 'stddev | 11.086778913041726 | NULL', 'min | 5 | a', 'max | 30 | b'],
  ],
  [
    'summary of chosen statistics',
    () => t.summary('count', '33%', 'count_distinct', 'approx_count_distinct', 'max'),
    'struct<summary:string,id:string,k:string,v:string,d:string>',
    [
      'summary | id | k | v | d',
      'count | 6 | 4 | 4 | 5',
      '33% | 2 | NULL | 10 | 0.0',
      'count_distinct | 6 | 2 | 3 | 4',
      'approx_count_distinct | 6 | 2 | 3 | 4',
      'max | 6 | b | 30 | NaN',
    ],
  ],
  [
    'first and last with and without nulls',
    () =>
      t.coalesce(1).agg(first('v').as('a'), last('v').as('b'), first('k', true).as('c'), last('v', true).as('e'), anyValue('id').as('f')),
    'struct<a:int,b:int,c:string,e:int,f:int>',
    ['a | b | c | e | f', '10 | 5 | a | 5 | 1'],
  ],
  [
    'moments of one value and of nulls',
    () => t.groupBy('k').agg(stddev('v'), varPop('v'), skewness('v'), kurtosis('id'), corr('id', 'v'), covarSamp('id', 'v')).orderBy('k'),
    'struct<k:string,stddev(v):double,var_pop(v):double,skewness(v):double,kurtosis(id):double,corr(id, v):double,covar_samp(id, v):double>',
    [
      'k | stddev(v) | var_pop(v) | skewness(v) | kurtosis(id) | corr(id, v) | covar_samp(id, v)',
      'NULL | NULL | 0.0 | NULL | -2.0 | NULL | NULL',
      'a | NULL | 0.0 | NULL | -2.0 | NULL | NULL',
      'b | 3.5355339059327378 | 6.25 | 0.0 | -2.0 | -1.0 | -5.0',
    ],
  ],
  [
    'aggregates of no rows',
    () =>
      t
        .where('false')
        .agg(
          stddev('v'),
          avg('v'),
          sum('v'),
          count('v'),
          collectList('v'),
          max('k'),
          approxCountDistinct('v'),
          expr('count_if(v>1)'),
          expr('bool_and(v>1)'),
        ),
    'struct<stddev(v):double,avg(v):double,sum(v):bigint,count(v):bigint,collect_list(v):array<int>,max(k):string,approx_count_distinct(v):bigint,count_if((v > 1)):bigint,bool_and((v > 1)):boolean>',
    [
      'stddev(v) | avg(v) | sum(v) | count(v) | collect_list(v) | max(k) | approx_count_distinct(v) | count_if((v > 1)) | bool_and((v > 1))',
      'NULL | NULL | NULL | 0 | [] | NULL | 0 | 0 | NULL',
    ],
  ],
  [
    'histogram_numeric of decimals',
    () => dec.agg(histogramNumeric('x', 2).as('h')),
    'struct<h:array<struct<x:decimal(10,2),y:double>>>',
    ['h', '[{2.12, 3.0}, {7.77, 1.0}]'],
  ],
  [
    'collect_set: 0 for 0 and -0, one NaN',
    () => t.agg(sortArray(collectSet('d')).as('s'), sortArray(collectList('v')).as('l')),
    'struct<s:array<double>,l:array<int>>',
    ['s | l', '[0.0, 1.5, 2.5, NaN] | [5, 10, 10, 30]'],
  ],
  [
    'types of sums and averages of decimals',
    () => dec.agg(sum('x').as('s'), avg('x').as('a'), sumDistinct('x').as('sd'), max('x').as('m')),
    'struct<s:decimal(20,2),a:decimal(14,6),sd:decimal(20,2),m:decimal(10,2)>',
    ['s | a | sd | m', '14.12 | 3.530000 | 14.12 | 7.77'],
  ],
  [
    'NaN, 0 and -0 as keys',
    () => t.groupBy('d').count().orderBy('d'),
    'struct<d:double,count:bigint>',
    ['d | count', 'NULL | 1', '0.0 | 2', '1.5 | 1', '2.5 | 1', 'NaN | 1'],
  ],
  [
    'union widens',
    () =>
      t
        .select('id')
        .union(t.select(col('d').as('id')))
        .orderBy('id'),
    'struct<id:double>',
    ['id', 'NULL', '-0.0', '0.0', '1.0', '1.5', '2.0', '2.5', '3.0', '4.0', '5.0', '6.0', 'NaN'],
  ],
  [
    'unionByName with missing columns',
    () => t.select('id', 'k').unionByName(u, true).orderBy('id', 'k', 'w'),
    'struct<id:int,k:string,w:int>',
    [
      'id | k | w',
      'NULL | NULL | 3',
      'NULL | a | 1',
      'NULL | a | 2',
      'NULL | c | 4',
      '1 | a | NULL',
      '2 | a | NULL',
      '3 | NULL | NULL',
      '4 | b | NULL',
      '5 | NULL | NULL',
      '6 | b | NULL',
    ],
  ],
  [
    'grouping sets',
    () =>
      t
        .groupingSets([['k'], ['v'], []], 'k', 'v')
        .agg(count('*').as('n'), groupingId().as('g'))
        .select('k', 'v', 'n', 'g')
        .orderBy('g', 'k', 'v'),
    'struct<k:string,v:int,n:bigint,g:bigint>',
    [
      'k | v | n | g',
      'NULL | NULL | 2 | 1',
      'a | NULL | 2 | 1',
      'b | NULL | 2 | 1',
      'NULL | NULL | 2 | 2',
      'NULL | 5 | 1 | 2',
      'NULL | 10 | 2 | 2',
      'NULL | 30 | 1 | 2',
      'NULL | NULL | 6 | 3',
    ],
  ],
  [
    'DISTINCT and FILTER',
    () =>
      t.agg(
        expr('count(distinct v) filter (where id < 5)').as('a'),
        expr('sum(distinct v)').as('b'),
        expr('collect_list(k) filter (where v = 10)').as('c'),
      ),
    'struct<a:bigint,b:bigint,c:array<string>>',
    ['a | b | c', '2 | 45 | [a, b]'],
  ],
  [
    'ranking functions over ties and nulls',
    () =>
      t
        .select(
          'id',
          ntile(4).over(o('id')).as('a'),
          percentRank().over(o('v')).as('b'),
          cumeDist().over(o('v')).as('c'),
          denseRank().over(o('v')).as('e'),
          nthValue('v', 2, true).over(o('id')).as('f'),
        )
        .orderBy('id'),
    'struct<id:int,a:int,b:double,c:double,e:int,f:int>',
    [
      'id | a | b | c | e | f',
      '1 | 1 | 0.6 | 0.8333333333333334 | 3 | NULL',
      '2 | 1 | 0.0 | 0.3333333333333333 | 1 | NULL',
      '3 | 2 | 1.0 | 1.0 | 4 | 30',
      '4 | 2 | 0.6 | 0.8333333333333334 | 3 | 30',
      '5 | 3 | 0.0 | 0.3333333333333333 | 1 | 30',
      '6 | 4 | 0.4 | 0.5 | 2 | 30',
    ],
  ],
  [
    'sampleBy with shares 1 and 0',
    () => t.stat.sampleBy('k', { a: 1.0, b: 0.0 }, 7).orderBy('id'),
    'struct<id:int,k:string,v:int,d:double>',
    ['id | k | v | d', '1 | a | 10 | 1.5', '2 | a | NULL | 2.5'],
  ],
  [
    'crosstab with nulls',
    () => t.stat.crosstab('k', 'v').orderBy('k_v'),
    'struct<k_v:string,10:bigint,30:bigint,5:bigint,null:bigint>',
    ['k_v | 10 | 30 | 5 | null', 'a | 1 | 0 | 0 | 1', 'b | 1 | 0 | 1 | 0', 'null | 0 | 1 | 0 | 1'],
  ],
  [
    'freqItems',
    () => t.stat.freqItems(['k'], 0.3).selectExpr('sort_array(k_freqItems) x'),
    'struct<x:array<string>>',
    ['x', '[NULL, a, b]'],
  ],
  [
    'listagg in an order, and distinct',
    () =>
      t.agg(
        expr("listagg(k, '-') within group (order by k desc)").as('x'),
        expr("string_agg(distinct k, ',') within group (order by k)").as('y'),
      ),
    'struct<x:string,y:string>',
    ['x | y', 'b-b-a-a | a,b'],
  ],
  [
    'the fields of a struct by star',
    () => t.selectExpr('struct(id,k) as s').select('s.*').orderBy('id'),
    'struct<id:int,k:string>',
    ['id | k', '1 | a', '2 | a', '3 | NULL', '4 | b', '5 | NULL', '6 | b'],
  ],
  [
    'largest and smallest struct',
    () => t.agg(max(struct('v', 'id')).as('m'), min(struct('v', 'id')).as('n')),
    'struct<m:struct<v:int,id:int>,n:struct<v:int,id:int>>',
    ['m | n', '{30, 3} | {NULL, 2}'],
  ],
  [
    'every, some and bit_xor with nulls',
    () => t.groupBy('k').agg(expr('every(v>7)').as('e'), expr('some(v>7)').as('s'), expr('bit_xor(v)').as('x')).orderBy('k'),
    'struct<k:string,e:boolean,s:boolean,x:int>',
    ['k | e | s | x', 'NULL | true | true | 30', 'a | true | true | 10', 'b | false | true | 15'],
  ],
  [
    'na.drop with a threshold',
    () => t.na.drop(3).orderBy('id'),
    'struct<id:int,k:string,v:int,d:double>',
    ['id | k | v | d', '1 | a | 10 | 1.5', '2 | a | NULL | 2.5', '4 | b | 10 | NaN', '6 | b | 5 | 0.0'],
  ],
  [
    'lag by -1 and by 0',
    () => t.select('id', lag('id', -1).over(o('id')).as('x'), lag('id', 0).over(o('id')).as('y')).orderBy('id'),
    'struct<id:int,x:int,y:int>',
    ['id | x | y', '1 | 2 | 1', '2 | 3 | 2', '3 | 4 | 3', '4 | 5 | 4', '5 | 6 | 5', '6 | NULL | 6'],
  ],
  [
    'ROWS frames that leave out the row',
    () =>
      t
        .select('id', sum('id').over(o('id').rowsBetween(1, 2)).as('x'), collectList('id').over(o('id').rowsBetween(-2, -1)).as('y'))
        .orderBy('id'),
    'struct<id:int,x:bigint,y:array<int>>',
    ['id | x | y', '1 | 5 | []', '2 | 7 | [1]', '3 | 9 | [1, 2]', '4 | 11 | [2, 3]', '5 | 6 | [3, 4]', '6 | NULL | [4, 5]'],
  ],
  [
    'windows over groups of nulls',
    () => t.select('id', sum('v').over(Window.partitionBy('k')).as('x'), max('k').over(Window.partitionBy('k')).as('y')).orderBy('id'),
    'struct<id:int,x:bigint,y:string>',
    ['id | x | y', '1 | 10 | a', '2 | 10 | a', '3 | 30 | NULL', '4 | 15 | b', '5 | 30 | NULL', '6 | 15 | b'],
  ],
  ['INTERSECT ALL counts', () => multi.intersectAll(multi2).orderBy('x'), 'struct<x:int>', ['x', 'NULL', 'NULL', '1', '1']],
  ['EXCEPT ALL counts', () => multi.exceptAll(multi2).orderBy('x'), 'struct<x:int>', ['x', '1', '2']],
  ['EXCEPT', () => multi.subtract(multi2).orderBy('x'), 'struct<x:int>', ['x', '2']],
  ['dropDuplicates: nulls are equal', () => t.dropDuplicates(['k']).select('k').orderBy('k'), 'struct<k:string>', ['k', 'NULL', 'a', 'b']],
  [
    'RANGE over dates by an interval',
    () =>
      t2.select('id', 'd', expr('sum(id) over (order by d range between interval 2 days preceding and current row)').as('s')).orderBy('id'),
    'struct<id:int,d:date,s:bigint>',
    ['id | d | s', '1 | 2024-01-01 | 1', '2 | 2024-01-02 | 3', '3 | 2024-01-05 | 3', '4 | NULL | 4'],
  ],
  [
    'RANGE over timestamps by an interval',
    () =>
      t2
        .select('id', expr("count(*) over (order by ts range between interval '1' hour preceding and interval '1' hour following)").as('s'))
        .orderBy('id'),
    'struct<id:int,s:bigint>',
    ['id | s', '1 | 2', '2 | 2', '3 | 1', '4 | 1'],
  ],
  [
    'RANGE over descending dates by days',
    () => t2.select('id', expr('collect_list(id) over (order by d desc range between 1 preceding and 1 following)').as('s')).orderBy('id'),
    'struct<id:int,s:array<int>>',
    ['id | s', '1 | [2, 1]', '2 | [2, 1]', '3 | [3]', '4 | [4]'],
  ],
  [
    'IGNORE NULLS',
    () =>
      t
        .select(
          'id',
          expr('first_value(v) ignore nulls over (order by id rows between 1 preceding and 1 following)').as('a'),
          expr('last_value(k, true) over (order by id)').as('b'),
          expr('lag(v, 1) ignore nulls over (order by id)').as('c'),
        )
        .orderBy('id'),
    'struct<id:int,a:int,b:string,c:int>',
    ['id | a | b | c', '1 | 10 | a | NULL', '2 | 10 | a | 10', '3 | 30 | a | 10', '4 | 30 | b | 30', '5 | 10 | b | 10', '6 | 5 | b | 10'],
  ],
  [
    'groups by an expression',
    () =>
      t
        .groupBy(col('v').plus(1).as('w'))
        .agg(count('*').as('n'), max('id').plus(min('id')).as('x'))
        .orderBy('w'),
    'struct<w:int,n:bigint,x:int>',
    ['w | n | x', 'NULL | 2 | 7', '6 | 1 | 12', '11 | 2 | 5', '31 | 1 | 6'],
  ],
  [
    'rollup over a column and an expression',
    () => t.rollup('k', col('v').gt(7).as('b')).agg(sum('v').as('s'), groupingId().as('g'), count('v').as('n')).orderBy('g', 'k', 'b'),
    'struct<k:string,b:boolean,s:bigint,g:bigint,n:bigint>',
    [
      'k | b | s | g | n',
      'NULL | NULL | NULL | 0 | 0',
      'NULL | true | 30 | 0 | 1',
      'a | NULL | NULL | 0 | 0',
      'a | true | 10 | 0 | 1',
      'b | false | 5 | 0 | 1',
      'b | true | 10 | 0 | 1',
      'NULL | NULL | 30 | 1 | 1',
      'a | NULL | 10 | 1 | 1',
      'b | NULL | 15 | 1 | 2',
      'NULL | NULL | 55 | 3 | 4',
    ],
  ],
  [
    'aggregates read grouping columns as they were',
    () => t.cube('v').agg(sum('v').as('s'), max('v').as('m')).orderBy('v', 's'),
    'struct<v:int,s:bigint,m:int>',
    ['v | s | m', 'NULL | NULL | NULL', 'NULL | 55 | 30', '5 | 5 | 5', '10 | 20 | 10', '30 | 30 | 30'],
  ],
  [
    'dropna: NaN is missing',
    () => t.dropna({ subset: ['d'] }).orderBy('id'),
    'struct<id:int,k:string,v:int,d:double>',
    ['id | k | v | d', '1 | a | 10 | 1.5', '2 | a | NULL | 2.5', '5 | NULL | NULL | -0.0', '6 | b | 5 | 0.0'],
  ],
  [
    'replace NaN',
    () => t.replace(NaN, 0, ['d']).orderBy('id'),
    'struct<id:int,k:string,v:int,d:double>',
    [
      'id | k | v | d',
      '1 | a | 10 | 1.5',
      '2 | a | NULL | 2.5',
      '3 | NULL | 30 | NULL',
      '4 | b | 10 | 0.0',
      '5 | NULL | NULL | -0.0',
      '6 | b | 5 | 0.0',
    ],
  ],
  [
    'fillna(false)',
    () => t.select('id', col('v').gt(7).as('b')).fillna(false).orderBy('id'),
    'struct<id:int,b:boolean>',
    ['id | b', '1 | true', '2 | false', '3 | true', '4 | true', '5 | false', '6 | false'],
  ],
  [
    'averages and sums of intervals',
    () => t2.agg(expr('avg(make_dt_interval(id))').as('a'), expr('sum(make_ym_interval(id))').as('b')),
    'struct<a:interval day to second,b:interval year to month>',
    ['a | b', "INTERVAL '2 12:00:00' DAY TO SECOND | INTERVAL '10-0' YEAR TO MONTH"],
  ],
  [
    'count over several columns',
    () => t.agg(countDistinct('k', 'v').as('a'), countDistinct('d').as('b'), expr('count(k, v)').as('c')),
    'struct<a:bigint,b:bigint,c:bigint>',
    ['a | b | c', '3 | 4 | 3'],
  ],
  [
    'largest and smallest array',
    () => arr.agg(max('xs').as('m'), min('xs').as('n')),
    'struct<m:array<int>,n:array<int>>',
    ['m | n', '[1, 2] | []'],
  ],
  [
    'inline with names',
    () => st.selectExpr('id', 'inline(ss) as (p,q)').orderBy('id', 'p'),
    'struct<id:int,p:int,q:string>',
    ['id | p | q', '1 | 1 | x', '1 | 2 | y', '3 | NULL | NULL', '3 | 3 | z'],
  ],
  [
    'pivot values in the order given, first of a group',
    () => t.groupBy('k').pivot('v', [30, 10, 99]).agg(first('id')).orderBy('k'),
    'struct<k:string,30:int,10:int,99:int>',
    ['k | 30 | 10 | 99', 'NULL | 3 | NULL | NULL', 'a | NULL | 1 | NULL', 'b | NULL | 4 | NULL'],
  ],
  [
    'pivot by aggregates without names',
    () => t.groupBy('k').pivot('v', [10]).agg(sum('id'), max('d')).orderBy('k'),
    'struct<k:string,10_sum(id):bigint,10_max(d):double>',
    ['k | 10_sum(id) | 10_max(d)', 'NULL | NULL | NULL', 'a | 1 | 1.5', 'b | 4 | NaN'],
  ],
  [
    'EXCEPT ALL of int and bigint',
    () => t.select('id').exceptAll(t.selectExpr('cast(id as bigint) + 1')).orderBy('id'),
    'struct<id:bigint>',
    ['id', '1'],
  ],
  [
    'left join with a condition on the left side',
    () =>
      t
        .alias('a')
        .join(u.alias('b'), col('a.k').eq(col('b.k')).and(col('a.id').gt(1)), 'left')
        .select('id', 'w')
        .orderBy('id', 'w'),
    'struct<id:int,w:int>',
    ['id | w', '1 | NULL', '2 | 1', '2 | 2', '3 | NULL', '4 | NULL', '5 | NULL', '6 | NULL'],
  ],
  [
    'full join without an equality',
    () =>
      t
        .alias('a')
        .join(u.alias('b'), col('a.id').gt(col('b.w').plus(4)), 'full')
        .select('id', 'w')
        .orderBy('id', 'w'),
    'struct<id:int,w:int>',
    ['id | w', 'NULL | 2', 'NULL | 3', 'NULL | 4', '1 | NULL', '2 | NULL', '3 | NULL', '4 | NULL', '5 | NULL', '6 | 1'],
  ],
  [
    'anti join on null-safe equality',
    () =>
      t
        .alias('a')
        .join(u.alias('b'), col('a.k').eqNullSafe(col('b.k')), 'anti')
        .select('id')
        .orderBy('id'),
    'struct<id:int>',
    ['id', '4', '6'],
  ],
  [
    'full join USING columns of two types',
    () => t.select('id', 'k').join(u.selectExpr('cast(w as bigint) id', 'k'), ['id', 'k'], 'full').orderBy('id', 'k'),
    'struct<id:bigint,k:string>',
    ['id | k', '1 | a', '2 | a', '3 | NULL', '3 | NULL', '4 | b', '4 | c', '5 | NULL', '6 | b'],
  ],
  [
    'IN, NOT IN and BETWEEN with nulls',
    () => t.selectExpr('id', "k in ('a', null) x", 'v not in (10, 30) y', 'v between 5 and 10 z').orderBy('id'),
    'struct<id:int,x:boolean,y:boolean,z:boolean>',
    [
      'id | x | y | z',
      '1 | true | false | true',
      '2 | true | NULL | NULL',
      '3 | NULL | false | false',
      '4 | NULL | false | true',
      '5 | NULL | NULL | NULL',
      '6 | NULL | true | true',
    ],
  ],
  ['max_by with a number of rows', () => t.agg(expr('max_by(id, v, 2)').as('x')), 'struct<x:array<int>>', ['x', '[3, 1]']],
  [
    'nulls first and last',
    () => t.orderBy(col('k').descNullsFirst(), col('d').ascNullsLast()).select('id', 'k', 'd'),
    'struct<id:int,k:string,d:double>',
    ['id | k | d', '5 | NULL | -0.0', '3 | NULL | NULL', '6 | b | 0.0', '4 | b | NaN', '1 | a | 1.5', '2 | a | 2.5'],
  ],
];

/** What Spark refuses, by the condition of its error. */
const REFUSALS: readonly (readonly [string, () => DataFrame, string])[] = [
  ['unpivot of text and int', () => t.unpivot(['id'], ['k', 'v'], 'n', 'v2'), 'UNPIVOT_VALUE_DATA_TYPE_MISMATCH'],
  [
    'a default of lag that is no number',
    () => t.select('id', expr('lag(v,1,array(1)) over (order by id)').as('a')).orderBy('id'),
    'DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE',
  ],
  ['union of int and array', () => t.select('id').union(arr.select(col('xs').as('id'))), 'INCOMPATIBLE_COLUMN_TYPE'],
  ['hash of a map', () => mp.select(hash('m')), 'DATATYPE_MISMATCH.HASH_MAP_TYPE'],
  ['xxhash64 of a map', () => mp.select(xxhash64('m')), 'DATATYPE_MISMATCH.HASH_MAP_TYPE'],
  ['hash of a map in a struct', () => mp.select(hash(struct('m'))), 'DATATYPE_MISMATCH.HASH_MAP_TYPE'],
  ['distinct of a map', () => mp.select('m').distinct(), 'UNSUPPORTED_FEATURE.SET_OPERATION_ON_MAP_TYPE'],
  ['order by a map', () => mp.orderBy('m'), 'DATATYPE_MISMATCH.INVALID_ORDERING_TYPE'],
  ['a join on maps', () => mp.alias('a').join(mp.alias('b'), col('a.m').eq(col('b.m'))), 'DATATYPE_MISMATCH.INVALID_ORDERING_TYPE'],
  ['a window by a map', () => mp.select(count('*').over(Window.partitionBy('m'))), 'EXPRESSION_TYPE_IS_NOT_ORDERABLE'],
  ['grouping() without grouping sets', () => t.groupBy('k').agg(grouping('k')), 'UNSUPPORTED_GROUPING_EXPRESSION'],
  ['grouping() of a column that is none', () => t.rollup('k').agg(grouping('v')), 'GROUPING_COLUMN_MISMATCH'],
  ['a column that is not grouped by', () => t.groupBy('k').agg(col('v')), 'MISSING_AGGREGATION'],
  ['a union of other widths', () => t.select('id').union(u), 'NUM_COLUMNS_MISMATCH'],
  ['a sum of text that is no number', () => t.agg(sum('k')), 'CAST_INVALID_INPUT'],
  ['a sum of arrays', () => arr.agg(sum('xs')), 'DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE'],
  ['the largest map', () => mp.agg(max('m')), 'DATATYPE_MISMATCH.INVALID_ORDERING_TYPE'],
  ['a condition that is none', () => t.where(col('v')), 'DATATYPE_MISMATCH.FILTER_NOT_BOOLEAN'],
  ['explode of text', () => t.select(explode('k')), 'DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE'],
  ['a pivot value of another type', () => t.groupBy('k').pivot('v', ['x']).count(), 'CAST_INVALID_INPUT'],
  [
    'a frame that ends before it starts',
    () => t.select(expr('sum(id) over (order by id rows between 1 following and 1 preceding)')),
    'DATATYPE_MISMATCH.SPECIFIED_WINDOW_FRAME_WRONG_COMPARISON',
  ],
  [
    'RANGE with two keys',
    () => t.select(expr('sum(id) over (order by id, v range between 1 preceding and current row)')),
    'DATATYPE_MISMATCH.RANGE_FRAME_MULTI_ORDER',
  ],
  ['ntile(0)', () => t.select(expr('ntile(0) over (order by id)')), 'DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE'],
  ['a percentile beyond 1', () => t.agg(expr('percentile(v, 1.5)')), 'DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE'],
  ['stack of int and text', () => t.selectExpr('stack(2, id, k)'), 'DATATYPE_MISMATCH.STACK_COLUMN_DIFF_TYPES'],
  ['join USING a column of one side', () => t.join(u, 'w'), 'UNRESOLVED_USING_COLUMN_FOR_JOIN'],
  ['row_number without an order', () => t.select(expr('row_number() over (partition by k)')), 'WINDOW_FUNCTION_FRAME_NOT_ORDERED'],
  ['unionByName of other names', () => t.select('id', 'k').unionByName(u), 'UNRESOLVED_COLUMN_AMONG_FIELD_NAMES'],
];

const cellsOf = (line: string): string =>
  line
    .slice(1, -1)
    .split('|')
    .map((cell) => cell.trim())
    .join(' | ');

test.each(ANSWERS)('%s', async (_, ask, types, table) => {
  const frame = ask();
  const lines = (await frame.showString(60, false)).split('\n').filter((line) => line.startsWith('|'));
  expect(lines.map(cellsOf)).toEqual(table);
  expect(`struct<${(await frame.schema()).fields.map((f) => `${f.name}:${typeName(f.type)}`).join(',')}>`).toBe(types);
});

test.each(REFUSALS)('%s: refused', async (_, ask, condition) => {
  await expect((async () => ask().collect())()).rejects.toMatchObject({ condition });
});
