/**
 * Owns: statistics of doubles: `stddev variance skewness kurtosis` over central moments, `corr covar` over pairs, `product`.
 * Partial moments merge by Chan's and Pébay's formulas, as Spark's do.
 */
import { FLOAT64 } from '../../data/types.js';
import type { EngineValue } from '../../data/value.js';
import type { Accumulator, AggregateFunction } from './definition.js';
import { DOUBLE, fixedSignature } from './signature.js';

/** Count, mean and the sums of the second to fourth powers of the deviation. */
interface Moments {
  readonly n: number;
  readonly mean: number;
  readonly m2: number;
  readonly m3: number;
  readonly m4: number;
}

const NONE: Moments = { n: 0, mean: 0, m2: 0, m3: 0, m4: 0 };

function joined(a: Moments, b: Moments): Moments {
  if (a.n === 0) return b;
  if (b.n === 0) return a;
  const n = a.n + b.n;
  const delta = b.mean - a.mean;
  const part = delta / n;
  return {
    n,
    mean: a.mean + part * b.n,
    m2: a.m2 + b.m2 + delta * part * a.n * b.n,
    m3: a.m3 + b.m3 + part * part * delta * a.n * b.n * (a.n - b.n) + 3 * part * (a.n * b.m2 - b.n * a.m2),
    m4:
      a.m4 +
      b.m4 +
      part ** 3 * delta * a.n * b.n * (a.n * a.n - a.n * b.n + b.n * b.n) +
      6 * part * part * (a.n * a.n * b.m2 + b.n * b.n * a.m2) +
      4 * part * (a.n * b.m3 - b.n * a.m3),
  };
}

/** One value. That of no number deviates by none. */
function single(value: number): Moments {
  const none = Number.isFinite(value) ? 0 : Number.NaN;
  return { n: 1, mean: value, m2: none, m3: none, m4: none };
}

const moment = (name: string, finish: (m: Moments) => number | null): AggregateFunction => ({
  kind: 'aggregate',
  name,
  resolve: (args) => ({ ...fixedSignature(name, [DOUBLE], FLOAT64)(args), nullable: true }),
  partialTypes: () => [FLOAT64, FLOAT64, FLOAT64, FLOAT64, FLOAT64],
  accumulator: () => {
    const accumulator: Accumulator<Moments> = {
      init: () => NONE,
      update: (state, [value]) => (value === null ? state : joined(state, single(value as number))),
      merge: (state, partial) => {
        const [n, mean, m2, m3, m4] = partial as readonly number[];
        return joined(state, { n, mean, m2, m3, m4 });
      },
      partial: ({ n, mean, m2, m3, m4 }) => [n, mean, m2, m3, m4],
      finish: (state) => (state.n === 0 ? null : finish(state)),
    };
    return accumulator as Accumulator;
  },
});

/** Of one row: null, as Spark answers since 3.1. */
const sample = (of: (m: Moments) => number) => (m: Moments) => (m.n === 1 ? null : of(m));

export interface Pairs {
  readonly n: number;
  readonly x: number;
  readonly y: number;
  /** Sums of products of deviations. */
  readonly xy: number;
  readonly xx: number;
  readonly yy: number;
}

const NO_PAIRS: Pairs = { n: 0, x: 0, y: 0, xy: 0, xx: 0, yy: 0 };

function joinedPairs(a: Pairs, b: Pairs): Pairs {
  if (a.n === 0) return b;
  if (b.n === 0) return a;
  const n = a.n + b.n;
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const weight = (a.n * b.n) / n;
  return {
    n,
    x: a.x + (dx * b.n) / n,
    y: a.y + (dy * b.n) / n,
    xy: a.xy + b.xy + dx * dy * weight,
    xx: a.xx + b.xx + dx * dx * weight,
    yy: a.yy + b.yy + dy * dy * weight,
  };
}

function singlePair(x: number, y: number): Pairs {
  const [xx, yy] = [single(x).m2, single(y).m2];
  return { n: 1, x, y, xy: xx + yy, xx, yy };
}

/** An aggregate of two doubles over the pairs without a null; null of none. */
export const paired = (name: string, finish: (p: Pairs) => number | null): AggregateFunction => ({
  kind: 'aggregate',
  name,
  resolve: (args) => ({ ...fixedSignature(name, [DOUBLE, DOUBLE], FLOAT64)(args), nullable: true }),
  partialTypes: () => [FLOAT64, FLOAT64, FLOAT64, FLOAT64, FLOAT64, FLOAT64],
  accumulator: () => {
    const accumulator: Accumulator<Pairs> = {
      init: () => NO_PAIRS,
      update: (state, [x, y]) => (x === null || y === null ? state : joinedPairs(state, singlePair(x as number, y as number))),
      merge: (state, partial) => {
        const [n, x, y, xy, xx, yy] = partial as readonly number[];
        return joinedPairs(state, { n, x, y, xy, xx, yy });
      },
      partial: ({ n, x, y, xy, xx, yy }) => [n, x, y, xy, xx, yy],
      finish: (state) => (state.n === 0 ? null : finish(state)),
    };
    return accumulator as Accumulator;
  },
});

const times = (state: EngineValue | null, [value]: readonly (EngineValue | null)[]): EngineValue | null =>
  value === null ? state : ((state ?? 1) as number) * (value as number);

const product: AggregateFunction = {
  kind: 'aggregate',
  name: 'product',
  resolve: (args) => ({ ...fixedSignature('product', [DOUBLE], FLOAT64)(args), nullable: true }),
  partialTypes: () => [FLOAT64],
  accumulator: () => {
    const accumulator: Accumulator<EngineValue | null> = {
      init: () => null,
      update: times,
      merge: times,
      partial: (s) => [s],
      finish: (s) => s,
    };
    return accumulator as Accumulator;
  },
};

export const MOMENTS: readonly AggregateFunction[] = [
  moment(
    'stddev_samp',
    sample((m) => Math.sqrt(m.m2 / (m.n - 1))),
  ),
  moment('stddev_pop', (m) => Math.sqrt(m.m2 / m.n)),
  moment(
    'var_samp',
    sample((m) => m.m2 / (m.n - 1)),
  ),
  moment('var_pop', (m) => m.m2 / m.n),
  moment('skewness', (m) => (m.m2 === 0 ? null : (Math.sqrt(m.n) * m.m3) / Math.sqrt(m.m2 ** 3))),
  moment('kurtosis', (m) => (m.m2 === 0 ? null : (m.n * m.m4) / (m.m2 * m.m2) - 3)),
  paired('corr', (p) => (p.n === 1 ? null : p.xy / Math.sqrt(p.xx * p.yy))),
  paired('covar_pop', (p) => p.xy / p.n),
  paired('covar_samp', (p) => (p.n === 1 ? null : p.xy / (p.n - 1))),
  product,
];
