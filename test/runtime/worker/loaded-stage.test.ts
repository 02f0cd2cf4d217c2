/** What the tasks of a stage share in one thread. */
import { expect, test } from 'vitest';
import { endOthersShare, type LoadedStage, shareInStage } from '../../../src/runtime/worker/loaded-stage.js';

const stage = (): LoadedStage => ({ shared: new Map() }) as unknown as LoadedStage;

test('a value is made once a stage, and let go when another stage runs', async () => {
  let made = 0;
  const make = async () => ++made;
  const [first, second] = [stage(), stage()];
  expect(await shareInStage(first, 'table', make)).toBe(1);
  expect(await shareInStage(first, 'table', make)).toBe(1);
  expect(await shareInStage(first, 'other', make)).toBe(2);
  endOthersShare(first);
  expect(await shareInStage(first, 'table', make)).toBe(1);
  endOthersShare(second);
  expect(await shareInStage(first, 'table', make)).toBe(3);
});

test('what failed to be made is made anew for the next task', async () => {
  const only = stage();
  await expect(shareInStage(only, 'table', () => Promise.reject(new Error('lost')))).rejects.toThrow('lost');
  expect(await shareInStage(only, 'table', async () => 7)).toBe(7);
});
