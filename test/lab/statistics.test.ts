import { expect, test } from 'vitest';
import { summarizeNumbers } from '../../src/lab/statistics.js';

test('mean, sample deviation, median', () => {
  expect(summarizeNumbers([4, 2, 4, 4, 5, 5, 7, 9])).toEqual({
    count: 8,
    mean: 5,
    deviation: Math.sqrt(32 / 7),
    min: 2,
    median: 4.5,
    max: 9,
  });
  expect(summarizeNumbers([3])).toEqual({ count: 1, mean: 3, deviation: 0, min: 3, median: 3, max: 3 });
  expect(summarizeNumbers([])).toBeNull();
});
