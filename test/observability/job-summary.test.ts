import { expect, test } from 'vitest';
import type { Event, TaskMetrics } from '../../src/core/events.js';
import { NO_METRICS } from '../../src/core/events.js';
import type { StageSummary } from '../../src/observability/job-summary.js';
import { summarize } from '../../src/observability/job-summary.js';

const key = (stage: number, partition: number, attempt = 0) => ({ job: 'job-1', stage, partition, attempt });
const error = { kind: 'retryable', condition: 'WORKER_LOST', message: 'gone' } as const;

const started = (time: number, stage: number, partition: number, attempt = 0, worker = 'worker-a'): Event => ({
  time,
  kind: 'task-started',
  task: key(stage, partition, attempt),
  worker,
});
const finished = (time: number, stage: number, partition: number, metrics: Partial<TaskMetrics>, attempt = 0): Event => ({
  time,
  kind: 'task-finished',
  task: key(stage, partition, attempt),
  worker: 'worker-a',
  metrics: { ...NO_METRICS, ...metrics },
});
const submitted: Event = {
  time: 1000,
  kind: 'job-submitted',
  job: 'job-1',
  name: 'a job',
  stages: [
    { stage: 0, name: 'scan', tasks: 2, parents: [] },
    { stage: 1, name: 'sort', tasks: 200, parents: [0] },
  ],
};

/** The figures alone, without the books that lead to them. */
function figures(stage: StageSummary | undefined) {
  if (stage === undefined) throw new Error('no such stage');
  const { tasks, done, running, failed, retried, reran, startedAt, finishedAt, longestMs } = stage;
  return { tasks, done, running, failed, retried, reran, startedAt, finishedAt, longestMs };
}

test('a job that goes well', () => {
  const run = summarize([
    { time: 900, kind: 'worker-registered', worker: 'worker-a', host: 'localhost', slots: 2 },
    submitted,
    { time: 1010, kind: 'stage-started', job: 'job-1', stage: 0, tasks: 2, round: 0 },
    started(1011, 0, 0),
    started(1012, 0, 1),
    finished(1100, 0, 0, { inputRows: 10, inputBytes: 100, shuffleWriteRows: 4, shuffleWriteBytes: 40, runMs: 80, peakMemoryBytes: 7 }),
    finished(1200, 0, 1, { inputRows: 20, inputBytes: 200, shuffleWriteRows: 5, shuffleWriteBytes: 50, runMs: 180, peakMemoryBytes: 5 }),
    { time: 1201, kind: 'stage-finished', job: 'job-1', stage: 0 },
    { time: 1202, kind: 'stage-started', job: 'job-1', stage: 1, tasks: 1, round: 0 },
    started(1203, 1, 0),
    finished(1300, 1, 0, { shuffleReadRows: 9, shuffleReadBytes: 90, outputRows: 9, runMs: 90 }),
    { time: 1301, kind: 'stage-finished', job: 'job-1', stage: 1 },
    { time: 1302, kind: 'job-finished', job: 'job-1', error: null, cancelled: false },
  ]);
  const job = run.jobs.get('job-1');
  expect(job).toMatchObject({ name: 'a job', submittedAt: 1000, finishedAt: 1302, error: null, cancelled: false });
  const noTrouble = { running: 0, failed: 0, retried: 0, reran: 0 };
  expect(figures(job?.stages.get(0))).toEqual({ ...noTrouble, tasks: 2, done: 2, startedAt: 1010, finishedAt: 1201, longestMs: 180 });
  expect(figures(job?.stages.get(1))).toEqual({ ...noTrouble, tasks: 1, done: 1, startedAt: 1202, finishedAt: 1301, longestMs: 90 });
  expect(job?.stages.get(0)?.metrics).toEqual({
    ...NO_METRICS,
    inputRows: 30,
    inputBytes: 300,
    shuffleWriteRows: 9,
    shuffleWriteBytes: 90,
    peakMemoryBytes: 7,
    runMs: 260,
  });
  expect(run.workers.get('worker-a')).toEqual({ host: 'localhost', slots: 2 });
});

test('failed attempts are counted; rows of a partition computed twice count once', () => {
  const run = summarize([
    submitted,
    { time: 1010, kind: 'stage-started', job: 'job-1', stage: 0, tasks: 2, round: 0 },
    started(1011, 0, 0),
    { time: 1020, kind: 'task-failed', task: key(0, 0), worker: 'worker-a', error, willRetry: true },
    started(1021, 0, 0, 1),
    finished(1030, 0, 0, { inputRows: 10, runMs: 9 }, 1),
    started(1022, 0, 1),
    finished(1031, 0, 1, { inputRows: 20, runMs: 9 }),
    { time: 1032, kind: 'stage-finished', job: 'job-1', stage: 0 },
    { time: 1040, kind: 'shuffle-lost', job: 'job-1', shuffle: 0, maps: [0], worker: 'worker-a' },
    { time: 1041, kind: 'stage-started', job: 'job-1', stage: 0, tasks: 1, round: 1 },
    started(1042, 0, 0, 2),
    finished(1050, 0, 0, { inputRows: 10, runMs: 8 }, 2),
  ]);
  const stage = run.jobs.get('job-1')?.stages.get(0);
  expect(figures(stage)).toEqual({
    tasks: 2,
    done: 2,
    running: 0,
    failed: 1,
    retried: 1,
    reran: 1,
    startedAt: 1010,
    finishedAt: null,
    longestMs: 9,
  });
  expect(stage?.metrics.inputRows).toBe(30);
});

test('attempts on a lost worker no longer run; the end of a job ends what ran', () => {
  const before: Event[] = [
    { time: 900, kind: 'worker-registered', worker: 'worker-b', host: 'localhost', slots: 2 },
    submitted,
    { time: 1010, kind: 'stage-started', job: 'job-1', stage: 0, tasks: 2, round: 0 },
    started(1011, 0, 0),
    started(1011, 0, 1, 0, 'worker-b'),
    { time: 1015, kind: 'worker-lost', worker: 'worker-b', reason: 'no heartbeat for 10 s' },
  ];
  const run = summarize(before);
  expect(run.jobs.get('job-1')?.stages.get(0)?.running).toBe(1);
  expect(run.workers.size).toBe(0);
  expect(run.workersLost).toBe(1);
  const ended = summarize([...before, { time: 1020, kind: 'job-finished', job: 'job-1', error, cancelled: false }]);
  expect(figures(ended.jobs.get('job-1')?.stages.get(0))).toMatchObject({ running: 0, finishedAt: 1020 });
  expect(figures(ended.jobs.get('job-1')?.stages.get(1))).toMatchObject({ startedAt: null, finishedAt: null });
});

test('events of unknown jobs are ignored', () => {
  expect(summarize([started(1, 0, 0), finished(2, 0, 0, {})]).jobs.size).toBe(0);
});
