/** Owns: `window` and `window_time`: the stretch of fixed length that a timestamp lies in, counted from 1970 in UTC; and the last instant of one. */
import { userError } from '../../core/errors.js';
import { type DataType, field, structOf, TIMESTAMP } from '../../data/types.js';
import type { Argument, Evaluator, ScalarFunction } from './definition.js';
import { castType, checkCount, DAY_OR_INSTANT, TEXT, wrongArgument } from './signature.js';
import { floorMod } from './temporal-fields.js';

const MICROS: Readonly<Record<string, bigint>> = {
  week: 604_800_000_000n,
  day: 86_400_000_000n,
  hour: 3_600_000_000n,
  minute: 60_000_000n,
  second: 1_000_000n,
  millisecond: 1000n,
  microsecond: 1n,
};
const PART = /\s*([+-]?\d+)\s*(week|day|hour|minute|second|millisecond|microsecond)s?\s*/iy;

/** Microseconds of a constant such as `1 hour 30 minutes`. Throws INVALID_PARAMETER_VALUE.DURATION. */
function durationOf({ literal }: Argument, least: bigint): bigint {
  const text = typeof literal === 'string' ? literal.replace(/^\s*interval\s/i, '') : '';
  let total = 0n;
  PART.lastIndex = 0;
  for (let at = 0; at < text.length; at = PART.lastIndex) {
    const match = PART.exec(text);
    if (match === null) throw wrongDuration(literal);
    total += BigInt(match[1]) * MICROS[match[2].toLowerCase()];
  }
  if (text === '' || total < least) throw wrongDuration(literal);
  return total;
}

const wrongDuration = (literal: unknown) =>
  userError('INVALID_PARAMETER_VALUE.DURATION', `'${literal}' is no length of a window.`, {
    hint: "Give a constant such as '10 minutes' or '1 day'; months have no fixed length",
  });

const timeTypes = (type: DataType): DataType => structOf([field('start', type, true), field('end', type, true)]);

const window: ScalarFunction = {
  kind: 'scalar',
  name: 'window',
  nulls: 'propagate',
  resolve: (args) => {
    checkCount('window', args.length, 2, 4);
    const cast = castType('window', args[0], DAY_OR_INSTANT, 0);
    const type = cast.kind === 'timestamp_ntz' ? cast : TIMESTAMP;
    const [, ...lengths] = args.map((arg, i) => (i === 0 ? 0n : durationOf(arg, i === 3 ? -(2n ** 62n) : 1n)));
    if (lengths.length > 1 && lengths[1] !== lengths[0]) {
      throw userError('UNSUPPORTED_FEATURE.SLIDING_WINDOW', 'Windows that overlap are not supported.', {
        hint: 'Explode the starts: explode(sequence(…)), and group by them',
      });
    }
    return { args: [type, ...lengths.map((_, i) => castType('window', args[i + 1], TEXT, i + 1))], result: timeTypes(type) };
  },
  evaluator: ({ args }) => {
    const length = durationOf(args[1], 1n);
    const shift = args.length > 3 ? durationOf(args[3], -(2n ** 62n)) : 0n;
    return ((micros: bigint) => {
      const start = micros - floorMod(micros - shift, length);
      return [start, start + length];
    }) as Evaluator;
  },
};

const windowTime: ScalarFunction = {
  kind: 'scalar',
  name: 'window_time',
  nulls: 'propagate',
  resolve: (args) => {
    checkCount('window_time', args.length, 1);
    const { type } = args[0];
    if (type.kind !== 'struct' || type.fields.length !== 2 || type.fields[1].name !== 'end')
      throw wrongArgument('window_time', 0, 'a window', type);
    return { args: [type], result: type.fields[1].type };
  },
  evaluator: () => ((stretch: readonly bigint[]) => stretch[1] - 1n) as unknown as Evaluator,
};

export const TIME_WINDOWS: readonly ScalarFunction[] = [window, windowTime];
