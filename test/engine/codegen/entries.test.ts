/** Values that follow from dictionary codes: computed once a combination of codes, and the same as where the columns are no dictionaries. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Batch, Column } from '../../../src/data/batch.js';
import { columnOf } from '../../../src/data/builder.js';
import { type DataType, INT32, INT64, STRING } from '../../../src/data/types.js';
import { type EngineValue, readRows } from '../../../src/data/value.js';
import { filterStep, Pipeline, projectStep } from '../../../src/engine/codegen/pipeline.js';
import { shapeOf } from '../../../src/engine/codegen/shape.js';
import { HashAggregate } from '../../../src/engine/exec/hash-aggregate.js';
import { transformModule } from '../../../src/frontend/closures/transform.js';
import type { BoundExpr } from '../../../src/frontend/plan/resolved.js';
import { call, literal } from '../exec/task.js';

const TYPES = [STRING, INT32, STRING];

const input = (index: number): BoundExpr => ({ kind: 'input', index, type: TYPES[index], nullable: true });

const text = "(s, n) => s.toUpperCase() + (n > 2 ? '!' : '')";
const [{ inline }] = transformModule(`export const f = ${text};`, '', 'f.js').functions;
let called = 0;
const f = new Function(`return ${text}`)() as (...args: unknown[]) => unknown;
const functions = () =>
  ((...args: unknown[]) => {
    called++;
    return f(...args);
  }) as never;
const shout = (isInline: boolean): BoundExpr => ({
  kind: 'udf',
  udf: {
    name: 'f',
    closure: { id: 'f', name: 'f', site: null, captures: '', inline: isInline ? inline : null },
    returns: STRING,
    deterministic: true,
  },
  args: [call('coalesce', [input(0), literal('none', STRING)], STRING), call('coalesce', [input(1), literal(0, INT32)], INT32)],
  type: STRING,
  nullable: true,
  site: null,
});

/** Rows of columns 0 and 2 that are alike, and of column 0 no `b`, by what function 0 makes of columns 0 and 1, with their number. */
function pipelineOf(isInline: boolean) {
  const count = { id: 1, name: 'n', fn: 'count', args: [literal(1, INT32)], distinct: false, filter: null, type: INT64, nullable: false };
  const spec = { mode: 'complete', keys: [input(0)], aggregates: [{ ...count, site: null }] } as const;
  const sink = new HashAggregate(spec, functions);
  const isText = call('not', [call('startswith', [input(0), literal('b', STRING)])]);
  const isShort = call('<', [call('length', [input(2)], INT32), literal(3, INT32)]);
  const steps = [filterStep(call('and', [isText, isShort]), functions), projectStep([shout(isInline)], functions)];
  return { sink, pipeline: new Pipeline({ name: 'entries', input: TYPES, steps, sink, maxCached: 100 }) };
}

function groups(batches: readonly Batch[], isInline: boolean): unknown[] {
  const { sink, pipeline } = pipelineOf(isInline);
  for (const batch of batches) pipeline.run(batch);
  return sink
    .take('result', 1000, 100)
    .flatMap(({ columns, length }) =>
      Array.from({ length }, (_, i) => [...readRows(columns[0], STRING, i, i + 1), ...readRows(columns[1], INT64, i, i + 1)]),
    )
    .sort();
}

/** The same values as codes of a dictionary, in which an entry may stand twice. */
function coded(type: DataType, values: readonly EngineValue[]): Column {
  const present = values.filter((value) => value !== null);
  const entries: EngineValue[] = [...new Set(present), ...present.slice(0, 1)];
  const { validity } = columnOf(type, values) as { readonly validity: Uint8Array | null };
  const codes = Int32Array.from(values, (value, i) => (i % 2 ? (value === null ? 0 : entries.lastIndexOf(value)) : entries.indexOf(value)));
  return {
    layout: 'dictionary',
    length: values.length,
    validity,
    codes: codes.map((c) => Math.max(c, 0)),
    dictionary: columnOf(type, entries),
  };
}

type Row = readonly EngineValue[];
const batchOf = (rows: readonly Row[], make: (type: DataType, values: readonly EngineValue[]) => Column): Batch => ({
  length: rows.length,
  columns: TYPES.map((type, k) =>
    make(
      type,
      rows.map((row) => row[k]),
    ),
  ),
});

const row = fc.tuple(fc.constantFrom('a', 'bc', 'ä', 'c', null), fc.constantFrom(1, 2, 3, null), fc.constantFrom('', 'ab', 'abc', null));

test('groups and filters by code are those of plain columns, over several dictionaries', () => {
  fc.assert(
    fc.property(fc.array(fc.array(row, { minLength: 1, maxLength: 30 }), { maxLength: 3 }), fc.boolean(), (parts, isInline) => {
      const [plain, byCode] = [columnOf, coded].map((make) => parts.map((rows) => batchOf(rows, make)));
      expect(groups(byCode, isInline)).toEqual(groups(plain, isInline));
    }),
    { numRuns: 200 },
  );
});

test('a pure function is looked up by its codes; any other is called for each row, for what else it may do', () => {
  const rows: Row[] = Array.from({ length: 20 }, (_, i) => ['a', i % 2, 'x']);
  const batch = batchOf(rows, coded);
  const shapes = batch.columns.map((column, k) => shapeOf(column, TYPES[k]));
  expect(pipelineOf(true).pipeline.source(shapes).text).toContain('combination');
  expect(pipelineOf(false).pipeline.source(shapes).text).not.toContain('combination');
  called = 0;
  expect(groups([batch], false)).toEqual([['A', 20n]]);
  expect(called).toBe(20);
});
