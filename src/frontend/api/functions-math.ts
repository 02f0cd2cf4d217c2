/** Owns: functions of numbers. */
import type { Column } from './column.js';
import { binary, call, columnExpr, nullary, unary } from './column-function.js';
import { literalOf } from './literal.js';
import type { ColumnOrName, ValueOf } from './row-types.js';
import type { Numeric } from './value-types.js';

const sameType =
  (fn: string) =>
  <const C extends ColumnOrName>(column: C): Column<ValueOf<C>> =>
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
export function round<const C extends ColumnOrName>(column: C, scale = 0): Column<ValueOf<C>> {
  return call('round', columnExpr(column), literalOf(scale));
}

/** Half to even. */
export function bround<const C extends ColumnOrName>(column: C, scale = 0): Column<ValueOf<C>> {
  return call('bround', columnExpr(column), literalOf(scale));
}

/** Logarithm to a base. */
export function log(base: number, column: ColumnOrName): Column<number> {
  return call('log', literalOf(base), columnExpr(column));
}

/** Either side may be a number: `pow('x', 2)`. */
function binaryNumbers(fn: string) {
  const expr = (side: ColumnOrName | number) => (typeof side === 'number' ? literalOf(side) : columnExpr(side));
  return (left: ColumnOrName | number, right: ColumnOrName | number): Column<number> => call(fn, expr(left), expr(right));
}
