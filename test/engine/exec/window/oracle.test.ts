/**
 * Any window function over any frame of any table is what a loop over all rows for each row gives: with all rows in memory, in batches of a
 * few rows, and with partitions that must go to disk.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { col, expr } from '../../../../src/index.js';
import { openInProcess } from '../in-process.js';

const DDL = 'id int, k string, o int, x double, v int, b bigint, d decimal(10,2), s string, p string';

interface Row {
  readonly id: number;
  readonly k: string | null;
  readonly o: number | null;
  readonly x: number | null;
  readonly v: number | null;
  readonly b: bigint | null;
  readonly d: string | null;
  readonly s: string | null;
  readonly p: string;
}

type Bound = number | 'first' | 'last';
interface Frame {
  readonly unit: 'rows' | 'range';
  readonly lower: Bound;
  readonly upper: Bound;
}

interface Order {
  readonly by: 'o' | 'x' | 'b';
  readonly ascending: boolean;
  readonly nullsFirst: boolean;
}

/** Rows of one partition in order: compute(rows in the frame, all rows, place of the row, place of its first and last equal). */
interface Place {
  readonly frame: readonly Row[];
  readonly all: readonly Row[];
  readonly i: number;
  readonly peersFrom: number;
  readonly peersTo: number;
}

const present = <T>(values: readonly (T | null)[]): T[] => values.filter((v): v is T => v !== null);
const orNull = <T>(v: T | undefined): T | null => v ?? null;
const sumOf = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const cents = (text: string): bigint => BigInt(text.replace('.', ''));
const shiftNulls = (rows: readonly Row[], i: number, shift: number): Row | undefined => {
  const side = shift > 0 ? rows.slice(i + 1) : rows.slice(0, i).reverse();
  return side.filter((r) => r.v !== null)[Math.abs(shift) - 1];
};
const numeric = (a: number, b: number): number => (Number.isNaN(a) ? (Number.isNaN(b) ? 0 : 1) : Number.isNaN(b) ? -1 : a - b || 0);

/** SQL, whether it takes a frame, and its answer as text. */
const FUNCTIONS: readonly (readonly [string, boolean, (place: Place) => unknown])[] = [
  ['row_number()', false, ({ i }) => i + 1],
  ['rank()', false, ({ peersFrom }) => peersFrom + 1],
  ['ntile(3)', false, ({ all, i }) => ntileOf(all.length, i, 3)],
  ['percent_rank()', false, ({ all, peersFrom }) => (all.length === 1 ? 0 : peersFrom / (all.length - 1))],
  ['cume_dist()', false, ({ all, peersTo }) => peersTo / all.length],
  ['lag(v)', false, ({ all, i }) => orNull(all[i - 1]?.v)],
  ['lag(v, 2, id)', false, ({ all, i }) => (i < 2 ? all[i].id : all[i - 2].v)],
  ['lead(s, 1, "none")', false, ({ all, i }) => (i + 1 < all.length ? all[i + 1].s : 'none')],
  ['lead(v, -1)', false, ({ all, i }) => orNull(all[i - 1]?.v)],
  ['lag(v, 2) IGNORE NULLS', false, ({ all, i }) => orNull(shiftNulls(all, i, -2)?.v)],
  ['lead(v) IGNORE NULLS', false, ({ all, i }) => orNull(shiftNulls(all, i, 1)?.v)],
  ['count(*)', true, ({ frame }) => BigInt(frame.length)],
  ['count(v)', true, ({ frame }) => BigInt(present(frame.map((r) => r.v)).length)],
  ['count_if(v > 1)', true, ({ frame }) => BigInt(frame.filter((r) => r.v !== null && r.v > 1).length)],
  ['sum(v)', true, ({ frame }) => bigSum(frame.map((r) => (r.v === null ? null : BigInt(r.v))))],
  ['sum(b)', true, ({ frame }) => bigSum(frame.map((r) => r.b))],
  ['sum(d)', true, ({ frame }) => decimalText(bigSum(frame.map((r) => (r.d === null ? null : cents(r.d)))), 2)],
  ['avg(d)', true, ({ frame }) => decimalMean(present(frame.map((r) => r.d)).map(cents))],
  ['avg(v)', true, ({ frame }) => meanOf(present(frame.map((r) => r.v)))],
  ['sum(x)', true, ({ frame }) => (present(frame.map((r) => r.x)).length === 0 ? null : sumOf(present(frame.map((r) => r.x))))],
  ['min(v)', true, ({ frame }) => orNull(present(frame.map((r) => r.v)).sort(numeric)[0])],
  [
    'max(x)',
    true,
    ({ frame }) =>
      orNull(
        present(frame.map((r) => r.x))
          .sort(numeric)
          .at(-1),
      ),
  ],
  ['min(s)', true, ({ frame }) => orNull(present(frame.map((r) => r.s)).sort()[0])],
  ['max_by(id, v)', true, ({ frame }) => bestBy(frame)],
  ['first_value(v)', true, ({ frame }) => orNull(frame[0]?.v)],
  ['first_value(v) IGNORE NULLS', true, ({ frame }) => orNull(frame.find((r) => r.v !== null)?.v)],
  ['last_value(s)', true, ({ frame }) => orNull(frame.at(-1)?.s)],
  ['last_value(v, true)', true, ({ frame }) => orNull(frame.filter((r) => r.v !== null).at(-1)?.v)],
  ['nth_value(id, 2)', true, ({ frame }) => orNull(frame[1]?.id)],
  ['nth_value(v, 2) IGNORE NULLS', true, ({ frame }) => orNull(frame.filter((r) => r.v !== null)[1]?.v)],
  ['collect_list(v)', true, ({ frame }) => present(frame.map((r) => r.v))],
  ['bool_or(v > 2)', true, ({ frame }) => boolOr(frame)],
  ['concat_ws(",", collect_list(s) OVER (w))', true, ({ frame }) => present(frame.map((r) => r.s)).join(',')],
];

function ntileOf(rows: number, i: number, parts: number): number {
  for (let tile = 1, from = 0; ; tile++) {
    from += Math.floor(rows / parts) + (tile <= rows % parts ? 1 : 0);
    if (i < from) return tile;
  }
}

function bigSum(values: readonly (bigint | null)[]): bigint | null {
  const some = present(values);
  return some.length === 0 ? null : some.reduce((a, b) => a + b, 0n);
}

function decimalText(unscaled: bigint | null, scale: number): string | null {
  if (unscaled === null) return null;
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
  return `${unscaled < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

function decimalMean(values: readonly bigint[]): string | null {
  if (values.length === 0) return null;
  const [sum, count] = [values.reduce((a, b) => a + b, 0n) * 10000n, BigInt(values.length)];
  const size = sum < 0n ? -sum : sum;
  const mean = (2n * size + count) / (2n * count);
  return decimalText(sum < 0n ? -mean : mean, 6);
}

const meanOf = (values: readonly number[]): number | null => (values.length === 0 ? null : sumOf(values) / values.length);

function bestBy(frame: readonly Row[]): number | null {
  let best: Row | null = null;
  for (const row of frame) if (row.v !== null && (best === null || row.v >= best.v!)) best = row;
  return best?.id ?? null;
}

function boolOr(frame: readonly Row[]): boolean | null {
  const some = present(frame.map((r) => r.v));
  return some.length === 0 ? null : some.some((v) => v > 2);
}

function compareBy({ by, ascending, nullsFirst }: Order): (a: Row, b: Row) => number {
  return (a, b) => {
    const [x, y] = [a[by], b[by]];
    if (x === null || y === null) return x === y ? 0 : (x === null) === nullsFirst ? -1 : 1;
    const order = typeof x === 'bigint' ? (x < (y as bigint) ? -1 : x > (y as bigint) ? 1 : 0) : numeric(x, y as number);
    return ascending ? order : -order;
  };
}

function placesOf(rows: readonly Row[], order: Order, frame: Frame): Map<number, Place> {
  const places = new Map<number, Place>();
  for (const k of new Set(rows.map((r) => r.k))) {
    const compare = compareBy(order);
    const all = rows.filter((r) => r.k === k).sort((a, b) => compare(a, b) || a.id - b.id);
    all.forEach((row, i) => {
      const peersFrom = all.findIndex((r) => compare(r, row) === 0);
      const peersTo = all.findLastIndex((r) => compare(r, row) === 0) + 1;
      const inFrame = all.filter((_, j) => isInside(all, i, j, order, frame));
      places.set(row.id, { frame: inFrame, all, i, peersFrom, peersTo });
    });
  }
  return places;
}

function isInside(all: readonly Row[], i: number, j: number, order: Order, { unit, lower, upper }: Frame): boolean {
  if (unit === 'rows') return (lower === 'first' || j >= i + (lower as number)) && (upper === 'last' || j <= i + (upper as number));
  const compare = compareBy(order);
  const edge = (offset: number): Row => {
    const value = all[i][order.by];
    const signed = order.ascending ? offset : -offset;
    if (value === null) return all[i];
    return { ...all[i], [order.by]: typeof value === 'bigint' ? value + BigInt(signed) : value + signed };
  };
  return (
    (lower === 'first' || compare(all[j], edge(lower as number)) >= 0) && (upper === 'last' || compare(all[j], edge(upper as number)) <= 0)
  );
}

const boundText = (bound: Bound): string => {
  if (bound === 'first') return 'UNBOUNDED PRECEDING';
  if (bound === 'last') return 'UNBOUNDED FOLLOWING';
  return bound === 0 ? 'CURRENT ROW' : bound < 0 ? `${-bound} PRECEDING` : `${bound} FOLLOWING`;
};

const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value, { freq: 4 });
const rowsOf = (maxLength: number) =>
  fc
    .array(
      fc.record({
        k: fc.constantFrom('a', 'a', 'a', 'a', 'b', null),
        o: maybe(fc.integer({ min: -4, max: 8 })),
        x: maybe(fc.constantFrom(0, -0, 1, 2.5, -1.5, 4, Number.NaN)),
        v: maybe(fc.integer({ min: 0, max: 5 })),
        b: maybe(fc.constantFrom(1n, 2n, 3n, 9007199254740993n, -9007199254740993n, 2n ** 54n + 1n)),
        d: maybe(fc.constantFrom('0.00', '1.25', '-1.25', '12345678.99', '0.01')),
        s: maybe(fc.constantFrom('', 'a', 'b', 'ä')),
      }),
      { maxLength, size: 'max' },
    )
    .map((rows) => rows.map((row, id) => ({ ...row, id })));
const bound = (end: Bound): fc.Arbitrary<Bound> =>
  fc.oneof(
    { weight: 1, arbitrary: fc.constant(end) },
    { weight: 3, arbitrary: fc.integer({ min: -4, max: 20 }).map((n) => Math.min(n, 19) - 2 * (n > 9 ? 0 : 1)) },
  );
const frameOf: fc.Arbitrary<Frame> = fc
  .record({ unit: fc.constantFrom('rows' as const, 'range' as const), lower: bound('first'), upper: bound('last') })
  .filter(({ lower, upper }) => typeof lower !== 'number' || typeof upper !== 'number' || lower <= upper);
const orderOf: fc.Arbitrary<Order> = fc.record({
  by: fc.constantFrom('o' as const, 'x' as const, 'b' as const),
  ascending: fc.boolean(),
  nullsFirst: fc.boolean(),
});

/** All in memory; many small blocks; partitions that do not fit, since every row carries 60 kB: five of them go to disk. */
const SETTINGS = [
  { config: {}, payload: 0, most: 80, runs: 150 },
  { config: { 'batch.rows': '2' }, payload: 0, most: 40, runs: 100 },
  { config: { memory: '1m', 'batch.rows': '3' }, payload: 60_000, most: 30, runs: 80 },
] as const;

test.each(SETTINGS)('as a loop over all rows: %o', { timeout: 120_000 }, async ({ config, payload, most, runs }) => {
  let spilled = 0;
  await fc.assert(
    fc.asyncProperty(
      rowsOf(most),
      orderOf,
      frameOf,
      fc.uniqueArray(fc.nat(FUNCTIONS.length - 1), { minLength: 1, maxLength: 6 }),
      async (drawn, order, frame, picked) => {
        const rows: Row[] = drawn.map((row) => ({ ...row, p: 'p'.repeat(payload) }));
        const { spark, backend } = openInProcess(config);
        const keys = `PARTITION BY k ORDER BY ${order.by} ${order.ascending ? 'ASC' : 'DESC'} NULLS ${order.nullsFirst ? 'FIRST' : 'LAST'}`;
        const framed = `${keys} ${frame.unit} BETWEEN ${boundText(frame.lower)} AND ${boundText(frame.upper)}`;
        const columns = picked.map((f) => {
          const [sql, takesFrame] = FUNCTIONS[f];
          if (sql.includes('(w)')) return expr(sql.replace('(w)', `(${framed})`)).as(`f${f}`);
          return expr(`${sql} OVER (${takesFrame ? framed : keys})`).as(`f${f}`);
        });
        const found = await spark
          .createDataFrame(
            rows.map((row) => ({ ...row })),
            DDL,
          )
          .select('id', 'p', ...columns)
          .collect();
        spilled += backend.metrics.spilledBytes;
        const places = placesOf(rows, order, frame);
        expect(found.length).toBe(rows.length);
        for (const row of found as Record<string, unknown>[]) {
          const place = places.get(row.id as number)!;
          for (const f of picked) {
            const [sql, , wanted] = FUNCTIONS[f];
            const got = row[`f${f}`];
            expect({ sql, id: row.id, value: plain(got, sql) }).toEqual({ sql, id: row.id, value: plain(wanted(place), sql) });
          }
        }
      },
    ),
    { numRuns: runs },
  );
  expect(spilled > 0).toBe(payload > 0);
});

/** Decimals as text, sums of doubles rounded: the order of additions is not that of the loop. */
function plain(value: unknown, sql: string): unknown {
  if (typeof value === 'number' && sql === 'sum(x)') return Number.isNaN(value) ? 'NaN' : value.toFixed(6).replace(/^-(0\.0*)$/, '$1');
  if (typeof value === 'number') return value === 0 ? 0 : value;
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? String(value) : value;
}

test('a column of the select may be used in the window and outside of it', async () => {
  const { spark } = openInProcess();
  const rows = await spark
    .createDataFrame([{ v: 2 }, { v: 1 }], 'v int')
    .select(col('v'), expr('v - sum(v) OVER ()').as('rest'))
    .collect();
  expect(rows).toEqual([
    { v: 2, rest: -1n },
    { v: 1, rest: -2n },
  ]);
});
