/** Owns: a time zone, or its offset at an instant, as the letters X x O Z V z of a pattern write it: java.time.format.DateTimeFormatter. */
import { userError } from '../../core/errors.js';
import { secondsOf, type Zone } from '../../data/zone.js';

/** `letter` is one of X x O Z V z; a null zone is UTC. */
export function zoneText(letter: string, count: number, instant: bigint, zone: Zone | null): string {
  const offset = zone === null ? 0 : zone.offsetAt(secondsOf(instant));
  switch (letter) {
    case 'X':
      return offset === 0 ? 'Z' : isoOffset(offset, count);
    case 'x':
      return isoOffset(offset, count);
    case 'O':
      return `GMT${offset === 0 ? '' : count === 1 ? shortOffset(offset) : isoOffset(offset, 5)}`;
    case 'Z':
      if (count < 4) return isoOffset(offset, 2);
      if (count === 4) return `GMT${offset === 0 ? '' : isoOffset(offset, 5)}`;
      return offset === 0 ? 'Z' : isoOffset(offset, 5);
    case 'V':
      return zone === null ? 'UTC' : javaId(zone);
    default:
      return zoneName(count, instant, zone);
  }
}

/** Offsets are written out: GMT-3 is GMT-03:00. */
function javaId({ id, fixed }: Zone): string {
  if (fixed === null) return id;
  const prefix = /^[A-Z]*/.exec(id)?.[0] ?? '';
  if (fixed === 0) return prefix || 'Z';
  return prefix + isoOffset(fixed, 5);
}

const two = (n: number): string => String(n).padStart(2, '0');

/** By the number of letters: `+02` and minutes where there are some, `+0200`, `+02:00`; four and five add seconds where there are some. */
function isoOffset(offset: number, count: number): string {
  const size = Math.abs(offset);
  const [hours, minutes, seconds] = [Math.floor(size / 3600), Math.floor(size / 60) % 60, size % 60];
  const colon = count % 2 === 1 && count > 1 ? ':' : '';
  const tail = count === 1 && minutes === 0 ? '' : `${colon}${two(minutes)}`;
  return `${offset < 0 ? '-' : '+'}${two(hours)}${tail}${count > 3 && seconds > 0 ? `${colon}${two(seconds)}` : ''}`;
}

/** `+2`, `+5:30`. */
function shortOffset(offset: number): string {
  const size = Math.abs(offset);
  const [hours, minutes, seconds] = [Math.floor(size / 3600), Math.floor(size / 60) % 60, size % 60];
  const rest = minutes === 0 && seconds === 0 ? '' : `:${two(minutes)}${seconds === 0 ? '' : `:${two(seconds)}`}`;
  return `${offset < 0 ? '-' : '+'}${hours}${rest}`;
}

/** English as it is written where the zone is: only there have zones short names. */
const PLACES = ['en-US', 'en-GB', 'en-AU', 'en-IN', 'en-NZ', 'en-ZA', 'en-CA'];
const names = new Map<string, Intl.DateTimeFormat>();

/** `CEST`, or with four letters `Central European Summer Time`. Throws INVALID_DATETIME_PATTERN.LENGTH for more. */
function zoneName(count: number, instant: bigint, zone: Zone | null): string {
  if (count > 4) {
    throw userError('INVALID_DATETIME_PATTERN.LENGTH', `A pattern has no more than four letters z, but this has ${count}.`);
  }
  const id = zone?.id ?? 'UTC';
  if (zone === null) return count === 4 ? 'Coordinated Universal Time' : id;
  if (zone.fixed !== null) return javaId(zone);
  const date = new Date(secondsOf(instant) * 1000);
  if (count === 4) return nameIn('en-US', id, 'long', date);
  const texts = PLACES.map((place) => nameIn(place, id, 'short', date));
  return texts.find((text) => !text.startsWith('GMT')) ?? texts[0];
}

function nameIn(place: string, id: string, length: 'short' | 'long', date: Date): string {
  const key = `${place} ${id} ${length}`;
  const format = names.get(key) ?? new Intl.DateTimeFormat(place, { timeZone: id, timeZoneName: length });
  names.set(key, format);
  return format.formatToParts(date).find((part) => part.type === 'timeZoneName')?.value ?? id;
}
