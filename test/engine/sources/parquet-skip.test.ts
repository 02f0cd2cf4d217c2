/** What a filter lets the Parquet reader pass over, by page index and by bloom filter, and that no row goes missing by it. */
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { field, INT64, type Schema, STRING, schemaOf } from '../../../src/data/types.js';
import type { EngineValue } from '../../../src/data/value.js';
import { sourceOf } from '../../../src/engine/sources/registry.js';
import type { BoundExpr } from '../../../src/frontend/plan/resolved.js';
import { duckdb } from './duckdb.js';
import { batchRows, fileOf, requestFor, tempDir } from './reading.js';

/** Three row groups in order of l_orderkey, with pages of 4,000 rows and a page index. */
const LINEITEM = fileOf(join(import.meta.dirname, '../../fixtures/tpch/lineitem.parquet'));
const ROWS = 60_175;

const call = (fn: string, ...args: BoundExpr[]): BoundExpr => ({
  kind: 'call',
  fn,
  args,
  type: { kind: 'boolean' },
  nullable: true,
  site: null,
});
const input = (schema: Schema, name: string): BoundExpr => {
  const index = schema.fields.findIndex((f) => f.name === name);
  return { kind: 'input', index, type: schema.fields[index].type, nullable: true };
};
const literal = (value: EngineValue, type = INT64): BoundExpr => ({
  kind: 'literal',
  value,
  type: type as never,
  nullable: value === null,
});

async function read(columns: Schema | undefined, filters: (schema: Schema) => BoundExpr[], file = LINEITEM, recycles = true) {
  const all = await requestFor('parquet', [file], columns === undefined ? {} : { columns });
  const request = { ...all, recycles, batchRows: 1500, filters: filters(all.columns) };
  const rows: EngineValue[][] = [];
  for (const split of sourceOf('parquet').planSplits([file], {}, 1 << 30)) {
    for await (const batch of sourceOf('parquet').readSplit(split, request)) rows.push(...batchRows(batch, request.columns));
  }
  expect(request.metrics.inputRows).toBe(rows.length);
  return rows;
}

describe('page index', () => {
  let all: EngineValue[][];
  beforeAll(async () => {
    all = await read(undefined, () => []);
  });

  test('all rows without a filter', () => {
    expect(all).toHaveLength(ROWS);
  });

  test('any range of keys: every row of it, at most two pages more, whole rows', async () => {
    const key = fc.integer({ min: 0, max: 61_000 }).map(BigInt);
    await fc.assert(
      fc.asyncProperty(key, key, fc.boolean(), async (a, b, recycles) => {
        const [low, high] = a < b ? [a, b] : [b, a];
        const inside = (row: EngineValue[]) => (row[0] as bigint) >= low && (row[0] as bigint) <= high;
        const filter = (schema: Schema) => [
          call('and', call('>=', input(schema, 'l_orderkey'), literal(low)), call('<=', input(schema, 'l_orderkey'), literal(high))),
        ];
        const some = await read(undefined, filter, LINEITEM, recycles);
        const wanted = all.filter(inside);
        expect(some.filter(inside)).toEqual(wanted);
        expect(some.length).toBeLessThanOrEqual(wanted.length + 8000);
      }),
      { numRuns: 12 },
    );
  });

  test('two places far apart', async () => {
    const columns = schemaOf(field('l_orderkey', INT64), field('l_comment', STRING));
    const filter = (schema: Schema) => [
      call('or', call('=', input(schema, 'l_orderkey'), literal(1n)), call('=', input(schema, 'l_orderkey'), literal(29_000n))),
    ];
    const rows = await read(columns, filter);
    // The first page, and the last of its group, which has 2,000.
    expect(rows.length).toBe(6000);
    expect(rows.filter(([k]) => k === 1n || k === 29_000n)).toEqual(
      all.filter(([k]) => k === 1n || k === 29_000n).map((row) => [row[0], row[15]]),
    );
  });
});

describe('bloom filters', () => {
  const dir = tempDir();
  afterAll(() => dir.dispose());

  test('row groups without the value are left out', async () => {
    const path = join(dir.path, 'bloom.parquet');
    // Both row groups reach from a to z, so that their bounds tell nothing.
    const value = "CASE i % 4 WHEN 0 THEN 'a' WHEN 1 THEN 'z' ELSE CASE WHEN i < 2048 THEN 'first' ELSE 'second' END END";
    await duckdb(
      `COPY (SELECT ${value} AS s, CASE WHEN i % 2 = 0 THEN 0 WHEN i % 4 = 1 THEN 9000 ELSE CASE WHEN i < 2048 THEN 11 ELSE 22 END END::BIGINT AS n
       FROM range(4096) t(i)) TO '${path}' (FORMAT parquet, ROW_GROUP_SIZE 2048)`,
    );
    const file = fileOf(path);
    const count = async (...filters: ((schema: Schema) => BoundExpr)[]) =>
      (await read(undefined, (schema) => filters.map((make) => make(schema)), file)).length;
    const s = (schema: Schema) => input(schema, 's');
    const n = (schema: Schema) => input(schema, 'n');
    const text = (value: string) => literal(value, STRING as never);
    expect(await count((at) => call('=', s(at), text('first')))).toBe(2048);
    expect(await count((at) => call('=', text('second'), s(at)))).toBe(2048);
    expect(await count((at) => call('=', s(at), text('middle')))).toBe(0);
    expect(await count((at) => call('in', s(at), text('middle'), text('second')))).toBe(2048);
    expect(await count((at) => call('in', s(at), text('first'), text('second')))).toBe(4096);
    expect(await count((at) => call('=', n(at), literal(11n)))).toBe(2048);
    expect(await count((at) => call('in', n(at), literal(11n), literal(22n)))).toBe(4096);
    expect(await count((at) => call('in', n(at), literal(12n), literal(21n)))).toBe(0);
    expect(await count((at) => call('<', s(at), text('middle')))).toBe(4096);
  });
});
