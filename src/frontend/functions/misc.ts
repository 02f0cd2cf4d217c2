/** Owns: what belongs to no family: `typeof`, `raise_error`, `assert_true`, `soundex`, `format_string`, `try_add` and its like. */
import { MinisparkError, userError } from '../../core/errors.js';
import { BOOLEAN, type DataType, isFloat, isInteger, NULL, STRING, typeName } from '../../data/types.js';
import type { EngineValue } from '../../data/value.js';
import { ARITHMETIC } from './arithmetic.js';
import { casterOf, textOf } from './cast-values.js';
import type { Call, ScalarFunction } from './definition.js';
import { scalar } from './scalar.js';
import { castType, checkCount, ONLY_TEXT, only, TEXT } from './signature.js';

const typeOf: ScalarFunction = {
  kind: 'scalar',
  name: 'typeof',
  nulls: 'custom',
  resolve: (args) => {
    checkCount('typeof', args.length, 1);
    return { args: [args[0].type], result: STRING, nullable: false };
  },
  evaluator:
    ({ args: [{ type }] }) =>
    () =>
      typeName(type),
};

const raised = (message: string) => userError('USER_RAISED_EXCEPTION', message);

const raiseError: ScalarFunction = {
  ...scalar('raise_error', [TEXT], NULL, (message: string) => {
    throw raised(message);
  }),
  deterministic: false,
};

const assertTrue: ScalarFunction = {
  kind: 'scalar',
  name: 'assert_true',
  nulls: 'custom',
  deterministic: false,
  resolve: (args) => {
    checkCount('assert_true', args.length, 1, 2);
    return { args: args.map((arg, i) => castType('assert_true', arg, i === 0 ? only(BOOLEAN) : TEXT, i)), result: NULL, nullable: true };
  },
  evaluator: () => (condition, message) => {
    if (condition !== true) throw raised(typeof message === 'string' ? message : 'assert_true was given a condition that is not true.');
    return null;
  },
};

const CODES = '01230120022455012623010202';

/** The US census code of a word that begins with an ASCII letter; other text as it is. */
function soundex(text: string): string {
  if (!/^[A-Za-z]/.test(text)) return text;
  let code = text[0].toUpperCase();
  let last = CODES[code.charCodeAt(0) - 65];
  for (const char of text.slice(1).toUpperCase()) {
    if (!/[A-Z]/.test(char)) {
      last = '0';
      continue;
    }
    const digit = CODES[char.charCodeAt(0) - 65];
    // H and W do not part equal codes.
    if (char === 'H' || char === 'W') continue;
    if (digit !== '0' && digit !== last) code += digit;
    last = digit;
    if (code.length === 4) break;
  }
  return code.padEnd(4, '0');
}

const FORMAT = /%(?:(\d+)\$)?([-+ 0,(#]*)(\d+)?(?:\.(\d+))?([a-zA-Z%])/g;

function formatString({ args }: Call, format: string, values: readonly (EngineValue | null)[]): string {
  let next = 0;
  return format.replace(
    FORMAT,
    (whole, position: string | undefined, flags: string, width: string | undefined, precision: string | undefined, letter: string) => {
      if (letter === '%') return '%';
      if (letter === 'n') return '\n';
      const i = position === undefined ? next++ : Number(position) - 1;
      if (i < 0 || i >= values.length)
        throw userError('INVALID_PARAMETER_VALUE', `The format '${format}' has no value for ${whole}.`, {
          hint: 'Give as many values as the format takes',
        });
      const text = formatValue(values[i], args[i + 1], letter, flags, precision, format);
      if (width === undefined) return text;
      const size = Number(width);
      if (flags.includes('-')) return text.padEnd(size);
      if (flags.includes('0') && /^[+-]?\d/.test(text))
        return text.replace(/^([+-]?)(.*)$/s, (_, sign: string, digits: string) => sign + digits.padStart(size - sign.length, '0'));
      return text.padStart(size);
    },
  );
}

const WIDTH: Readonly<Record<string, number>> = { int8: 8, int16: 16, int64: 64 };

function formatValue(
  value: EngineValue | null,
  { type }: Call['args'][number],
  letter: string,
  flags: string,
  precision: string | undefined,
  format: string,
): string {
  const isUpper = letter === 'X' || letter === 'B' || letter === 'S';
  const cutTo = precision === undefined ? undefined : Number(precision);
  if (letter === 'b' || letter === 'B') {
    const shown = String(value !== null && value !== false);
    return (isUpper ? shown.toUpperCase() : shown).slice(0, cutTo);
  }
  if (value === null) return (isUpper ? 'NULL' : 'null').slice(0, 'diox'.includes(letter) ? undefined : cutTo);
  // Spark formats what it holds, and of a date that is a number of days.
  const isWhole = isInteger(type) || type.kind === 'date';
  switch (letter) {
    case 's':
    case 'S': {
      const text = type.kind === 'date' ? String(value) : (textOf(type) as (v: EngineValue) => string)(value);
      const cut = text.slice(0, cutTo);
      return letter === 'S' ? cut.toUpperCase() : cut;
    }
    case 'd':
      if (!isWhole) throw unsuitable(letter, type, format);
      return signed(grouped(String(value), flags), flags);
    case 'o':
    case 'x':
    case 'X': {
      if (!isWhole) throw unsuitable(letter, type, format);
      const bits = BigInt.asUintN(WIDTH[type.kind] ?? 32, BigInt(value as number | bigint));
      const digits = `${flags.includes('#') ? (letter === 'o' ? '0' : '0x') : ''}${bits.toString(letter === 'o' ? 8 : 16)}`;
      return letter === 'X' ? digits.toUpperCase() : digits;
    }
    case 'f':
    case 'e': {
      if (!isFloat(type) && type.kind !== 'decimal') throw unsuitable(letter, type, format);
      const number = isFloat(type) ? (value as number) : Number((textOf(type) as (v: EngineValue) => string)(value));
      // JavaScript writes no more.
      const digits = precision === undefined ? 6 : Math.min(Number(precision), 100);
      const text = letter === 'f' ? number.toFixed(digits) : number.toExponential(digits).replace(/e([+-])(\d)$/, 'e$10$2');
      return signed(grouped(text, flags), flags);
    }
    case 'c':
      return isWhole ? String.fromCodePoint(Number(value)) : String(value);
    default:
      throw userError('INVALID_PARAMETER_VALUE', `The format '${format}' has %${letter}, which is not supported.`, {
        hint: 'Use %s, %d, %f, %e, %x, %o, %b or %c',
      });
  }
}

const unsuitable = (letter: string, type: DataType, format: string) =>
  userError('INVALID_PARAMETER_VALUE', `The format '${format}' has %${letter} for a value of type ${typeName(type)}.`, {
    hint: 'Use %d and %x for whole numbers, %f and %e for others, %s for anything',
  });

const signed = (text: string, flags: string): string =>
  flags.includes('+') && !text.startsWith('-') ? `+${text}` : flags.includes(' ') && !text.startsWith('-') ? ` ${text}` : text;
const grouped = (text: string, flags: string): string =>
  flags.includes(',') ? text.replace(/^(-?\d+)/, (digits) => digits.replace(/\B(?=(\d{3})+$)/g, ',')) : text;

const formatFunction: ScalarFunction = {
  kind: 'scalar',
  name: 'format_string',
  nulls: 'custom',
  resolve: (args) => {
    checkCount('format_string', args.length, 1, Number.POSITIVE_INFINITY);
    return {
      args: args.map((arg, i) => (i === 0 ? castType('format_string', arg, TEXT, 0) : arg.type)),
      result: STRING,
      nullable: args[0].nullable,
    };
  },
  evaluator:
    (call) =>
    (format, ...values) =>
      format === null ? null : formatString(call, format as string, values),
};

/** The operator with null in place of an error. */
function trying(name: string, operator: string): ScalarFunction {
  const definition = ARITHMETIC.find((candidate) => candidate.name === operator)!;
  return {
    kind: 'scalar',
    name,
    nulls: 'propagate',
    // Strings are cast in here, since one that is no number gives null too.
    resolve: (args) => {
      const signature = definition.resolve(args);
      return { ...signature, args: signature.args.map((type, i) => (args[i].type.kind === 'string' ? STRING : type)), nullable: true };
    },
    evaluator: (call) => {
      const types = definition.resolve(call.args).args;
      const evaluate = definition.evaluator({ ...call, args: call.args.map((arg, i) => ({ ...arg, type: types[i] })) });
      const casts = call.args.map(({ type }, i) => casterOf(type, types[i], true));
      return (...args) => {
        try {
          const values = args.map((arg, i) => casts[i](arg as EngineValue));
          return values.includes(null as never) ? null : evaluate(...values);
        } catch (error) {
          if (error instanceof MinisparkError && error.kind === 'user') return null;
          throw error;
        }
      };
    },
  };
}

export const MISC: readonly ScalarFunction[] = [
  typeOf,
  raiseError,
  assertTrue,
  scalar('soundex', [ONLY_TEXT], STRING, soundex),
  formatFunction,
  trying('try_add', '+'),
  trying('try_subtract', '-'),
  trying('try_multiply', '*'),
  trying('try_divide', '/'),
  trying('try_mod', '%'),
];
