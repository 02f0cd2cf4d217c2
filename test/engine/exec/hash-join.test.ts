import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseSchema } from '../../../src/data/schema-text.js';
import { INT32 } from '../../../src/data/types.js';
import { compareValues, type EngineValue } from '../../../src/data/value.js';
import type { JoinType } from '../../../src/frontend/plan/logical.js';
import type { BoundExpr } from '../../../src/frontend/plan/resolved.js';
import type { PhysicalOp } from '../../../src/planner/physical/operators.js';
import { joinRows, type OracleJoin, sortedText } from './join-oracle.js';
import { call, type Row, rowsLeaf, runPlan } from './task.js';

type Build = 'left' | 'right' | 'merge';

interface JoinShape {
  readonly how: JoinType;
  /** The side that is built; `merge` sorts both instead. */
  readonly build?: Build;
  /** Columns 0 to n - 1 of both sides are the keys. */
  readonly keys?: number;
  readonly nullSafe?: boolean;
  readonly condition?: BoundExpr;
}

/** Sides of one schema each: their first columns are keys. */
function join(leftDdl: string, leftRows: readonly Row[], rightDdl: string, rightRows: readonly Row[], shape: JoinShape): PhysicalOp {
  const { how, build = 'right', keys = 1, nullSafe = false, condition = null } = shape;
  const sides = [rowsLeaf(leftDdl, leftRows), rowsLeaf(rightDdl, rightRows)];
  const schema = parseSchema(how === 'semi' || how === 'anti' ? leftDdl : `${leftDdl}, ${rightDdl}`);
  const [leftKeys, rightKeys] = sides.map((side) =>
    side.schema.fields.slice(0, keys).map((f, index): BoundExpr => ({ kind: 'input', index, type: f.type, nullable: true })),
  );
  const safe = leftKeys.map(() => nullSafe);
  if (build !== 'merge' || keys === 0) {
    const built = build === 'merge' ? 'right' : build;
    return { kind: 'hashJoin', schema, left: sides[0], right: sides[1], how, build: built, leftKeys, rightKeys, nullSafe: safe, condition };
  }
  const [left, right] = sides.map((side, i): PhysicalOp => {
    const order = (i === 0 ? leftKeys : rightKeys).map((expr) => ({ expr, ascending: true, nullsFirst: true }));
    return { kind: 'sort', schema: side.schema, child: side, keys: order, limit: null };
  });
  return { kind: 'mergeJoin', schema, left, right, how, leftKeys, rightKeys, nullSafe: safe, condition };
}

const LEFT = 'id int, name string';
const RIGHT = 'key int, city string';

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

const joined = async (shape: JoinShape): Promise<string[]> => sortedText((await runPlan(join(LEFT, people, RIGHT, cities, shape))).rows);

const PAIRS: Row[] = [
  [2, 'Bob', 2, 'Rome'],
  [2, 'Bob', 2, 'Lima'],
  [2, 'Cy', 2, 'Rome'],
  [2, 'Cy', 2, 'Lima'],
];
const LEFT_ALONE: Row[] = [
  [1, 'Ada', null, null],
  [null, 'Eve', null, null],
];
const RIGHT_ALONE: Row[] = [
  [null, null, 3, 'Oslo'],
  [null, null, null, 'Bonn'],
];

describe.each(['left', 'right', 'merge'] as const)('each kind, with duplicate and null keys, built: %s', (build) => {
  test('inner', async () => expect(await joined({ how: 'inner', build })).toEqual(sortedText(PAIRS)));
  test('left', async () => expect(await joined({ how: 'left', build })).toEqual(sortedText([...PAIRS, ...LEFT_ALONE])));
  test('right', async () => expect(await joined({ how: 'right', build })).toEqual(sortedText([...PAIRS, ...RIGHT_ALONE])));
  test('full', async () => expect(await joined({ how: 'full', build })).toEqual(sortedText([...PAIRS, ...LEFT_ALONE, ...RIGHT_ALONE])));
  test('semi', async () => expect(await joined({ how: 'semi', build })).toEqual(sortedText([people[1], people[3]])));
  test('anti', async () => expect(await joined({ how: 'anti', build })).toEqual(sortedText([people[0], people[2]])));
  test('cross', async () => expect(await joined({ how: 'cross', keys: 0, build })).toHaveLength(16));
  test('null-safe keys meet', async () => {
    const rows = await joined({ how: 'inner', nullSafe: true, build });
    expect(rows).toEqual(sortedText([...PAIRS, [null, 'Eve', null, 'Bonn']]));
  });
});

test('a side without rows', async () => {
  const left = await runPlan(join(LEFT, people, RIGHT, [], { how: 'left' }));
  expect(sortedText(left.rows)).toEqual(sortedText(people.map((row) => [...row, null, null])));
  const right = await runPlan(join(LEFT, [], RIGHT, cities, { how: 'full', build: 'left' }));
  expect(sortedText(right.rows)).toEqual(sortedText(cities.map((row) => [null, null, ...row])));
});

test.each([
  ['inner', 10],
  ['semi', 10],
  ['right', 1000],
] as const)('%s of sorted sides: of the longer one %i rows are read once the other is over', async (how, expected) => {
  const leaf = rowsLeaf(
    'key int',
    Array.from({ length: 1000 }, (_, i) => [i]),
  );
  let reads = 0;
  const counted: BoundExpr = {
    kind: 'udf',
    udf: { name: 'f', closure: { id: 'f', name: 'f', site: null, captures: '' }, returns: INT32, deterministic: true },
    args: [{ kind: 'input', index: 0, type: INT32, nullable: true }],
    type: INT32,
    nullable: true,
    site: null,
  };
  const right: PhysicalOp = { kind: 'project', schema: leaf.schema, child: leaf, exprs: [counted] };
  const keys: BoundExpr[] = [{ kind: 'input', index: 0, type: INT32, nullable: true }];
  const sides = { left: rowsLeaf('id int', [[3], [4]]), right, leftKeys: keys, rightKeys: keys };
  const schema = parseSchema(how === 'semi' ? 'id int' : 'id int, key int');
  const f = (key: number): number => {
    reads++;
    return key;
  };
  const plan: PhysicalOp = { kind: 'mergeJoin', schema, ...sides, how, nullSafe: [false], condition: null };
  const { rows } = await runPlan(plan, { functions: { f }, config: { 'batch.rows': '10' } });
  expect(rows).toHaveLength(how === 'right' ? 1000 : 2);
  expect(reads).toBe(expected);
});

test('partitions that a coalesce brings together do not pay for the tables of those before them', async () => {
  const rows = Array.from({ length: 8000 }, (_, i): Row => [i, `name ${i}`]);
  const child = join(LEFT, rows, RIGHT, rows, { how: 'inner' });
  const plan: PhysicalOp = { kind: 'coalesce', id: 1_000_000, schema: child.schema, child, partitions: 24 };
  const { rows: all, metrics } = await runPlan(plan, { config: { memory: '6MB' } });
  expect(all).toHaveLength(24 * 8000);
  expect(metrics.spilledBytes).toBe(0);
});

/** Key columns of each type with few values, so that rows meet; some lie far apart, some near. */
const KEYS: Readonly<Record<string, { readonly ddl: readonly string[]; readonly values: readonly fc.Arbitrary<EngineValue>[] }>> = {
  int: { ddl: ['int'], values: [fc.integer({ min: -3, max: 3 })] },
  sparse: { ddl: ['int'], values: [fc.constantFrom(-2147483648, -1, 0, 7, 1_000_000, 2147483647)] },
  tiny: { ddl: ['tinyint'], values: [fc.constantFrom(-128, 0, 127)] },
  bigint: { ddl: ['bigint'], values: [fc.constantFrom(-2n, 0n, 1n, 1_000_000n)] },
  wide: { ddl: ['bigint'], values: [fc.constantFrom(-(2n ** 63n), -1n, 4294967295n, 2n ** 53n + 1n, 2n ** 53n)] },
  date: { ddl: ['date'], values: [fc.integer({ min: 8000, max: 8004 })] },
  decimal: { ddl: ['decimal(12,2)'], values: [fc.constantFrom(-150n, 0n, 199n)] },
  large: { ddl: ['decimal(38,2)'], values: [fc.constantFrom(-150n, 0n, 10n ** 30n)] },
  double: { ddl: ['double'], values: [fc.constantFrom(-1.5, 0, 1e300, Number.NaN)] },
  boolean: { ddl: ['boolean'], values: [fc.boolean()] },
  string: { ddl: ['string'], values: [fc.constantFrom('', 'a', 'ä', 'twelve bytes', 'twelve byteS')] },
  integers: { ddl: ['int', 'bigint'], values: [fc.integer({ min: -2, max: 0 }), fc.constantFrom(-2n, 0n, 1_000_000n)] },
  three: { ddl: ['int', 'date', 'smallint'], values: [fc.constantFrom(0, 9), fc.constantFrom(0, 8000), fc.constantFrom(-1, 1)] },
  pair: { ddl: ['int', 'string'], values: [fc.integer({ min: 0, max: 2 }), fc.constantFrom('', 'x', 'y')] },
};

const HOWS: readonly JoinType[] = ['inner', 'left', 'right', 'full', 'semi', 'anti', 'cross'];

/** A text of 30,000 bytes in each row makes a few of them more than a task of 1 MiB may hold. */
const MEMORIES: readonly { readonly config: Readonly<Record<string, string>>; readonly pad: number }[] = [
  { config: {}, pad: 1 },
  { config: { 'batch.rows': '2' }, pad: 1 },
  { config: { memory: '1m', 'batch.rows': '3' }, pad: 30_000 },
];

interface Case {
  readonly ddl: readonly string[];
  readonly left: readonly Row[];
  readonly right: readonly Row[];
}

function caseOf(kind: string): fc.Arbitrary<Case> {
  const { ddl, values } = KEYS[kind];
  const text = fc.option(fc.constantFrom('a', 'b', 'c'), { nil: null });
  const row = fc.tuple(...values.map((v) => fc.option(v, { nil: null, freq: 6 })), text);
  const rows = fc.array(row, { maxLength: 24, size: 'max' });
  return fc.record({ ddl: fc.constant(ddl), left: rows, right: rows });
}

const padded = (rows: readonly Row[], pad: number): Row[] =>
  rows.map((row) => row.map((v, i) => (i === row.length - 1 && typeof v === 'string' ? v.repeat(pad) : v)));

/** The last column of the left side is before that of the right one. */
const textBefore = (width: number): BoundExpr =>
  call('<', [
    { kind: 'input', index: width - 1, type: { kind: 'string' }, nullable: true },
    { kind: 'input', index: 2 * width - 1, type: { kind: 'string' }, nullable: true },
  ]);

const isBefore = (l: Row, r: Row): boolean => {
  const [a, b] = [l[l.length - 1], r[r.length - 1]];
  return a !== null && b !== null && compareValues(a, b, { kind: 'string' }) < 0;
};

describe.each(MEMORIES)('as nested loops join them, with $config', ({ config, pad }) => {
  test.each(Object.keys(KEYS))('keys of kind %s', async (kind) => {
    let spilled = 0;
    await fc.assert(
      fc.asyncProperty(
        caseOf(kind),
        fc.constantFrom(...HOWS),
        fc.constantFrom<Build>('left', 'right', 'merge'),
        fc.boolean(),
        fc.boolean(),
        async ({ ddl, ...sides }, how, build, nullSafe, hasCondition) => {
          const [left, right] = [padded(sides.left, pad), padded(sides.right, pad)];
          const columns = (name: string): string => [...ddl.map((type, i) => `${name}${i} ${type}`), `${name}_text string`].join(', ');
          const width = ddl.length + 1;
          const keys = how === 'cross' ? 0 : ddl.length;
          const condition = hasCondition ? textBefore(width) : undefined;
          const plan = join(columns('l'), left, columns('r'), right, { how, build, keys, nullSafe, condition });
          const { rows, metrics } = await runPlan(plan, { config });
          spilled += metrics.spilledBytes;
          const oracle: OracleJoin = {
            how,
            keys: Array.from({ length: keys }, (_, i) => ({ left: i, right: i, nullSafe })),
            condition: hasCondition ? isBefore : null,
          };
          const brief = (all: readonly Row[]): Row[] =>
            all.map((row) => row.map((v) => (typeof v === 'string' && pad > 1 ? `${v.slice(0, 12)} ${v.length}` : v)));
          expect(sortedText(brief(rows))).toEqual(sortedText(brief(joinRows(left, right, width, width, oracle))));
        },
      ),
      { numRuns: pad === 1 ? 80 : 30 },
    );
    if (pad > 1) expect(spilled).toBeGreaterThan(0);
  });
});
