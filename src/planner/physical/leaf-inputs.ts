/** Owns: cutting a leaf's input into partitions: file splits packed to size, row ranges, index ranges. */
import { sourceOf } from '../../engine/sources/registry.js';
import type { Split } from '../../engine/sources/source.js';
import type { ScanSpec } from '../../frontend/plan/resolved.js';
import type { LeafInput } from './operators.js';
import type { NodePlanner } from './planned.js';

type Partitions = readonly (readonly LeafInput[])[];

/** A small file costs a task about as much as this many bytes. */
const OPEN_COST_BYTES = 256 << 10;

/** Less than this is not worth a task of its own, even where slots are idle. */
const TASK_BYTES = 4 << 20;

/** A wave that would be emptier than this is spread over the others. */
const TOLERANCE = 0.1;

/**
 * Splits in file order of about `mostBytes` or less, so that their number is about a multiple of the slots: none of these idles at the end.
 * Small ones that follow each other share a partition. No file at all is one empty partition.
 */
export function scanInputs(scan: ScanSpec, mostBytes: number, slots: number, notes?: Pick<NodePlanner, 'decide'>): Partitions {
  const total = scan.files.reduce((sum, file) => sum + file.bytes, 0);
  const waves = Math.max(1, Math.ceil(total / (mostBytes * slots) - TOLERANCE));
  const splitBytes = Math.max(Math.min(TASK_BYTES, mostBytes), Math.ceil(total / (waves * slots)));
  const splits = sourceOf(scan.format).planSplits(scan.files, scan.options, splitBytes);
  const partitions: LeafInput[][] = [];
  let room = 0;
  for (const split of splits) {
    const cost = bytesOf(split) + OPEN_COST_BYTES;
    if (partitions.length === 0 || cost > room) {
      partitions.push([]);
      room = Math.max(splitBytes, cost);
    }
    partitions[partitions.length - 1].push({ kind: 'split', split });
    room -= cost;
  }
  notes?.decide({
    operator: scanName(scan),
    chosen: partitions.length === 1 ? '1 task' : `${Math.max(1, partitions.length)} tasks`,
    because: 'whole waves of slots, in splits of about read.splitBytes or less',
    numbers: {
      files: scan.files.length,
      ...(scan.skippedFiles !== undefined && { 'skipped by their directories': scan.skippedFiles }),
      'total bytes': total,
      'read.splitBytes bytes': mostBytes,
      slots,
      waves,
      'a split bytes': splitBytes,
      splits: splits.length,
    },
  });
  return partitions.length === 0 ? [[]] : partitions;
}

/** `Scan parquet lineitem.parquet`, `Scan csv logs (12 files)`. */
function scanName({ format, files }: ScanSpec): string {
  const name = (uri: string | undefined): string => decodeURIComponent((uri ?? '').split('/').pop() ?? '');
  return `Scan ${format} ${name(files[0]?.uri)}${files.length > 1 ? ` and ${files.length - 1} more` : ''}`.trimEnd();
}

const bytesOf = (split: Split): number => split.end - split.start;

/** Rows that came with the plan: one partition unless more are asked for. */
export function localInputs(rows: number, partitions: number | null): Partitions {
  return evenly(rows, partitions ?? 1);
}

export function rangeInputs(start: bigint, end: bigint, step: bigint, partitions: number): Partitions {
  const span = end - start;
  const rows = span === 0n || span > 0n !== step > 0n ? 0n : (span + step - (step > 0n ? 1n : -1n)) / step;
  return evenly(Number(rows), partitions);
}

function evenly(rows: number, partitions: number): Partitions {
  const count = Math.max(1, partitions);
  return Array.from({ length: count }, (_, i) => [
    { kind: 'rows', from: Math.floor((rows * i) / count), to: Math.floor((rows * (i + 1)) / count) },
  ]);
}
