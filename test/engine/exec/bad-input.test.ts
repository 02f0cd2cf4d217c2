/** Data that no one expects: an answer or a named error, and nothing lost. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { col, count, expr, lit, max, min, sum } from '../../../src/index.js';
import { openInProcess } from './in-process.js';

const { spark } = openInProcess({ 'shuffle.partitions': '3' });
let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'minispark-bad-input-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe('numbers', () => {
  test('decimals beyond 38 digits', async () => {
    expect(() => spark.createDataFrame([], 'd decimal(39, 2)')).toThrowError(/The schema is wrong/);
    const most = '9'.repeat(38);
    const rows = spark.createDataFrame([{ d: most }], 'd decimal(38, 0)');
    await expect(rows.select(col('d').plus(1)).collect()).rejects.toMatchObject({
      condition: 'NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION',
    });
    await expect(rows.union(rows).agg(sum('d')).collect()).rejects.toMatchObject({ kind: 'user' });
    expect(() => spark.createDataFrame([{ d: `${most}0` }], 'd decimal(38, 0)')).toThrowError(/INVALID_VALUE|38|decimal/);
    const csv = join(dir, 'digits.csv');
    writeFileSync(csv, `${most}9\n${most}\n`);
    expect((await spark.read.schema('d decimal(38,0)').csv(csv).collect()).map((r) => String(r.d))).toEqual(['null', most]);
  });

  test('NaN and -0 as keys of groups, joins, sorts, distinct, partitions', async () => {
    const rows = spark.createDataFrame(
      [Number.NaN, -0, 0, Number.NaN, Number.POSITIVE_INFINITY, null].map((x) => ({ x })),
      'x double',
    );
    const counts = await rows.repartition(3, 'x').groupBy('x').count().orderBy('x').collect();
    expect(counts).toEqual([
      { x: null, count: 1n },
      { x: 0, count: 2n },
      { x: Number.POSITIVE_INFINITY, count: 1n },
      { x: Number.NaN, count: 2n },
    ]);
    expect((await rows.coalesce(1).distinct().collect()).map(({ x }) => x)).toEqual([Number.NaN, 0, Number.POSITIVE_INFINITY, null]);
    expect(await rows.join(rows.select(col('x').as('y')), expr('x = y')).count()).toBe(4 + 4 + 1);
    const out = join(dir, 'nan.parquet');
    await rows.write.parquet(out);
    const read = spark.read.parquet(out);
    // Statistics with NaN or one of two zeros must not hide rows.
    expect(await read.where(expr('x = 0')).count()).toBe(2);
    expect(await read.where(expr("x = double('NaN')")).count()).toBe(2);
    expect(await read.where(expr('x > 1e300')).count()).toBe(3);
  });
});

describe('text and time', () => {
  test('invalid UTF-8 is kept or shown as replacement letters, never an exception', async () => {
    const path = join(dir, 'latin.txt');
    writeFileSync(path, Buffer.from([0x61, 0xff, 0x62, 0x0a, 0xc3, 0x0a, 0xed, 0xa0, 0x80, 0x0a, 0x80, 0x80]));
    const lines = spark.read.text(path);
    expect((await lines.collect()).map((r) => r.value)).toEqual(['a\ufffdb', '\ufffd', '\ufffd\ufffd\ufffd', '\ufffd\ufffd']);
    expect(await lines.groupBy('value').count().count()).toBe(4);
    const odd = await lines
      .select(expr('length(value) AS n'), expr('upper(value) AS u'), expr("split(value, '') AS s"), expr('reverse(value) AS r'))
      .collect();
    expect(odd.length).toBe(4);
    const out = join(dir, 'latin.parquet');
    await lines.write.parquet(out);
    expect(await spark.read.parquet(out).select(expr('hex(cast(value AS binary)) AS h')).collect()).toEqual(
      ['61FF62', 'C3', 'EDA080', '8080'].map((h) => ({ h })),
    );
    const json = join(dir, 'latin.json');
    writeFileSync(json, Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xff]), Buffer.from('"}\n')]));
    expect((await spark.read.json(json).collect()).map((r) => r.a)).toEqual(['\ufffd']);
  });

  test('dates before 1582 are those of the proleptic Gregorian calendar', async () => {
    const text = ['0001-01-01', '1582-10-04', '1582-10-10', '1582-10-15', '-0044-03-15'];
    const rows = spark
      .createDataFrame(
        text.map((t) => ({ t })),
        't string',
      )
      .withColumn('d', expr('CAST(t AS date)'));
    const out = join(dir, 'old.parquet');
    await rows.write.parquet(out);
    const back = await spark.read.parquet(out).select(expr('CAST(d AS string) AS d'), expr('unix_date(d) AS n')).orderBy('n').collect();
    expect(back).toEqual([
      { d: '-0044-03-15', n: -735_525 },
      { d: '0001-01-01', n: -719_162 },
      { d: '1582-10-04', n: -141_438 },
      { d: '1582-10-10', n: -141_432 },
      { d: '1582-10-15', n: -141_427 },
    ]);
  });
});

describe('nothing', () => {
  test('columns of nulls alone', async () => {
    const rows = spark.createDataFrame(
      [
        { a: null, b: null },
        { a: null, b: null },
      ],
      'a int, b string',
    );
    const out = join(dir, 'nulls.parquet');
    await rows.write.parquet(out);
    const back = spark.read.parquet(out);
    expect(await back.collect()).toEqual([
      { a: null, b: null },
      { a: null, b: null },
    ]);
    expect(await back.groupBy('a', 'b').agg(count('a').as('n'), min('b').as('m'), sum('a').as('s')).collect()).toEqual([
      { a: null, b: null, n: 0n, m: null, s: null },
    ]);
    expect(await back.where(col('a').isNotNull()).count()).toBe(0);
    expect(await back.join(back.select(col('a').as('x')), expr('a = x')).count()).toBe(0);
    expect(await back.join(back.select(col('a').as('x')), expr('a <=> x')).count()).toBe(4);
    expect(await back.orderBy(col('b').desc()).count()).toBe(2);
  });

  test('empty files of every format', async () => {
    for (const format of ['text', 'csv', 'json', 'parquet', 'arrow'] as const) {
      const path = join(dir, `empty-${format}`);
      mkdirSync(path);
      writeFileSync(join(path, 'part-0'), '');
      const schema = format === 'text' ? 'value string' : 'a int, b string';
      expect(await spark.read.schema(schema)[format](path).count(), format).toBe(0);
      const inferred = spark.read[format](path).count();
      const rows = await inferred.catch((error: unknown) => {
        expect(error).toMatchObject({ kind: 'user', condition: expect.stringMatching(/UNABLE_TO_INFER_SCHEMA|CORRUPT_FILE/) });
        return 0;
      });
      expect(rows, format).toBe(0);
    }
  });

  test('no partitions at all', async () => {
    const path = join(dir, 'no-files');
    mkdirSync(path);
    const none = spark.read.schema('a int').csv(path);
    expect(await none.collect()).toEqual([]);
    expect(await none.agg(count('a').as('n'), max('a').as('m')).collect()).toEqual([{ n: 0n, m: null }]);
    expect(await none.orderBy('a').limit(3).collect()).toEqual([]);
    expect(await none.union(none).distinct().coalesce(5).repartition(2).collect()).toEqual([]);
    const one = spark.createDataFrame([{ b: 1 }], 'b int');
    expect(await none.join(one, expr('a = b'), 'full').collect()).toEqual([{ a: null, b: 1 }]);
    expect(await one.crossJoin(none).count()).toBe(0);
    const out = join(dir, 'none.parquet');
    await none.write.parquet(out);
    expect(await spark.read.schema('a int').parquet(out).count()).toBe(0);
    expect(
      await spark
        .range(0)
        .groupBy('id')
        .agg(count(lit(1)).as('n'))
        .collect(),
    ).toEqual([]);
  });
});

describe('files that do not agree', () => {
  test('one column of two types', async () => {
    const path = join(dir, 'types');
    await spark.createDataFrame([{ a: 1, b: 'x' }], 'a int, b string').write.parquet(join(path, 'k=1'));
    await spark.createDataFrame([{ a: 'no', b: 'y' }], 'a string, b string').write.parquet(join(path, 'k=2'));
    const read = spark.read.parquet(path);
    await expect(read.collect()).rejects.toMatchObject({
      kind: 'user',
      condition: 'WRONG_SCHEMA',
      message: expect.stringContaining("Column 'a'"),
    });
    expect(await read.select('b', 'k').orderBy('b').collect()).toEqual([
      { b: 'x', k: 1 },
      { b: 'y', k: 2 },
    ]);
    await expect(spark.read.option('mergeSchema', 'true').parquet(path).collect()).rejects.toMatchObject({ condition: 'WRONG_SCHEMA' });
  });

  test('columns that some of them lack, and wider types', async () => {
    const path = join(dir, 'columns');
    await spark.createDataFrame([{ a: 1 }], 'a bigint').write.parquet(join(path, 'k=1'));
    await spark.createDataFrame([{ a: 2, b: 'y' }], 'a int, b string').write.parquet(join(path, 'k=2'));
    expect(await spark.read.schema('a bigint, b string').parquet(path).select('a', 'b').orderBy('a').collect()).toEqual([
      { a: 1n, b: null },
      { a: 2n, b: 'y' },
    ]);
  });

  test('a directory below which nothing can be made', async () => {
    const rows = spark.createDataFrame([{ a: 1 }], 'a int');
    await expect(rows.write.csv('/proc/minispark/out')).rejects.toMatchObject({ kind: 'user', condition: 'FILE_NOT_WRITABLE' });
  });
});
