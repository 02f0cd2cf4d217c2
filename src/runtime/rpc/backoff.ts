/** Owns: how long to wait before a call is tried again. */

export interface Backoff {
  /** Before the second try. */
  readonly firstMs: number;
  /** Each wait is so many times the one before. */
  readonly factor: number;
  readonly mostMs: number;
}

/**
 * The wait after the `failures`th failure in a row, counted from 1: grows exponentially up to `mostMs`, of which half is left to chance, so that
 * many that failed together do not come back together. `random` gives numbers from 0 to below 1.
 */
export function backoffMs(failures: number, { firstMs, factor, mostMs }: Backoff, random: () => number = Math.random): number {
  const full = Math.min(mostMs, firstMs * factor ** (failures - 1));
  return (full / 2) * (1 + random());
}
