/** Owns: values of non-nested types as the text that CSV and JSON files hold: ISO dates and times, doubles as Java prints them. */
import type { Column } from '../../data/batch.js';
import { formatDecimal } from '../../data/decimal.js';
import { formatInterval } from '../../data/interval.js';
import { formatDate, formatMicros } from '../../data/temporal.js';
import type { DataType } from '../../data/types.js';
import { readValue } from '../../data/value.js';
import { clockOf, offsetText, secondsOf, type Zone } from '../../data/zone.js';

/** The text of a row that is not null; for binary its bytes as UTF-8. Timestamps are as a clock of `zone` shows them (null: UTC), with its offset. */
export function formatRow(column: Column, type: DataType, row: number, zone: Zone | null): string {
  const value = readValue(column, type, row);
  switch (type.kind) {
    case 'float32':
      return formatFloat32(value as number);
    case 'float64':
      return formatDouble(value as number);
    case 'decimal':
      return decimalText(value as bigint, type.scale);
    case 'int64':
      return integerText(value as bigint);
    case 'date':
      return formatDate(value as number);
    case 'timestamp':
      if (zone === null) return `${isoMicros(value as bigint)}Z`;
      return isoMicros(clockOf(value as bigint, zone)) + offsetText(zone.offsetAt(secondsOf(value as bigint)));
    case 'timestamp_ntz':
      return isoMicros(value as bigint);
    case 'day_time_interval':
    case 'year_month_interval':
      return formatInterval(value as bigint | number, type.from, type.to);
    default:
      return String(value);
  }
}

/** `2024-02-29T13:05:00.250`: three decimals, or six where there are microseconds. */
function isoMicros(micros: bigint): string {
  const [text, fraction = ''] = formatMicros(micros).split('.');
  return `${text.replace(' ', 'T')}.${fraction.padEnd(fraction.length > 3 ? 6 : 3, '0')}`;
}

/** `1.0`, `0.001`, `1.0E7`, `NaN`, `Infinity`: the shortest digits that give the number back, in the notation of Java's Double.toString. */
function formatDouble(value: number): string {
  return inJavaNotation(value, String(Math.abs(value)));
}

/** The shortest digits that give the same 32-bit float. */
function formatFloat32(value: number): string {
  let digits = 1;
  while (digits < 9 && Math.fround(Number(value.toPrecision(digits))) !== value) digits++;
  return inJavaNotation(value, String(Math.abs(Number(value.toPrecision(digits)))));
}

function inJavaNotation(value: number, shortest: string): string {
  if (!Number.isFinite(value)) return String(value);
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const size = Math.abs(value);
  if (size === 0) return `${sign}0.0`;
  if (size >= 1e-3 && size < 1e7) return `${sign}${shortest.includes('.') ? shortest : `${shortest}.0`}`;
  const [mantissa, exponent] = Number(shortest).toExponential().split('e');
  return `${sign}${mantissa.includes('.') ? mantissa : `${mantissa}.0`}E${Number(exponent)}`;
}

/** Digits of a bigint; those of a double are made several times as fast. */
function integerText(value: bigint): string {
  const near = Number(value);
  return Number.isSafeInteger(near) ? String(near) : value.toString();
}

function decimalText(unscaled: bigint, scale: number): string {
  const near = Number(unscaled);
  if (!Number.isSafeInteger(near) || scale === 0) return formatDecimal(unscaled, scale);
  const digits = String(Math.abs(near)).padStart(scale + 1, '0');
  const point = digits.length - scale;
  return `${near < 0 ? '-' : ''}${digits.slice(0, point)}.${digits.slice(point)}`;
}
