/** Owns: into how many partitions an exchange cuts its rows where neither plan nor configuration says. */
import type { NodePlanner, PlanningContext } from './planned.js';

/** Input below this many bytes is not worth more than one reduce partition; above, one for each so many. */
const SMALL_BYTES = 8 << 20;
const REDUCE_BYTES = 128 << 20;
const MAX_CHOSEN_PARTITIONS = 200;

/** `inputBytes`: what the whole plan reads, by estimate. */
export function choosePartitions({ config, slots }: PlanningContext, inputBytes: number, notes: Pick<NodePlanner, 'decide'>): number {
  const operator = 'Exchange';
  const configured = config.get('shuffle.partitions');
  if (configured > 0) {
    notes.decide({ operator, chosen: `${configured} partitions`, because: 'shuffle.partitions says so', numbers: {} });
    return configured;
  }
  if (inputBytes <= SMALL_BYTES) {
    const numbers = { 'input bytes': inputBytes, 'small input bytes': SMALL_BYTES };
    notes.decide({ operator, chosen: '1 partition', because: 'the input is small', numbers });
    return 1;
  }
  const partitions = Math.min(MAX_CHOSEN_PARTITIONS, Math.max(slots, Math.ceil(inputBytes / REDUCE_BYTES)));
  notes.decide({
    operator,
    chosen: `${partitions} partitions`,
    because: 'one for each slot, and more where they would hold too much',
    numbers: { 'input bytes': inputBytes, slots, 'a partition bytes': REDUCE_BYTES, 'at most': MAX_CHOSEN_PARTITIONS },
  });
  return partitions;
}

/** What a sort holds of its rows at once: them, their concatenation and the sorted copy, in half of the task's memory (engine/exec/sort.ts). */
const SORT_COPIES = 3;
/** Ranges come out unequal, and estimates are low at times. */
const SORT_SLACK = 1.3;

/** More rows than this are sorted slower, a row, than fewer: what is gathered in order lies too far apart for the caches. */
const SORT_BYTES = 48 << 20;

/** Ranges of a global sort of about `bytes`: as many as let each be sorted in memory, and fast; no fewer than `least`. */
export function chooseSortPartitions({ config }: PlanningContext, bytes: number, least: number): number {
  if (config.get('shuffle.partitions') > 0) return least;
  const fitting = config.get('memory') / 2 / (SORT_COPIES * SORT_SLACK);
  return Math.max(least, Math.min(MAX_CHOSEN_PARTITIONS, Math.ceil(bytes / Math.min(SORT_BYTES, fitting))));
}
