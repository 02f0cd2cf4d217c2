/** Owns: the text of a cell's plans with what adaptive execution made of them: under the heading of a stage, what was changed before it ran. */
import type { Event } from '../../core/events.js';

const MARK = '»';

/** `plans` is what `minispark explain` prints: plans under the names of their actions, which are those of the run's jobs. */
export function planAsRun(plans: string, events: readonly Event[]): { text: string; changed: boolean } {
  const names = new Map(events.flatMap((event) => (event.kind === 'job-submitted' ? [[event.job, event.name] as const] : [])));
  const changes = new Map<string, string[]>();
  for (const event of events) {
    if (event.kind !== 'plan-adapted') continue;
    const place = `${names.get(event.job)} ${event.stage}`;
    changes.set(place, [...(changes.get(place) ?? []), `  ${MARK} ${event.text}`]);
  }
  let action = '';
  let changed = false;
  const lines = plans
    .trimEnd()
    .split('\n')
    .flatMap((line) => {
      action = /^=== (.*) ===$/.exec(line)?.[1] ?? action;
      const stage = /^Stage (\d+): /.exec(line)?.[1];
      const made = (stage && changes.get(`${action} ${stage}`)) || [];
      changed ||= made.length > 0;
      return [line, ...made];
    });
  return { text: lines.join('\n'), changed };
}

/** What the reader is told above the text. */
export const planNote = (changed: boolean): string =>
  changed ? `As it was planned; lines with ${MARK} say what was changed before the stage ran.` : 'As it was planned, and ran.';
