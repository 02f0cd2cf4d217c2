import { expect, test } from 'vitest';
import type { Event } from '../../src/core/events.js';
import { NO_METRICS } from '../../src/core/events.js';
import { cutColoured, visibleWidth } from '../../src/observability/columns.js';
import { summarize } from '../../src/observability/job-summary.js';
import { renderLive, renderPlain } from '../../src/observability/live-view.js';
import { NO_PAINT } from '../../src/observability/paint.js';
import { renderSummary } from '../../src/observability/summary-table.js';

const MIB = 1 << 20;
const done = (stage: number, metrics: object): Event => ({
  time: 2500,
  kind: 'task-finished',
  task: { job: 'j', stage, partition: 0, attempt: 0 },
  worker: 'w',
  metrics: { ...NO_METRICS, ...metrics },
});
const running: Event[] = [
  { time: 900, kind: 'worker-registered', worker: 'w', host: 'localhost', slots: 2 },
  {
    time: 1000,
    kind: 'job-submitted',
    job: 'j',
    name: 'jobs/wordcount.ts:9',
    stages: [
      { stage: 0, name: 'scan text → explode → partial aggregate', tasks: 1, parents: [] },
      { stage: 1, name: 'final aggregate', tasks: 4, parents: [0] },
      { stage: 2, name: 'sort → write csv', tasks: 1, parents: [1] },
    ],
  },
  { time: 1500, kind: 'stage-started', job: 'j', stage: 0, tasks: 1, round: 0 },
  done(0, { inputRows: 1_204_332, inputBytes: 34 * MIB, shuffleWriteRows: 8000, shuffleWriteBytes: 200_000 }),
  { time: 2500, kind: 'stage-finished', job: 'j', stage: 0 },
  { time: 2500, kind: 'stage-started', job: 'j', stage: 1, tasks: 4, round: 0 },
  done(1, { shuffleReadRows: 2000, shuffleReadBytes: 50_000, shuffleWriteRows: 500, shuffleWriteBytes: 12_000 }),
];

test('live: a line a stage, bars for how far each is', () => {
  const lines = renderLive(summarize(running), 3000, { columns: 110, rows: 24, paint: NO_PAINT, frame: 0 });
  expect(lines).toEqual([
    '⠋ jobs/wordcount.ts:9 2.0 s · 1 worker, 2 slots',
    '  ✔ 0 scan text → explode → partial…  ━━━━━━━━━━ 1/1  1.2M rows · 34.0 MiB · 34.0 MiB/s · 1.0 s',
    '  ▸ 1 final aggregate                 ━━──────── 1/4  2.0k rows · 48.8 KiB · 97.7 KiB/s · 500 ms · 2.0 s left',
    '  · 2 sort → write csv                ────────── 0/1',
  ]);
});

test('live: nothing once no job runs, few lines on a low screen', () => {
  const ended: Event[] = [...running, { time: 3000, kind: 'job-finished', job: 'j', error: null, cancelled: false }];
  expect(renderLive(summarize(ended), 3000, { columns: 80, rows: 24, paint: NO_PAINT, frame: 0 })).toEqual([]);
  const low = renderLive(summarize(running), 3000, { columns: 80, rows: 3, paint: NO_PAINT, frame: 0 });
  expect(low).toEqual(['⠋ jobs/wordcount.ts:9 2.0 s · 1 worker, 2 slots', '  … 2 more']);
});

test('table: columns without anything are left out, a job that failed says so', () => {
  const error = { kind: 'user', condition: 'DIVIDE_BY_ZERO', message: 'Division by zero.' } as const;
  const run = summarize([...running, { time: 3000, kind: 'job-finished', job: 'j', error, cancelled: false }]);
  expect(renderSummary(run, 120, NO_PAINT)).toEqual([
    '✖ jobs/wordcount.ts:9 failed after 2.0 s',
    '  stage                                      tasks    rows in  rows out      read   shuffled    time        rate',
    '  0 scan text → explode → partial aggregate      1  1,204,332     8,000  34.0 MiB  195.3 KiB   1.0 s  34.0 MiB/s',
    '  1 final aggregate                            1/4      2,000       500  48.8 KiB   11.7 KiB  500 ms  97.7 KiB/s',
    '  2 sort → write csv                           0/1',
  ]);
});

test('table: fits a narrow screen', () => {
  for (const width of [60, 80, 100]) {
    const lines = renderSummary(summarize(running), width, NO_PAINT);
    expect(Math.max(...lines.map(visibleWidth))).toBeLessThanOrEqual(width);
  }
});

test('coloured text is cut where it is seen to be too long', () => {
  expect(cutColoured('\x1b[1mabcdef\x1b[22m!', 4)).toBe('\x1b[1mabc\x1b[22m…');
  expect(cutColoured('\x1b[1mabcd\x1b[22m', 4)).toBe('\x1b[1mabcd\x1b[22m');
});

test('table: what a job found in a cache, what it computed, and which stages it did not need', () => {
  const events: Event[] = [
    {
      time: 1000,
      kind: 'job-submitted',
      job: 'j',
      name: 'report.ts',
      stages: [
        { stage: 0, name: 'scan parquet', tasks: 4, parents: [] },
        { stage: 1, name: 'read shuffle → cache', tasks: 4, parents: [0] },
        { stage: 2, name: 'read cache → aggregate', tasks: 1, parents: [1] },
      ],
    },
    { time: 1000, kind: 'cache-used', job: 'j', stage: 1, cache: 'c', partitions: 4, found: 4, foundBytes: 2 * MIB, lost: 0 },
    { time: 1000, kind: 'cache-used', job: 'j', stage: 0, cache: 'd', partitions: 4, found: 1, foundBytes: 1000, lost: 2 },
    { time: 1100, kind: 'cache-stored', job: 'j', cache: 'd', partition: 1, worker: 'w', bytes: MIB, rows: 1, memory: true, again: false },
    { time: 1100, kind: 'cache-stored', job: 'j', cache: 'd', partition: 2, worker: 'w', bytes: 1, rows: 1, memory: true, again: true },
    { time: 1500, kind: 'stage-started', job: 'j', stage: 2, tasks: 1, round: 0 },
    done(2, { cacheReadRows: 500, cacheReadBytes: 2 * MIB, outputRows: 1 }),
    { time: 2000, kind: 'job-finished', job: 'j', error: null, cancelled: false },
  ];
  expect(renderSummary(summarize(events), 120, NO_PAINT)).toEqual([
    '✔ report.ts done in 1.0 s',
    '  stage                       tasks  rows in  rows out     read    time       rate',
    '  0 scan parquet            skipped',
    '  1 read shuffle → cache    skipped',
    '  2 read cache → aggregate        1      500         1  2.0 MiB  500 ms  4.0 MiB/s',
    '  cache of stage 1: 4 of 4 partitions found (2.0 MiB)',
    '  cache of stage 0: 1 of 4 partitions found (1000 B), 1 computed (1.0 MiB), 1 computed again',
  ]);
});

test('table: accumulators with a name, each partition once', () => {
  const added = (partition: number, attempt: number): Event => ({
    time: 2500,
    kind: 'task-finished',
    task: { job: 'j', stage: 0, partition, attempt },
    worker: 'w',
    metrics: NO_METRICS,
    accumulated: [
      { id: 'a', name: 'bad lines', kind: 'long', value: 1000n },
      { id: 'b', name: null, kind: 'double', value: 1 },
    ],
  });
  const run = summarize([...running.slice(0, 3), added(0, 0), added(1, 0), added(1, 1)]);
  expect(renderSummary(run, 120, NO_PAINT).at(-1)).toBe('  bad lines 2,000');
});

test('table: of many actions the last five have stages, twenty before them a line', () => {
  const events = Array.from({ length: 27 }, (_, i): Event[] => [
    { time: 0, kind: 'job-submitted', job: `j${i}`, name: `etl.ts:${i}`, stages: [{ stage: 0, name: 'range', tasks: 1, parents: [] }] },
    { time: 10, kind: 'job-finished', job: `j${i}`, error: null, cancelled: false },
  ]).flat();
  const lines = renderSummary(summarize(events), 120, NO_PAINT);
  expect(lines.slice(0, 2)).toEqual(['2 earlier actions not shown', '✔ etl.ts:2 done in 10 ms']);
  expect(lines.slice(20, 24)).toEqual(['✔ etl.ts:21 done in 10 ms', '', '✔ etl.ts:22 done in 10 ms', '  stage      tasks']);
});

test('live: says that it waits for a first worker', () => {
  const waiting = running.filter((event) => event.kind !== 'worker-registered');
  expect(renderLive(summarize(waiting), 3000, { columns: 110, rows: 24, paint: NO_PAINT, frame: 0 })[0]).toContain('no worker has joined');
  expect(renderPlain(summarize(waiting), 3000, NO_PAINT)).toEqual([
    expect.stringMatching(/stage 1 .* 1\/4 tasks, .* · no worker has joined$/),
  ]);
});

test('summary: what was adapted, at most eight lines of it', () => {
  const adapted = (stage: number): Event => ({
    time: 2600,
    kind: 'plan-adapted',
    job: 'j',
    stage,
    decision: 'coalesce',
    text: `${stage} of 4 partitions are read by 1 task`,
    numbers: {},
  });
  const linesOf = (times: number) =>
    renderSummary(summarize([...running, ...Array.from({ length: times }, (_, i) => adapted(i))]), 120, NO_PAINT)
      .map((line) => line.trim())
      .filter((line) => line.startsWith('adapted'));
  expect(linesOf(8)).toEqual(Array.from({ length: 8 }, (_, i) => `adapted stage ${i}: ${i} of 4 partitions are read by 1 task`));
  expect(linesOf(100)).toEqual([...linesOf(8).slice(0, 7), 'adapted 93 times more, as the event log tells']);
});
