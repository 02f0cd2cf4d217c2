/**
 * Owns: intervals of days to seconds (microseconds) and of years to months (months): their text as Spark shows it, `INTERVAL '1 02' DAY TO HOUR`,
 * reading it, and the classes that users see. An interval's type says which fields its text has; the value is one number.
 */
import { userError } from '../core/errors.js';

export const DAY_TIME_FIELDS = ['day', 'hour', 'minute', 'second'] as const;
export const YEAR_MONTH_FIELDS = ['year', 'month'] as const;
export type DayTimeField = (typeof DAY_TIME_FIELDS)[number];
export type YearMonthField = (typeof YEAR_MONTH_FIELDS)[number];
export type IntervalField = DayTimeField | YearMonthField;

/** Microseconds of a field of days to seconds, months of the others. */
export const FIELD_UNIT: Readonly<Record<IntervalField, bigint>> = {
  day: 86_400_000_000n,
  hour: 3_600_000_000n,
  minute: 60_000_000n,
  second: 1_000_000n,
  year: 12n,
  month: 1n,
};

/** What may stand between a field and the one before it, and how many of the field the one before it holds. */
const WITHIN: Readonly<Record<IntervalField, { readonly separator: string; readonly count: bigint }>> = {
  day: { separator: '', count: 0n },
  hour: { separator: ' ', count: 24n },
  minute: { separator: ':', count: 60n },
  second: { separator: ':', count: 60n },
  year: { separator: '', count: 0n },
  month: { separator: '-', count: 12n },
};

/** The fields from one to another, the larger first. */
export function fieldsBetween(from: IntervalField, to: IntervalField): readonly IntervalField[] {
  const all: readonly IntervalField[] = (DAY_TIME_FIELDS as readonly string[]).includes(from) ? DAY_TIME_FIELDS : YEAR_MONTH_FIELDS;
  return all.slice(all.indexOf(from), all.indexOf(to) + 1);
}

/** `DAY TO SECOND`, `MONTH`. */
export const fieldsText = (from: IntervalField, to: IntervalField): string => (from === to ? from : `${from} to ${to}`).toUpperCase();

/** `INTERVAL '-1 02:03:04.5' DAY TO SECOND` of microseconds, `INTERVAL '1-2' YEAR TO MONTH` of months. What is below `to` is not shown. */
export function formatInterval(value: bigint | number, from: IntervalField, to: IntervalField): string {
  const whole = BigInt(value);
  let rest = whole < 0n ? -whole : whole;
  let text = '';
  for (const field of fieldsBetween(from, to)) {
    const isFirst = field === from;
    const amount = rest / FIELD_UNIT[field];
    rest -= amount * FIELD_UNIT[field];
    const isPadded = field !== 'day' && field !== 'year' && field !== 'month';
    text += (isFirst ? '' : WITHIN[field].separator) + (isPadded ? String(amount).padStart(2, '0') : amount);
    if (field === 'second' && rest > 0n) text += `.${String(rest).padStart(6, '0').replace(/0+$/, '')}`;
  }
  return `INTERVAL '${whole < 0n ? '-' : ''}${text}' ${fieldsText(from, to)}`;
}

const LITERAL = /^interval\s*([+-]?)\s*'([^']*)'\s+([a-z]+)(?:\s+to\s+([a-z]+))?$/i;

/**
 * The value of `1 02:03:04`, or of a whole `INTERVAL '…' DAY TO SECOND`, in the fields `from` to `to` and no others; null for other text, for
 * fields past their range (25 hours of a day), and for more than 64 bits of microseconds or 32 of months.
 */
export function parseInterval(text: string, from: IntervalField, to: IntervalField): bigint | null {
  const literal = LITERAL.exec(text.trim());
  if (literal === null) return bounded(amountOf(text.trim(), from, to), from);
  const [, sign, body, first, last = first] = literal;
  if (first.toLowerCase() !== from || last.toLowerCase() !== to) return null;
  const amount = amountOf(body.trim(), from, to);
  return bounded(amount !== null && sign === '-' ? -amount : amount, from);
}

function bounded(value: bigint | null, from: IntervalField): bigint | null {
  const bits = from === 'year' || from === 'month' ? 32 : 64;
  return value !== null && BigInt.asIntN(bits, value) === value ? value : null;
}

function amountOf(text: string, from: IntervalField, to: IntervalField): bigint | null {
  const fields = fieldsBetween(from, to);
  const pattern = fields.map((field, i) => `${i === 0 ? '' : WITHIN[field].separator}(\\d${i === 0 ? '{1,19}' : '{1,2}'})`).join('');
  const match = new RegExp(`^([+-]?)${pattern}${to === 'second' ? '(?:\\.(\\d{1,9}))?' : ''}$`).exec(text);
  if (match === null) return null;
  let value = 0n;
  for (const [i, field] of fields.entries()) {
    const amount = BigInt(match[i + 2]);
    if (i > 0 && amount >= WITHIN[field].count) return null;
    value += amount * FIELD_UNIT[field];
  }
  const fraction = to === 'second' ? match[fields.length + 2] : undefined;
  if (fraction !== undefined) value += BigInt(fraction.padEnd(6, '0').slice(0, 6));
  return match[1] === '-' ? -value : value;
}

/** A span of days, hours, minutes and seconds, in microseconds. Immutable. */
export class DayTimeInterval {
  readonly micros: bigint;
  /** The fields that its text has. */
  readonly from: DayTimeField;
  readonly to: DayTimeField;

  constructor(micros: bigint, from: DayTimeField = 'day', to: DayTimeField = 'second') {
    this.micros = micros;
    this.from = from;
    this.to = to;
  }

  /** Seconds may have a fraction, of which microseconds count. Throws a user error INVALID_VALUE for other fractions and for NaN. */
  static of(parts: { readonly [F in DayTimeField as `${F}s`]?: number }): DayTimeInterval {
    const fraction = Math.round((parts.seconds ?? 0) * 1e6);
    let micros = BigInt(Number.isFinite(fraction) ? fraction : wholeNumber(fraction, 'second'));
    for (const field of ['day', 'hour', 'minute'] as const)
      micros += BigInt(wholeNumber(parts[`${field}s`] ?? 0, field)) * FIELD_UNIT[field];
    return new DayTimeInterval(micros);
  }

  equals(other: DayTimeInterval): boolean {
    return this.micros === other.micros;
  }

  valueOf(): bigint {
    return this.micros;
  }

  toString(): string {
    return formatInterval(this.micros, this.from, this.to);
  }

  toJSON(): string {
    return this.toString();
  }
}

/** A span of years and months, in months. Immutable. */
export class YearMonthInterval {
  readonly months: number;
  /** The fields that its text has. */
  readonly from: YearMonthField;
  readonly to: YearMonthField;

  constructor(months: number, from: YearMonthField = 'year', to: YearMonthField = 'month') {
    this.months = months;
    this.from = from;
    this.to = to;
  }

  /** Throws a user error INVALID_VALUE for fractions. */
  static of({ years = 0, months = 0 }: { readonly years?: number; readonly months?: number }): YearMonthInterval {
    return new YearMonthInterval(wholeNumber(years, 'year') * 12 + wholeNumber(months, 'month'));
  }

  equals(other: YearMonthInterval): boolean {
    return this.months === other.months;
  }

  valueOf(): number {
    return this.months;
  }

  toString(): string {
    return formatInterval(this.months, this.from, this.to);
  }

  toJSON(): string {
    return this.toString();
  }
}

function wholeNumber(value: number, field: string): number {
  if (Number.isSafeInteger(value)) return value;
  throw userError('INVALID_VALUE', `An interval cannot have ${value} ${field}s.`, { hint: 'Give a whole number' });
}
