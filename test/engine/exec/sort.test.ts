import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareValues, type EngineValue } from '../../../src/data/value.js';
import type { PhysicalOp } from '../../../src/planner/physical/operators.js';
import { input, type Row, rowsLeaf, runPlan } from './task.js';

interface By {
  readonly name: string;
  readonly ascending?: boolean;
  readonly nullsFirst?: boolean;
}

function sorted(leaf: PhysicalOp, by: readonly By[], limit: number | null = null): PhysicalOp {
  const keys = by.map(({ name, ascending = true, nullsFirst = ascending }) => ({ expr: input(leaf, name), ascending, nullsFirst }));
  return { kind: 'sort', schema: leaf.schema, child: leaf, keys, limit };
}

const column = (rows: readonly Row[]): EngineValue[] => rows.map((row) => row[0]);

describe('one key', () => {
  test('longs beyond 2^53, descending, nulls last', async () => {
    const leaf = rowsLeaf('x bigint', [[1n], [9007199254740993n], [null], [9007199254740992n], [-1n]]);
    const { rows } = await runPlan(sorted(leaf, [{ name: 'x', ascending: false }]));
    expect(column(rows)).toEqual([9007199254740993n, 9007199254740992n, 1n, -1n, null]);
  });

  test('strings by bytes: a shared prefix of six bytes and more, a prefix of another, zero bytes', async () => {
    const leaf = rowsLeaf('s string', [['abcdefgh'], ['abcdefg'], ['abc\0'], ['abc'], ['ä'], ['z'], ['']]);
    const { rows } = await runPlan(sorted(leaf, [{ name: 's' }]));
    expect(column(rows)).toEqual(['', 'abc', 'abc\0', 'abcdefg', 'abcdefgh', 'z', 'ä']);
  });

  test('doubles: NaN is largest, nulls where they are asked for', async () => {
    const leaf = rowsLeaf('x double', [[Number.NaN], [1], [null], [Number.NEGATIVE_INFINITY], [Number.POSITIVE_INFINITY]]);
    const { rows } = await runPlan(sorted(leaf, [{ name: 'x', nullsFirst: false }]));
    expect(column(rows)).toEqual([Number.NEGATIVE_INFINITY, 1, Number.POSITIVE_INFINITY, Number.NaN, null]);
  });
});

test('rows with equal keys stay in their order, also through runs on disk', async () => {
  const rows: Row[] = Array.from({ length: 40_000 }, (_, i) => [(i * 31) % 100, `row ${i}`]);
  const leaf = rowsLeaf('k int, s string', rows);
  const spilled = await runPlan(sorted(leaf, [{ name: 'k' }]), { config: { memory: '1m', 'batch.rows': '500' } });
  expect(spilled.metrics.spilledBytes).toBeGreaterThan(0);
  expect(spilled.rows).toEqual([...rows].sort((a, b) => (a[0] as number) - (b[0] as number)));
});

test('with a limit only the first rows are kept', async () => {
  const leaf = rowsLeaf(
    'x int',
    Array.from({ length: 5000 }, (_, i) => [(i * 7919) % 5000]),
  );
  const { rows } = await runPlan(sorted(leaf, [{ name: 'x' }], 5), { config: { 'batch.rows': '100' } });
  expect(column(rows)).toEqual([0, 1, 2, 3, 4]);
});

test('random rows sort as Array.sort does with the order of values', async () => {
  const row = fc.tuple(
    fc.option(fc.constantFrom('', 'a', 'aaaaaaa', 'aaaaaab', 'b'), { nil: null }),
    fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), { nil: null }),
  );
  const direction = fc.record({ ascending: fc.boolean(), nullsFirst: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(row, { maxLength: 60 }), direction, direction, async (rows, first, second) => {
      const leaf = rowsLeaf('s string, x bigint', rows);
      const types = [{ kind: 'string' }, { kind: 'int64' }] as const;
      const order = (a: Row, b: Row): number => {
        for (const [k, { ascending, nullsFirst }] of [first, second].entries()) {
          if (a[k] === null && b[k] === null) continue;
          if (a[k] === null || b[k] === null) return (a[k] === null) === nullsFirst ? -1 : 1;
          const compared = compareValues(a[k], b[k], types[k]);
          if (compared !== 0) return ascending ? compared : -compared;
        }
        return 0;
      };
      const plan = sorted(leaf, [
        { name: 's', ...first },
        { name: 'x', ...second },
      ]);
      expect((await runPlan(plan)).rows).toEqual([...rows].sort(order));
    }),
    { numRuns: 100 },
  );
});
