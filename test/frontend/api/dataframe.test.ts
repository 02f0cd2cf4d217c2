import { describe, expect, test } from 'vitest';
import type { Column } from '../../../src/frontend/api/column.js';
import { count, sum } from '../../../src/frontend/api/functions-aggregate.js';
import { col, expr, lit } from '../../../src/frontend/api/functions-core.js';
import { asc, ascNullsFirst, ascNullsLast, desc, descNullsFirst, descNullsLast } from '../../../src/frontend/api/functions-order.js';
import { createSession } from '../../../src/frontend/api/session.js';
import type { SortOrder } from '../../../src/frontend/api/sort-order.js';
import { udf } from '../../../src/frontend/api/udf.js';
import { RecordingBackend } from './recording-backend.js';

const backend = new RecordingBackend();
const spark = createSession(backend);
const frame = spark.read.text('a.txt', 'b.txt');
const read = { kind: 'read', format: 'text', paths: ['a.txt', 'b.txt'], schema: null, options: {}, site: null };
const value = { kind: 'column', name: 'value', site: null };
const one = lit(1).expr;

describe('transformations build plans', () => {
  test.each([
    ['read', frame, read],
    [
      'read with schema and options',
      spark.read.schema('a int').option('header', true).options({ sep: ';' }).csv('x'),
      {
        kind: 'read',
        format: 'csv',
        paths: ['x'],
        schema: { fields: [{ name: 'a', type: { kind: 'int32' }, nullable: true }] },
        options: { header: 'true', sep: ';' },
        site: null,
      },
    ],
    [
      'select',
      frame.select('value', lit(1).as('n')),
      { kind: 'select', child: read, exprs: [value, { kind: 'alias', child: one, name: 'n' }], site: null },
    ],
    [
      'selectExpr',
      frame.selectExpr('value', '1 AS n'),
      { kind: 'select', child: read, exprs: [value, { kind: 'alias', child: one, name: 'n' }], site: null },
    ],
    ['expr', frame.select(expr('value')), { kind: 'select', child: read, exprs: [value], site: null }],
    ['where with SQL', frame.where('value IS NULL'), { kind: 'filter', child: read, condition: col('value').isNull().expr, site: null }],
    ['withColumn', frame.withColumn('n', lit(1)), { kind: 'withColumns', child: read, columns: [{ name: 'n', expr: one }], site: null }],
    ['rename', frame.withColumnRenamed('value', 'line'), { kind: 'rename', child: read, from: 'value', to: 'line' }],
    ['drop', frame.drop('value'), { kind: 'drop', child: read, names: ['value'] }],
    ['where', frame.where(col('value').isNull()), { kind: 'filter', child: read, condition: col('value').isNull().expr, site: null }],
    ['distinct', frame.dropDuplicates(), { kind: 'distinct', child: read }],
    ['limit', frame.limit(3), { kind: 'limit', child: read, limit: 3, offset: 0 }],
    [
      'orderBy',
      frame.orderBy('value', col('value').desc(), lit(1)),
      {
        kind: 'sort',
        child: read,
        keys: [
          { expr: value, ascending: true, nullsFirst: true },
          { expr: value, ascending: false, nullsFirst: false },
          { expr: one, ascending: true, nullsFirst: true },
        ],
        global: true,
        site: null,
      },
    ],
    [
      'sortWithinPartitions',
      frame.sortWithinPartitions('value'),
      { kind: 'sort', child: read, keys: [{ expr: value, ascending: true, nullsFirst: true }], global: false, site: null },
    ],
    ['union', frame.union(frame), { kind: 'union', children: [read, read], site: null }],
    ['repartition(n)', frame.repartition(3), { kind: 'repartition', child: read, partitions: 3, exprs: [], site: null }],
    [
      'repartition(n, column)',
      frame.repartition(3, 'value'),
      { kind: 'repartition', child: read, partitions: 3, exprs: [value], site: null },
    ],
    [
      'repartition(column)',
      frame.repartition(col('value')),
      { kind: 'repartition', child: read, partitions: null, exprs: [value], site: null },
    ],
    ['coalesce', frame.coalesce(2), { kind: 'coalesce', child: read, partitions: 2 }],
    ['alias', frame.alias('f'), { kind: 'alias', child: read, name: 'f' }],
    [
      'groupBy.agg',
      frame.groupBy('value').agg(count().as('n')),
      { kind: 'aggregate', child: read, groupings: [value], aggregates: [{ kind: 'alias', child: count().expr, name: 'n' }], site: null },
    ],
    [
      'groupBy.count',
      frame.groupBy('value').count(),
      {
        kind: 'aggregate',
        child: read,
        groupings: [value],
        aggregates: [{ kind: 'alias', child: count().expr, name: 'count' }],
        site: null,
      },
    ],
    [
      'groupBy.sum',
      frame.groupBy().sum('value' as never),
      { kind: 'aggregate', child: read, groupings: [], aggregates: [sum('value').expr], site: null },
    ],
    ['agg', frame.agg(count()), { kind: 'aggregate', child: read, groupings: [], aggregates: [count().expr], site: null }],
    ['join using', frame.join(frame, 'value'), { kind: 'join', left: read, right: read, how: 'inner', on: ['value'], site: null }],
    [
      'join on a condition',
      frame.join(frame, lit(true), 'left'),
      { kind: 'join', left: read, right: read, how: 'left', on: lit(true).expr, site: null },
    ],
    ['crossJoin', frame.crossJoin(frame), { kind: 'join', left: read, right: read, how: 'cross', on: null, site: null }],
    ['range', spark.range(5), { kind: 'range', start: 0n, end: 5n, step: 1n, partitions: null }],
    ['range from', spark.range(1, 9, 2, 3), { kind: 'range', start: 1n, end: 9n, step: 2n, partitions: 3 }],
  ])('%s', (_, { plan }, expected) => {
    expect(plan).toEqual(expected);
    expect(Object.isFrozen(plan)).toBe(true);
  });

  test('functions of the user are encoded when they enter a plan, wherever they stand', () => {
    const shout = udf(function shout(text: string) {
      return text.toUpperCase();
    }, 'string');
    const before = backend.encoded.length;
    const loud = shout('value');
    expect(backend.encoded.length).toBe(before);
    const { plan } = frame.where(loud.eq('A').and(shout(loud).as('x').cast('string').isNotNull()));
    expect(backend.encoded.slice(before).map((fn) => fn.name)).toEqual(['shout', 'shout', 'shout']);
    const ids: string[] = [];
    JSON.stringify(plan, (key, part) => {
      if (key === 'closure') ids.push(part.id);
      return part;
    });
    expect(ids.sort()).toEqual([1, 2, 3].map((n) => `fn-${before + n}`));
    expect(JSON.stringify(plan)).not.toContain('pending');
  });

  test.each([
    [() => frame.limit(-1), 'INVALID_ARGUMENT'],
    [() => frame.coalesce(0), 'INVALID_ARGUMENT'],
    [() => frame.repartition(1.5), 'INVALID_ARGUMENT'],
    [() => frame.join(frame, 'value', 'lefft' as 'left'), 'UNSUPPORTED_JOIN_TYPE'],
    [() => spark.read.text(), 'INVALID_ARGUMENT'],
    [() => frame.where(true as unknown as Column), 'INVALID_COLUMN'],
    [() => frame.where('value >'), 'PARSE_SYNTAX_ERROR'],
    [() => frame.where('value > 1 AS x'), 'PARSE_SYNTAX_ERROR'],
    [() => frame.selectExpr('value +'), 'PARSE_SYNTAX_ERROR'],
    [() => spark.range(0, 1, 0), 'INVALID_ARGUMENT'],
    [() => spark.range(1.5), 'INVALID_ARGUMENT'],
    [() => spark.createDataFrame([], undefined as unknown as string), 'INVALID_ARGUMENT'],
    [() => udf((n: number) => n, undefined as unknown as 'int'), 'INVALID_ARGUMENT'],
    [() => spark.parallelize([1], 0), 'INVALID_ARGUMENT'],
    [() => spark.parallelize([1]).repartition(0), 'INVALID_ARGUMENT'],
    [
      () =>
        spark
          .parallelize([1])
          .keyBy(() => 1)
          .groupByKey(-1),
      'INVALID_ARGUMENT',
    ],
  ])('%s is refused', (build, condition) => {
    expect(build).toThrow(expect.objectContaining({ kind: 'user', condition }));
  });
});

test('sorting by functions is sorting by the methods of columns', () => {
  const by = (...keys: (Column<unknown, string, 'value'> | SortOrder<'value'>)[]) => JSON.stringify(frame.orderBy(...keys).plan);
  const value = col('value');
  expect(by(asc('value'), desc('value'))).toBe(by(value, value.desc()));
  expect(by(ascNullsFirst(value), ascNullsLast(value))).toBe(by(value.ascNullsFirst(), value.ascNullsLast()));
  expect(by(descNullsFirst(value), descNullsLast(value))).toBe(by(value.descNullsFirst(), value.descNullsLast()));
});

describe('createDataFrame', () => {
  test('objects and arrays become one batch', async () => {
    const { plan } = spark.createDataFrame([{ word: 'a', n: 1n }, ['b', 2], { n: 3 }], 'word string, n bigint not null');
    if (plan.kind !== 'local') throw new Error(plan.kind);
    const local = new RecordingBackend();
    expect(plan.batch.length).toBe(3);
    const rows = await createSession(
      Object.assign(local, { execute: async () => ({ schema: plan.schema, batches: [plan.batch] }) }) as never,
    )
      .createDataFrame([], 'word string, n bigint')
      .collect();
    expect(rows).toEqual([
      { word: 'a', n: 1n },
      { word: 'b', n: 2n },
      { word: null, n: 3n },
    ]);
  });

  test.each([
    [
      [
        { word: 'a', n: 1n },
        { word: 'b', n: 'x' },
      ],
      "Row 1, column 'n': expected bigint, got 'x'.",
    ],
    [[{ word: 'a' }], "Row 0, column 'n': the column is NOT NULL, but there is no value."],
    [[{ word: 'a', n: 1, m: 2 }], "Row 0 has a value 'm', but there is no such column."],
    [[['a']], 'Row 0 has 1 values for 2 columns.'],
    [[5 as never], 'Row 0 is neither an object nor an array.'],
  ])('%o is refused', (rows, message) => {
    expect(() => spark.createDataFrame(rows, 'word string, n bigint not null')).toThrow(message);
  });
});

describe('actions', () => {
  const answering = (ddl: string, ...batches: Parameters<RecordingBackend['answer']>[1][]) => {
    const prepared = new RecordingBackend().answer(ddl, ...batches);
    return { prepared, frame: createSession(prepared).read.text('x') };
  };
  const plan = { ...read, paths: ['x'] };

  test('collect gives rows of all batches in order, as API values', async () => {
    const { frame } = answering('word string, n bigint, p struct<x: decimal(3,1)>', [['a', 1n, [15n]]], [], [['b', null, null]]);
    expect(JSON.stringify(await frame.collect(), (_, v) => (typeof v === 'bigint' ? `${v}n` : v))).toBe(
      '[{"word":"a","n":"1n","p":{"x":"1.5"}},{"word":"b","n":null,"p":null}]',
    );
  });

  test('collect refuses two columns of one name', async () => {
    const { frame } = answering('id int, id int', [[1, 2]]);
    await expect(frame.collect()).rejects.toMatchObject({ condition: 'AMBIGUOUS_COLUMN' });
  });

  test('collect stops at driver.maxResultSize and cancels the rest', async () => {
    const prepared = new RecordingBackend().answer('n bigint', [[1n], [2n]], [[3n]], [[4n]]);
    const small = createSession(prepared, { 'driver.maxResultSize': '20' });
    await expect(small.read.text('x').collect()).rejects.toMatchObject({ condition: 'RESULT_TOO_LARGE' });
    expect(prepared.cancelled).toBe(1);
  });

  test('take, first and isEmpty run limits; count runs an aggregate', async () => {
    const { prepared, frame } = answering('n bigint', [[3n]]);
    expect([await frame.take(5), await frame.first(), await frame.count()]).toEqual([[{ n: 3n }], { n: 3n }, 3]);
    expect(await frame.isEmpty()).toBe(false);
    const counted = { kind: 'aggregate', groupings: [], aggregates: [count().expr], site: null };
    expect(prepared.executed).toEqual([
      { kind: 'limit', child: plan, limit: 5, offset: 0 },
      { kind: 'limit', child: plan, limit: 1, offset: 0 },
      { ...counted, child: plan },
      { ...counted, child: { kind: 'limit', child: plan, limit: 1, offset: 0 } },
    ]);
    expect(await answering('n bigint').frame.first()).toBeNull();
  });

  test('batches streams, and leaving the loop cancels the rest', async () => {
    const { prepared, frame } = answering('n int', [[1], [2]], [[3]], [[4]]);
    const rows: unknown[] = [];
    for await (const batch of frame.batches()) {
      rows.push(batch.length, ...batch.rows());
      if (rows.length > 3) break;
    }
    expect(rows).toEqual([2, { n: 1 }, { n: 2 }, 1, { n: 3 }]);
    expect(prepared.cancelled).toBe(1);
  });

  test('toArrow', async () => {
    const { frame } = answering('n int, s string', [[1, 'a']], [[2, null]]);
    const table = await frame.toArrow();
    expect([table.numRows, table.getChild('s')?.toArray()]).toEqual([2, ['a', null]]);
  });

  test('write runs a write plan to its end', async () => {
    const { prepared, frame } = answering('n int');
    await frame.write.mode('overwrite').partitionBy('a', 'b').option('compression', 'gzip').option('header', true).csv('out');
    await frame.write.parquet('out2');
    const write = {
      format: 'csv',
      path: 'out',
      mode: 'overwrite',
      partitionBy: ['a', 'b'],
      options: { compression: 'gzip', header: 'true' },
      site: null,
    };
    expect(prepared.executed).toEqual([
      { kind: 'write', child: plan, write },
      { kind: 'write', child: plan, write: { format: 'parquet', path: 'out2', mode: 'error', partitionBy: [], options: {}, site: null } },
    ]);
  });

  test('columns and schema come from analysis', async () => {
    const { frame } = answering('a int, b string');
    expect(await frame.columns()).toEqual(['a', 'b']);
  });
});
