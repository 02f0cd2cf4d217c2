/** Expressions that occur several times in a pipeline are computed once a row, unless they may give something else each time. */
import { expect, test } from 'vitest';
import { columnOf } from '../../../src/data/builder.js';
import { INT64, STRING } from '../../../src/data/types.js';
import { readValue } from '../../../src/data/value.js';
import { OutputSink } from '../../../src/engine/codegen/output-sink.js';
import { Pipeline, projectStep } from '../../../src/engine/codegen/pipeline.js';
import type { BoundExpr } from '../../../src/frontend/plan/resolved.js';

let calls = 0;
const count = () => BigInt(++calls);
const udf = (column: number, deterministic: boolean): BoundExpr => ({
  kind: 'udf',
  udf: { name: 'f', closure: { id: 'f', name: 'f', site: null, captures: '' }, returns: INT64, deterministic },
  args: [{ kind: 'input', index: column, type: STRING, nullable: true }],
  type: INT64,
  nullable: true,
  site: { file: 'job.ts', line: calls, column },
});

function run(...steps: readonly (readonly BoundExpr[])[]): unknown[] {
  calls = 0;
  const sink = new OutputSink(
    steps[steps.length - 1].map(() => INT64),
    10,
    1 << 20,
  );
  const projections = steps.map((exprs) => projectStep(exprs, () => count));
  const pipeline = new Pipeline({ name: 'common', input: [STRING, STRING], steps: projections, sink, maxCached: 10 });
  const column = columnOf(STRING, ['a']);
  pipeline.run({ length: 1, columns: [column, column] });
  return sink.finish()[0].columns.map((made) => readValue(made, INT64, 0));
}

test('equal calls over one row are one call', () => {
  expect(run([udf(0, true), udf(0, true), udf(1, true)])).toEqual([1n, 1n, 2n]);
});

test('a function that is not deterministic is called each time', () => {
  expect(run([udf(0, false), udf(0, false)])).toEqual([1n, 2n]);
});

test('the same ordinals over other rows are other values', () => {
  const text: BoundExpr = { kind: 'call', fn: 'cast', args: [udf(0, true)], type: STRING, nullable: true, site: null };
  expect(run([text], [udf(0, true)])).toEqual([2n]);
});

test('what stands in a branch only is not computed before it', () => {
  const isNull = (index: number): BoundExpr => ({
    kind: 'call',
    fn: 'isnull',
    args: [{ kind: 'input', index, type: STRING, nullable: true }],
    type: { kind: 'boolean' },
    nullable: false,
    site: null,
  });
  const choice: BoundExpr = {
    kind: 'call',
    fn: 'if',
    args: [isNull(0), udf(0, true), { kind: 'literal', value: 7n, type: INT64, nullable: false }],
    type: INT64,
    nullable: true,
    site: null,
  };
  expect(run([choice, udf(0, true)])).toEqual([7n, 1n]);
});
