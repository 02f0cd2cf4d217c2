/**
 * Owns: the date and time values that users see, calendar arithmetic on days and microseconds, and their text forms.
 * Everything is proleptic Gregorian and UTC; session time zones are applied by functions, not here.
 */
import { userError } from '../core/errors.js';

export const MICROS_PER_SECOND = 1_000_000n;
export const MICROS_PER_DAY = 86_400_000_000n;

/** Days since 1970-01-01 of a civil date; months count from 1. After Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms". */
export function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146097 + dayOfEra - 719468;
}

export interface CivilDate {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
}

/** The inverse of `daysFromCivil`; same source. */
export function civilFromDays(days: number): CivilDate {
  const z = days + 719468;
  const era = Math.floor(z / 146097);
  const dayOfEra = z - era * 146097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36524) - Math.floor(dayOfEra / 146096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shifted = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shifted < 10 ? shifted + 3 : shifted - 9;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day: dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1 };
}

/** 28 to 31. */
export function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** `2024-02-29`; years past 9999 take a plus sign, years before 0 a minus, as in Spark. */
export function formatDate(days: number): string {
  const { year, month, day } = civilFromDays(days);
  return `${formatYear(year)}-${two(month)}-${two(day)}`;
}

/** `2024-02-29 13:05:00.25`: a fraction only where there is one, without trailing zeros. */
export function formatMicros(micros: bigint): string {
  const days = floorDivide(micros, MICROS_PER_DAY);
  const rest = Number(micros - days * MICROS_PER_DAY);
  const seconds = Math.floor(rest / 1e6);
  const fraction = rest - seconds * 1e6;
  const time = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  const decimals = fraction === 0 ? '' : `.${fraction.toString().padStart(6, '0').replace(/0+$/, '')}`;
  return `${formatDate(Number(days))} ${time}${decimals}`;
}

function formatYear(year: number): string {
  if (year < 0) return `-${String(-year).padStart(4, '0')}`;
  return year > 9999 ? `+${year}` : String(year).padStart(4, '0');
}

const two = (n: number): string => (n < 10 ? `0${n}` : String(n));

/** Rounded down. */
export function floorDivide(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a % b < 0n ? quotient - 1n : quotient;
}

const DATE_TEXT = /^([+-]?\d{4,7})-(\d{2})-(\d{2})$/;
const TIME_TEXT = /^([+-]?\d{4,7}-\d{2}-\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?)?(Z|[+-]\d{2}:?\d{2})?$/;

/** Days of an ISO date, null for anything else (Spark's laxer casts are a function's business). */
export function parseIsoDate(text: string): number | null {
  const match = DATE_TEXT.exec(text);
  if (match === null) return null;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  return month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month) ? daysFromCivil(year, month, day) : null;
}

/** Microseconds of an ISO date and time and whether it named a zone, which is applied; null for anything else. Past microseconds it truncates. */
export function parseIsoMicros(text: string): { micros: bigint; zoned: boolean } | null {
  const match = TIME_TEXT.exec(text);
  if (match === null) return null;
  const [, date, hour = '0', minute = '0', second = '0', fraction = '', zone] = match;
  const days = parseIsoDate(date);
  if (days === null || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return null;
  const seconds = Number(hour) * 3600 + Number(minute) * 60 + Number(second) - zoneSeconds(zone);
  const micros = BigInt(days) * MICROS_PER_DAY + BigInt(seconds) * MICROS_PER_SECOND + BigInt(fraction.padEnd(6, '0').slice(0, 6));
  return { micros, zoned: zone !== undefined };
}

function zoneSeconds(zone: string | undefined): number {
  if (zone === undefined || zone === 'Z') return 0;
  const seconds = Number(zone.slice(1, 3)) * 3600 + Number(zone.slice(-2)) * 60;
  return zone[0] === '-' ? -seconds : seconds;
}

/** A calendar day without a time or zone. Immutable. */
export class LocalDate {
  /** Days since 1970-01-01. */
  readonly days: number;

  constructor(days: number) {
    this.days = days;
  }

  static of(year: number, month: number, day: number): LocalDate {
    if (!Number.isInteger(year) || month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) {
      throw userError('INVALID_VALUE', `There is no date with year ${year}, month ${month} and day ${day}.`);
    }
    return new LocalDate(daysFromCivil(year, month, day));
  }

  /** `2024-02-29`. Throws a user error INVALID_VALUE for anything else. */
  static parse(text: string): LocalDate {
    const days = parseIsoDate(text);
    if (days === null) throw userError('INVALID_VALUE', `'${text}' is not a date such as 2024-02-29.`);
    return new LocalDate(days);
  }

  get year(): number {
    return civilFromDays(this.days).year;
  }

  /** 1 to 12. */
  get month(): number {
    return civilFromDays(this.days).month;
  }

  get day(): number {
    return civilFromDays(this.days).day;
  }

  /** Midnight UTC of this day. */
  toDate(): Date {
    return new Date(this.days * 86_400_000);
  }

  equals(other: LocalDate): boolean {
    return this.days === other.days;
  }

  valueOf(): number {
    return this.days;
  }

  toString(): string {
    return formatDate(this.days);
  }

  toJSON(): string {
    return this.toString();
  }
}

/** A point in time, in microseconds. Immutable. Its text is in UTC. */
export class Timestamp {
  /** Microseconds since 1970-01-01T00:00:00Z. */
  readonly micros: bigint;

  constructor(micros: bigint) {
    this.micros = micros;
  }

  static fromDate(date: Date): Timestamp {
    return new Timestamp(BigInt(date.getTime()) * 1000n);
  }

  /** `2024-02-29T13:05:00.25+01:00`; no zone means UTC. Throws a user error INVALID_VALUE for anything else. */
  static parse(text: string): Timestamp {
    const parsed = parseIsoMicros(text);
    if (parsed === null) throw userError('INVALID_VALUE', `'${text}' is not a timestamp such as 2024-02-29T13:05:00Z.`);
    return new Timestamp(parsed.micros);
  }

  /** The millisecond at or before this time. */
  toDate(): Date {
    return new Date(Number(floorDivide(this.micros, 1000n)));
  }

  equals(other: Timestamp): boolean {
    return this.micros === other.micros;
  }

  valueOf(): bigint {
    return this.micros;
  }

  toString(): string {
    return formatMicros(this.micros);
  }

  toJSON(): string {
    return this.toString();
  }
}

/** A date and time on a wall clock, without a zone (`timestamp_ntz`). Immutable. */
export class LocalDateTime {
  /** Microseconds since 1970-01-01 00:00:00 on the same clock. */
  readonly micros: bigint;

  constructor(micros: bigint) {
    this.micros = micros;
  }

  /** `2024-02-29T13:05:00.25`, without a zone. Throws a user error INVALID_VALUE for anything else. */
  static parse(text: string): LocalDateTime {
    const parsed = parseIsoMicros(text);
    if (parsed === null || parsed.zoned)
      throw userError('INVALID_VALUE', `'${text}' is not a local date and time such as 2024-02-29T13:05:00.`);
    return new LocalDateTime(parsed.micros);
  }

  equals(other: LocalDateTime): boolean {
    return this.micros === other.micros;
  }

  valueOf(): bigint {
    return this.micros;
  }

  toString(): string {
    return formatMicros(this.micros);
  }

  toJSON(): string {
    return this.toString();
  }
}
