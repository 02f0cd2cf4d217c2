/** Owns: what events tell of shuffles: rows and bytes of each reduce partition, and of each block. Older logs tell neither. */
import type { Event, EventOf } from '../core/events.js';

export type ShuffleFacts = EventOf<'shuffle-written'>;

/** Of each shuffle the last word, in the order in which they were written. */
export function shufflesOf(events: readonly Event[]): ShuffleFacts[] {
  const found = new Map<string, ShuffleFacts>();
  for (const event of events) if (event.kind === 'shuffle-written') found.set(`${event.job} ${event.shuffle}`, event);
  return [...found.values()];
}

/** Bytes of the blocks of a shuffle: a row for each map task, a column for each reduce partition. Empty where they were not recorded. */
export function blockBytes(events: readonly Event[], { job, shuffle }: Pick<ShuffleFacts, 'job' | 'shuffle'>): (readonly number[])[] {
  const rows: (readonly number[])[] = [];
  for (const event of events) {
    if (event.kind === 'blocks-written' && event.job === job && event.shuffle === shuffle) rows[event.map] = event.bytes;
  }
  return Array.from(rows, (row) => row ?? []);
}
