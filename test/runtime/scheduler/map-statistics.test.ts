import { describe, expect, it } from 'vitest';
import type { Event } from '../../../src/core/events.js';
import type { Input } from '../../../src/runtime/scheduler/actions.js';
import { Scheduler } from '../../../src/runtime/scheduler/scheduler.js';
import { facts, fetchFailed, finished, graphOf, key, register, submit } from './fixtures.js';

function eventsOf(kinds: readonly Event['kind'][], inputs: readonly Input[]): Event[] {
  const scheduler = new Scheduler();
  return inputs
    .flatMap((input) => scheduler.apply(input))
    .flatMap((action) => (action.kind === 'emit' && kinds.includes(action.event.kind) ? [action.event] : []));
}

describe('what map stages have written', () => {
  it('is told by reduce partition when they finish, each map once however often it ran', () => {
    const again = [facts('a', 3, fetchFailed(key(1, 0), 0, [1], 'a')), facts('a', 4, finished(key(0, 1, 1), true))];
    const inputs = [register('a', 4), submit(graphOf([[2], [1, 0]])), facts('a', 2, finished(key(0, 0), true), finished(key(0, 1), true))];
    const written = { time: 2, kind: 'shuffle-written', job: 'job-1', stage: 0, shuffle: 0, writer: 'sort', maps: 2, partitions: 2 };
    expect(eventsOf(['shuffle-written'], [...inputs, ...again])).toEqual([{ ...written, bytes: [2, 4], rows: [2, 4] }]);
  });

  it('of no task at all is nothing', () => {
    expect(eventsOf(['shuffle-written'], [register('a'), submit(graphOf([[0], [1, 0]], 3))])).toMatchObject([
      { maps: 0, partitions: 3, bytes: [0, 0, 0], rows: [0, 0, 0] },
    ]);
  });

  it('is told block by block where the configuration asks for it', () => {
    const config = { 'events.blocks': 'true', 'shuffle.writer': 'hash' };
    const inputs = [register('a', 4), submit(graphOf([[1], [1, 0]]), 0, { config }), facts('a', 2, finished(key(0, 0), true))];
    expect(eventsOf(['shuffle-written', 'blocks-written'], inputs)).toMatchObject([
      { kind: 'blocks-written', time: 2, job: 'job-1', stage: 0, shuffle: 0, map: 0, worker: 'a', bytes: [1, 2] },
      { kind: 'shuffle-written', writer: 'hash' },
    ]);
  });
});
