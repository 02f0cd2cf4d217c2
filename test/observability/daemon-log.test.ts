import { expect, test } from 'vitest';
import type { Event } from '../../src/core/events.js';
import { daemonLine } from '../../src/observability/daemon-log.js';

const error = { kind: 'retryable', condition: 'NO_WORKERS', message: 'No worker is there.' } as const;

test.each<[Event, string | null]>([
  [{ time: 0, kind: 'worker-registered', worker: 'worker-1', host: 'node-1', slots: 1 }, 'worker-1 joined: 1 thread on node-1'],
  [{ time: 0, kind: 'worker-registered', worker: 'worker-1', host: 'node-1', slots: 4 }, 'worker-1 joined: 4 threads on node-1'],
  [{ time: 0, kind: 'worker-lost', worker: 'worker-1', reason: 'it was stopped' }, 'worker-1 is gone: it was stopped'],
  [{ time: 0, kind: 'job-submitted', job: 'job-1', name: 'wordcount.ts', stages: [] }, 'job-1 started: wordcount.ts'],
  [{ time: 0, kind: 'job-finished', job: 'job-1', error: null, cancelled: false }, 'job-1 is done'],
  [{ time: 0, kind: 'job-finished', job: 'job-1', error, cancelled: true }, 'job-1 was cancelled'],
  [{ time: 0, kind: 'job-finished', job: 'job-1', error, cancelled: false }, 'job-1 failed: No worker is there. [NO_WORKERS]'],
  [{ time: 0, kind: 'stage-finished', job: 'job-1', stage: 0 }, null],
])('%j', (event, line) => {
  expect(daemonLine(event)).toBe(line);
});
