/** Owns: reading dates, timestamps and zone offsets as Spark's casts from string do: parts may be missing or of one digit. */
import { daysFromCivil, daysInMonth, MICROS_PER_DAY } from './temporal.js';

const DATE = /^([+-]?\d{4,7})(?:-(\d{1,2})(?:-(\d{1,2})(?:[ T].*)?)?)?$/s;
const TIMESTAMP =
  /^([+-]?\d{4,6})(?:-(\d{1,2})(?:-(\d{1,2})(?:[ T](\d{1,2})(?::(\d{1,2})(?::(\d{1,2})(?:\.(\d{0,9}))?)?)?)?)?)?\s*([A-Za-z+-][\w:/+-]*)?$/;

/** Days since the epoch; null for what is no date. */
export function parseDate(text: string): number | null {
  const match = DATE.exec(trimText(text));
  return match && civilDays(Number(match[1]), Number(match[2] ?? 1), Number(match[3] ?? 1));
}

function civilDays(year: number, month: number, day: number): number | null {
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return null;
  return daysFromCivil(year, month, day);
}

/** What a text says of a moment: microseconds on the clock since 1970-01-01 00:00:00, and the zone that it names, if any. */
export interface ClockText {
  readonly clock: bigint;
  readonly zone: string;
}

/** Null for what is no timestamp; whether there is such a zone is not asked. */
export function parseClock(text: string): ClockText | null {
  const match = TIMESTAMP.exec(trimText(text));
  if (match === null) return null;
  const [, year, month = '1', day = '1', hour = '0', minute = '0', second = '0', fraction = '', zone = ''] = match;
  const days = civilDays(Number(year), Number(month), Number(day));
  if (days === null || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return null;
  const seconds = Number(hour) * 3600 + Number(minute) * 60 + Number(second);
  const clock = BigInt(days) * MICROS_PER_DAY + BigInt(seconds) * 1_000_000n + BigInt(fraction.padEnd(6, '0').slice(0, 6));
  return BigInt.asIntN(64, clock) === clock ? { clock, zone } : null;
}

/** Seconds east of UTC of `Z`, `UTC`, `+01:00`, `GMT+1`; null beyond 18 hours or for anything else. */
export function parseOffset(zone: string): number | null {
  const match = /^(?:Z|UTC|GMT|UT)?(?:([+-])(\d{1,2})(?::?(\d{2}))?(?::?(\d{2}))?)?$/.exec(zone);
  if (match === null) return null;
  const seconds = Number(match[2] ?? 0) * 3600 + Number(match[3] ?? 0) * 60 + Number(match[4] ?? 0);
  if (seconds > 18 * 3600) return null;
  return match[1] === '-' ? -seconds : seconds;
}

/** Without white space and control characters at both ends: UTF8String.trimAll. */
export function trimText(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

const isBlank = (code: number): boolean => code <= 0x20 || code === 0x7f;
