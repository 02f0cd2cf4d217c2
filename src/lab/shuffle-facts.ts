/** Owns: what events tell of shuffles: rows and bytes of each reduce partition, and of each block. Older logs tell neither. */
import type { Event } from '../core/events.js';

export interface ShuffleFacts {
  readonly job: string;
  readonly stage: number;
  readonly shuffle: number;
  readonly writer: string;
  readonly maps: number;
  /** Totals of each reduce partition. */
  readonly bytes: readonly number[];
  readonly rows: readonly number[];
}

interface BlocksWritten {
  readonly job: string;
  readonly shuffle: number;
  readonly map: number;
  readonly bytes: readonly number[];
}

/** Of each shuffle the last word: a map stage that ran again may be told again. */
export function shufflesOf(events: readonly Event[]): ShuffleFacts[] {
  const found = new Map<string, ShuffleFacts>();
  for (const facts of ofKind<ShuffleFacts>(events, 'shuffle-written')) found.set(`${facts.job} ${facts.shuffle}`, facts);
  return [...found.values()];
}

/** Bytes of the blocks of a shuffle: a row for each map task, a column for each reduce partition. Empty where they were not recorded. */
export function blockBytes(events: readonly Event[], { job, shuffle }: Pick<ShuffleFacts, 'job' | 'shuffle'>): (readonly number[])[] {
  const rows: (readonly number[])[] = [];
  for (const blocks of ofKind<BlocksWritten>(events, 'blocks-written')) {
    if (blocks.job === job && blocks.shuffle === shuffle) rows[blocks.map] = blocks.bytes;
  }
  return rows;
}

function ofKind<T>(events: readonly Event[], kind: string): T[] {
  return events.filter((event) => (event.kind as string) === kind) as unknown as T[];
}
