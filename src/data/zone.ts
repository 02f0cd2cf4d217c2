/**
 * Owns: time zones: a name → the offset from UTC at any instant, and of any wall clock as java.time resolves it (in a gap the clock is moved
 * forward by the gap's length, in an overlap the earlier instant counts). Regions are read from the runtime's own tables, a stretch of
 * seventeen years at its first use, and looked up in arrays from then on.
 */
import { userError } from '../core/errors.js';
import { didYouMean } from '../core/nearest.js';
import { floorDivide, formatDate, MICROS_PER_DAY, MICROS_PER_SECOND } from './temporal.js';
import { type ClockText, parseClock, parseOffset } from './temporal-text.js';

export interface Zone {
  /** As it was named. */
  readonly id: string;
  /** Seconds east of UTC where they never change, else null. */
  readonly fixed: number | null;
  /** Seconds east of UTC at an instant, in seconds since 1970. */
  offsetAt(seconds: number): number;
  /** When the offset changed last, up to an instant; both in seconds since 1970. Negative infinity where it never did. */
  changedAt(seconds: number): number;
  /** Seconds east of UTC of what a clock shows, in seconds since 1970-01-01 00:00:00 on it. */
  offsetOfClock(seconds: number): number;
}

/** Keeps a process that is given names from data from keeping them all. */
const KEPT = 1000;
const zones = new Map<string, Zone>();

/** A region (`Europe/Berlin`), an offset (`+02:00`, `GMT+1`) or one of Java's short names (`PST`). Throws a user error INVALID_TIMEZONE. */
export function zoneOf(id: string): Zone {
  const zone = findZone(id);
  if (zone !== null) return zone;
  throw userError('INVALID_TIMEZONE', `There is no time zone '${id}'.`, {
    hint: didYouMean(id, Intl.supportedValuesOf('timeZone')) || 'Write a region such as Europe/Paris or an offset such as +01:00',
  });
}

/** The same; null for what is no zone. */
export function findZone(id: string): Zone | null {
  const known = zones.get(id);
  if (known !== undefined) return known;
  const offset = id === '' ? null : parseOffset(id);
  const zone = offset === null ? regionOf(id) : fixedZone(id, offset);
  if (zone === null) return null;
  if (zones.size >= KEPT) zones.clear();
  zones.set(id, zone);
  return zone;
}

const fixedZone = (id: string, fixed: number): Zone => ({
  id,
  fixed,
  offsetAt: () => fixed,
  changedAt: () => Number.NEGATIVE_INFINITY,
  offsetOfClock: () => fixed,
});

function regionOf(id: string): Zone | null {
  // Java's names are of one case only.
  if (!/^[A-Z][A-Za-z0-9_+-]*(\/[A-Z][A-Za-z0-9_+-]*)*$/.test(id)) return null;
  try {
    const { timeZone } = new Intl.DateTimeFormat('en-US', { timeZone: id }).resolvedOptions();
    if (timeZone !== id && timeZone.toLowerCase() === id.toLowerCase()) return null;
    return new Region(id, new Intl.DateTimeFormat('en-US', { timeZone: id, hour: 'numeric', timeZoneName: 'longOffset' }));
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

const DAY = 86_400;
/** Of a stretch. */
const SECONDS = 2 ** 29;
/** No zone is known that changed twice within less. */
const STEP = 3 * DAY;
/** Before it every place kept its own solar time; after it rules repeat with the calendar, every 400 years. */
const FIRST = Date.UTC(1800, 0, 1) / 1000;
const LAST = Date.UTC(2100, 0, 1) / 1000;
const CYCLE = 146_097 * DAY;

/** A stretch of time: the offset at its start, and when it changes to which. */
interface Stretch {
  readonly first: number;
  readonly times: Float64Array;
  readonly offsets: Int32Array;
}

class Region implements Zone {
  readonly id: string;
  readonly fixed = null;
  private readonly format: Intl.DateTimeFormat;
  private readonly stretches = new Map<number, Stretch>();
  /** Where the offset that was asked for last holds. */
  private from = 0;
  private to = 0;
  private offset = 0;

  constructor(id: string, format: Intl.DateTimeFormat) {
    this.id = id;
    this.format = format;
  }

  offsetAt(seconds: number): number {
    if (seconds >= this.from && seconds < this.to) return this.offset;
    const moved = within(seconds);
    const shift = seconds - moved;
    const index = Math.floor(moved / SECONDS);
    const { first, times, offsets } = this.stretch(index);
    let i = times.length;
    while (i > 0 && times[i - 1] > moved) i--;
    this.from = (i > 0 ? times[i - 1] : index * SECONDS) + shift;
    this.to = (i < times.length ? times[i] : (index + 1) * SECONDS) + shift;
    this.offset = i > 0 ? offsets[i - 1] : first;
    return this.offset;
  }

  changedAt(seconds: number): number {
    this.offsetAt(seconds);
    return this.from;
  }

  offsetOfClock(seconds: number): number {
    // No place is farther from UTC than a day, so far from changes the clock is as good as the instant.
    if (seconds - DAY >= this.from && seconds + DAY < this.to) return this.offset;
    let offset = this.offsetAt(seconds - DAY);
    while (this.to <= seconds + DAY) {
      const change = this.to;
      const next = this.offsetAt(change);
      // What comes after begins where the gap, or the overlap, is over.
      if (seconds < change + Math.max(offset, next)) break;
      offset = next;
    }
    return offset;
  }

  private stretch(index: number): Stretch {
    let stretch = this.stretches.get(index);
    if (stretch === undefined) {
      stretch = this.read(index * SECONDS);
      this.stretches.set(index, stretch);
    }
    return stretch;
  }

  private read(start: number): Stretch {
    const changes: [number, number][] = [];
    const first = this.ask(start);
    let before = first;
    for (let at = start; at < start + SECONDS; at += STEP) {
      const end = Math.min(at + STEP, start + SECONDS - 1);
      const after = this.ask(end);
      if (after === before) continue;
      let [low, high] = [at, end];
      while (high - low > 1) {
        const middle = Math.floor((low + high) / 2);
        if (this.ask(middle) === before) low = middle;
        else high = middle;
      }
      changes.push([high, after]);
      before = after;
    }
    return { first, times: Float64Array.from(changes, ([time]) => time), offsets: Int32Array.from(changes, ([, offset]) => offset) };
  }

  private ask(seconds: number): number {
    const text = this.format.format(seconds * 1000);
    return parseOffset(text.slice(text.lastIndexOf('GMT'))) ?? 0;
  }
}

/** An instant whose offset is the same and that the tables know. */
function within(seconds: number): number {
  if (seconds < FIRST) return FIRST;
  return seconds < LAST ? seconds : LAST + ((seconds - LAST) % CYCLE);
}

/** `Z`, `+02:00`, and seconds where there are some. */
export function offsetText(offset: number): string {
  if (offset === 0) return 'Z';
  const size = Math.abs(offset);
  const parts = [Math.floor(size / 3600), Math.floor(size / 60) % 60, size % 60];
  const texts = parts.slice(0, size % 60 === 0 ? 2 : 3).map((part) => String(part).padStart(2, '0'));
  return `${offset < 0 ? '-' : '+'}${texts.join(':')}`;
}

/** Whole seconds of microseconds, rounded down. */
export function secondsOf(micros: bigint): number {
  const near = Number(micros);
  return Number.isSafeInteger(near) ? Math.floor(near / 1e6) : Number(floorDivide(micros, MICROS_PER_SECOND));
}

/** What a clock shows at an instant, both in microseconds. */
export function clockOf(micros: bigint, zone: Zone): bigint {
  return micros + BigInt(zone.fixed ?? zone.offsetAt(secondsOf(micros))) * MICROS_PER_SECOND;
}

/** The instant at which a clock shows something, both in microseconds. */
export function instantOf(clock: bigint, zone: Zone): bigint {
  return clock - BigInt(zone.fixed ?? zone.offsetOfClock(secondsOf(clock))) * MICROS_PER_SECOND;
}

/** The instant of a day's first moment: where a clock skips midnight, that at which it goes on; where it shows midnight twice, of `offset` if that is given. */
export function startOfDay(days: number, zone: Zone, offset?: number): bigint {
  const clock = days * DAY;
  if (offset !== undefined && zone.offsetAt(clock - offset) === offset) return BigInt(clock - offset) * MICROS_PER_SECOND;
  const seconds = clock - (zone.fixed ?? zone.offsetOfClock(clock));
  const skipped = zone.fixed === null && seconds + zone.offsetAt(seconds) !== clock;
  return BigInt(skipped ? zone.changedAt(seconds) : seconds) * MICROS_PER_SECOND;
}

/** As `instantOf`, but where a clock shows the same twice the instant of this offset: a time that was moved by days stays summer time. */
function instantNear(clock: bigint, offset: number, zone: Zone): bigint {
  const near = clock - BigInt(offset) * MICROS_PER_SECOND;
  return zone.offsetAt(secondsOf(near)) === offset ? near : instantOf(clock, zone);
}

/** An instant moved on the clock, by calendar units: `move` takes and gives what a clock shows. */
export function movedOnClock(micros: bigint, zone: Zone | null, move: (clock: bigint) => bigint): bigint {
  if (zone === null) return move(micros);
  const offset = zone.offsetAt(secondsOf(micros));
  return instantNear(move(micros + BigInt(offset) * MICROS_PER_SECOND), offset, zone);
}

/** Microseconds since the epoch of a text, in `zone` (UTC by default) where it names none; a time alone is one of today. Null for what is no timestamp. */
export function parseTimestamp(text: string, zone: Zone | null = null): bigint | null {
  const parsed = parseClock(text) ?? timeOfToday(text, zone);
  if (parsed === null) return null;
  if (parsed.zone === '') return zone === null ? parsed.clock : instantOf(parsed.clock, zone);
  const named = findZone(parsed.zone);
  return named && instantOf(parsed.clock, named);
}

const TIME = /^\s*(?:T\d{1,2}|T?\d{1,2}:\d{2}(?::\d{1,2}(?:\.\d{0,9})?)?)\s*([A-Za-z+-][\w:/+-]*)?\s*$/;

function timeOfToday(text: string, zone: Zone | null): ClockText | null {
  const match = TIME.exec(text);
  const named = match?.[1] === undefined ? zone : findZone(match[1]);
  if (match === null || (named === null && match[1] !== undefined)) return null;
  const now = BigInt(Date.now()) * 1000n;
  const today = formatDate(Number(floorDivide(named === null ? now : clockOf(now, named), MICROS_PER_DAY)));
  return parseClock(`${today}T${text.trim().replace(/^T/, '')}`);
}

/** The same without a zone: one that the text names must be one, and is left out. */
export function parseTimestampNtz(text: string): bigint | null {
  const parsed = parseClock(text);
  return parsed === null || (parsed.zone !== '' && findZone(parsed.zone) === null) ? null : parsed.clock;
}

/** As `clockOf`, of a whole double: what generated code has. */
export function clockOfDouble(micros: number, zone: Zone): number {
  return micros + (zone.fixed ?? zone.offsetAt(Math.floor(micros / 1e6))) * 1e6;
}
