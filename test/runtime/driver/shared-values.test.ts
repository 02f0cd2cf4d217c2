/** Accumulators and broadcast variables in a session made by hand: functions run in this very thread, beside the driver's own code. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { decodeValue, encodeValue } from '../../../src/frontend/closures/value-bytes.js';
import { Accumulator, col, Decimal, Session, sparkPartitionId, Timestamp, udf } from '../../../src/index.js';

let spark: Session;

beforeEach(async () => {
  spark = await Session.builder().master('local[2]').getOrCreate();
});

afterEach(() => spark.stop());

const numbers = (n: number, partitions: number) =>
  spark.parallelize(
    Array.from({ length: n }, (_, i) => i),
    partitions,
  );

test('adds of tasks are counted once, whatever stage they are in, and reads on the driver are never a task’s', async () => {
  const mapped = spark.longAccumulator();
  const reduced = spark.accumulator(0);
  const counting = numbers(100, 5)
    .map((n): [number, number] => {
      mapped.add(1n);
      return [n % 7, n];
    })
    .reduceByKey((a, b) => a + b, 3)
    .map((pair) => {
      reduced.add(0.5);
      return pair;
    })
    .collect();
  // Between the turns of the tasks this is the driver's code.
  const seen: bigint[] = [];
  const watch = setInterval(() => seen.push(mapped.value), 1);
  expect(await counting).toHaveLength(7);
  clearInterval(watch);
  expect(seen.every((value) => value >= 0n && value <= 100n)).toBe(true);
  expect([mapped.value, reduced.value]).toEqual([100n, 3.5]);
  mapped.add(2);
  expect(mapped.value).toBe(102n);
  mapped.reset();
  expect(mapped.value).toBe(0n);
});

test('functions that place rows read what is broadcast, and count each row once', async () => {
  const places = spark.broadcast(new Map([['a', 2]]));
  const asked = spark.accumulator(0);
  const rows = await spark
    .createDataFrame([{ k: 'a' }, { k: 'b' }], 'k string')
    .repartition(
      3,
      (k: string) => {
        asked.add(1);
        return places.value.get(k) ?? 0;
      },
      'k',
    )
    .select('k', sparkPartitionId().as('p'))
    .collect();
  expect(rows).toEqual([
    { k: 'b', p: 0 },
    { k: 'a', p: 2 },
  ]);
  expect(asked.value).toBe(2);
});

test('an exact sum beyond 2^53, and a list that begins with something', async () => {
  const exact = spark.accumulator(2n ** 60n);
  const list = spark.accumulator<string>(['first']);
  await numbers(3, 3)
    .map((n) => {
      exact.add(1n);
      list.add(`row ${n}`);
      return n;
    })
    .count();
  expect(exact.value).toBe(2n ** 60n + 3n);
  expect(list.value.sort()).toEqual(['first', 'row 0', 'row 1', 'row 2']);
});

test('what is added must fit; a task cannot read', async () => {
  const long = spark.longAccumulator('whole numbers');
  expect(() => long.add(1.5)).toThrow("1.5 cannot be added to the accumulator 'whole numbers'.");
  expect(() => spark.accumulator(0).add('x' as never)).toThrow('x cannot be added to an accumulator.');
  await expect(
    numbers(2, 1)
      .map(() => long.value)
      .collect(),
  ).rejects.toMatchObject({ condition: 'ACCUMULATOR_READ_IN_TASK', kind: 'user' });
  const functions = spark.collectionAccumulator<() => void>();
  await expect(
    numbers(2, 1)
      .map((n) => functions.add(() => {}) ?? n)
      .collect(),
  ).rejects.toMatchObject({ condition: 'INVALID_ACCUMULATOR_VALUE' });
});

test('a column function may add and read too', async () => {
  const evens = spark.longAccumulator();
  const names = spark.broadcast(['even', 'odd']);
  const name = udf((n: bigint) => {
    if (n % 2n === 0n) evens.add(1n);
    return names.value[Number(n % 2n)];
  }, 'string');
  const rows = await spark
    .range(5)
    .select(name(col('id')).as('name'))
    .collect();
  expect(rows.map((row) => row.name)).toEqual(['even', 'odd', 'even', 'odd', 'even']);
  expect(evens.value).toBe(3n);
});

test('a destroyed broadcast variable is refused at the user’s line', async () => {
  const value = spark.broadcast(1);
  await value.unpersist();
  expect(value.value).toBe(1);
  await value.destroy();
  await value.destroy();
  expect(value.isDestroyed).toBe(true);
  expect(() => value.value).toThrowError(expect.objectContaining({ condition: 'BROADCAST_DESTROYED', site: expect.anything() }));
  await expect(value.unpersist()).rejects.toMatchObject({ condition: 'BROADCAST_DESTROYED' });
});

test('values as bytes: what is shared stays shared, API values come back, the rest is named', () => {
  const list = [1, 2];
  const value = { list, same: list, map: new Map([[Decimal.parse('1.5'), new Timestamp(5n)]]), bytes: new Uint8Array([1]) };
  const back = decodeValue(encodeValue(value, null)) as typeof value;
  expect(back).toEqual(value);
  expect(back.same).toBe(back.list);
  expect([...back.map.keys()][0]).toBeInstanceOf(Decimal);
  const refused = (bad: unknown) => () => encodeValue(bad, null);
  expect(refused({ a: [0, new URL('http://x')] })).toThrow('Cannot broadcast the value.a[1]: it is an instance of URL.');
  expect(refused([() => 1])).toThrow('Cannot broadcast the value[0]: it is a function.');
  expect(refused({ sum: new Accumulator({ id: 'a', name: null, kind: 'long' }, 0n) })).toThrow('accumulator');
  expect(() => decodeValue(new Uint8Array([1, 2, 3]))).toThrowError(expect.objectContaining({ condition: 'BROADCAST_UNREADABLE' }));
});
