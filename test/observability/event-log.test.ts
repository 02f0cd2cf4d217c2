import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Event } from '../../src/core/events.js';
import { openEventLog, parseEventLog } from '../../src/observability/event-log.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'minispark-log-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const submitted: Event = { time: 1, kind: 'job-submitted', job: 'job-1', name: 'größe → "x"\n', stages: [] };
const ended: Event = { time: 2, kind: 'job-finished', job: 'job-1', error: null, cancelled: false };

test('what was written is read again, a line an event', () => {
  const path = join(dir, 'logs', 'job.jsonl');
  const log = openEventLog(path);
  log.onEvent(submitted);
  log.onEvent(ended);
  // On disk before close: a crash after a job's end loses nothing of it.
  expect(parseEventLog(readFileSync(path, 'utf8'))).toEqual([submitted, ended]);
  log.close();
  log.onEvent(ended);
  const text = readFileSync(path, 'utf8');
  expect(text.split('\n')[0]).toBe('{"kind":"log","version":1}');
  expect(parseEventLog(text)).toEqual([submitted, ended]);
  expect(parseEventLog(text.slice(0, -5))).toEqual([submitted]);
});

test('an existing file is not written over, other files are no logs', () => {
  const path = join(dir, 'job.jsonl');
  openEventLog(path).close();
  expect(() => openEventLog(path)).toThrow(expect.objectContaining({ condition: 'EVENT_LOG_FAILED' }));
  expect(() => parseEventLog('{"kind":"log","version":99}\n')).toThrow(expect.objectContaining({ condition: 'EVENT_LOG_FAILED' }));
  expect(() => parseEventLog('')).toThrow(expect.objectContaining({ condition: 'EVENT_LOG_FAILED' }));
});
