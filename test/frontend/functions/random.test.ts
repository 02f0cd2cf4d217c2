/** Random numbers as Spark gives them for a seed: the figures are those of its documentation and of its generator's definition. */
import { expect, test } from 'vitest';
import { FLOAT64, INT32, INT64 } from '../../../src/data/types.js';
import type { EngineValue } from '../../../src/data/value.js';
import { evaluatorOf } from '../../../src/frontend/functions/registry.js';

const draw = (fn: string, seed: EngineValue, partition = 0) =>
  evaluatorOf({ fn, args: [{ type: typeof seed === 'bigint' ? INT64 : INT32, nullable: false, literal: seed }], type: FLOAT64, partition });

test('rand and randn of seed 0 are those of Spark', () => {
  expect(draw('rand', 0)()).toBe(0.7604953758285915);
  expect(draw('rand', 0n)()).toBe(0.7604953758285915);
  expect(draw('randn', 0)()).toBe(1.6034991609278433);
});

test('a partition is a seed of its own, and negative and wide seeds differ', () => {
  expect(draw('rand', 0, 1)()).toBe(draw('rand', 1)());
  const first = [0, 1, -1, 2n ** 40n].map((seed) => draw('rand', seed)());
  expect(new Set(first).size).toBe(4);
  for (const value of first) expect(Number(value) >= 0 && Number(value) < 1).toBe(true);
});

test('Poisson draws of large means, whose inversion would start at zero', () => {
  const drawn = (mean: number) => {
    const args = [
      { type: FLOAT64, nullable: false, literal: mean },
      { type: INT32, nullable: false, literal: 3 },
    ];
    return evaluatorOf({ fn: 'poisson', args, type: INT32 });
  };
  for (const mean of [800, 1e6]) {
    const next = drawn(mean);
    const values = Array.from({ length: 2000 }, () => next() as number);
    const average = values.reduce((sum, v) => sum + v, 0) / values.length;
    expect(Math.abs(average - mean) / Math.sqrt(mean)).toBeLessThan(0.2);
    expect(values.every(Number.isInteger)).toBe(true);
    expect(values.reduce((sum, v) => sum + (v - average) ** 2, 0) / values.length / mean).toBeCloseTo(1, 0.7);
  }
  expect(drawn(1e300)()).toBe(2 ** 31 - 1);
});

test('uniform, normal and Poisson draws have their mean and variance', () => {
  const poisson = evaluatorOf({
    fn: 'poisson',
    args: [
      { type: FLOAT64, nullable: false, literal: 2.5 },
      { type: INT32, nullable: false, literal: 3 },
    ],
    type: INT32,
  });
  const wanted: [() => unknown, number, number][] = [
    [draw('rand', 7), 1 / 2, 1 / 12],
    [draw('randn', 7), 0, 1],
    [poisson, 2.5, 2.5],
  ];
  for (const [next, mean, variance] of wanted) {
    const values = Array.from({ length: 20_000 }, () => next() as number);
    const average = values.reduce((sum, v) => sum + v, 0) / values.length;
    expect(average).toBeCloseTo(mean, 1);
    expect(values.reduce((sum, v) => sum + (v - average) ** 2, 0) / values.length).toBeCloseTo(variance, 0.7);
  }
});
