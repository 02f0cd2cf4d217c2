/**
 * Owns: numbers as text by a format: `format_number` (java.text.DecimalFormat, of `#`, `0`, `,` and `.`) and `to_char`, `to_varchar` (as to_number
 * reads them; dates and timestamps by a date pattern, bytes by an encoding).
 */
import { userError } from '../../core/errors.js';
import { parseDecimal, powerOfTen } from '../../data/decimal.js';
import { type DataType, decimal, INT32, isFloat, isNumeric, STRING, TIMESTAMP } from '../../data/types.js';
import type { EngineValue } from '../../data/value.js';
import { zoneOf } from '../../data/zone.js';
import { formatPattern } from './datetime-pattern.js';
import type { Argument, Evaluator, ScalarFunction } from './definition.js';
import { numberFormatOf } from './number-format.js';
import { castType, checkCount, TEXT, wrongArgument } from './signature.js';

/** Exact digits of a number with so many decimals, ties to the even digit. */
function fixedDigits(value: EngineValue, type: DataType, scale: number): { readonly negative: boolean; readonly digits: string } {
  const exact = isFloat(type) ? parseDecimal(exactText(value as number)) : null;
  const unscaled = exact?.unscaled ?? BigInt(value as number | bigint);
  const from = exact?.scale ?? (type.kind === 'decimal' ? type.scale : 0);
  const size = unscaled < 0n ? -unscaled : unscaled;
  const negative = unscaled < 0n || Object.is(value, -0);
  if (from <= scale) return { negative, digits: String(size * powerOfTen(scale - from)) };
  const unit = powerOfTen(from - scale);
  const [whole, rest] = [size / unit, size % unit];
  const up = rest * 2n > unit || (rest * 2n === unit && whole % 2n === 1n);
  return { negative, digits: String(up ? whole + 1n : whole) };
}

/** The shortest digits that tell a double from its neighbours, without an exponent. */
const exactText = (value: number): string => {
  const [mantissa, exponent = '0'] = String(Math.abs(value)).split('e');
  const [whole, fraction = ''] = mantissa.split('.');
  const shift = Number(exponent);
  const digits = whole + fraction;
  const point = whole.length + shift;
  const text =
    point <= 0
      ? `0.${'0'.repeat(-point)}${digits}`
      : point >= digits.length
        ? digits.padEnd(point, '0')
        : `${digits.slice(0, point)}.${digits.slice(point)}`;
  return value < 0 ? `-${text}` : text;
};

interface Layout {
  readonly grouped: boolean;
  readonly least: number;
  readonly scale: number;
  readonly leastScale: number;
}

/** Null where it is no format. */
function layoutOf(format: string): Layout | null {
  const match = /^([#,0]*)(?:\.([0#]*))?$/.exec(format);
  if (match === null) return null;
  const [, whole, fraction = ''] = match;
  return {
    grouped: whole.includes(','),
    least: whole.replace(/[^0]/g, '').length,
    scale: fraction.length,
    leastScale: fraction.replace(/[^0]/g, '').length,
  };
}

function laidOut(value: EngineValue, type: DataType, { grouped, least, scale, leastScale }: Layout): string {
  if (isFloat(type) && !Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : (value as number) < 0 ? '-∞' : '∞';
  const { negative, digits } = fixedDigits(value, type, scale);
  const padded = digits.padStart(scale + 1, '0');
  const whole = padded
    .slice(0, padded.length - scale)
    .replace(/^0+/, '')
    .padStart(least, '0');
  let fraction = scale === 0 ? '' : padded.slice(-scale);
  while (fraction.length > leastScale && fraction.endsWith('0')) fraction = fraction.slice(0, -1);
  const text = grouped ? whole.replace(/\B(?=(\d{3})+$)/g, ',') : whole;
  return `${negative ? '-' : ''}${text}${fraction === '' ? '' : `.${fraction}`}`;
}

/** More a DecimalFormat does not write. */
const MOST_DECIMALS = 340;

const decimals = (scale: number): Layout => ({ grouped: true, least: 1, scale, leastScale: scale });

const formatNumber: ScalarFunction = {
  kind: 'scalar',
  name: 'format_number',
  nulls: 'propagate',
  resolve: (args) => {
    checkCount('format_number', args.length, 2);
    const [number, format] = args;
    if (!isNumeric(number.type) && number.type.kind !== 'null') throw wrongArgument('format_number', 0, 'a number', number.type);
    const isText = format.type.kind === 'string';
    if (!isText && format.type.kind !== 'int32' && format.type.kind !== 'null')
      throw wrongArgument('format_number', 1, 'a number of decimals or a format', format.type);
    return { args: [number.type, isText ? STRING : INT32], result: STRING, nullable: true };
  },
  evaluator: ({ args: [{ type }] }) =>
    ((value: EngineValue, format: number | string) => {
      if (typeof format === 'number') return format < 0 ? null : laidOut(value, type, decimals(Math.min(format, MOST_DECIMALS)));
      const layout = layoutOf(format === '' ? '#,###,###,###,###,###,##0' : format);
      if (layout !== null) return laidOut(value, type, layout);
      throw userError('INVALID_PARAMETER_VALUE.NUMBER_FORMAT', `'${format}' is no format of numbers.`, {
        hint: "Write it like '#,##0.00'",
      });
    }) as Evaluator,
};

/** The number in the places of a format; `#` in every place where it does not fit. */
function inPlaces(unscaled: bigint, scale: number, format: string): string {
  const upper = format.toUpperCase();
  const places = upper.replaceAll('G', ',').replaceAll('D', '.');
  const body = /[09][09,]*(?:\.[09]*)?|\.[09]+/.exec(places) as RegExpExecArray;
  const [wholePlaces, fractionPlaces = ''] = body[0].split('.');
  const room = wholePlaces.replaceAll(',', '').length;
  const size = unscaled < 0n ? -unscaled : unscaled;
  const digits = String(size).padStart(scale + 1, '0');
  const whole = digits.slice(0, digits.length - scale).replace(/^0+/, '');
  const fraction = scale === 0 ? '' : digits.slice(-scale).replace(/0+$/, '');
  if (whole.length > room || fraction.length > fractionPlaces.length)
    return places.replace(/[09]/g, '#').replace(/^(S|MI)|(S|MI|PR)$/g, '');
  let at = 0;
  const aligned = whole.padStart(room, ' ');
  const zeroFrom = wholePlaces.replaceAll(',', '').indexOf('0');
  let text = '';
  for (const place of wholePlaces) {
    if (place === ',') text += text.trim() === '' ? ' ' : ',';
    else {
      const digit = aligned[at];
      text += digit === ' ' && zeroFrom >= 0 && at >= zeroFrom ? '0' : digit;
      at++;
    }
  }
  if (places.includes('.')) text += `.${fraction.padEnd(fractionPlaces.length, '0')}`;
  const blanks = text.length - text.trimStart().length;
  const dollar = places.includes('$') ? '$' : '';
  const negative = unscaled < 0n;
  const pad = ' '.repeat(blanks);
  const shown = dollar + text.trimStart();
  if (upper.endsWith('PR')) return negative ? `${pad}<${shown}>` : `${pad}${shown}  `.trimEnd();
  if (upper.startsWith('S')) return `${pad}${negative ? '-' : '+'}${shown}`;
  if (upper.startsWith('MI')) return `${pad}${negative ? '-' : ' '}${shown}`;
  if (upper.endsWith('S')) return `${pad}${shown}${negative ? '-' : '+'}`;
  if (upper.endsWith('MI')) return `${pad}${shown}${negative ? '-' : ' '}`;
  return pad + shown;
}

const toChar = (name: string): ScalarFunction => ({
  kind: 'scalar',
  name,
  nulls: 'propagate',
  resolve: (args: readonly Argument[]) => {
    checkCount(name, args.length, 2);
    const { type } = args[0];
    const format = castType(name, args[1], TEXT, 1);
    if (['date', 'timestamp', 'timestamp_ntz'].includes(type.kind)) return { args: [TIMESTAMP, format], result: STRING };
    if (type.kind === 'binary') return { args: [type, format], result: STRING };
    const { precision, scale } = numberFormatOf(name, args[1]);
    if (isNumeric(type) && !isFloat(type)) return { args: [type, format], result: STRING };
    if (isNumeric(type) || type.kind === 'null' || type.kind === 'string')
      return { args: [decimal(precision, scale), format], result: STRING };
    throw wrongArgument(name, 0, 'a number, a date, a timestamp or bytes', type);
  },
  zoned: ([type]) => type.kind === 'timestamp',
  evaluator: ({ args: [{ type }], zone: named }) => {
    const zone = named === undefined ? null : zoneOf(named);
    if (type.kind === 'timestamp') return ((micros: bigint, format: string) => formatPattern(micros, format, zone)) as Evaluator;
    if (type.kind === 'binary') return ((bytes: Uint8Array, format: string) => encoded(bytes, format, name)) as Evaluator;
    const scale = type.kind === 'decimal' ? type.scale : 0;
    return ((value: bigint | number, format: string) => inPlaces(BigInt(value), scale, format)) as Evaluator;
  },
});

function encoded(bytes: Uint8Array, format: string, name: string): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  switch (format.toLowerCase()) {
    case 'base64':
      return buffer.toString('base64');
    case 'hex':
      return buffer.toString('hex').toUpperCase();
    case 'utf-8':
      return buffer.toString('utf8');
    default:
      throw userError('INVALID_PARAMETER_VALUE.BINARY_FORMAT', `${name} writes bytes as base64, hex or utf-8, not as '${format}'.`);
  }
}

export const NUMBER_TEXTS: readonly ScalarFunction[] = [formatNumber, toChar('to_char'), toChar('to_varchar')];
