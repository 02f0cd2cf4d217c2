/** Owns: what the metrics of several tasks amount to, and which of them people call in and out. */
import type { TaskMetrics } from '../core/events.js';

/** Bytes that a stage took in, from files, shuffles and caches. */
export function bytesIn(metrics: TaskMetrics): number {
  return metrics.inputBytes + metrics.shuffleReadBytes + metrics.cacheReadBytes;
}

export function rowsIn(metrics: TaskMetrics): number {
  return metrics.inputRows + metrics.shuffleReadRows + metrics.cacheReadRows;
}

/** Rows that a stage handed on: to its shuffle or cache where it has one, else to the driver or into files. */
export function rowsOut(metrics: TaskMetrics): number {
  return metrics.shuffleWriteRows || metrics.cacheWriteRows || metrics.outputRows;
}

/** All are sums but the peaks, of which the larger counts. */
export function addMetrics(a: TaskMetrics, b: TaskMetrics): TaskMetrics {
  return {
    inputRows: a.inputRows + b.inputRows,
    inputBytes: a.inputBytes + b.inputBytes,
    skippedRows: a.skippedRows + b.skippedRows,
    outputRows: a.outputRows + b.outputRows,
    outputBytes: a.outputBytes + b.outputBytes,
    shuffleReadRows: a.shuffleReadRows + b.shuffleReadRows,
    shuffleReadBytes: a.shuffleReadBytes + b.shuffleReadBytes,
    shuffleRemoteBytes: a.shuffleRemoteBytes + b.shuffleRemoteBytes,
    shuffleWriteRows: a.shuffleWriteRows + b.shuffleWriteRows,
    shuffleWriteBytes: a.shuffleWriteBytes + b.shuffleWriteBytes,
    shuffleWriteFiles: a.shuffleWriteFiles + b.shuffleWriteFiles,
    cacheReadRows: a.cacheReadRows + b.cacheReadRows,
    cacheReadBytes: a.cacheReadBytes + b.cacheReadBytes,
    cacheWriteRows: a.cacheWriteRows + b.cacheWriteRows,
    cacheWriteBytes: a.cacheWriteBytes + b.cacheWriteBytes,
    spilledBytes: a.spilledBytes + b.spilledBytes,
    peakMemoryBytes: Math.max(a.peakMemoryBytes, b.peakMemoryBytes),
    peakDescriptors: Math.max(a.peakDescriptors, b.peakDescriptors),
    runMs: a.runMs + b.runMs,
  };
}
