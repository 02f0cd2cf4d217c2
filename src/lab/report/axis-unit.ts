/** Owns: in which unit an axis counts, so that its numbers are short: seconds rather than 12,000 ms. */
import type { Unit } from '../metrics.js';

export interface AxisUnit {
  readonly per: number;
  readonly name: string;
}

const STEPS: Readonly<Record<Unit, readonly AxisUnit[]>> = {
  ms: [
    { per: 1, name: 'ms' },
    { per: 1000, name: 'seconds' },
    { per: 60_000, name: 'minutes' },
  ],
  bytes: ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'].map((name, i) => ({ per: 1024 ** i, name })),
  count: [
    { per: 1, name: '' },
    { per: 1e3, name: 'thousands' },
    { per: 1e6, name: 'millions' },
    { per: 1e9, name: 'billions' },
  ],
  ratio: [{ per: 1, name: '' }],
};

/** The largest unit of which `most` is at least two. */
export function axisUnit(unit: Unit, most: number): AxisUnit {
  const fits = STEPS[unit].filter(({ per }) => per === 1 || most >= 2 * per * (unit === 'count' ? 5 : 1));
  return fits[fits.length - 1];
}
