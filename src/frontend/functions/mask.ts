/** Owns: `mask`, `luhn_check` and `quote`: text hidden, checked, and made safe to stand in SQL. */
import { BOOLEAN, STRING } from '../../data/types.js';
import type { EngineValue } from '../../data/value.js';
import type { ScalarFunction } from './definition.js';
import { scalar } from './scalar.js';
import { castType, checkCount, ONLY_TEXT, TEXT } from './signature.js';

const DEFAULTS: readonly (string | null)[] = ['X', 'x', 'n', null];
const KINDS = [/\p{Lu}/u, /\p{Ll}/u, /\p{Nd}/u];

/** Capitals become X, other letters x, digits n and all else stays; a null in place of one of these leaves its kind as it is. */
function maskText(text: string, marks: readonly (string | null)[]): string {
  return Array.from(text, (character) => {
    const kind = KINDS.findIndex((pattern) => pattern.test(character));
    return marks[kind < 0 ? 3 : kind] ?? character;
  }).join('');
}

const mask: ScalarFunction = {
  kind: 'scalar',
  name: 'mask',
  nulls: 'custom',
  resolve: (args) => {
    checkCount('mask', args.length, 1, 5);
    return { args: args.map((arg, i) => castType('mask', arg, ONLY_TEXT, i)), result: STRING, nullable: args[0].nullable };
  },
  evaluator:
    () =>
    (text: EngineValue | null, ...marks: readonly (EngineValue | null)[]) =>
      text === null ? null : maskText(text as string, [...(marks as readonly (string | null)[]), ...DEFAULTS.slice(marks.length)]),
};

/** Whether the digits end in their right check digit (H. P. Luhn, 1954). */
function luhnCheck(text: string): boolean {
  if (!/^\d+$/.test(text)) return false;
  let sum = 0;
  for (let i = 0; i < text.length; i++) {
    const digit = Number(text[text.length - 1 - i]) * (i % 2 === 0 ? 1 : 2);
    sum += digit > 9 ? digit - 9 : digit;
  }
  return sum % 10 === 0;
}

/** In single quotes, before which a backslash stands inside. */
const quote = (text: string): string => `'${text.replaceAll("'", "\\'")}'`;

export const MASKS: readonly ScalarFunction[] = [
  scalar('quote', [TEXT], STRING, quote),
  mask,
  scalar('luhn_check', [TEXT], BOOLEAN, luhnCheck),
];
