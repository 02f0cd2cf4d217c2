/** Owns: what one run measured, from its events and its process. Receives the events of its log, gives a number, or null, for each metric. */
import type { Event, TaskMetrics } from '../core/events.js';
import { summarize } from '../observability/job-summary.js';
import type { Measures } from './metrics.js';
import { shufflesOf } from './shuffle-facts.js';

export interface ProcessUsage {
  readonly wallMs: number;
  readonly cpuMs: number | null;
  readonly memoryBytes: number | null;
}

/** Counters that not every version of the engine or system tells. */
type MaybeMetrics = TaskMetrics & { readonly shuffleWriteFiles?: number; readonly peakDescriptors?: number };

export function measure(events: readonly Event[], usage: ProcessUsage): Measures {
  const tasks = events.filter((event) => event.kind === 'task-finished').map(({ metrics }) => metrics as MaybeMetrics);
  const total = (read: (metrics: MaybeMetrics) => number | undefined): number | null => {
    const values = tasks.map(read).filter((value) => value !== undefined);
    return values.length < tasks.length ? null : values.reduce((sum, value) => sum + value, 0);
  };
  const highest = (read: (metrics: MaybeMetrics) => number | undefined): number | null =>
    tasks.reduce((most, metrics) => Math.max(most, read(metrics) ?? 0), 0) || null;
  const stages = [...summarize(events).jobs.values()].flatMap((job) => [...job.stages.values()]);
  return {
    wall: usage.wallMs,
    jobs: jobsMs(events),
    cpu: usage.cpuMs,
    memory: usage.memoryBytes,
    tasks: tasks.length,
    longest: highest(({ runMs }) => runMs) ?? 0,
    failed: failedAttempts(events),
    again: stages.reduce((sum, { reran }) => sum + reran, 0),
    files: total(({ shuffleWriteFiles }) => shuffleWriteFiles),
    descriptors: highest(({ peakDescriptors }) => peakDescriptors),
    rows: total(({ shuffleWriteRows }) => shuffleWriteRows),
    written: total(({ shuffleWriteBytes }) => shuffleWriteBytes),
    fetched: total(({ shuffleReadBytes }) => shuffleReadBytes),
    remote: total(({ shuffleRemoteBytes }) => shuffleRemoteBytes),
    spilled: total(({ spilledBytes }) => spilledBytes),
    skew: skewOf(events),
    cached: total(({ cacheReadBytes }) => cacheReadBytes),
  };
}

function jobsMs(events: readonly Event[]): number | null {
  const start = events.find(({ kind }) => kind === 'job-submitted');
  const end = events.findLast(({ kind }) => kind === 'job-finished');
  return start && end ? end.time - start.time : null;
}

/** Attempts that were told to have failed, and those under way on a worker that was lost: of these not all are told. */
function failedAttempts(events: readonly Event[]): number {
  const open = new Map<string, string>();
  const failed = new Set<string>();
  for (const event of events) {
    if (event.kind === 'task-started') open.set(JSON.stringify(event.task), event.worker);
    else if (event.kind === 'task-finished') open.delete(JSON.stringify(event.task));
    else if (event.kind === 'task-failed') {
      open.delete(JSON.stringify(event.task));
      failed.add(JSON.stringify(event.task));
    } else if (event.kind === 'worker-lost') {
      for (const [task, worker] of open) {
        if (worker !== event.worker) continue;
        open.delete(task);
        failed.add(task);
      }
    }
  }
  return failed.size;
}

function skewOf(events: readonly Event[]): number | null {
  const [widest] = shufflesOf(events)
    .filter(({ rows }) => rows.length > 1)
    .map(({ rows }) => ({ rows, total: rows.reduce((sum, value) => sum + value, 0) }))
    .filter(({ total }) => total > 0)
    .sort((a, b) => b.total - a.total);
  return widest ? Math.max(...widest.rows) / (widest.total / widest.rows.length) : null;
}
