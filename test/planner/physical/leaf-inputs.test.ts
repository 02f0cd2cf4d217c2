import { describe, expect, test } from 'vitest';
import type { Split } from '../../../src/engine/sources/source.js';
import type { ScanSpec } from '../../../src/frontend/plan/resolved.js';
import { localInputs, rangeInputs, scanInputs } from '../../../src/planner/physical/leaf-inputs.js';

const MIB = 1 << 20;

function scan(...sizes: readonly number[]): ScanSpec {
  const empty = { fields: [] };
  return {
    format: 'text',
    options: {},
    files: sizes.map((bytes, i) => ({ uri: `file:///f${i}`, bytes, values: [] })),
    fileSchema: empty,
    partitionSchema: empty,
  };
}

/** `f0 0-4` for each split, in MiB. */
const shown = (partitions: ReturnType<typeof scanInputs>): string[][] =>
  partitions.map((inputs) =>
    inputs.map((input) => {
      if (input.kind !== 'split') throw new Error(input.kind);
      const { uri, start, end } = input.split as Split;
      return `${uri.slice(8)} ${start / MIB}-${end / MIB}`;
    }),
  );

describe('files', () => {
  test('a large file is cut at the most that a task reads, into whole waves of tasks', () => {
    expect(shown(scanInputs(scan(96 * MIB), 32 * MIB, 2))).toEqual([['f0 0-24'], ['f0 24-48'], ['f0 48-72'], ['f0 72-96']]);
  });

  test('a file of middling size is cut so that every slot has a task', () => {
    expect(shown(scanInputs(scan(20 * MIB), 32 * MIB, 2))).toEqual([['f0 0-10'], ['f0 10-20']]);
  });

  test('small files share a task', () => {
    expect(shown(scanInputs(scan(MIB, MIB, MIB), 32 * MIB, 4))).toEqual([['f0 0-1', 'f1 0-1', 'f2 0-1']]);
  });

  test('no file is one task without input', () => {
    expect(scanInputs(scan(), 32 * MIB, 4)).toEqual([[]]);
  });
});

test('rows that came with the plan', () => {
  expect(localInputs(5, null)).toEqual([[{ kind: 'rows', from: 0, to: 5 }]]);
  expect(localInputs(5, 2)).toEqual([[{ kind: 'rows', from: 0, to: 2 }], [{ kind: 'rows', from: 2, to: 5 }]]);
});

test('ranges up, down, and of nothing', () => {
  const rows = (start: bigint, end: bigint, step: bigint) => rangeInputs(start, end, step, 1)[0][0];
  expect(rows(0n, 10n, 3n)).toEqual({ kind: 'rows', from: 0, to: 4 });
  expect(rows(5n, 0n, -2n)).toEqual({ kind: 'rows', from: 0, to: 3 });
  expect(rows(0n, -1n, 1n)).toEqual({ kind: 'rows', from: 0, to: 0 });
});
