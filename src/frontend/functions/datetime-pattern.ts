/**
 * Owns: Spark's date and time patterns (`yyyy-MM-dd HH:mm:ss`): letters to formatters and parsers. Compiled patterns are kept.
 * Letters: G y M L d D Q q E F a h H k K m s S V z O X x Z; [optional parts]; quoted text; English names. Others are refused by name.
 */
import { userError } from '../../core/errors.js';
import { civilFromDays, daysFromCivil, daysInMonth, MICROS_PER_DAY } from '../../data/temporal.js';
import { clockOf, findZone, instantOf, type Zone } from '../../data/zone.js';
import { checkPattern } from './datetime-pattern-check.js';
import { dayOfYear, floorDiv, floorMod, weekdayOf } from './temporal-fields.js';
import { zoneText } from './zone-text.js';

interface Part {
  readonly letter: string | null;
  readonly count: number;
  readonly text: string;
  /** Of a part in brackets, which a text may leave out. */
  readonly optional?: readonly Part[];
}

interface Fields {
  year: number;
  month: number;
  day: number;
  dayOfYear: number | null;
  hour: number;
  minute: number;
  second: number;
  micros: number;
  pm: boolean | null;
  /** That the text names. */
  zone: Zone | null;
}

const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];
const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
const ZONES = 'zVXxOZ';
const KEPT = 128;
const patterns = new Map<string, readonly Part[]>();

/** Throws INVALID_DATETIME_PATTERN and INCONSISTENT_BEHAVIOR_CROSS_VERSION. */
function partsOf(pattern: string, parsing: boolean): readonly Part[] {
  const key = `${parsing}${pattern}`;
  const known = patterns.get(key);
  if (known) return known;
  const runs: string[] = [];
  const open: Part[][] = [[]];
  for (let i = 0; i < pattern.length; ) {
    const char = pattern[i];
    if (char === "'") {
      const end = quoteEnd(pattern, i);
      const quoted = pattern.slice(i + 1, end).replaceAll("''", "'");
      open[0].push({ letter: null, count: 0, text: end === i + 1 ? "'" : quoted });
      i = end + 1;
      continue;
    }
    let count = 1;
    if (char === '[') open.unshift([]);
    else if (char === ']' && open.length === 1) throw badPattern(pattern, 'a ] without a [');
    else if (char === ']') close(open);
    else if (!/[A-Za-z]/.test(char)) open[0].push({ letter: null, count: 0, text: char });
    else {
      while (pattern[i + count] === char) count++;
      open[0].push({ letter: char === 'L' ? 'M' : char === 'q' ? 'Q' : char, count, text: '' });
    }
    runs.push(pattern.slice(i, i + count));
    i += count;
  }
  checkPattern(pattern, runs, parsing);
  while (open.length > 1) close(open);
  if (patterns.size >= KEPT) patterns.clear();
  patterns.set(key, open[0]);
  return open[0];
}

/** The part in brackets that was opened last is done. */
function close(open: Part[][]): void {
  const optional = open.shift() as Part[];
  open[0].push({ letter: null, count: 0, text: '', optional });
}

function quoteEnd(pattern: string, start: number): number {
  for (let i = start + 1; i < pattern.length; i++) {
    if (pattern[i] !== "'") continue;
    if (pattern[i + 1] !== "'" || i === start + 1) return i;
    i++;
  }
  throw badPattern(pattern, 'a quote that does not end');
}

const badPattern = (pattern: string, what: string) =>
  userError('INVALID_DATETIME_PATTERN.WITH_SUGGESTION', `The pattern '${pattern}' has ${what}.`);

const pad = (value: number, count: number): string =>
  value < 0 ? `-${String(-value).padStart(count, '0')}` : String(value).padStart(count, '0');

/** A timestamp as the pattern says, in the zone (null: UTC). */
export function formatPattern(instant: bigint, pattern: string, zone: Zone | null = null): string {
  const micros = zone === null ? instant : clockOf(instant, zone);
  const days = Number(floorDiv(micros, MICROS_PER_DAY));
  const inDay = Number(floorMod(micros, MICROS_PER_DAY));
  const { year, month, day } = civilFromDays(days);
  const seconds = Math.floor(inDay / 1e6);
  const hour = Math.floor(seconds / 3600);
  const format = ({ letter, count, text, optional }: Part): string => {
    switch (letter) {
      case null:
        return optional === undefined ? text : optional.map(format).join('');
      case 'G':
        return (count === 4 ? ['Before Christ', 'Anno Domini'] : ['BC', 'AD'])[year > 0 ? 1 : 0];
      case 'F':
        return String(((day - 1) % 7) + 1);
      case 'y':
        return count === 2 ? pad(((year % 100) + 100) % 100, 2) : year > 9999 && count >= 4 ? `+${year}` : pad(year, count);
      case 'M':
        return count === 3 ? MONTHS[month - 1].slice(0, 3) : count === 4 ? MONTHS[month - 1] : pad(month, count);
      case 'd':
        return pad(day, count);
      case 'D':
        return pad(dayOfYear(days), count);
      case 'Q':
        return quarterText(Math.ceil(month / 3), count);
      case 'E':
        return count === 4 ? DAYS[weekdayOf(days)] : DAYS[weekdayOf(days)].slice(0, 3);
      case 'H':
        return pad(hour, count);
      case 'k':
        return pad(hour === 0 ? 24 : hour, count);
      case 'h':
        return pad(hour % 12 === 0 ? 12 : hour % 12, count);
      case 'K':
        return pad(hour % 12, count);
      case 'm':
        return pad(Math.floor(seconds / 60) % 60, count);
      case 's':
        return pad(seconds % 60, count);
      case 'S':
        return pad(inDay % 1e6, 6)
          .padEnd(9, '0')
          .slice(0, count);
      case 'a':
        return hour < 12 ? 'AM' : 'PM';
      default:
        return zoneText(letter, count, instant, zone);
    }
  };
  return partsOf(pattern, false).map(format).join('');
}

const quarterText = (quarter: number, count: number): string =>
  count === 4 ? `${quarter}${['st', 'nd', 'rd', 'th'][quarter - 1]} quarter` : count === 3 ? `Q${quarter}` : pad(quarter, count);

/** Microseconds of a text that follows the pattern, in `zone` (null: UTC) where it names none; null otherwise. Missing parts are those of 1970-01-01 00:00:00.
 * `asShown`: a zone that the text names counts for nothing. */
export function parsePattern(text: string, pattern: string, zone: Zone | null = null, asShown = false): bigint | null {
  const fields: Fields = { year: 1970, month: 1, day: 1, dayOfYear: null, hour: 0, minute: 0, second: 0, micros: 0, pm: null, zone };
  const end = readParts(text, 0, partsOf(pattern, true), fields);
  if (asShown) fields.zone = null;
  return end === text.length ? assemble(fields) : null;
}

/** Position after the parts, or -1. */
function readParts(text: string, from: number, parts: readonly Part[], fields: Fields): number {
  let at = from;
  for (const [i, part] of parts.entries()) {
    if (part.optional === undefined) {
      at = readPart(text, at, part, parts[i + 1], fields);
      if (at < 0) return -1;
      continue;
    }
    const before = { ...fields };
    const end = readParts(text, at, part.optional, fields);
    if (end < 0) Object.assign(fields, before);
    else at = end;
  }
  return at;
}

function assemble(f: Fields): bigint | null {
  const hour = f.pm === null ? f.hour : (f.hour % 12) + (f.pm ? 12 : 0);
  if (f.month < 1 || f.month > 12 || f.day < 1 || f.day > daysInMonth(f.year, f.month) || hour > 23 || f.minute > 59 || f.second > 59)
    return null;
  const days = f.dayOfYear === null ? daysFromCivil(f.year, f.month, f.day) : daysFromCivil(f.year, 1, 1) + f.dayOfYear - 1;
  const clock = BigInt(days) * MICROS_PER_DAY + BigInt(hour * 3600 + f.minute * 60 + f.second) * 1_000_000n + BigInt(f.micros);
  return f.zone === null ? clock : instantOf(clock, f.zone);
}

/** Position after the part, or -1. */
function readPart(text: string, at: number, part: Part, next: Part | undefined, fields: Fields): number {
  const { letter, count } = part;
  if (letter === null) return text.startsWith(part.text, at) ? at + part.text.length : -1;
  if (letter === 'G') return readMatch(text, at, count === 4 ? /anno domini/iy : /ad/iy, () => {});
  if (letter === 'a')
    return readMatch(text, at, /(am|pm)/iy, (match) => {
      fields.pm = match.toLowerCase() === 'pm';
    });
  if (letter === 'E')
    return readMatch(text, at, new RegExp(DAYS.map((day) => (count === 4 ? day : day.slice(0, 3))).join('|'), 'iy'), () => {});
  if (letter === 'M' && count >= 3) {
    const names = MONTHS.map((month) => (count === 4 ? month : month.slice(0, 3)));
    return readMatch(text, at, new RegExp(names.join('|'), 'iy'), (match) => {
      fields.month = names.findIndex((name) => name.toLowerCase() === match.toLowerCase()) + 1;
    });
  }
  if (ZONES.includes(letter)) return readZone(text, at, letter, fields);
  return readNumber(text, at, part, next, fields);
}

function readZone(text: string, at: number, letter: string, fields: Fields): number {
  const regex = 'zV'.includes(letter) ? /[A-Za-z+-][\w:/+-]*/y : /(?:Z|UTC|GMT|UT)?(?:[+-]\d{1,2}(?::?\d{2}){0,2})?/y;
  let zone: Zone | null = null;
  const end = readMatch(text, at, regex, (match) => {
    zone = findZone(match);
  });
  fields.zone = zone;
  return zone === null ? -1 : end;
}

function readMatch(text: string, at: number, regex: RegExp, set: (match: string) => void): number {
  regex.lastIndex = at;
  const match = regex.exec(text);
  if (match === null || match[0] === '') return -1;
  set(match[0]);
  return at + match[0].length;
}

/** What a clock of each letter shows. */
const HOURS: Readonly<Record<string, readonly [number, number]>> = { h: [1, 12], K: [0, 11], k: [1, 24], H: [0, 23] };

/** As many digits as letters; one letter takes what there is, and a number that digits follow takes no more than its own. */
function readNumber(text: string, at: number, { letter, count }: Part, next: Part | undefined, fields: Fields): number {
  const followed = next !== undefined && next.letter !== null && !`aE${ZONES}`.includes(next.letter);
  // A year of more digits than letters has a sign.
  const isSigned = letter === 'y' && count >= 3 && !followed && (text[at] === '+' || text[at] === '-');
  const most = letter === 'S' ? count : count === 1 ? (followed ? 1 : 19) : isSigned ? 9 : count;
  const start = isSigned ? at + 1 : at;
  let end = start;
  while (end < text.length && end - start < most && text[end] >= '0' && text[end] <= '9') end++;
  if (end === start || (count > 1 && letter !== 'S' && end - start < count)) return -1;
  if (isSigned && text[at] === '+' && end - start <= count) return -1;
  const [least, greatest] = HOURS[letter as string] ?? [0, Number.POSITIVE_INFINITY];
  const hour = Number(text.slice(start, end));
  if (hour < least || hour > greatest) return -1;
  setNumber(fields, letter as string, count, text.slice(at, end));
  return end;
}

function setNumber(fields: Fields, letter: string, count: number, digits: string): void {
  const value = Number(digits);
  if (letter === 'y') fields.year = count === 2 ? 2000 + value : value;
  else if (letter === 'M') fields.month = value;
  else if (letter === 'd') fields.day = value;
  else if (letter === 'D') fields.dayOfYear = value;
  else if (letter === 'm') fields.minute = value;
  else if (letter === 's') fields.second = value;
  else if (letter === 'S') fields.micros = Number(digits.padEnd(6, '0').slice(0, 6));
  else if (letter !== 'Q') {
    fields.hour = (letter === 'k' && value === 24) || (letter === 'h' && value === 12) ? 0 : value;
    if (letter === 'h' || letter === 'K') fields.pm ??= false;
  }
}
