/**
 * Owns: a summary of numbers that answers quantiles within a rank error of `error` × count: Greenwald and Khanna's (SIGMOD 2001), with the
 * batching that Spark has, so that small inputs are answered exactly, by one of their values.
 */

/** Samples in ascending order: `gaps[i]` ranks lie between a sample and the one before, its own rank is off by `deltas[i]` at most. */
interface Samples {
  readonly values: number[];
  readonly gaps: number[];
  readonly deltas: number[];
}

/** Numbers that are kept as they come before they are sorted in, and samples above which they are compressed. */
const HEAD = 50_000;
const COMPRESS_ABOVE = 10_000;

export class QuantileSketch {
  private readonly error: number;
  private head: number[] = [];
  private samples: Samples = { values: [], gaps: [], deltas: [] };
  private count = 0;

  constructor(error: number) {
    this.error = error;
  }

  insert(value: number): void {
    this.head.push(value);
    if (this.head.length >= HEAD) this.settle();
  }

  /** `parts` of another sketch, as `parts()` gave them. */
  merge(other: { readonly values: readonly number[]; readonly gaps: readonly number[]; readonly deltas: readonly number[] }): void {
    const { values } = other;
    if (values.length === 0) return;
    this.settle();
    const added = other.gaps.reduce((sum, gap) => sum + gap, 0);
    // What lies between two samples of the other side may lie anywhere between them.
    const [mine, theirs] = [Math.floor(2 * this.error * added), Math.floor(2 * this.error * this.count)];
    const { samples } = this;
    const merged: Samples = { values: [], gaps: [], deltas: [] };
    let [i, k] = [0, 0];
    while (i < samples.values.length || k < values.length) {
      const own = k >= values.length || (i < samples.values.length && samples.values[i] < values[k]);
      if (own) {
        const extra = k > 0 && k < values.length ? mine : 0;
        push(merged, samples.values[i], samples.gaps[i], samples.deltas[i++] + extra);
      } else {
        const extra = i > 0 && i < samples.values.length ? theirs : 0;
        push(merged, values[k], other.gaps[k], other.deltas[k++] + extra);
      }
    }
    this.samples = merged;
    this.count += added;
    this.compress();
  }

  /** All that is known, to be merged elsewhere. */
  parts(): Readonly<Samples> {
    this.settle();
    return this.samples;
  }

  /** A value whose rank is near share × count; null of no values. */
  quantile(share: number): number | null {
    this.settle();
    const { values, gaps, deltas } = this.samples;
    if (this.count === 0) return null;
    const rank = Math.ceil(share * this.count);
    const slack = gaps.reduce((most, gap, i) => Math.max(most, gap + deltas[i]), 0) / 2;
    if (share <= this.error) return values[0];
    if (share >= 1 - this.error) return values[values.length - 1];
    let least = 0;
    for (let i = 0; i < values.length - 1; i++) {
      least += gaps[i];
      if (least + deltas[i] - slack <= rank && rank <= least + slack) return values[i];
    }
    return values[values.length - 1];
  }

  /** Sorts the head into the samples. */
  private settle(): void {
    if (this.head.length === 0) return;
    const sorted = Float64Array.from(this.head).sort();
    this.head = [];
    const { values, gaps, deltas } = this.samples;
    const merged: Samples = { values: [], gaps: [], deltas: [] };
    let i = 0;
    sorted.forEach((value, k) => {
      for (; i < values.length && values[i] <= value; i++) push(merged, values[i], gaps[i], deltas[i]);
      this.count++;
      const isEnd = merged.values.length === 0 || (k === sorted.length - 1 && i === values.length);
      push(merged, value, 1, isEnd ? 0 : Math.floor(2 * this.error * this.count));
    });
    for (; i < values.length; i++) push(merged, values[i], gaps[i], deltas[i]);
    this.samples = merged;
    this.compress();
  }

  /** Joins neighbours whose ranks together are known well enough, from the largest down; the least sample stays. */
  private compress(): void {
    const { values, gaps, deltas } = this.samples;
    if (values.length < COMPRESS_ABOVE) return;
    const bound = 2 * this.error * this.count;
    const kept: Samples = { values: [], gaps: [], deltas: [] };
    let [value, gap, delta] = [values[values.length - 1], gaps[values.length - 1], deltas[values.length - 1]];
    for (let i = values.length - 2; i >= 1; i--) {
      if (gaps[i] + gap + delta < bound) {
        gap += gaps[i];
      } else {
        push(kept, value, gap, delta);
        [value, gap, delta] = [values[i], gaps[i], deltas[i]];
      }
    }
    push(kept, value, gap, delta);
    push(kept, values[0], gaps[0], deltas[0]);
    for (const list of [kept.values, kept.gaps, kept.deltas]) list.reverse();
    this.samples = kept;
  }
}

function push(samples: Samples, value: number, gap: number, delta: number): void {
  samples.values.push(value);
  samples.gaps.push(gap);
  samples.deltas.push(delta);
}
