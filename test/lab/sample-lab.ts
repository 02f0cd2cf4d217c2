/** A lab's outcome made by hand: one cell that lost a worker in the middle, one that went well, one that failed. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Event, NO_METRICS, type TaskMetrics } from '../../src/core/events.js';
import { parseLab } from '../../src/lab/lab-file.js';
import { cellsOf, plannedRuns } from '../../src/lab/matrix.js';
import type { ScoredPredictions } from '../../src/lab/predict/predictions.js';
import type { PageSource } from '../../src/lab/report/page.js';
import { measure } from '../../src/lab/run-facts.js';

const LABS = fileURLToPath(new URL('../../labs', import.meta.url));
const [ONE, TWO] = ['worker-1-0a1b2c3d4e5f', 'worker-2-5f4e3d2c1b0a'];
const PARTITIONS = 8;
const MAP: TaskMetrics = {
  ...NO_METRICS,
  shuffleWriteRows: 1000,
  shuffleWriteBytes: 8000,
  shuffleWriteFiles: 1,
  peakDescriptors: 30,
  runMs: 90,
};

const key = (stage: number, partition: number, attempt = 0) => ({ job: 'job-1', stage, partition, attempt });
const started = (time: number, stage: number, partition: number, worker: string, attempt = 0): Event => ({
  time,
  kind: 'task-started',
  task: key(stage, partition, attempt),
  worker,
});
const finished = (time: number, stage: number, partition: number, worker: string, metrics = MAP, attempt = 0): Event => ({
  time,
  kind: 'task-finished',
  task: key(stage, partition, attempt),
  worker,
  metrics,
});
const blocks = (time: number, map: number, worker: string): Event => ({
  time,
  kind: 'blocks-written',
  job: 'job-1',
  stage: 0,
  shuffle: 0,
  map,
  worker,
  bytes: Array.from({ length: PARTITIONS }, (_, partition) => (partition === 7 ? 0 : 400 * (partition + 1) + 10 * map)),
});

/** Two maps on each worker; the second is killed at 250 ms, so that its maps run again on the first; then two reduce tasks. */
export const FAULTY: readonly Event[] = [
  {
    time: 1000,
    kind: 'job-submitted',
    job: 'job-1',
    name: 'shuffle.ts <&>',
    stages: [
      { stage: 0, name: 'range → shuffle by hash', tasks: 4, parents: [] },
      { stage: 1, name: 'read shuffle → count', tasks: 2, parents: [0] },
    ],
  },
  { time: 1000, kind: 'worker-registered', worker: ONE, host: '127.0.0.1', slots: 1 },
  { time: 1000, kind: 'worker-registered', worker: TWO, host: '127.0.0.1', slots: 1 },
  { time: 1000, kind: 'stage-started', job: 'job-1', stage: 0, tasks: 4, round: 0 },
  started(1010, 0, 0, ONE),
  started(1010, 0, 1, TWO),
  blocks(1100, 0, ONE),
  finished(1100, 0, 0, ONE),
  blocks(1110, 1, TWO),
  finished(1110, 0, 1, TWO),
  started(1110, 0, 2, ONE),
  started(1120, 0, 3, TWO),
  { time: 1250, kind: 'fault-injected', job: 'job-1', worker: TWO, fault: 'kill', at: 0.25 },
  { time: 1260, kind: 'worker-lost', worker: TWO, reason: 'its process ended' },
  { time: 1260, kind: 'shuffle-lost', job: 'job-1', shuffle: 0, maps: [1], worker: TWO },
  blocks(1300, 2, ONE),
  finished(1300, 0, 2, ONE),
  started(1300, 0, 3, ONE, 1),
  blocks(1400, 3, ONE),
  finished(1400, 0, 3, ONE, MAP, 1),
  started(1400, 0, 1, ONE, 1),
  blocks(1500, 1, ONE),
  finished(1500, 0, 1, ONE, MAP, 1),
  { time: 1500, kind: 'stage-finished', job: 'job-1', stage: 0 },
  {
    time: 1500,
    kind: 'shuffle-written',
    job: 'job-1',
    stage: 0,
    shuffle: 0,
    writer: 'sort',
    maps: 4,
    partitions: PARTITIONS,
    bytes: [1600, 3200, 4800, 6400, 8000, 9600, 11_200, 0],
    rows: [100, 200, 300, 400, 500, 600, 1900, 0],
  },
  {
    time: 1501,
    kind: 'plan-adapted',
    job: 'job-1',
    stage: 1,
    decision: 'coalesce',
    text: '8 partitions are read by 2 tasks',
    numbers: { partitions: 8, tasks: 2, targetBytes: 65_536 },
  },
  { time: 1502, kind: 'stage-started', job: 'job-1', stage: 1, tasks: 2, round: 0 },
  started(1510, 1, 0, ONE),
  finished(1600, 1, 0, ONE, {
    ...NO_METRICS,
    shuffleReadBytes: 20_000,
    shuffleRemoteBytes: 500,
    spilledBytes: 7,
    peakDescriptors: 31,
    runMs: 85,
  }),
  started(1600, 1, 1, ONE),
  finished(1700, 1, 1, ONE, { ...NO_METRICS, shuffleReadBytes: 12_000, runMs: 95 }),
  { time: 1700, kind: 'stage-finished', job: 'job-1', stage: 1 },
  { time: 1720, kind: 'job-finished', job: 'job-1', error: null, cancelled: false },
];

const LAB = `title: A shuffle that <loses> a worker
about: One paragraph & no more.
job: ../jobs/lab/shuffle.ts
matrix:
  kill: [worker@25%, none, scheduler@50%]
  args.partitions: [1, 64, 2048]
metrics: [wall, files, descriptors, written, fetched, spilled, skew, failed, again, memory]
questions: [What was <lost>?, What ran again?]
`;

const GUESS = { metric: 'files', cell: { kill: 'none' }, over: null } as const;
const PREDICTIONS: ScoredPredictions = {
  ...{ lab: 'sample', madeAt: '2024-05-01T09:00:00.000Z', blind: true, points: 2, of: 6 },
  guesses: [
    { ...GUESS, ask: 'How many files <are made>?', guess: 4, measured: 5, relativeError: 0.2, points: 2 },
    { ...GUESS, ask: 'How many again?', guess: null, measured: 5, relativeError: null, points: 0 },
  ],
};

export function sampleLab(): PageSource {
  const lab = parseLab(LAB, join(LABS, 'sample.yaml'), { quick: false });
  const cells = cellsOf(lab);
  const results = plannedRuns(cells, 2).map(({ cell, repeat }) => ({
    cell: cell.index,
    settings: cell.settings,
    repeat,
    startedAt: `2024-05-0${repeat}T10:00:00.000Z`,
    error: cell.settings['kill'] === 'scheduler@50%' ? 'error: No worker is left <here>. [NO_WORKERS]' : null,
    measures: measure(FAULTY, { wallMs: 900 + 40 * cell.index + 100 * repeat, cpuMs: 700, memoryBytes: null }),
    outputHash: 'a',
  }));
  const facts = {
    version: '0.1.0',
    build: 'b',
    commit: null,
    node: 'v20',
    system: 'Linux x64',
    processor: 'one',
    cores: 2,
    memoryBytes: 2 ** 33,
  };
  const store = { events: () => [...FAULTY], plan: () => 'Scan <a> & b' };
  return { lab, repeat: 2, cells, results, environment: facts, store, predictions: PREDICTIONS };
}
