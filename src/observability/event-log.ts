/**
 * Owns: the event stream as a file: one JSON object a line, the first of them a header with EVENT_VERSION.
 * What is written is whole lines only, in order, so that a log cut off by a crash can be read up to there.
 */
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { asMinisparkError, fatalError } from '../core/errors.js';
import type { Event, EventListener } from '../core/events.js';
import { EVENT_VERSION } from '../core/events.js';
import { fromJson, toJson } from '../core/json.js';
import { makeDirectories } from '../core/make-directories.js';

export interface EventLog {
  readonly onEvent: EventListener;
  /** Writes what is left. Later events are dropped. */
  close(): void;
}

/** Lines are gathered up to this many bytes, so that a job of many tiny tasks does not wait for the disk at each. */
const GATHER = 64 * 1024;

/** Creates `path` and its directory; an existing file is an error EVENT_LOG_FAILED, as is a disk that does not take it. */
export function openEventLog(path: string): EventLog {
  const fd = attempt(path, () => {
    makeDirectories(dirname(path));
    return openSync(path, 'wx');
  });
  let pending = `${toJson({ kind: 'log', version: EVENT_VERSION })}\n`;
  let open = true;
  const flush = (): void => {
    attempt(path, () => writeFileSync(fd, pending));
    pending = '';
  };
  flush();
  return {
    onEvent(event) {
      if (!open) return;
      pending += `${toJson(event)}\n`;
      // The end of a job is on disk before anyone hears of it.
      if (pending.length >= GATHER || event.kind === 'job-finished') flush();
    },
    close() {
      if (!open) return;
      open = false;
      flush();
      closeSync(fd);
    },
  };
}

/** The events of a log's text; a last line without its newline (a crash) is left out. Throws EVENT_LOG_FAILED for another version. */
export function parseEventLog(text: string): Event[] {
  const lines = text.split('\n').slice(0, -1);
  const header = lines.length > 0 ? fromJson<{ kind: string; version?: number }>(lines[0]) : null;
  if (header?.kind !== 'log' || header.version !== EVENT_VERSION) {
    throw fatalError('EVENT_LOG_FAILED', `This is no event log of version ${EVENT_VERSION}.`);
  }
  return lines.slice(1).map((line) => fromJson<Event>(line));
}

function attempt<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (cause) {
    throw fatalError('EVENT_LOG_FAILED', `The event log ${path} cannot be written: ${asMinisparkError(cause).message}`, { cause });
  }
}
