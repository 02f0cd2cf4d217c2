/** Owns: how figures are written for people: bytes, counts, times and rates. One form of each, in tables, progress and messages alike. */

const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
const COUNT_UNITS = ['', 'k', 'M', 'G', 'T'];

/** `0 B`, `812 B`, `34.1 MiB`: three digits at most before and one behind the point. */
export function formatBytes(bytes: number): string {
  return scaled(bytes, 1024, BYTE_UNITS, ' ');
}

/** `950`, `84.2k`, `1.2M`: for a glance. Tables use `formatExact`. */
export function formatCount(count: number): string {
  return scaled(count, 1000, COUNT_UNITS, '');
}

/** `1,204,332`. */
export function formatExact(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** Milliseconds as `87 ms`, `2.1 s`, `1 m 05 s` or `2 h 03 m`. */
export function formatDuration(ms: number): string {
  if (ms < 999.5) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m ${twoDigits(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${twoDigits(Math.floor((seconds % 3600) / 60))} m`;
}

/** Bytes in so many milliseconds as `312.0 MiB/s`; empty where there is nothing to divide. */
export function formatRate(bytes: number, ms: number): string {
  return bytes > 0 && ms > 0 ? `${formatBytes((bytes / ms) * 1000)}/s` : '';
}

function scaled(value: number, base: number, units: readonly string[], gap: string): string {
  let unit = 0;
  let figure = value;
  // What rounds up to the next unit belongs to it: 1023.96 KiB is 1.0 MiB.
  while (unit < units.length - 1 && figure >= base - 0.05) {
    figure /= base;
    unit++;
  }
  return `${unit === 0 ? Math.round(figure) : figure.toFixed(1)}${gap}${units[unit]}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
