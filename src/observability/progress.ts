/**
 * Owns: showing a run while it goes on and what it came to at the end, on stderr. Receives events, reads the folded `Run`.
 * On a terminal: lines redrawn in place, at most ten times a second. Elsewhere: a line every few seconds. Either way a table at the end.
 */
import type { Event, EventListener } from '../core/events.js';
import type { Run } from './job-summary.js';
import { applyEvent, emptyRun } from './job-summary.js';
import type { LiveBlock } from './live-block.js';
import { openLiveBlock } from './live-block.js';
import { renderLive, renderPlain } from './live-view.js';
import type { Paint } from './paint.js';
import { paintFor } from './paint.js';
import { renderSummary } from './summary-table.js';

const REDRAW_MS = 100;
const PLAIN_MS = 5000;
/** A job that is over sooner shows no bars, only its table. */
const DELAY_MS = 250;
/** Of a file or pipe, where no terminal tells. */
const WIDTH = 120;
/** Warnings shown one by one; the table counts them all. */
const MOST_NOTES = 10;

export interface Progress {
  readonly onEvent: EventListener;
  /** A `warning:` line above the bars. */
  readonly warn: (text: string) => void;
  /** Ends the redrawing and prints the table. */
  finish(): void;
}

/** `terminal`: stderr. `others`: streams whose output may land on the same terminal. */
export function startProgress(terminal: NodeJS.WriteStream, others: readonly NodeJS.WriteStream[]): Progress {
  const run = emptyRun();
  const paint = paintFor(terminal);
  const block = terminal.isTTY
    ? openLiveBlock(
        terminal,
        others.filter((stream) => stream.isTTY),
      )
    : null;
  const redraw = block === null ? plainLines(terminal, run, paint) : liveLines(terminal, block, run, paint);
  const timer = setInterval(redraw, block === null ? PLAIN_MS : REDRAW_MS);
  timer.unref();
  const warn = (text: string): void => {
    block?.clear();
    terminal.write(`${paint.yellow('warning:')} ${text}\n`);
  };
  let notes = 0;
  return {
    onEvent(event) {
      applyEvent(run, event);
      const text = noteOf(event);
      if (text === null || notes++ > MOST_NOTES) return;
      warn(notes > MOST_NOTES ? 'more of these; the table at the end counts them' : text);
    },
    warn,
    finish() {
      clearInterval(timer);
      block?.close();
      const table = renderSummary(run, terminal.columns || WIDTH, paint);
      // The error comes below.
      if ([...run.jobs.values()].some((job) => job.error !== null && !job.cancelled)) table.push('');
      if (table.length > 0) terminal.write(`${table.join('\n')}\n`);
    },
  };
}

function liveLines(terminal: NodeJS.WriteStream, block: LiveBlock, run: Run, paint: Paint): () => void {
  let frame = 0;
  return () => {
    const now = Date.now();
    const young = [...run.jobs.values()].some((job) => job.finishedAt === null && now - job.submittedAt < DELAY_MS);
    if (young) return;
    block.draw(renderLive(run, now, { columns: terminal.columns || 80, rows: terminal.rows || 24, paint, frame: frame++ }));
  };
}

function plainLines(terminal: NodeJS.WriteStream, run: Run, paint: Paint): () => void {
  return () => {
    const lines = renderPlain(run, Date.now(), paint);
    if (lines.length > 0) terminal.write(`${lines.join('\n')}\n`);
  };
}

/** What a person should hear of at once, because it costs time or tells of trouble; null for the rest. */
function noteOf(event: Event): string | null {
  switch (event.kind) {
    case 'task-failed':
      if (!event.willRetry) return null;
      return `task ${event.task.partition} of stage ${event.task.stage} failed on ${event.worker} and is tried again: ${firstLine(event.error.message)}`;
    case 'fault-injected':
      return `${event.worker} is killed, as was asked for: ${Math.round(event.at * 1000) / 10} % of the tasks have finished`;
    case 'worker-lost':
      return `${event.worker} was lost: ${firstLine(event.reason)}`;
    case 'shuffle-lost':
      return `${event.maps.length} map outputs were lost with ${event.worker} and are computed again`;
    default:
      return null;
  }
}

const firstLine = (text: string): string => text.split('\n', 1)[0];
