/**
 * Owns: floating-point numbers as Java prints them (`1.0E300`, `0.1`, `2.14748365E9`), which is what Spark's casts to string show.
 * Source: java.lang.Double.toString and, for whole numbers beyond the significand, FloatingDecimal.dtoa of JDK 17.
 */

export function doubleText(value: number): string {
  return (
    special(value) ??
    inJavaForm(
      value < 0,
      digitsOf(Math.abs(value), 53, (v) => v.toExponential()),
    )
  );
}

export function floatText(value: number): string {
  return special(value) ?? inJavaForm(value < 0, digitsOf(Math.abs(value), 24, shortestFloat));
}

function special(value: number): string | null {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  return null;
}

/** Fewest digits that read back as the same float32, in exponential form. */
function shortestFloat(value: number): string {
  for (let digits = 0; digits < 9; digits++) {
    const text = value.toExponential(digits);
    if (Math.fround(Number(text)) === value) return text;
  }
  return value.toExponential(9);
}

interface Digits {
  readonly digits: string;
  /** Decimal exponent of the first digit. */
  readonly exponent: number;
}

function digitsOf(value: number, significandBits: number, shortest: (value: number) => string): Digits {
  if (value >= 2 ** (significandBits + 1) && value < 2 ** 63)
    return wholeDigits(BigInt(value), Math.floor(Math.log2(value)) - significandBits - 1);
  const text = shortest(value);
  // Java never writes fewer than two digits, and of those it takes the nearest: 4.9E-324, where 5E-324 reads back as the same.
  const [mantissa, exponent] = (/^\de/.test(text) ? value.toExponential(1) : text).split('e');
  return { digits: mantissa.replace('.', '').replace(/^(\d)0$/, '$1'), exponent: Number(exponent) };
}

/** Java drops only the decimal digits that the bits below the significand cannot tell apart, and rounds half up. */
function wholeDigits(value: bigint, spareBits: number): Digits {
  const dropped = spareBits > 1 ? Math.floor(spareBits * Math.log10(2)) : 0;
  const unit = 10n ** BigInt(dropped);
  const rounded = dropped === 0 ? value : (value + unit / 2n) / unit;
  const text = rounded.toString();
  return { digits: text.replace(/0+$/, ''), exponent: text.length - 1 + dropped };
}

function inJavaForm(negative: boolean, { digits, exponent }: Digits): string {
  const sign = negative ? '-' : '';
  if (exponent < -3 || exponent >= 7) return `${sign}${digits[0]}.${digits.slice(1) || '0'}E${exponent}`;
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  return `${sign}${whole}.${digits.slice(exponent + 1) || '0'}`;
}
