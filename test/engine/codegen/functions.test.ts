/** Every scalar function: what its generated code gives for columns of values is what its evaluator gives for each row. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MinisparkError } from '../../../src/core/errors.js';
import type { Batch } from '../../../src/data/batch.js';
import { columnOf } from '../../../src/data/builder.js';
import {
  BINARY,
  BOOLEAN,
  DATE,
  type DataType,
  dayTimeInterval,
  decimal,
  FLOAT32,
  FLOAT64,
  INT8,
  INT16,
  INT32,
  INT64,
  STRING,
  sameType,
  TIMESTAMP,
  typeName,
  yearMonthInterval,
} from '../../../src/data/types.js';
import { type EngineValue, readValue } from '../../../src/data/value.js';
import { OutputSink } from '../../../src/engine/codegen/output-sink.js';
import { Pipeline, projectStep } from '../../../src/engine/codegen/pipeline.js';
import type { Argument, ScalarFunction } from '../../../src/frontend/functions/definition.js';
import { findFunction, functionNames } from '../../../src/frontend/functions/registry.js';
import type { BoundExpr } from '../../../src/frontend/plan/resolved.js';

const POOL: readonly DataType[] = [
  BOOLEAN,
  INT8,
  INT16,
  INT32,
  INT64,
  FLOAT32,
  FLOAT64,
  decimal(7, 2),
  decimal(38, 10),
  STRING,
  BINARY,
  DATE,
  TIMESTAMP,
  dayTimeInterval(),
  dayTimeInterval('day', 'day'),
  yearMonthInterval(),
];

function values(type: DataType): fc.Arbitrary<EngineValue> {
  switch (type.kind) {
    case 'boolean':
      return fc.boolean();
    case 'int8':
      return fc.integer({ min: -128, max: 127 });
    case 'int16':
      return fc.integer({ min: -32768, max: 32767 });
    case 'int32':
      return fc.oneof(fc.integer({ min: -20, max: 20 }), fc.integer());
    case 'date':
      return fc.integer({ min: -800_000, max: 800_000 });
    case 'int64':
      return fc.oneof(fc.bigInt({ min: -20n, max: 20n }), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }));
    case 'timestamp':
      return fc.bigInt({ min: -(2n ** 55n), max: 2n ** 55n });
    case 'day_time_interval':
      return fc.oneof(
        fc.bigInt({ min: -9n, max: 9n }).map((days) => days * 86_400_000_000n),
        fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      );
    case 'year_month_interval':
      return fc.oneof(fc.integer({ min: -20, max: 20 }), fc.integer());
    case 'float32':
      return fc.float();
    case 'float64':
      return fc.oneof(fc.double(), fc.constantFrom(0, -0, 1.5, -2));
    case 'decimal':
      return fc.bigInt({ min: -(10n ** BigInt(type.precision)) + 1n, max: 10n ** BigInt(type.precision) - 1n });
    case 'string':
      return fc.oneof(
        fc.constantFrom('', 'a', 'Spark', ' x ', '12', '-3.5', 'ünï', 'a,b,,c', '2024-02-29', '%a_', 'İ'),
        fc.string({ maxLength: 12 }),
      );
    case 'binary':
      return fc.uint8Array({ maxLength: 8 });
    default:
      throw new Error(`No values of ${typeName(type)} here.`);
  }
}

interface Case {
  readonly definition: ScalarFunction;
  readonly args: readonly DataType[];
  readonly result: DataType;
  /** Index of an argument that is a constant, or -1. */
  readonly literal: number;
}

/** Argument types of the pool that the function takes as they are. */
function casesOf(definition: ScalarFunction): Case[] {
  const combinations = [
    ...POOL.map((t) => [t]),
    ...POOL.flatMap((a) => [
      [a, a],
      [a, INT32],
      [a, STRING],
    ]),
    [STRING, STRING, STRING],
    [STRING, INT32, INT32],
    [BOOLEAN, INT64, INT64],
    [STRING, INT32, STRING],
  ];
  const seen = new Set<string>();
  // Without arguments it is a constant of its query, such as the time at which that began.
  return combinations.flatMap((args) =>
    [-1, args.length - 1].flatMap((literal) => {
      const key = `${args.map(typeName).join()} ${literal}`;
      const result = resolved(definition, args, literal);
      if (result === null || seen.has(key)) return [];
      seen.add(key);
      return [{ definition, args, result, literal }];
    }),
  );
}

const SAMPLE: Readonly<Record<string, EngineValue>> = { string: 'a', int32: 2, boolean: true, int64: 3n };

function resolved(definition: ScalarFunction, types: readonly DataType[], literal: number): DataType | null {
  const args: Argument[] = types.map((type, i) => ({
    type,
    nullable: true,
    literal: i === literal ? (SAMPLE[type.kind] ?? null) : undefined,
  }));
  if (literal >= 0 && args[literal].literal === null) return null;
  try {
    const signature = definition.resolve(args);
    return signature.args.length === types.length && signature.args.every((type, i) => sameType(type, types[i])) ? signature.result : null;
  } catch (error) {
    if (error instanceof MinisparkError && error.kind === 'user') return null;
    throw error;
  }
}

/** The value, or the condition of the error. */
type Answer = { readonly value: EngineValue } | { readonly condition: string };

function attempt(run: () => EngineValue): Answer {
  try {
    return { value: run() };
  } catch (error) {
    if (error instanceof MinisparkError && error.kind === 'user') return { condition: error.condition };
    throw error;
  }
}

/** Runs one row after the other through one compiled pipeline. */
function generated({ definition, args, result, literal }: Case): (row: readonly EngineValue[]) => Answer {
  const exprs: BoundExpr[] = args.map((type, index) =>
    index === literal
      ? { kind: 'literal', value: SAMPLE[type.kind], type, nullable: false }
      : { kind: 'input', index, type, nullable: true },
  );
  const call: BoundExpr = { kind: 'call', fn: definition.name, args: exprs, type: result, nullable: true, site: null };
  const sink = new OutputSink([result], 100, Number.POSITIVE_INFINITY);
  const steps = [projectStep([call], () => () => null)];
  const pipeline = new Pipeline({ name: definition.name, input: args, steps, sink, maxCached: 2000 });
  return (row) => {
    const batch: Batch = { length: 1, columns: args.map((type, k) => columnOf(type, [row[k]])) };
    return attempt(() => {
      pipeline.run(batch);
      return readValue(sink.finish()[0].columns[0], result, 0);
    });
  };
}

function evaluated({ definition, args, result, literal }: Case, row: readonly EngineValue[]): Answer {
  const call = {
    fn: definition.name,
    args: args.map((type, i) => ({ type, nullable: true, literal: i === literal ? row[i] : undefined })),
    type: result,
  };
  return attempt(() => {
    const evaluator = definition.evaluator(call);
    if (definition.nulls === 'propagate' && row.includes(null)) return null;
    const value = evaluator(...row);
    // A column of floats holds no more.
    return result.kind === 'float32' && value !== null ? Math.fround(value as number) : value;
  });
}

const scalars = functionNames()
  .map((name) => findFunction(name))
  .filter((definition): definition is ScalarFunction => definition?.kind === 'scalar' && definition.deterministic !== false)
  // They read the encoding of Dataset elements, which random bytes are not.
  .filter(({ name }) => !name.startsWith('element_') && name !== 'from_element');

test('there are functions', () => {
  expect(scalars.length).toBeGreaterThan(50);
});

/** Long arrays of random lengths would be all that the test does. */
function small(type: DataType): fc.Arbitrary<EngineValue> {
  switch (type.kind) {
    case 'int8':
    case 'int16':
    case 'int32':
    case 'date':
    case 'year_month_interval':
      return fc.integer({ min: -9, max: 9 });
    case 'int64':
      return fc.bigInt({ min: -9n, max: 9n });
    case 'timestamp':
    case 'day_time_interval':
      return fc.bigInt({ min: -9n, max: 9n }).map((days) => days * 86_400_000_000n);
    default:
      return values(type);
  }
}

test.each(scalars.map((definition) => [definition.name, definition] as const))('%s', (_, definition) => {
  for (const one of casesOf(definition)) {
    const row = fc.tuple(
      ...one.args.map((type, i) =>
        i === one.literal
          ? fc.constant(SAMPLE[type.kind] as EngineValue)
          : fc.option(['sequence', 'array_repeat'].includes(definition.name) ? small(type) : values(type), { nil: null, freq: 8 }),
      ),
    );
    const run = generated(one);
    fc.assert(
      fc.property(row, (args) => {
        expect({ args, ...run(args) }).toEqual({ args, ...evaluated(one, args) });
      }),
      { numRuns: 25 },
    );
  }
});
