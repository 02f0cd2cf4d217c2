/** Owns: how many bytes the states of groups take that are JavaScript values: by estimate, from a few of them. */

const SAMPLES = 16;
const OBJECT_BYTES = 48;

/** Bytes of the first `count` of `states`, one a group; undefined where a group has none yet. */
export function estimateStates(states: readonly unknown[], count: number): number {
  if (count === 0) return 0;
  const step = Math.ceil(count / SAMPLES);
  let bytes = 0;
  let samples = 0;
  for (let i = 0; i < count; i += step, samples++) bytes += bytesOf(states[i], 2);
  return Math.ceil((bytes / samples) * count);
}

/** Of a collection, some of its items stand for all; below `depth` levels nothing is looked at. */
function bytesOf(value: unknown, depth: number): number {
  if (typeof value === 'string') return OBJECT_BYTES + 2 * value.length;
  if (typeof value !== 'object' || value === null) return 8;
  if (ArrayBuffer.isView(value)) return OBJECT_BYTES + value.byteLength;
  if (value instanceof Map || value instanceof Set) return collectionBytes(value, value.size, depth);
  if (Array.isArray(value)) return collectionBytes(value, value.length, depth);
  return collectionBytes(Object.values(value), Object.keys(value).length, depth);
}

function collectionBytes(items: Iterable<unknown>, size: number, depth: number): number {
  if (size === 0 || depth === 0) return OBJECT_BYTES * (1 + size);
  let bytes = 0;
  let samples = 0;
  for (const item of items) {
    bytes += 8 + bytesOf(item, depth - 1);
    if (++samples === SAMPLES) break;
  }
  return OBJECT_BYTES + Math.ceil((bytes / samples) * size);
}
