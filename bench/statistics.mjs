/** Owns: what many runs come to, and how numbers are printed. */

/** Middle of the sorted values; of an even count the mean of the two in the middle. */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** `{median, min, max}`, or null where there is nothing. */
export function spread(values) {
  if (values.length === 0 || values.some((value) => value === null)) return null;
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

/** Of runs that took turns: each against its neighbour of the same round, so that a machine that slows down over time slows both. */
export function pairedRatio(above, below) {
  return spread(above.map((value, round) => value / below[round]));
}

export function formatSeconds(seconds) {
  return seconds >= 100 ? seconds.toFixed(0) : seconds.toFixed(2);
}

export function formatMebibytes(bytes) {
  return `${(bytes / 2 ** 20).toFixed(0)} MiB`;
}

/** `0.97 (0.95–1.02)` */
export function formatSpread({ median: middle, min, max }, format = (value) => value.toFixed(2)) {
  return min === max ? format(middle) : `${format(middle)} (${format(min)}–${format(max)})`;
}
