/** Node may wake before the time that its clock then says: here the clock is set back by more, so that it always does. */
import { afterEach, expect, test, vi } from 'vitest';
import { Timers } from '../../../src/runtime/scheduler/timers.js';

afterEach(() => vi.restoreAllMocks());

test('no timer rings before its time', async () => {
  const clock = performance.now.bind(performance);
  let behind = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => clock() - behind);
  const rang = await new Promise<number>((resolve) => {
    const timers = new Timers(() => resolve(timers.now() - at));
    const at = timers.now() + 5;
    timers.start('a', at);
    behind = 15;
  });
  expect(rang).toBeGreaterThanOrEqual(0);
});
