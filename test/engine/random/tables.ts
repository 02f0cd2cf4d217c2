/**
 * The tables that random plans read. Small ones are drawn cell by cell from pools of odd values, so that a failure shrinks to few rows;
 * two large ones are made once, to outgrow a budget of 8 MB.
 */
import fc from 'fast-check';
import type { Batch } from '../../../src/data/batch.js';
import { columnOf } from '../../../src/data/builder.js';
import {
  arrayOf,
  BOOLEAN,
  DATE,
  type DataType,
  decimal,
  FLOAT64,
  field,
  INT32,
  INT64,
  type Schema,
  STRING,
  TIMESTAMP,
} from '../../../src/data/types.js';
import type { EngineValue } from '../../../src/data/value.js';

/** What expressions are grown for: decimals of any precision are of one kind. */
export type Kind = 'boolean' | 'int' | 'long' | 'double' | 'decimal' | 'string' | 'date' | 'timestamp' | 'ints' | 'strings';

export const KINDS: readonly Kind[] = ['int', 'string', 'double', 'long', 'decimal', 'boolean', 'date', 'timestamp', 'ints', 'strings'];

export const TYPE_OF: Record<Kind, DataType> = {
  boolean: BOOLEAN,
  int: INT32,
  long: INT64,
  double: FLOAT64,
  decimal: decimal(14, 2),
  string: STRING,
  date: DATE,
  timestamp: TIMESTAMP,
  ints: arrayOf(INT32),
  strings: arrayOf(STRING),
};

/** The simplest first. Sums of the doubles are exact in any order: they are small multiples of a quarter, or not finite. */
export const POOLS: Record<Kind, readonly EngineValue[]> = {
  boolean: [true, false],
  int: [1, 0, 2, 3, -1, 7, 100, -32768, 2147483647, -2147483648],
  long: [1n, 0n, 2n, -3n, 10n ** 12n, -(2n ** 53n) - 1n, 9223372036854775807n, -9223372036854775808n],
  double: [1.5, 0, -0, -2.25, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1048576.25, 3],
  decimal: [100n, 0n, -1n, 250n, 99999999999999n, -99999999999999n, 333n],
  string: ['a', '', 'b', 'A', 'a,b', ' x ', 'é', 'ß,Ω', '🦆', 'e\u0301', '10', '-7', 'abcdefghijklmnopqrstuvwxyz0123456789', '日本語', ','],
  date: [18262, 0, -1, 19782, -719162, 2932896, 11016],
  timestamp: [1577836800000000n, 0n, -1n, 1709164799999999n, -62135596800000000n, 253402300799999999n],
  ints: [[1, 2], [], [null], [3], [2147483647, null, 0, 1]],
  strings: [['a', 'b'], [], [null], [''], ['🦆', 'a', null]],
};

export interface TableColumn {
  readonly kind: Kind;
  readonly type: DataType;
}

export interface Table {
  /** Names it in SQL too. */
  readonly name: string;
  readonly columns: readonly TableColumn[];
  readonly rows: readonly (readonly EngineValue[])[];
  readonly batch: Batch;
  readonly schema: Schema;
  /** Whether it is one of the large ones. */
  readonly isLarge: boolean;
}

export function tableOf(name: string, kinds: readonly Kind[], rows: readonly (readonly EngineValue[])[], isLarge: boolean): Table {
  const columns = kinds.map((kind) => ({ kind, type: TYPE_OF[kind] }));
  return {
    name,
    columns,
    rows,
    batch: {
      length: rows.length,
      columns: columns.map(({ type }, k) =>
        columnOf(
          type,
          rows.map((row) => row[k]),
        ),
      ),
    },
    schema: { fields: columns.map(({ type }, k) => field(`c${k}`, type)) },
    isLarge,
  };
}

/** Half of the cells are one of the first two of their pool (skew), an eighth is null, the others are any. */
export const CELL = 64;
export function cellOf(kind: Kind, choice: number): EngineValue {
  const pool = POOLS[kind];
  if (choice < 32) return pool[choice % 2];
  return choice >= 56 ? null : pool[choice % pool.length];
}

export function tableArbitrary(name: string): fc.Arbitrary<Table> {
  const kinds = fc.array(fc.nat(KINDS.length - 1), { minLength: 1, maxLength: 4 });
  const size = fc.oneof(
    { weight: 1, arbitrary: fc.constant(0) },
    { weight: 8, arbitrary: fc.nat(12) },
    { weight: 4, arbitrary: fc.nat(60) },
  );
  return fc.tuple(kinds, size).chain(([picked, length]) =>
    fc
      .array(fc.array(fc.nat(CELL - 1), { minLength: picked.length, maxLength: picked.length }), {
        minLength: 0,
        maxLength: length,
        size: 'max',
      })
      .map((cells) => {
        const of = picked.map((k) => KINDS[k]);
        return tableOf(
          name,
          of,
          cells.map((row) => row.map((choice, k) => cellOf(of[k], choice))),
          false,
        );
      }),
  );
}

const LARGE_ROWS = 2600;

/** Few rows of four kilobytes: cheap to compare, and more than 8 MB together. */
function wideTable(): Table {
  const rows = Array.from({ length: LARGE_ROWS }, (_, i): EngineValue[] => {
    const n = (i * 7919) % LARGE_ROWS;
    const text = i % 17 === 0 ? null : `${'x'.repeat(3800 + (n % 400))}${n % 1300}`;
    return [n % 5 === 0 ? null : n % 10 < 7 ? 1 : n, text, (n % 64) / 4, i % 11 === 0 ? null : BigInt(n)];
  });
  return tableOf('wide', ['int', 'string', 'double', 'long'], rows, true);
}

/** Many small rows: several batches a task, a skewed key and one that is nearly unique. */
function tallTable(): Table {
  const rows = Array.from({ length: 2 * LARGE_ROWS }, (_, i): EngineValue[] => {
    const n = (i * 104729) % (2 * LARGE_ROWS);
    return [n % 3 === 0 ? 1 : n % 97, `key-${n}`, i % 13 === 0 ? null : BigInt(n % 1000) * 37n, n % 29 === 0 ? null : 10957 + (n % 700)];
  });
  return tableOf('tall', ['int', 'string', 'decimal', 'date'], rows, true);
}

export const LARGE_TABLES: readonly Table[] = [tallTable(), wideTable()];
