import { expect, test } from 'vitest';
import type { Input } from '../../../src/runtime/scheduler/actions.js';
import { Scheduler } from '../../../src/runtime/scheduler/scheduler.js';
import { describeActions, facts, finished, graphOf, key, register, submit } from './fixtures.js';

function machine() {
  const scheduler = new Scheduler({ heartbeatTimeoutMs: 0 });
  return (input: Input): string[] => describeActions(scheduler.apply(input)).filter((line) => /bytes of|release|forget/.test(line));
}

const release = (...ids: string[]): Input => ({ kind: 'release', time: 9, ids });
const job = (id: string, ...blobs: string[]): Input => submit(graphOf([[1]]), 0, { job: id, blobs });
const done = (id: string): Input => facts('a', 5, finished(key(0, 0, 0, id)));

test('a broadcast value goes to a worker once, before its first task', () => {
  const scheduler = new Scheduler({ heartbeatTimeoutMs: 0 });
  scheduler.apply(register('a', 2));
  expect(describeActions(scheduler.apply(submit(graphOf([[2]]), 0, { blobs: ['x', 'y'] }))).filter((line) => line.includes('←'))).toEqual([
    'a ← job job-1',
    'a ← bytes of x',
    'a ← bytes of y',
    'a ← stage 0 round 0',
    'a ← launch 0.0.0r0 0.1.0r0',
  ]);
  const again = describeActions(scheduler.apply(submit(graphOf([[2]]), 1, { job: 'job-2', blobs: ['y', 'z'] })));
  expect(again.filter((line) => line.includes('bytes'))).toEqual(['a ← bytes of z']);
});

test('a worker that comes anew is sent the values anew', () => {
  const apply = machine();
  apply(register('a', 1));
  expect(apply(job('job-1', 'x'))).toEqual(['a ← bytes of x']);
  expect(apply(register('a', 1))).toEqual(['a ← bytes of x']);
});

test('released values are freed where they are, and forgotten', () => {
  const apply = machine();
  apply(register('a', 1));
  apply(job('job-1', 'x'));
  apply(done('job-1'));
  apply(register('b', 1));
  expect(apply(release('x', 'unknown'))).toEqual(['a ← release x', 'forget x unknown']);
  expect(apply(job('job-2', 'x'))).toEqual(['a ← bytes of x']);
});

test('a value that running jobs use goes with the last of them, unless a later job claims it', () => {
  const apply = machine();
  apply(register('a', 4));
  apply(job('job-1', 'x'));
  apply(job('job-2', 'x'));
  expect(apply(release('x'))).toEqual([]);
  expect(apply(done('job-1'))).toEqual([]);
  expect(apply(done('job-2'))).toEqual(['a ← release x', 'forget x']);
  apply(job('job-3', 'x'));
  apply(release('x'));
  apply(job('job-4', 'x'));
  expect([...apply(done('job-3')), ...apply(done('job-4'))]).toEqual([]);
});
