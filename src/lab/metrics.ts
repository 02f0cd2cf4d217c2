/** Owns: the names of what a lab can measure, and how each is written for people. `run-facts.ts` computes them. */
import { formatBytes, formatCount, formatDuration, formatExact } from '../core/units.js';

export type Unit = 'ms' | 'bytes' | 'count' | 'ratio';

export interface Metric {
  readonly title: string;
  readonly unit: Unit;
  /** One sentence: what is counted. */
  readonly doc: string;
}

/** docs/labs.md has this table. */
export const METRICS = {
  wall: { title: 'Wall time', unit: 'ms', doc: 'From the start of the process to its end' },
  jobs: {
    title: 'Time of its jobs',
    unit: 'ms',
    doc: 'From the first job submitted to the last one finished: wall time without starting and stopping',
  },
  cpu: { title: 'CPU time', unit: 'ms', doc: 'User and system time of all its processes' },
  memory: {
    title: 'Peak memory',
    unit: 'bytes',
    doc: 'Highest sum over its processes, sampled ten times a second; pages that they share count once',
  },
  tasks: { title: 'Tasks', unit: 'count', doc: 'Attempts that finished' },
  longest: { title: 'Longest task', unit: 'ms', doc: 'Time of the longest attempt in its thread' },
  failed: { title: 'Failed attempts', unit: 'count', doc: 'Attempts that failed, those under way on a lost worker included' },
  again: {
    title: 'Tasks run again',
    unit: 'count',
    doc: 'Partitions computed again after they had succeeded, because their output was lost',
  },
  files: { title: 'Shuffle files created', unit: 'count', doc: 'Data files of the shuffle, empty ones included' },
  descriptors: { title: 'Peak open descriptors', unit: 'count', doc: 'Highest number of open descriptors that a process had in a task' },
  rows: { title: 'Rows shuffled', unit: 'count', doc: 'Rows written into shuffles' },
  written: { title: 'Bytes written to shuffles', unit: 'bytes', doc: 'Bytes of shuffle blocks' },
  fetched: { title: 'Bytes fetched', unit: 'bytes', doc: 'Bytes of shuffle blocks that tasks read, from disk or over a socket' },
  remote: { title: 'Bytes fetched over sockets', unit: 'bytes', doc: 'Of the bytes fetched, those that came over a socket' },
  spilled: { title: 'Bytes spilled', unit: 'bytes', doc: 'Bytes that operators and writers put aside on disk' },
  skew: { title: 'Skew', unit: 'ratio', doc: 'Rows of the largest reduce partition over the mean, in the shuffle with the most rows' },
  cached: { title: 'Bytes read from caches', unit: 'bytes', doc: 'Bytes of kept partitions that tasks read' },
} as const satisfies Readonly<Record<string, Metric>>;

export type MetricName = keyof typeof METRICS;
export const METRIC_NAMES = Object.keys(METRICS) as MetricName[];

/** Null: the run does not know it. */
export type Measures = Readonly<Record<MetricName, number | null>>;

export function formatMeasure(value: number, unit: Unit): string {
  switch (unit) {
    case 'ms':
      return formatDuration(value);
    case 'bytes':
      return formatBytes(value);
    case 'count':
      return Number.isInteger(value) && value < 100_000 ? formatExact(value) : formatCount(value);
    case 'ratio':
      return `${value.toFixed(2)}×`;
    default:
      return unit satisfies never;
  }
}
