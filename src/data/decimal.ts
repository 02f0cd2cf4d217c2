/** Owns: the Decimal that users see, its text form, and exact rescaling of unscaled values. Engine code carries bare bigints. */
import { userError } from '../core/errors.js';

/** The most digits a decimal type can have. */
export const MAX_PRECISION = 38;

const POWERS: readonly bigint[] = Array.from({ length: 2 * MAX_PRECISION + 1 }, (_, i) => 10n ** BigInt(i));

/** 10^n for n ≥ 0. */
export function powerOfTen(n: number): bigint {
  return n < POWERS.length ? POWERS[n] : 10n ** BigInt(n);
}

/** Whether an unscaled value has at most `precision` digits. */
export function fitsPrecision(unscaled: bigint, precision: number): boolean {
  const bound = powerOfTen(precision);
  return unscaled < bound && unscaled > -bound;
}

/** Decimal digits of |unscaled|; 1 for zero, as Java's BigDecimal counts. */
export function digitCount(unscaled: bigint): number {
  return (unscaled < 0n ? -unscaled : unscaled).toString().length;
}

/** The unscaled value at another scale; digits that fall away round half up (away from zero), as Spark's do. */
export function rescale(unscaled: bigint, fromScale: number, toScale: number): bigint {
  if (toScale >= fromScale) return unscaled * powerOfTen(toScale - fromScale);
  const divisor = powerOfTen(fromScale - toScale);
  const quotient = unscaled / divisor;
  const rest = unscaled % divisor;
  if ((rest < 0n ? -rest : rest) * 2n < divisor) return quotient;
  return unscaled < 0n ? quotient - 1n : quotient + 1n;
}

/** `-0.05` for (-5n, 2): plain digits, never an exponent, as many decimals as the scale says. */
export function formatDecimal(unscaled: bigint, scale: number): string {
  if (scale <= 0) return (unscaled * powerOfTen(-scale)).toString();
  const negative = unscaled < 0n;
  const digits = (negative ? -unscaled : unscaled).toString().padStart(scale + 1, '0');
  const point = digits.length - scale;
  return `${negative ? '-' : ''}${digits.slice(0, point)}.${digits.slice(point)}`;
}

const DECIMAL_TEXT = /^\s*([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?\s*$/;

/** The exact value of a decimal text such as `-12.50` or `1e-3`, with the scale it was written in (≥ 0); null for anything else. */
export function parseDecimal(text: string): { unscaled: bigint; scale: number } | null {
  const match = DECIMAL_TEXT.exec(text);
  if (match === null) return null;
  const [, sign, whole, fraction = '', exponent = '0'] = match;
  if (whole === '' && fraction === '') return null;
  const digits = BigInt(whole + fraction);
  const unscaled = sign === '-' ? -digits : digits;
  const scale = fraction.length - Number(exponent);
  return scale < 0 ? { unscaled: unscaled * powerOfTen(-scale), scale: 0 } : { unscaled, scale };
}

/** An exact decimal number: unscaled × 10^-scale. Immutable. */
export class Decimal {
  readonly unscaled: bigint;
  readonly scale: number;

  constructor(unscaled: bigint, scale = 0) {
    this.unscaled = unscaled;
    this.scale = scale;
  }

  /** Throws a user error INVALID_VALUE for what is no decimal number. */
  static parse(text: string): Decimal {
    const parsed = parseDecimal(text);
    if (parsed === null) throw userError('INVALID_VALUE', `'${text}' is not a decimal number.`);
    return new Decimal(parsed.unscaled, parsed.scale);
  }

  /** A number (by its shortest decimal text), a bigint, a text or a Decimal. */
  static from(value: number | bigint | string | Decimal): Decimal {
    if (value instanceof Decimal) return value;
    return typeof value === 'bigint' ? new Decimal(value) : Decimal.parse(String(value));
  }

  /** The same number with `scale` decimals, rounded half up where digits fall away. */
  withScale(scale: number): Decimal {
    return new Decimal(rescale(this.unscaled, this.scale, scale), scale);
  }

  /** Negative, zero or positive; 1.0 and 1.00 are equal. */
  compareTo(other: Decimal): number {
    const scale = Math.max(this.scale, other.scale);
    const a = rescale(this.unscaled, this.scale, scale);
    const b = rescale(other.unscaled, other.scale, scale);
    return a < b ? -1 : a > b ? 1 : 0;
  }

  equals(other: Decimal): boolean {
    return this.compareTo(other) === 0;
  }

  /** The nearest double. */
  toNumber(): number {
    return Number(this.toString());
  }

  toString(): string {
    return formatDecimal(this.unscaled, this.scale);
  }

  toJSON(): string {
    return this.toString();
  }
}
