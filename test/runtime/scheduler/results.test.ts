import { describe, expect, it } from 'vitest';
import { JobResults } from '../../../src/runtime/scheduler/results.js';
import { key } from './fixtures.js';

const block = (bytes: number) => new Uint8Array(bytes);

describe('results of a job', () => {
  it('wait for their attempt to be accepted; those of another attempt are never delivered', () => {
    const delivered: number[] = [];
    const results = new JobResults(1000, ({ rows }) => delivered.push(rows));
    results.add(key(0, 0, 0), 1, block(10));
    results.accept(key(0, 0, 1));
    results.add(key(0, 0, 1), 2, block(10));
    expect([results.count(key(0, 0, 0)), results.count(key(0, 0, 1)), results.bytes]).toEqual([0, 1, 10]);
    results.accept(key(0, 0, 0));
    expect(delivered).toEqual([]);
    results.discard(key(0, 0, 0));
    results.accept(key(0, 0, 1));
    expect([delivered, results.bytes]).toEqual([[2], 0]);
  });

  it('discarded, weigh nothing', () => {
    const results = new JobResults(1000, () => {});
    results.add(key(0, 0), 1, block(10));
    results.add(key(0, 1), 1, block(10));
    results.discard(key(0, 0));
    expect([results.count(key(0, 0)), results.bytes]).toEqual([0, 10]);
  });

  it('are behind when a window is under way and more than another waits', () => {
    const results = new JobResults(100, () => {});
    const steps = [1, 2, 3, 4].map((partition) => {
      results.add(key(0, partition), 1, block(60));
      results.accept(key(0, partition));
      return [results.isDelivered, results.isBehind];
    });
    expect(steps).toEqual([
      [true, false],
      [true, false],
      [false, false],
      [false, true],
    ]);
    results.taken(60);
    expect(results.isBehind).toBe(false);
  });
});
