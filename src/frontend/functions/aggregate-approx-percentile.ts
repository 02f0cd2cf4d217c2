/** Owns: `approx_percentile`: values of a group at shares of its order, from a sketch of bounded size; exact as long as the group is small. */
import { userError } from '../../core/errors.js';
import { arrayOf, type DataType, FLOAT64, isInteger, isNumeric } from '../../data/types.js';
import type { EngineValue } from '../../data/value.js';
import type { Accumulator, AggregateFunction, Argument } from './definition.js';
import { QuantileSketch } from './quantile-sketch.js';
import { checkShares, sameShares, shareType } from './shares.js';
import { checkCount, INT, wrongArgument } from './signature.js';

/** Spark's default: ranks are right within one ten-thousandth of the count. */
const ACCURACY = 10_000;

const ORDERED: readonly DataType['kind'][] = ['date', 'timestamp', 'timestamp_ntz'];

interface State {
  readonly sketch: QuantileSketch;
  shares: EngineValue | null;
}

export const APPROX_PERCENTILE: AggregateFunction = {
  kind: 'aggregate',
  name: 'approx_percentile',
  resolve: (args) => {
    checkCount('approx_percentile', args.length, 2, 3);
    const value = args[0].type.kind === 'string' || args[0].type.kind === 'null' ? FLOAT64 : args[0].type;
    if (!isNumeric(value) && !ORDERED.includes(value.kind))
      throw wrongArgument('approx_percentile', 0, 'a number, date or timestamp', value);
    const shares = shareType('approx_percentile', args[1]);
    const types = [value, shares, ...args.slice(2).map((arg) => checkAccuracy(arg))];
    return { args: types, result: shares.kind === 'array' ? arrayOf(value, false) : value, nullable: true };
  },
  partialTypes: ({ args }) => [...Array.from({ length: 3 }, () => arrayOf(FLOAT64, false)), args[1].type],
  accumulator: ({ args }) => {
    const error = 1 / Number(args[2]?.literal ?? ACCURACY);
    const toValue = fromNumber(args[0].type);
    const accumulator: Accumulator<State> = {
      init: () => ({ sketch: new QuantileSketch(error), shares: null }),
      update: (state, [value, shares]) => {
        state.shares = sameShares('approx_percentile', state.shares, shares);
        if (value !== null) state.sketch.insert(Number(value));
        return state;
      },
      merge: (state, [values, gaps, deltas, shares]) => {
        if (shares !== null) state.shares = sameShares('approx_percentile', state.shares, shares);
        state.sketch.merge({ values: values as number[], gaps: gaps as number[], deltas: deltas as number[] });
        return state;
      },
      partial: ({ sketch, shares }) => {
        const { values, gaps, deltas } = sketch.parts();
        return [values, gaps, deltas, shares];
      },
      finish: ({ sketch, shares }) => {
        const wanted = checkShares('approx_percentile', shares);
        const found = wanted.map((share) => sketch.quantile(share));
        if (found.length === 0 || found[0] === null) return null;
        return Array.isArray(shares) ? found.map((value) => toValue(value as number)) : toValue(found[0]);
      },
    };
    return accumulator as Accumulator;
  },
};

function checkAccuracy(arg: Argument): DataType {
  const type = INT.cast(arg.type);
  const value = arg.literal;
  if (type === null || value === undefined || value === null || !isInteger(arg.type)) {
    throw userError('DATATYPE_MISMATCH.NON_FOLDABLE_INPUT', 'The accuracy of approx_percentile must be a constant whole number.');
  }
  if (Number(value) <= 0) {
    throw userError('DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE', `The accuracy of approx_percentile must be above 0, but it is ${value}.`);
  }
  return type;
}

/** Sketches hold doubles: 64-bit integers and decimals beyond 2^53 come back rounded, as in Spark. */
function fromNumber({ kind }: DataType): (value: number) => EngineValue {
  return kind === 'int64' || kind === 'decimal' || kind === 'timestamp' || kind === 'timestamp_ntz'
    ? (value) => BigInt(value)
    : (value) => value;
}
