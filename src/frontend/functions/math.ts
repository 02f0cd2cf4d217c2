/** Owns: functions of doubles (`sqrt`, `exp`, `sin`, …), powers and logarithms, bit operations, `factorial`, and the constants `e` and `pi`. */
import { userError } from '../../core/errors.js';
import { BOOLEAN, FLOAT64, INT8, INT32, INT64, isInteger } from '../../data/types.js';
import type { EngineValue } from '../../data/value.js';
import { wrongOperands } from './arithmetic-types.js';
import type { Evaluator, ScalarFunction } from './definition.js';
import { floatValue } from './emit.js';
import { scalar } from './scalar.js';
import { type Accept, castTypes, checkCount, DOUBLE, INT, LONG, NUMBER, WHOLE, wrongArgument } from './signature.js';
import { cos, cosh, tan } from './trigonometry.js';
import { commonType } from './type-coercion.js';

/** One double in, one out; `code` is the generated form over a variable. */
const ofDouble = (name: string, evaluate: (x: number) => number, code?: (x: string) => string): ScalarFunction =>
  scalar(name, [DOUBLE], FLOAT64, evaluate, {
    generate: code && ((emit, [arg]) => floatValue(FLOAT64, emit.let('f', code(emit.toFloat(arg()).code)))),
  });

const native = (
  name: string,
  method: 'sqrt' | 'exp' | 'sin' | 'asin' | 'acos' | 'atan' | 'sinh' | 'tanh' | 'cbrt' | 'expm1',
): ScalarFunction => ofDouble(name, Math[method], (x) => `Math.${method}(${x})`);

/** As `native`, by a function of our own. */
const exact = (name: string, evaluate: (x: number) => number): ScalarFunction =>
  scalar(name, [DOUBLE], FLOAT64, evaluate, {
    generate: (emit, [arg]) => floatValue(FLOAT64, emit.let('f', `${emit.constant(name, evaluate)}(${emit.toFloat(arg()).code})`)),
  });

/** Null outside of the domain, as Spark's logarithms are. */
const logarithm = (name: string, evaluate: (x: number) => number, above = 0): ScalarFunction =>
  scalar(name, [DOUBLE], FLOAT64, (x: number) => (x <= above ? null : evaluate(x)), { nullable: true });

function log(a: number, b?: number): number | null {
  if (b === undefined) return a <= 0 ? null : Math.log(a);
  return a <= 0 || b <= 0 ? null : Math.log(b) / Math.log(a);
}

const twoDoubles = (name: string, evaluate: (a: number, b: number) => number, code?: (a: string, b: string) => string): ScalarFunction =>
  scalar(name, [DOUBLE, DOUBLE], FLOAT64, evaluate, {
    generate: code && ((emit, [a, b]) => floatValue(FLOAT64, emit.let('f', code(emit.toFloat(a()).code, emit.toFloat(b()).code)))),
  });

/** Java's pow gives NaN for 1^NaN and (±1)^∞ as well as JavaScript's does. */
const constant = (name: string, value: number): ScalarFunction => scalar(name, [], FLOAT64, () => value);

/** Java's rint: halves go to the even neighbour, the sign of zero stays. */
export function rint(x: number): number {
  if (!Number.isFinite(x) || Math.abs(x) >= 2 ** 52) return x;
  const floor = Math.floor(x);
  const rest = x - floor;
  const even = rest < 0.5 || (rest === 0.5 && floor % 2 === 0) ? floor : floor + 1;
  return even === 0 && (x < 0 || Object.is(x, -0)) ? -0 : even;
}

/** Java multiplies by these, and does not divide by 180. */
const DEGREES_A_RADIAN = 57.29577951308232;
const RADIANS_A_DEGREE = 0.017453292519943295;

/** Spark drops the sign of zeros. For a negative x that is nothing beside y, Java's is one step past π/2, after its π − (π/2). */
function atan2(y: number, x: number): number {
  const angle = Math.atan2(y + 0, x + 0);
  const isSteep = x < 0 && Number.isFinite(y) && Math.abs(y / x) > 2 ** 60;
  return isSteep ? Math.sign(y) * 1.5707963267948968 : angle;
}

/** √(a² + b²) with its rounding error put right, as Java's is within one unit of the last place; Math.hypot is not always. */
function hypot(a: number, b: number): number {
  const [x, y] = [Math.max(Math.abs(a), Math.abs(b)), Math.min(Math.abs(a), Math.abs(b))];
  const rough = Math.hypot(x, y);
  // Squares of others overflow or vanish, and there the rough answer is as good as it gets.
  if (!(rough > 1e-140 && rough < 1e140)) return rough;
  const rest = x * x - rough * rough + y * y + (squareError(x) + squareError(y) - squareError(rough));
  return rough + rest / (2 * rough);
}

/** What x·x, rounded, leaves out (T. J. Dekker, 1971). */
function squareError(x: number): number {
  const split = 134217729 * x;
  const high = split - (split - x);
  const low = x - high;
  return high * high - x * x + 2 * high * low + low * low;
}

function factorial(n: number): bigint | null {
  if (n < 0 || n > 20) return null;
  let product = 1n;
  for (let i = 2n; i <= BigInt(n); i++) product *= i;
  return product;
}

const INT_OR_LONG: Accept = { label: 'int or bigint', cast: (type) => (type.kind === 'int64' ? INT64 : INT.cast(type)) };
/** Java's shifts: the distance counts modulo the width. */
const shift = (
  name: string,
  ints: (value: number, by: number) => number,
  longs: (value: bigint, by: bigint) => bigint,
): ScalarFunction => ({
  kind: 'scalar',
  name,
  nulls: 'propagate',
  resolve: (args) => {
    const types = castTypes(name, args, [INT_OR_LONG, INT]);
    return { args: types, result: types[0] };
  },
  evaluator: ({ type }) => {
    if (type.kind === 'int64') return ((v: bigint, by: number) => BigInt.asIntN(64, longs(v, BigInt(by & 63)))) as Evaluator;
    return ((v: number, by: number) => ints(v, by) | 0) as Evaluator;
  },
});

const bitwise = (name: string, ints: (a: number, b: number) => number, longs: (a: bigint, b: bigint) => bigint): ScalarFunction => ({
  kind: 'scalar',
  name,
  nulls: 'propagate',
  resolve: (args) => {
    checkCount(name, args.length, 2);
    const type = commonType(args[0].type, args[1].type);
    if (type === null || !isInteger(type)) throw wrongOperands(name, args, 'whole numbers');
    return { args: [type, type], result: type };
  },
  evaluator: ({ type }) => (type.kind === 'int64' ? longs : ints) as unknown as Evaluator,
});

const bitNot: ScalarFunction = {
  kind: 'scalar',
  name: '~',
  nulls: 'propagate',
  resolve: (args) => {
    const types = castTypes('~', args, [WHOLE]);
    return { args: types, result: types[0] };
  },
  evaluator: () => ((v: number | bigint) => (typeof v === 'bigint' ? ~v : ~v)) as Evaluator,
};

const bitCount: ScalarFunction = {
  kind: 'scalar',
  name: 'bit_count',
  nulls: 'propagate',
  resolve: (args) => {
    checkCount('bit_count', args.length, 1);
    const type = args[0].type.kind === 'boolean' ? BOOLEAN : WHOLE.cast(args[0].type);
    if (type === null) throw wrongArgument('bit_count', 0, 'a whole number or boolean', args[0].type);
    return { args: [type], result: INT32 };
  },
  // Java counts the bits of the sign-extended long.
  evaluator: () => (v) =>
    typeof v === 'boolean'
      ? Number(v)
      : BigInt.asUintN(64, BigInt(v as number | bigint))
          .toString(2)
          .replaceAll('0', '').length,
};

function widthBucket(value: number, low: number, high: number, buckets: bigint): EngineValue {
  if (buckets <= 0n || Number.isNaN(value) || low === high || !Number.isFinite(low) || !Number.isFinite(high)) return null;
  const [from, to, x] = low < high ? [low, high, value] : [-low, -high, -value];
  if (x < from) return 0n;
  return x >= to ? buckets + 1n : BigInt(Math.floor((Number(buckets) * (x - from)) / (to - from))) + 1n;
}

const sign: ScalarFunction = {
  ...ofDouble('sign', Math.sign),
  resolve: (args) => {
    castTypes('sign', args, [NUMBER]);
    return { args: [FLOAT64], result: FLOAT64 };
  },
};

/** One bit of a whole number, from the right. Throws INVALID_PARAMETER_VALUE.BIT_POSITION_RANGE. */
const bitGet: ScalarFunction = {
  kind: 'scalar',
  name: 'bit_get',
  nulls: 'propagate',
  resolve: (args) => ({ args: castTypes('bit_get', args, [WHOLE, INT]), result: INT8 }),
  evaluator: ({ args: [{ type }] }) => {
    const width = { int8: 8, int16: 16, int32: 32 }[type.kind as 'int8'] ?? 64;
    return (value, at) => {
      if ((at as number) < 0 || (at as number) >= width) {
        throw userError('INVALID_PARAMETER_VALUE.BIT_POSITION_RANGE', `There is no bit ${at} in a number of ${width} bits.`, {
          hint: `Bits count from 0 to ${width - 1}`,
        });
      }
      return Number((BigInt(value as number | bigint) >> BigInt(at as number)) & 1n);
    };
  },
};

export const MATH: readonly ScalarFunction[] = [
  native('sqrt', 'sqrt'),
  native('cbrt', 'cbrt'),
  native('exp', 'exp'),
  native('expm1', 'expm1'),
  native('sin', 'sin'),
  exact('cos', cos),
  exact('tan', tan),
  native('asin', 'asin'),
  native('acos', 'acos'),
  native('atan', 'atan'),
  native('sinh', 'sinh'),
  exact('cosh', cosh),
  native('tanh', 'tanh'),
  logarithm('ln', Math.log),
  logarithm('log2', Math.log2),
  logarithm('log10', Math.log10),
  logarithm('log1p', Math.log1p, -1),
  scalar('log', [DOUBLE, DOUBLE], FLOAT64, log, { required: 1, nullable: true }),
  ofDouble('degrees', (x) => x * DEGREES_A_RADIAN),
  ofDouble('radians', (x) => x * RADIANS_A_DEGREE),
  ofDouble('rint', rint),
  ofDouble('cot', (x) => 1 / tan(x)),
  ofDouble('sec', (x) => 1 / cos(x)),
  ofDouble('csc', (x) => 1 / Math.sin(x)),
  ofDouble('asinh', Math.asinh),
  ofDouble('acosh', Math.acosh),
  ofDouble('atanh', Math.atanh),
  sign,
  twoDoubles(
    'pow',
    (a, b) => a ** b,
    (a, b) => `${a} ** ${b}`,
  ),
  twoDoubles('atan2', atan2),
  twoDoubles('hypot', hypot),
  constant('e', Math.E),
  constant('pi', Math.PI),
  scalar('factorial', [INT], INT64, factorial, { nullable: true }),
  shift(
    'shiftleft',
    (v, by) => v << by,
    (v, by) => v << by,
  ),
  shift(
    'shiftright',
    (v, by) => v >> by,
    (v, by) => v >> by,
  ),
  shift(
    'shiftrightunsigned',
    (v, by) => v >>> by,
    (v, by) => BigInt.asUintN(64, v) >> by,
  ),
  bitwise(
    '&',
    (a, b) => a & b,
    (a, b) => a & b,
  ),
  bitwise(
    '|',
    (a, b) => a | b,
    (a, b) => a | b,
  ),
  bitwise(
    '^',
    (a, b) => a ^ b,
    (a, b) => a ^ b,
  ),
  bitNot,
  bitCount,
  bitGet,
  scalar('width_bucket', [DOUBLE, DOUBLE, DOUBLE, LONG], INT64, widthBucket, { nullable: true }),
];
