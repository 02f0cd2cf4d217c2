import { expect, test } from 'vitest';
import { compare } from '../../src/lab/report/comparison.js';
import { reportPage } from '../../src/lab/report/page.js';
import { runsCsv } from '../../src/lab/report/run-files.js';
import { measure } from '../../src/lab/run-facts.js';
import { timelineOf } from '../../src/lab/timeline.js';
import { FAULTY, sampleLab } from './sample-lab.js';

test('what a run measured is the sum over its attempts, lost ones counted as failed', () => {
  expect(measure(FAULTY, { wallMs: 900, cpuMs: 700, memoryBytes: null })).toEqual({
    ...{ wall: 900, jobs: 720, cpu: 700, memory: null, tasks: 7, longest: 95, failed: 1, again: 1, files: 5, descriptors: 31 },
    ...{ rows: 5000, written: 40_000, fetched: 32_000, remote: 500, spilled: 7, skew: 1900 / 500, cached: 0 },
  });
});

test('what a log does not tell is not known, rather than 0', () => {
  const old = FAULTY.filter(({ kind }) => kind !== 'shuffle-written').map((event) => {
    if (event.kind !== 'task-finished') return event;
    const { shuffleWriteFiles: _, peakDescriptors: __, ...metrics } = event.metrics;
    return { ...event, metrics: metrics as typeof event.metrics };
  });
  expect(measure(old, { wallMs: 1, cpuMs: null, memoryBytes: null })).toMatchObject({
    files: null,
    descriptors: null,
    skew: null,
    cpu: null,
    written: 40_000,
  });
});

test('the timeline has a lane a slot, spans that end with their worker, and marks', () => {
  const { lanes, spans, marks, ms } = timelineOf(FAULTY);
  expect(lanes).toEqual(['worker 1', 'worker 2']);
  expect(ms).toBe(720);
  expect(spans.filter(({ end }) => end === 'lost')).toEqual([
    { lane: 1, job: 0, stage: 0, from: 120, to: 260, end: 'lost', title: 'stage 0, partition 3: lost after 140 ms' },
  ]);
  expect(spans.map(({ lane, from, to }) => [lane, from, to])).toContainEqual([0, 300, 400]);
  expect(marks).toEqual([
    { at: 250, kind: 'fault', text: 'worker 2 was killed on purpose, when 25 % of the tasks had finished' },
    { at: 260, kind: 'fault', text: 'worker 2 was lost: its process ended' },
    { at: 260, kind: 'fault', text: 'outputs of 1 map tasks of shuffle 0 were lost with worker 2' },
    { at: 501, kind: 'adapted', text: 'stage 1: 8 partitions are read by 2 tasks' },
  ]);
});

test('attempts that overlap on one worker lie in slots of their own', () => {
  const task = (partition: number) => ({ job: 'j', stage: 0, partition, attempt: 0 });
  const at = (time: number, kind: 'task-started', partition: number) => ({ time, kind, task: task(partition), worker: 'w' });
  const { lanes, spans } = timelineOf([at(0, 'task-started', 0), at(5, 'task-started', 1)]);
  expect(lanes).toEqual(['w, slot 1', 'w, slot 2']);
  expect(spans.map(({ lane, end }) => [lane, end])).toEqual([
    [0, 'lost'],
    [1, 'lost'],
  ]);
});

test('cells are compared over the runs that succeeded; the one of median wall time is shown', () => {
  const outcome = sampleLab();
  const { cells, output } = compare(outcome);
  expect(cells).toHaveLength(9);
  expect(cells[0].summaries.wall).toMatchObject({ count: 2, mean: 1050, deviation: Math.sqrt(5000) });
  expect(cells[0].shown?.repeat).toBe(1);
  expect(cells[8]).toMatchObject({ shown: null, summaries: { wall: null } });
  expect(output).toBe('same');
  const other = outcome.results.map((result, i) => (i === 0 ? { ...result, outputHash: 'b' } : result));
  expect(compare({ ...outcome, results: other }).output).toBe('different');
  const byPartitions = outcome.results.map((result) => ({ ...result, outputHash: result.settings['args.partitions'] }));
  expect(compare({ ...outcome, results: byPartitions }).output).toBe('by-arguments');
});

test('the CSV has a line a run, with errors in quotes', () => {
  const lines = runsCsv(sampleLab()).split('\n');
  expect(lines).toHaveLength(2 * 9 + 2);
  expect(lines[0]).toMatch(/^kill,args.partitions,repeat,startedAt,wall,/);
  expect(lines[7]).toMatch(
    /^scheduler@50%,1,1,2024-05-01T10:00:00.000Z,1240,720,700,,7,.*,error: No worker is left <here>. \[NO_WORKERS\]$/,
  );
});

test('the page says everything, escaped, and needs nothing else', () => {
  const outcome = sampleLab();
  const page = reportPage(outcome, compare(outcome));
  expect(page).not.toMatch(/<loses>|<are made>|<lost>|<here>|<a>|undefined|NaN|\[object/);
  expect(page).toContain('A shuffle that &lt;loses&gt; a worker');
  expect(page).toContain('6 of 18 runs failed');
  expect(page).toContain('partitions 8, tasks 2, targetBytes 64.0 KiB');
  expect(page).toContain('Peak memory: not recorded');
  expect(page).toContain('2 of 6 points.');
  // Namespaces and the two files beside it are all that it names.
  expect([...page.matchAll(/(?:src|href)="([^"#][^"]*)"/g)].map(([, to]) => to)).toEqual(['data:,', 'runs.csv', 'runs.json']);
  expect(page.match(/https?:(?!\/\/www\.w3\.org)/)).toBeNull();
});
