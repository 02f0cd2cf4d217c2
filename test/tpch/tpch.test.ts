/** The 22 TPC-H jobs against DuckDB on generated data of scale factor 0.01: names, types, values and order, with two sets of arguments each. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TpchJob, tablesIn } from '../../jobs/tpch/tpch.js';
import { type DataType, typeName } from '../../src/data/types.js';
import { parseJobArgs } from '../../src/frontend/api/job.js';
import { type ArgSpecs, type Session, Session as Sessions } from '../../src/index.js';
import { Oracle } from './oracle.js';

const DATA = join(import.meta.dirname, '../fixtures/tpch');
const JOBS = join(import.meta.dirname, '../../jobs/tpch');
const QUERIES = readdirSync(JOBS)
  .filter((file) => /^q\d\d\.ts$/.test(file))
  .map((file) => file.slice(0, 3));

/** Beside the defaults, which find nothing in so little data now and then. */
const OTHERS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  q01: { delta: '60' },
  q02: { size: '20', type: 'TIN', region: 'AMERICA' },
  q03: { segment: 'MACHINERY', date: '1995-03-28' },
  q04: { date: '1996-11-01' },
  q05: { region: 'EUROPE', date: '1997-01-01' },
  q06: { date: '1996-01-01', discount: '0.09', quantity: '25' },
  q07: { nation1: 'INDIA', nation2: 'KENYA' },
  q08: { nation: 'CHINA', region: 'ASIA', type: 'PROMO BURNISHED COPPER' },
  q09: { color: 'misty' },
  q10: { date: '1994-12-01' },
  q11: { nation: 'RUSSIA', fraction: '0.01' },
  q12: { shipmode1: 'TRUCK', shipmode2: 'REG AIR', date: '1997-01-01' },
  q13: { word1: 'pending', word2: 'accounts' },
  q14: { date: '1993-02-01' },
  q15: { date: '1993-10-01' },
  q16: {
    brand: 'Brand#12',
    type: 'SMALL PLATED',
    size1: '1',
    size2: '2',
    size3: '3',
    size4: '4',
    size5: '5',
    size6: '6',
    size7: '7',
    size8: '8',
  },
  q17: { brand: 'Brand#52', container: 'JUMBO CASE' },
  q18: { quantity: '250' },
  q19: { quantity1: '5', quantity2: '15', quantity3: '25', brand1: 'Brand#53', brand2: 'Brand#41', brand3: 'Brand#22' },
  q20: { color: 'green', date: '1993-01-01', nation: 'GERMANY' },
  q21: { nation: 'GERMANY' },
  q22: { i1: '10', i2: '11', i3: '12', i4: '14', i5: '15', i6: '16', i7: '19' },
};

let spark: Session;
let oracle: Oracle;

beforeAll(async () => {
  [spark, oracle] = await Promise.all([Sessions.builder().master('local[2]').getOrCreate(), Oracle.open(DATA)]);
});

afterAll(async () => {
  oracle.close();
  await spark.stop();
});

test('there are 22', () => {
  expect(QUERIES).toHaveLength(22);
});

/** Spark's type where DuckDB has another: its years are integers, its quotients and means of decimals are decimals. */
const TYPES: Readonly<Record<string, (type: DataType) => boolean>> = {
  BIGINT: (type) => type.kind === 'int64' || type.kind === 'int32',
  HUGEINT: (type) => type.kind === 'int64',
  INTEGER: (type) => type.kind === 'int32',
  VARCHAR: (type) => type.kind === 'string',
  DATE: (type) => type.kind === 'date',
  DOUBLE: (type) => type.kind === 'decimal' && type.scale >= 6,
};

const sameType = (ours: DataType, theirs: string): boolean =>
  theirs.startsWith('DECIMAL') ? ours.kind === 'decimal' && theirs.endsWith(`,${ours.scale})`) : (TYPES[theirs]?.(ours) ?? false);

/** Decimals digit by digit; against a double, as near as our last digit tells. */
function sameValue(ours: unknown, theirs: unknown): boolean {
  if (ours === null || theirs === null) return ours === theirs;
  if (typeof theirs !== 'number' || typeof ours === 'number') return String(ours) === String(theirs);
  const text = String(ours);
  const scale = text.length - 1 - text.indexOf('.');
  return Math.abs(Number(text) - theirs) <= 0.501 * 10 ** -scale + 1e-12 * Math.abs(theirs);
}

const CASES = QUERIES.flatMap((query) => [[query, {}] as const, [query, OTHERS[query]] as const]);

test.each(CASES)('%s %j', async (query, given) => {
  const job = ((await import(join(JOBS, `${query}.ts`))) as { default: TpchJob<ArgSpecs> }).default;
  const args = parseJobArgs(job.args, { data: DATA, ...given });
  const frame = job.query(tablesIn(spark, DATA), args as never);
  const [schema, rows, expected] = await Promise.all([frame.schema(), frame.collect(), oracle.answer(query, args)]);
  expect(schema.fields.map(({ name }) => name)).toEqual(expected.columns.map(({ name }) => name));
  for (const [i, { name, type }] of schema.fields.entries()) {
    const theirs = expected.columns[i].type;
    expect(sameType(type, theirs) ? '' : `${name} is ${typeName(type)} and in DuckDB ${theirs}`).toBe('');
  }
  const values = rows.map((row) => schema.fields.map(({ name }) => row[name]));
  const wrong = values.findIndex((row, r) => !row.every((value, i) => sameValue(value, expected.rows[r]?.[i])));
  expect(wrong < 0 ? [] : [wrong, values[wrong].map(String), expected.rows[wrong]]).toEqual([]);
  expect(rows).toHaveLength(expected.rows.length);
  if (given === OTHERS[query]) expect(values.flat().some((value) => value !== null)).toBe(true);
});
