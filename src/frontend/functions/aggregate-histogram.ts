/**
 * Owns: `histogram_numeric`: about n bins of a group's values, as Ben-Haim and Tom-Tov's streaming histogram has them: a value is a bin of its own
 * until there are too many, then the two that lie nearest become one at their centre.
 */
import { userError } from '../../core/errors.js';
import { arrayOf, type DataType, FLOAT64, field, isNumeric, structOf } from '../../data/types.js';
import type { EngineValue } from '../../data/value.js';
import type { Accumulator, AggregateFunction } from './definition.js';
import { castType, checkCount, INT, wrongArgument } from './signature.js';

/** Centres in ascending order, and how much each holds. */
interface Bins {
  readonly x: number[];
  readonly y: number[];
}

const ORDERED: readonly DataType['kind'][] = ['date', 'timestamp', 'timestamp_ntz'];

export const HISTOGRAM: AggregateFunction = {
  kind: 'aggregate',
  name: 'histogram_numeric',
  resolve: (args) => {
    checkCount('histogram_numeric', args.length, 2);
    const [{ type }, count] = args;
    if (!isNumeric(type) && !ORDERED.includes(type.kind)) throw wrongArgument('histogram_numeric', 0, 'a number, date or timestamp', type);
    if (count.literal === undefined || count.literal === null) {
      throw userError('DATATYPE_MISMATCH.NON_FOLDABLE_INPUT', 'The number of bins of histogram_numeric must be a constant.');
    }
    if (Number(count.literal) < 2) {
      throw userError('DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE', `histogram_numeric makes at least 2 bins, not ${count.literal}.`);
    }
    const bin = structOf([field('x', type, true), field('y', FLOAT64, true)]);
    return { args: [type, castType('histogram_numeric', count, INT, 1)], result: arrayOf(bin, true), nullable: true };
  },
  partialTypes: () => [arrayOf(FLOAT64, false), arrayOf(FLOAT64, false)],
  accumulator: ({ args }) => {
    const most = Number(args[1].literal);
    const centre = centreOf(args[0].type);
    const accumulator: Accumulator<Bins> = {
      init: () => ({ x: [], y: [] }),
      update: (bins, [value]) => (value === null ? bins : added(bins, Number(value), 1, most)),
      merge: (bins, [x, y]) =>
        (x as readonly number[]).reduce((all, value, i) => added(all, value, (y as readonly number[])[i], most), bins),
      partial: ({ x, y }) => [x, y],
      finish: ({ x, y }) => (x.length === 0 ? null : x.map((value, i): EngineValue => [centre(value), y[i]])),
    };
    return accumulator as Accumulator;
  },
};

function added(bins: Bins, value: number, weight: number, most: number): Bins {
  const { x, y } = bins;
  let [low, high] = [0, x.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (x[middle] < value) low = middle + 1;
    else high = middle;
  }
  if (x[low] === value) {
    y[low] += weight;
    return bins;
  }
  x.splice(low, 0, value);
  y.splice(low, 0, weight);
  if (x.length > most) joinNearest(bins);
  return bins;
}

function joinNearest({ x, y }: Bins): void {
  let nearest = 0;
  for (let i = 1; i + 1 < x.length; i++) if (x[i + 1] - x[i] < x[nearest + 1] - x[nearest]) nearest = i;
  const weight = y[nearest] + y[nearest + 1];
  x.splice(nearest, 2, (x[nearest] * y[nearest] + x[nearest + 1] * y[nearest + 1]) / weight);
  y.splice(nearest, 2, weight);
}

/** Centres have the type of the values: integers are cut off, decimals rounded half up. */
function centreOf({ kind }: DataType): (value: number) => EngineValue {
  if (kind === 'float32' || kind === 'float64') return (value) => value;
  if (kind === 'decimal') return (value) => BigInt(Math.sign(value) * Math.round(Math.abs(value)));
  return ['int64', 'timestamp', 'timestamp_ntz'].includes(kind) ? (value) => BigInt(Math.trunc(value)) : Math.trunc;
}
