/** Functions whose body stands in generated code: the same values and the same errors as when they are called, whatever the row. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MinisparkError } from '../../../src/core/errors.js';
import { columnOf } from '../../../src/data/builder.js';
import { BOOLEAN, type DataType, FLOAT32, FLOAT64, INT8, INT32, INT64, STRING } from '../../../src/data/types.js';
import { type EngineValue, readValue } from '../../../src/data/value.js';
import { OutputSink } from '../../../src/engine/codegen/output-sink.js';
import { Pipeline, projectStep } from '../../../src/engine/codegen/pipeline.js';
import { shapeOf } from '../../../src/engine/codegen/shape.js';
import { transformModule } from '../../../src/frontend/closures/transform.js';
import type { UserFunction } from '../../../src/frontend/plan/expression.js';
import type { BoundExpr } from '../../../src/frontend/plan/resolved.js';

type Row = readonly (EngineValue | null)[];
type AnyFn = (...args: never[]) => unknown;

interface Compiled {
  run(rows: readonly Row[]): (EngineValue | null)[];
  source(rows: readonly Row[]): string;
}

function compile(text: string, types: readonly DataType[], returns: DataType, inlined: boolean): Compiled {
  const [info] = transformModule(`export const f = ${text};`, '', 'f.js').functions;
  const fn = new Function(`return ${text}`)() as AnyFn;
  const closure = { id: 'f', name: 'f', site: { file: 'job.ts', line: 3, column: 7 }, captures: '', inline: inlined ? info.inline : null };
  const udf: UserFunction = { name: 'f', closure, returns, deterministic: true };
  const args = types.map((type, index): BoundExpr => ({ kind: 'input', index, type, nullable: true }));
  const expr: BoundExpr = { kind: 'udf', udf, args, type: returns, nullable: true, site: null };
  const closures = () => fn;
  const batchOf = (rows: readonly Row[]) => ({
    length: rows.length,
    columns: types.map((type, k) =>
      columnOf(
        type,
        rows.map((row) => row[k]),
      ),
    ),
  });
  const pipelineOf = (sink: OutputSink) =>
    new Pipeline({ name: 'inline', input: types, steps: [projectStep([expr], closures)], sink, maxCached: 10_000 });
  return {
    run(rows) {
      const sink = new OutputSink([returns], 1000, 1 << 20);
      pipelineOf(sink).run(batchOf(rows));
      return sink.finish().flatMap((batch) => Array.from({ length: batch.length }, (_, row) => readValue(batch.columns[0], returns, row)));
    },
    source: (rows) =>
      pipelineOf(new OutputSink([returns], 1, 1)).source(batchOf(rows).columns.map((column, k) => shapeOf(column, types[k]))).text,
  };
}

const attempt = (compiled: Compiled, rows: readonly Row[]): unknown => {
  try {
    return compiled.run(rows);
  } catch (thrown) {
    if (!(thrown instanceof MinisparkError)) throw thrown;
    return `${thrown.condition}: ${thrown.message} at ${thrown.site?.line}`;
  }
};

function checkRows(text: string, types: readonly DataType[], returns: DataType, rows: readonly Row[]): void {
  const [inlined, called] = [compile(text, types, returns, true), compile(text, types, returns, false)];
  const good: Row[] = [];
  for (const row of rows) {
    const expected = attempt(called, [row]);
    expect(attempt(inlined, [row]), `${text} of ${String(row)}`).toEqual(expected);
    if (typeof expected !== 'string') good.push(row);
  }
  expect(attempt(inlined, good), text).toEqual(attempt(called, good));
}

const isInlined = (text: string, types: readonly DataType[], returns: DataType, rows: readonly Row[]): boolean =>
  compile(text, types, returns, true).source(rows).includes('// ');

/** a, b doubles; i, j ints; m, n bigints; s, t strings; p a boolean. */
const TYPES: readonly DataType[] = [FLOAT64, FLOAT64, INT32, INT32, INT64, INT64, STRING, STRING, BOOLEAN];
const NAMES = 'a, b, i, j, m, n, s, t, p';

const double = fc.oneof(
  fc.double(),
  fc.integer({ min: -5, max: 5 }),
  fc.constantFrom(-0, Number.NaN, Number.POSITIVE_INFINITY, 0.1, 2 ** 31, 1e21),
);
const int = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.integer());
const bigint = fc.oneof(
  fc.bigInt({ min: -3n, max: 3n }),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.bigInt({ min: 0n, max: 2n ** 40n }),
);
const string = fc.oneof(
  fc.constantFrom('', 'AIR', 'REG AIR', 'Ünï', '😀b', '\ufeffa', 'a\ufffd', ' x\u00a0', '12', '\ud800'),
  fc.string({ maxLength: 6 }),
  fc.string({ unit: 'grapheme', maxLength: 4 }),
);
const orNull = <T>(values: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(values, { freq: 6 });
const row: fc.Arbitrary<Row> = fc.tuple(
  ...[double, double, int, int, bigint, bigint, string, string, fc.boolean()].map((values) => orNull(values as fc.Arbitrary<EngineValue>)),
);

const literal = fc.constantFrom('0', '1', '2', '-1', '0.5', '7', '1000000', 'NaN', '-0', '1e308');
const { number, big, text, flag } = fc.letrec<{ number: string; big: string; text: string; flag: string }>((tie) => {
  const [number, big, text, flag] = [tie('number'), tie('big'), tie('text'), tie('flag')];
  const form = (template: string, ...parts: readonly fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
    fc.tuple(...parts).map((filled) => template.replace(/#(\d)/g, (_, k: string) => filled[Number(k)]));
  const op = (...ops: readonly string[]) => fc.constantFrom(...ops);
  const any = fc.oneof(number, big, text, flag, fc.constantFrom('null', 'undefined'));
  return {
    number: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom('a', 'b', 'i', 'j'),
      literal,
      form('(#0 #1 #2)', number, op('+', '-', '*', '/', '%', '&', '|', '^', '<<', '>>', '>>>'), number),
      form('(#0 ** #1)', fc.constantFrom('a', 'i', '2'), number),
      form('(-(#0))', number),
      form('#1(#0)', number, op('Math.floor', 'Math.round', 'Math.abs', 'Math.sqrt', 'Math.sign', 'Number', '~', '+')),
      form('Math.max(#0, #1)', number, number),
      form('(#0 ? #1 : #2)', flag, number, number),
      form('(#0 ?? #1)', fc.constantFrom('a', 'i'), number),
      form('(#0 || #1)', number, number),
      form('#0.length', text),
      form('Number(#0)', fc.oneof(big, text, flag)),
      form('#0.indexOf(#1)', text, text),
      form('#0.charCodeAt(#1)', text, number),
      form('parseInt(#0, 10)', text),
      form('#0?.length', fc.constantFrom('s', 't')),
    ),
    big: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom('m', 'n'),
      fc.constantFrom('0n', '1n', '-3n', '1000n', '9007199254740993n'),
      form('(#0 #1 #2)', big, op('+', '-', '*', '/', '%'), big),
      form('(-(#0))', big),
      form('(#0 ? #1 : #2)', flag, big, big),
      form('(#0 ?? #1)', fc.constantFrom('m', 'n'), big),
      form('(#0 && #1)', big, big),
    ),
    text: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom('s', 't'),
      fc.constantFrom("''", "'AIR'", "'é'", "'\\ufffd'", "'a'"),
      form('(#0 + #1)', text, fc.oneof(number, text, flag, big)),
      form('(#1 + #0)', text, fc.oneof(number, text)),
      form('`$' + '{#0}-$' + '{#1}`', fc.oneof(number, big, text), any),
      form('#0.#1()', text, op('toLowerCase', 'toUpperCase', 'trim', 'trimEnd', 'toString')),
      form('#0.slice(#1)', text, op('0', '1', '1, 3', '0, 2', '-2', '2, 1', 'i', 'a, b')),
      form('#0.substring(#1)', text, op('0', '1, 3', '3, 1', 'j')),
      form('#0.charAt(#1)', text, op('0', '2', 'i')),
      form('#0[#1]', text, op('0', '1')),
      form('#0.at(#1)', text, op('0', '-1')),
      form('#0.padStart(#1)', text, op("5, '*'", '3')),
      form('(#0).toFixed(#1)', number, op('0', '2')),
      form('String(#0)', any),
      form('(#0 ? #1 : #2)', flag, text, text),
      form('(#0 ?? #1)', fc.constantFrom('s', 't'), text),
      form('(#0 || #1)', text, text),
      form('#0?.trim()', fc.constantFrom('s', 't')),
    ),
    flag: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom('p', 'true', 'false'),
      form('(#0 #1 #2)', number, op('<', '<=', '>', '>=', '===', '!==', '==', '!='), number),
      form('(#0 #1 #2)', big, op('<', '>=', '===', '!=='), big),
      form('(#0 #1 #2)', big, op('<', '>', '==', '==='), number),
      form('(#0 #1 #2)', text, op('===', '!==', '<', '>=', '=='), text),
      form('(#0 #1 #2)', any, op('===', '!==', '==', '!='), fc.constantFrom('null', 'undefined')),
      form('(#0 #1 #2)', fc.constantFrom('a', 's', 'm', 'p'), op('===', '!=='), any),
      form('(#0 #1 #2)', flag, op('&&', '||'), flag),
      form('!#0', any),
      form('#0.#1(#2)', text, op('startsWith', 'endsWith', 'includes'), text),
      form('Number.isInteger(#0)', number),
      form('Boolean(#0)', any),
    ),
  };
});

const RETURNS: readonly (readonly [fc.Arbitrary<string>, readonly DataType[]])[] = [
  [number, [FLOAT64, FLOAT32, INT32, INT8, INT64]],
  [big, [INT64]],
  [text, [STRING]],
  [flag, [BOOLEAN]],
];

test.each(RETURNS.map(([body, types]) => [types.map((t) => t.kind).join(), body, types] as const))(
  'random functions of %s',
  (_, body, types) => {
    let inlined = 0;
    let all = 0;
    fc.assert(
      fc.property(body, fc.constantFrom(...types), fc.array(row, { minLength: 1, maxLength: 8 }), (made, returns, rows) => {
        const source = `(${NAMES}) => ${made}`;
        checkRows(source, TYPES, returns, rows);
        all++;
        if (isInlined(source, TYPES, returns, rows)) inlined++;
      }),
      { numRuns: 100 },
    );
    // Most random expressions have a part whose kind changes from branch to branch, or that always throws.
    expect(inlined / all).toBeGreaterThan(0.3);
  },
);

describe('what is inlined', () => {
  const doubles: readonly Row[] = [[2.5, 0.1]];

  test('arithmetic needs neither call nor check where nothing is null', () => {
    const { source } = compile('(price, disc) => price * (1 - disc)', [FLOAT64, FLOAT64], FLOAT64, true);
    expect(source(doubles)).toContain('// (price, disc) => price * (1 - disc)');
    expect(source(doubles)).toMatch(/= \(vals\d+\[i\] \* \(1 - vals\d+\[i\]\)\);/);
    expect(source(doubles)).not.toContain('udf');
  });

  test('bigints of few bits are doubles, of many BigInts', () => {
    const { source } = compile('(n) => n * 3n + 1n', [INT64], INT64, true);
    expect(source([[2n ** 40n]])).not.toMatch(/BigInt|udf/);
    expect(source([[2n ** 60n]])).toContain('BigInt.asIntN(64');
  });

  test('strings are compared, searched and changed as bytes', () => {
    const body = "(mode) => mode === 'AIR' || mode.startsWith('REG') ? mode.toLowerCase() : 'other'";
    const { source } = compile(body, [STRING], STRING, true);
    expect(source([['AIR']])).not.toMatch(/decode|udf/);
  });

  test('where a row needs the function, it is called', () => {
    const row: Row = [null, null];
    expect(attempt(compile('(s, n) => s.length + n', [STRING, INT32], INT32, true), [row])).toBe(
      "UDF_FAILED: f threw TypeError: Cannot read properties of null (reading 'length')\n  input: null, null at 3",
    );
    expect(compile('(n) => n / 2', [INT32], INT32, true).run([[4], [null]])).toEqual([2, 0]);
    expect(attempt(compile('(n) => n / 2', [INT32], INT32, true), [[3]])).toMatch(/^INVALID_VALUE/);
    expect(attempt(compile('(m, n) => m / n', [INT64, INT64], INT64, true), [[1n, 0n]])).toMatch(/^UDF_FAILED: f threw RangeError/);
  });

  test.each([
    ['(d) => d.getTime()', [INT64]],
    ['(n) => n + 1', [INT64]],
    ['(xs) => [xs]', [INT32]],
  ] as const)('%s is called', (body, types) => {
    expect(isInlined(body, types, INT64, [[1n]].slice(0, 0))).toBe(false);
  });
});
