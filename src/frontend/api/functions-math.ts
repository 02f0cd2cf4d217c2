/** Owns: functions of numbers. */

import type { Decimal } from '../../data/decimal.js';
import type { Column } from './column.js';
import { binary, call, columnExpr, nullary, unary, withValue, withValues } from './column-function.js';
import type { ColumnOrName, NamesIn } from './column-names.js';
import { literalOf } from './literal.js';
import type { ValueOf } from './row-types.js';
import type { Numeric } from './value-types.js';

const sameType =
  (fn: string) =>
  <const C extends ColumnOrName>(column: C): Column<ValueOf<C>, string, NamesIn<C>> =>
    call(fn, columnExpr(column));

export const abs = sameType('abs');
export const negative = sameType('negative');
export const sqrt = unary<number>('sqrt');
export const cbrt = unary<number>('cbrt');
export const exp = unary<number>('exp');
export const expm1 = unary<number>('expm1');
/** Natural logarithm; null for what is not positive. */
export const ln = unary<number>('ln');
export const log2 = unary<number>('log2');
export const log10 = unary<number>('log10');
export const log1p = unary<number>('log1p');
export const sin = unary<number>('sin');
export const cos = unary<number>('cos');
export const tan = unary<number>('tan');
export const asin = unary<number>('asin');
export const acos = unary<number>('acos');
export const atan = unary<number>('atan');
export const sinh = unary<number>('sinh');
export const cosh = unary<number>('cosh');
export const tanh = unary<number>('tanh');
export const degrees = unary<number>('degrees');
export const radians = unary<number>('radians');
export const sign = unary<number>('sign');
export const rint = unary<number>('rint');
export const factorial = unary<bigint>('factorial');
/** Bigint for integers and doubles, decimal for decimals. */
export const floor = unary<Numeric>('floor');
export const ceil = unary<Numeric>('ceil');
export const bin = unary<string>('bin');
export const e = nullary<number>('e');
export const pi = nullary<number>('pi');
export const pow = binaryNumbers('power');
export const atan2 = binaryNumbers('atan2');
export const hypot = binaryNumbers('hypot');
/** The remainder that is never negative. */
export const pmod = binary<Numeric>('pmod');

/** Half away from zero, at `scale` decimals. */
export function round<const C extends ColumnOrName>(column: C, scale = 0): Column<ValueOf<C>, string, NamesIn<C>> {
  return call('round', columnExpr(column), literalOf(scale));
}

/** Half to even. */
export function bround<const C extends ColumnOrName>(column: C, scale = 0): Column<ValueOf<C>, string, NamesIn<C>> {
  return call('bround', columnExpr(column), literalOf(scale));
}

/** Logarithm to a base. */
export function log<const C extends ColumnOrName>(base: number, column: C): Column<number, string, NamesIn<C>> {
  return call('log', literalOf(base), columnExpr(column));
}

/** Either side may be a number: `pow('x', 2)`. */
function binaryNumbers(fn: string) {
  const expr = (side: ColumnOrName | number) => (typeof side === 'number' ? literalOf(side) : columnExpr(side));
  return (left: ColumnOrName | number, right: ColumnOrName | number): Column<number> => call(fn, expr(left), expr(right));
}

export const asinh = unary<number>('asinh');
export const acosh = unary<number>('acosh');
export const atanh = unary<number>('atanh');
export const cot = unary<number>('cot');
export const sec = unary<number>('sec');
export const csc = unary<number>('csc');
export const ceiling = unary<Numeric>('ceil');
export const signum = unary<number>('sign');
export const positive = sameType('positive');
export const negate = sameType('negative');
export const bitwiseNot = sameType('~');
/** How many bits are set. */
export const bitCount = unary<number>('bit_count');
/** The bit at a place, 0 being the lowest. */
export const bitGet = withValue<number>('bit_get');
export const getbit = withValue<number>('bit_get');
export const shiftleft = withValue<Numeric>('shiftleft');
export const shiftright = withValue<Numeric>('shiftright');
export const shiftrightunsigned = withValue<Numeric>('shiftrightunsigned');
/** Text of a number of one base as that of another. */
export const conv = withValues<string>('conv');
/** The number of the bucket, of equal ones from `low` to `high`: `widthBucket('x', 0, 100, 10)`. */
export const widthBucket = withValues<bigint>('width_bucket');
/** With commas between thousands: rounded to so many decimals, or by a format such as `#,##0.00`. */
export const formatNumber = withValue<string>('format_number');
/** Text of a number by a format such as `S999,990.00`. */
export const toNumber = withValue<Decimal>('to_number');
export const tryToNumber = withValue<Decimal | null>('try_to_number');
/** Null where the operator would be an error. */
export const tryAdd = binaryOrValue('try_add');
export const trySubtract = binaryOrValue('try_subtract');
export const tryMultiply = binaryOrValue('try_multiply');
export const tryDivide = binaryOrValue('try_divide');
export const tryMod = binaryOrValue('try_mod');

function binaryOrValue(fn: string) {
  const expr = (side: ColumnOrName | number | bigint) =>
    typeof side === 'number' || typeof side === 'bigint' ? literalOf(side) : columnExpr(side);
  return (left: ColumnOrName | number | bigint, right: ColumnOrName | number | bigint): Column<Numeric | null> =>
    call(fn, expr(left), expr(right));
}

/** Of vectors, which are arrays of floats. */
export const vectorInnerProduct = binary<number>('vector_inner_product');
export const vectorCosineSimilarity = binary<number>('vector_cosine_similarity');
export const vectorL2Distance = binary<number>('vector_l2_distance');
/** Of degree 2 unless 1 or infinity is given. */
export const vectorNorm = withValues<number>('vector_norm');
export const vectorNormalize = withValues<number[]>('vector_normalize');
export const bitmapBitPosition = unary<bigint>('bitmap_bit_position');
export const bitmapBucketNumber = unary<bigint>('bitmap_bucket_number');
export const bitmapCount = unary<bigint>('bitmap_count');
