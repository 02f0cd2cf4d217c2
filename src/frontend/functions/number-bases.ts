/** Owns: `conv`: whole numbers as text of one base into text of another. */
import { STRING } from '../../data/types.js';
import { overflow } from './arithmetic-errors.js';
import type { ScalarFunction } from './definition.js';
import { scalar } from './scalar.js';
import { INT, TEXT } from './signature.js';

const UNSIGNED_MAX = 2n ** 64n - 1n;

/**
 * Digits are read up to the first that is none of the base, as an unsigned 64-bit number; a negative target base writes it as a signed one.
 * Null for bases other than 2 to 36 and for empty text. Throws ARITHMETIC_OVERFLOW past 64 bits.
 */
function conv(text: string, from: number, to: number): string | null {
  const trimmed = text.trim();
  if (from < 2 || from > 36 || Math.abs(to) < 2 || Math.abs(to) > 36 || trimmed === '') return null;
  const isNegative = trimmed[0] === '-';
  let value = 0n;
  for (const character of trimmed.slice(isNegative ? 1 : 0)) {
    const digit = Number.parseInt(character, 36);
    if (Number.isNaN(digit) || digit >= from) break;
    value = value * BigInt(from) + BigInt(digit);
    if (value > UNSIGNED_MAX) throw overflow('conv');
  }
  const bits = BigInt.asUintN(64, isNegative ? -value : value);
  return (to > 0 ? bits : BigInt.asIntN(64, bits)).toString(Math.abs(to)).toUpperCase();
}

export const NUMBER_BASES: readonly ScalarFunction[] = [scalar('conv', [TEXT, INT, INT], STRING, conv, { nullable: true })];
