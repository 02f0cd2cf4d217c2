/** Owns: cutting a row of sizes into ranges of about equal sums, and what else is asked of lists of sizes. */

/** At most `count` ranges `[from, to)`, none empty, that cover all of `sizes` in order. */
export function cutEvenly(sizes: readonly number[], count: number): { readonly from: number; readonly to: number }[] {
  const total = sumOf(sizes);
  const ranges: { from: number; to: number }[] = [];
  let before = 0;
  let last = -1;
  sizes.forEach((size, i) => {
    // In which of the equal ranges its middle falls.
    const range = total === 0 ? 0 : Math.min(count - 1, Math.floor(((before + size / 2) * count) / total));
    if (range !== last) ranges.push({ from: i, to: i + 1 });
    else ranges[ranges.length - 1].to = i + 1;
    last = range;
    before += size;
  });
  return ranges;
}

export function sumOf(sizes: readonly number[]): number {
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** The lower one of two in the middle; 0 of none. */
export function medianOf(sizes: readonly number[]): number {
  return [...sizes].sort((a, b) => a - b)[(sizes.length - 1) >> 1] ?? 0;
}

/** 0 of none. */
export function maxOf(sizes: readonly number[]): number {
  return sizes.reduce((most, size) => Math.max(most, size), 0);
}
