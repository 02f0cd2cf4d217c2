/**
 * Owns: `to_number try_to_number`: text → decimal by a pattern of digits (`0` `9`), `.` or `D`, `,` or `G`, `$`, `S` or `MI` and `PR`.
 * Patterns are constants; the digits in one are the precision and scale of the result.
 */
import { userError } from '../../core/errors.js';
import { decimal } from '../../data/types.js';
import type { Argument, ScalarFunction } from './definition.js';
import { castTypes, TEXT } from './signature.js';

interface NumberFormat {
  readonly pattern: RegExp;
  readonly precision: number;
  readonly scale: number;
}

const PATTERN = /^(S|MI)?(\$)?([09][09,G]*)?(?:([.D])([09]*))?(\$)?(S|MI|PR)?$/;

/** Throws INVALID_FORMAT.WRONG_NUM_DIGIT for a format that means nothing, DATATYPE_MISMATCH.NON_FOLDABLE_INPUT for one that is no constant. */
export function numberFormatOf(name: string, format: Argument): NumberFormat {
  if (typeof format.literal !== 'string') {
    throw userError('DATATYPE_MISMATCH.NON_FOLDABLE_INPUT', `The format of ${name} must be a constant string.`);
  }
  const match = PATTERN.exec(format.literal.toUpperCase());
  const [, lead, dollar, whole = '', , fraction = '', dollarBehind, trail] = match ?? [];
  const precision = whole.replace(/[,G]/g, '').length + fraction.length;
  if (match === null || precision === 0 || precision > 38 || (lead && trail && trail !== 'PR') || (dollar && dollarBehind)) {
    throw userError('INVALID_FORMAT.WRONG_NUM_DIGIT', `'${format.literal}' is no format of numbers.`, {
      hint: "Write it like 'S999,990.00'",
    });
  }
  const sign = (mark: string | undefined) => (mark === 'S' ? '([+-]?)' : mark === 'MI' ? '(-?)' : '()');
  const body = `${dollar ? '\\$' : ''}${wholeSource(whole)}${match[4] ? `(?:\\.(${digitsSource(fraction, true)}))?` : '()'}${dollarBehind ? '\\$' : ''}`;
  const source = trail === 'PR' ? `(<?)${sign(lead)}${body}(>?)` : `()${sign(lead)}${body}${sign(trail)}`;
  return { pattern: new RegExp(`^\\s*${source}\\s*$`), precision, scale: fraction.length };
}

/** Groups between separators; a pattern that starts with 0 wants all of its digits, one with 9 at most as many. */
function wholeSource(whole: string): string {
  const groups = whole.split(/[,G]/);
  if (groups.length === 1) return `(${digitsSource(whole, !whole.startsWith('0'))})`;
  if (whole.startsWith('0')) return `(${groups.map((group) => `\\d{${group.length}}`).join(',')})`;
  let source = '';
  for (const [i, group] of groups.entries()) {
    source = i === 0 ? `\\d{0,${group.length}}` : `(?:(?:${source},)?\\d{0,${group.length}})`;
  }
  return `(${source})`;
}

const digitsSource = (digits: string, fewer: boolean): string => `\\d{${fewer ? '0,' : ''}${digits.length}}`;

/** The unscaled number, or null for text that does not follow the format. */
function parse(text: string, { pattern, scale }: NumberFormat): bigint | null {
  const match = pattern.exec(text);
  if (match === null) return null;
  const [, open, before, whole, fraction = '', after] = match;
  const digits = whole.replaceAll(',', '') + fraction.padEnd(scale, '0');
  if (whole === '' && fraction === '') return null;
  if ((open === '<') !== (after === '>')) return null;
  return open === '<' || before === '-' || after === '-' ? -BigInt(digits) : BigInt(digits);
}

const toNumber = (name: string, safe: boolean): ScalarFunction => ({
  kind: 'scalar',
  name,
  nulls: 'propagate',
  resolve: (args) => {
    const types = castTypes(name, args, [TEXT, TEXT]);
    const { precision, scale } = numberFormatOf(name, args[1]);
    return { args: types, result: decimal(precision, scale), nullable: safe };
  },
  evaluator: ({ args }) => {
    const format = numberFormatOf(name, args[1]);
    return (text) => {
      const value = parse(text as string, format);
      if (value !== null || safe) return value;
      throw userError('INVALID_FORMAT.MISMATCH_INPUT', `'${text}' does not follow the format '${args[1].literal}'.`, {
        hint: 'Use try_to_number to get null instead',
      });
    };
  },
});

export const NUMBER_FORMATS: readonly ScalarFunction[] = [toNumber('to_number', false), toNumber('try_to_number', true)];
