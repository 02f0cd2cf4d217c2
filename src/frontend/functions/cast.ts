/**
 * Owns: the functions `cast` and `try_cast`. The target is the call's type, so the analyzer types them by `castSignature`, not by `resolve`.
 * Widenings, and strings that are plain digits, are generated; the rest is done by the evaluator.
 */
import { type DataType, isFloat, isInteger, sameType } from '../../data/types.js';
import { decodeUtf8 } from '../../data/utf8.js';
import type { EngineValue } from '../../data/value.js';
import { clockOfDouble, type Zone, zoneOf } from '../../data/zone.js';
import { ofPrecision } from './arithmetic-generate.js';
import { fitDecimal, floatToInteger } from './cast-numbers.js';
import { castGivesNull, castOverflow, checkCast } from './cast-rules.js';
import { type Caster, casterOf } from './cast-values.js';
import type { Argument, Call, ScalarFunction, Signature } from './definition.js';
import { bigValue, bytesValue, digitBits, floatValue, intValue, jsValue, span, typeBits } from './emit.js';
import type { Emitter, Value } from './generator.js';
import { checkCount } from './signature.js';
import type { DecimalType } from './type-coercion.js';

/** Type and null rule of a cast. Throws DATATYPE_MISMATCH.CAST_… where there is none. */
export function castSignature(from: Argument, to: DataType, safe: boolean): Signature {
  checkCast(from.type, to, safe);
  return { args: [from.type], result: to, nullable: from.nullable || from.type.kind === 'null' || castGivesNull(from.type, to, safe) };
}

const castFunction = (name: 'cast' | 'try_cast'): ScalarFunction => ({
  kind: 'scalar',
  name,
  nulls: 'propagate',
  resolve: (args) => {
    checkCount(name, args.length, 1);
    return castSignature(args[0], args[0].type, name === 'try_cast');
  },
  evaluator: ({ args: [{ type }], type: to, zone }) =>
    casterOf(type, to, name === 'try_cast', zone === undefined ? null : zoneOf(zone)) as never,
  zoned: ([from], to) => isZonedCast(from, to),
  generate: (emit, [arg], call) => generateCast(emit, arg, call, name === 'try_cast'),
});

/** Between a point in time and what a clock shows. */
function isZonedCast(from: DataType, to: DataType): boolean {
  if (from.kind === 'array') return isZonedCast(from.element, to.kind === 'array' ? to.element : to);
  if (from.kind === 'map')
    return [from.key, from.value].some((part, i) => isZonedCast(part, to.kind === 'map' ? [to.key, to.value][i] : to));
  if (from.kind === 'struct') return from.fields.some(({ type }, i) => isZonedCast(type, to.kind === 'struct' ? to.fields[i].type : to));
  const ofClock = ({ kind }: DataType): boolean => kind === 'string' || kind === 'date' || kind === 'timestamp_ntz';
  return (from.kind === 'timestamp' && ofClock(to)) || (to.kind === 'timestamp' && ofClock(from));
}

const DAY_MICROS = 86_400e6;

/** The day that a clock shows, where the microseconds are a double. */
function toDay(emit: Emitter, value: Value, from: DataType, to: DataType, zone: Zone | null): Value | null {
  if (value.rep !== 'int') return null;
  const clock =
    zone === null || from.kind === 'timestamp_ntz'
      ? value.code
      : `${emit.constant('clock', (v: number) => clockOfDouble(v, zone))}(${value.code})`;
  return intValue(to, emit.let('day', `Math.floor(${clock} / ${DAY_MICROS})`), 20);
}

function generateCast(emit: Emitter, arg: () => Value, call: Call, safe: boolean): Value | null {
  const from = call.args[0].type;
  const to = call.type;
  if (sameType(from, to)) return arg();
  if (isInteger(from) && isInteger(to)) return safe && typeBits(to) < typeBits(from) ? null : toIntegerCode(emit, arg(), to);
  if ((isInteger(from) || isFloat(from)) && isFloat(to)) return toFloatCode(emit, arg(), to);
  if (from.kind === 'decimal' && isFloat(to)) return decimalToFloat(emit, arg(), from as DecimalType, to);
  if (from.kind === 'boolean' && isInteger(to)) return fromBoolean(arg(), to);
  if (from.kind === 'string' && to.kind === 'binary') return { ...emit.toBytes(arg()), type: to };
  if ((from.kind === 'timestamp' || from.kind === 'timestamp_ntz') && to.kind === 'date')
    return toDay(emit, arg(), from, to, call.zone === undefined ? null : zoneOf(call.zone));
  if (from.kind === 'binary' && to.kind === 'string') return { ...emit.toBytes(arg()), type: to };
  if (safe) return null;
  if (isInteger(from) && to.kind === 'decimal') return toDecimalCode(emit, arg(), 0, typeDigits(from), to);
  if (from.kind === 'decimal' && to.kind === 'decimal') return toDecimalCode(emit, arg(), from.scale, from.precision, to);
  if (isFloat(from) && isInteger(to)) return floatToIntegerCode(emit, arg(), from, to);
  if (from.kind === 'string' && isInteger(to)) return textToInteger(emit, arg(), to);
  if (isInteger(from) && to.kind === 'string') return integerText(emit, arg(), to);
  return null;
}

const typeDigits = (type: DataType): number => ({ int8: 3, int16: 5, int32: 10 })[type.kind as 'int8'] ?? 19;

function toIntegerCode(emit: Emitter, value: Value, to: DataType): Value | null {
  const limit = typeBits(to) - 1;
  if (value.rep === 'int') {
    if (to.kind !== 'int64' && value.bits > limit) {
      emit.branch(`${value.code} > ${2 ** limit - 1} || ${value.code} < ${-(2 ** limit)}`, () => failOverflow(emit, value.code, to));
    }
    return intValue(to, value.code, to.kind === 'int64' ? value.bits : Math.min(value.bits, limit + 1));
  }
  if (value.rep !== 'big') return null;
  if (to.kind === 'int64') return bigValue(to, value.code);
  emit.branch(`${value.code} > ${2 ** limit - 1}n || ${value.code} < ${-(2 ** limit)}n`, () => failOverflow(emit, value.code, to));
  return intValue(to, emit.let('n', `Number(${value.code})`), limit + 1);
}

function failOverflow(emit: Emitter, code: string, to: DataType): void {
  emit.fail((shown: string) => castOverflow(shown, to), `String(${code})`);
}

function toFloatCode(emit: Emitter, value: Value, to: DataType): Value {
  const code = value.rep === 'big' ? `Number(${value.code})` : emit.toFloat(value).code;
  if (to.kind === 'float32') return floatValue(to, emit.let('f', `Math.fround(${code})`));
  return floatValue(to, value.rep === 'big' ? emit.let('f', code) : code);
}

/** Both operands are exact and 10^scale ≤ 10^22 is a double, so the quotient is the nearest double. */
function decimalToFloat(emit: Emitter, value: Value, from: DecimalType, to: DataType): Value | null {
  if (value.rep !== 'int' || from.scale > 22 || to.kind === 'float32') return null;
  return floatValue(to, from.scale === 0 ? value.code : emit.let('f', `${value.code} / ${10 ** from.scale}`));
}

function fromBoolean(value: Value, to: DataType): Value | null {
  return value.rep === 'bool' ? intValue(to, `(${value.code} ? 1 : 0)`, 1) : null;
}

/** Widening multiplies; whatever may round or overflow goes through the exact function. */
function toDecimalCode(emit: Emitter, value: Value, scale: number, digits: number, to: DecimalType): Value | null {
  const shift = to.scale - scale;
  const isWidening =
    shift >= 0 && (digits + shift <= to.precision || (value.rep === 'int' && 2 ** value.bits <= 10 ** (to.precision - shift)));
  if (!isWidening) {
    const fit = emit.constant('fitDecimal', emit.located(fitDecimal));
    const code = `${fit}(${emit.toBig(value).code}, ${scale}, ${emit.constant('type', to)})`;
    return ofPrecision(emit, code, to);
  }
  if (value.rep === 'int' && value.bits + digitBits(shift) <= 53) {
    return intValue(to, shift === 0 ? value.code : emit.let('d', `${value.code} * ${10 ** shift}`), value.bits + digitBits(shift));
  }
  const big = emit.toBig(value).code;
  return ofPrecision(emit, shift === 0 ? big : `${big} * ${10n ** BigInt(shift)}n`, to);
}

function floatToIntegerCode(emit: Emitter, value: Value, from: DataType, to: DataType): Value {
  const convert = emit.constant('floatToInteger', floatToInteger);
  const code = emit.let('n', `${convert}(${emit.toFloat(value).code}, ${emit.constant('type', from)}, ${emit.constant('type', to)})`);
  return to.kind === 'int64' ? bigValue(to, code) : intValue(to, code, typeBits(to));
}

/** Up to 15 plain digits are read from the bytes; anything else takes the evaluator's way, with its errors. */
function textToInteger(emit: Emitter, value: Value, to: DataType): Value {
  const bytes = emit.toBytes(value);
  const parse = emit.constant('parseDigits', parseDigits);
  const slow = emit.constant('parseSlowly', emit.located(slowInteger(to)));
  const parsed = emit.let('n', `${parse}(${span(bytes)})`);
  if (to.kind === 'int64') return bigValue(to, emit.let('n', `${parsed} === ${parsed} ? BigInt(${parsed}) : ${slow}(${span(bytes)})`));
  const limit = 2 ** (typeBits(to) - 1);
  const fits = `${parsed} < ${limit} && ${parsed} >= ${-limit}`;
  return intValue(to, emit.let('n', `${fits} ? ${parsed} : ${slow}(${span(bytes)})`), typeBits(to));
}

/** The whole number that data[start, end) spells in at most 15 digits with an optional minus, else NaN. */
function parseDigits(data: Uint8Array, start: number, end: number): number {
  const isNegative = start < end && data[start] === 45;
  const first = isNegative ? start + 1 : start;
  if (end === first || end - first > 15) return Number.NaN;
  let value = 0;
  for (let i = first; i < end; i++) {
    const digit = data[i] - 48;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return isNegative ? 0 - value : value;
}

/** One function a target type, so that plans share it. */
const slowIntegers = new Map<string, (data: Uint8Array, start: number, end: number) => EngineValue>();

function slowInteger(to: DataType): (data: Uint8Array, start: number, end: number) => EngineValue {
  const known = slowIntegers.get(to.kind);
  if (known) return known;
  const cast: Caster = casterOf({ kind: 'string' }, to, false);
  const made = (data: Uint8Array, start: number, end: number): EngineValue => cast(decodeUtf8(data, start, end));
  slowIntegers.set(to.kind, made);
  return made;
}

/** Decimal digits of a double-held integer, into a scratch buffer of the function. */
function integerText(emit: Emitter, value: Value, to: DataType): Value {
  if (value.rep !== 'int') return jsValue(to, emit.let('s', `String(${emit.toJs(value).code})`));
  const scratch = emit.state('digits', 'new Uint8Array(20)');
  const start = emit.let('at', `${emit.constant('writeDigits', writeDigits)}(${value.code}, ${scratch})`);
  return bytesValue(to, scratch, start, '20');
}

/** Writes the digits of an exact integer to the end of `scratch` (20 bytes) and gives where they start. */
function writeDigits(value: number, scratch: Uint8Array): number {
  let rest = Math.abs(value);
  let at = 20;
  do {
    const next = Math.floor(rest / 10);
    scratch[--at] = 48 + (rest - next * 10);
    rest = next;
  } while (rest > 0);
  if (value < 0) scratch[--at] = 45;
  return at;
}

export const CASTS: readonly ScalarFunction[] = [castFunction('cast'), castFunction('try_cast')];
