import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseSchema } from '../../../src/data/schema-text.js';
import { compareValues } from '../../../src/data/value.js';
import type { JoinType } from '../../../src/frontend/plan/logical.js';
import type { BoundExpr } from '../../../src/frontend/plan/resolved.js';
import type { PhysicalOp } from '../../../src/planner/physical/operators.js';
import { call, input, type Row, rowsLeaf, runPlan } from './task.js';

const LEFT = 'id int, name string';
const RIGHT = 'key int, city string';

interface JoinShape {
  readonly how: JoinType;
  readonly build?: 'left' | 'right';
  readonly keyless?: boolean;
  readonly condition?: BoundExpr;
}

function join(leftRows: readonly Row[], rightRows: readonly Row[], { how, build = 'right', keyless, condition }: JoinShape): PhysicalOp {
  const left = rowsLeaf(LEFT, leftRows);
  const right = rowsLeaf(RIGHT, rightRows);
  const schema = parseSchema(how === 'semi' || how === 'anti' ? LEFT : `${LEFT}, ${RIGHT}`);
  const [leftKeys, rightKeys] = keyless ? [[], []] : [[input(left, 'id')], [input(right, 'key')]];
  return { kind: 'hashJoin', schema, left, right, how, build, leftKeys, rightKeys, condition: condition ?? null };
}

const people: Row[] = [
  [1, 'Ada'],
  [2, 'Bob'],
  [null, 'Eve'],
  [2, 'Cy'],
];
const cities: Row[] = [
  [2, 'Rome'],
  [3, 'Oslo'],
  [null, 'Bonn'],
  [2, 'Lima'],
];

/** Rows as text, in an order of their own: joins promise none. */
const sorted = (rows: readonly Row[]): string[] => rows.map((row) => JSON.stringify(row)).sort();

describe('each kind, with duplicate and null keys', () => {
  test('inner', async () => {
    const { rows } = await runPlan(join(people, cities, { how: 'inner' }));
    expect(sorted(rows)).toEqual(
      sorted([
        [2, 'Bob', 2, 'Rome'],
        [2, 'Bob', 2, 'Lima'],
        [2, 'Cy', 2, 'Rome'],
        [2, 'Cy', 2, 'Lima'],
      ]),
    );
  });

  test('inner with the left side built keeps the order of columns', async () => {
    const { rows } = await runPlan(join(people, cities, { how: 'inner', build: 'left' }));
    expect(sorted(rows)).toEqual(
      sorted([
        [2, 'Bob', 2, 'Rome'],
        [2, 'Bob', 2, 'Lima'],
        [2, 'Cy', 2, 'Rome'],
        [2, 'Cy', 2, 'Lima'],
      ]),
    );
  });

  test('left keeps what matches nothing', async () => {
    const { rows } = await runPlan(
      join(
        [
          [1, 'Ada'],
          [3, 'Dan'],
          [null, 'Eve'],
        ],
        cities,
        { how: 'left' },
      ),
    );
    expect(sorted(rows)).toEqual(
      sorted([
        [1, 'Ada', null, null],
        [3, 'Dan', 3, 'Oslo'],
        [null, 'Eve', null, null],
      ]),
    );
  });

  test('left against nothing', async () => {
    const { rows } = await runPlan(join([[1, 'Ada']], [], { how: 'left' }));
    expect(rows).toEqual([[1, 'Ada', null, null]]);
  });

  test('semi and anti', async () => {
    expect((await runPlan(join(people, cities, { how: 'semi' }))).rows).toEqual([
      [2, 'Bob'],
      [2, 'Cy'],
    ]);
    expect((await runPlan(join(people, cities, { how: 'anti' }))).rows).toEqual([
      [1, 'Ada'],
      [null, 'Eve'],
    ]);
  });

  test('cross', async () => {
    const { rows } = await runPlan(
      join(
        [
          [1, 'a'],
          [2, 'b'],
        ],
        [
          [8, 'x'],
          [9, 'y'],
        ],
        { how: 'cross', keyless: true },
      ),
    );
    expect(sorted(rows)).toEqual(
      sorted([
        [1, 'a', 8, 'x'],
        [1, 'a', 9, 'y'],
        [2, 'b', 8, 'x'],
        [2, 'b', 9, 'y'],
      ]),
    );
  });
});

/** name < city, over left then right columns. */
const nameBeforeCity = call('<', [
  { kind: 'input', index: 1, type: { kind: 'string' }, nullable: true },
  { kind: 'input', index: 3, type: { kind: 'string' }, nullable: true },
]);

const HOWS: readonly JoinType[] = ['inner', 'left', 'semi', 'anti'];

function naive(left: readonly Row[], right: readonly Row[], how: JoinType): Row[] {
  return left.flatMap((l) => {
    const matches = right.filter(
      (r) => l[0] !== null && l[0] === r[0] && l[1] !== null && r[1] !== null && compareValues(l[1], r[1], { kind: 'string' }) < 0,
    );
    if (how === 'semi') return matches.length > 0 ? [l] : [];
    if (how === 'anti') return matches.length > 0 ? [] : [l];
    if (how === 'left' && matches.length === 0) return [[...l, null, null]];
    return matches.map((r) => [...l, ...r]);
  });
}

test('random rows with a further condition join as nested loops join them', async () => {
  const row = fc.tuple(
    fc.option(fc.integer({ min: 0, max: 6 }), { nil: null }),
    fc.option(fc.constantFrom('', 'a', 'b', 'c'), { nil: null }),
  );
  const rows = fc.array(row, { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(rows, rows, fc.constantFrom(...HOWS), async (left, right, how) => {
      const { rows: joined } = await runPlan(join(left, right, { how, condition: nameBeforeCity }));
      expect(sorted(joined)).toEqual(sorted(naive(left, right, how)));
    }),
    { numRuns: 100 },
  );
});
