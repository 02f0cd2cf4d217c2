/**
 * Owns: the one place where column buffers come from, so that they could later lie in a WebAssembly memory, and how they grow.
 * Receives element counts, gives zeroed typed arrays, which garbage collection frees; operators count what they hold (engine/exec/memory.ts).
 */
import { fatalError } from '../core/errors.js';
import type { FixedArray } from './batch.js';
import { type DataType, typeName } from './types.js';

/** Arrow offsets are 32-bit: no buffer of ours may hold more bytes. */
export const MAX_BUFFER_BYTES = 2 ** 31 - 1;

export function allocInt8(n: number): Int8Array {
  return new Int8Array(n);
}

export function allocInt16(n: number): Int16Array {
  return new Int16Array(n);
}

export function allocInt32(n: number): Int32Array {
  return new Int32Array(n);
}

export function allocInt64(n: number): BigInt64Array {
  return new BigInt64Array(n);
}

export function allocFloat32(n: number): Float32Array {
  return new Float32Array(n);
}

export function allocFloat64(n: number): Float64Array {
  return new Float64Array(n);
}

export function allocBytes(n: number): Uint8Array {
  return new Uint8Array(n);
}

/** The values array of a `fixed` column of `type` with `n` rows. Throws a fatal INTERNAL_ERROR for types of another layout. */
export function allocFixed(type: DataType, n: number): FixedArray {
  switch (type.kind) {
    case 'int8':
      return allocInt8(n);
    case 'int16':
      return allocInt16(n);
    case 'int32':
    case 'date':
    case 'year_month_interval':
      return allocInt32(n);
    case 'float32':
      return allocFloat32(n);
    case 'float64':
      return allocFloat64(n);
    case 'int64':
    case 'timestamp':
    case 'timestamp_ntz':
    case 'day_time_interval':
      return allocInt64(n);
    case 'decimal':
      if (type.precision <= 18) return allocInt64(n);
  }
  throw fatalError('INTERNAL_ERROR', `${typeName(type)} has no fixed layout.`);
}

/** A zeroed array of the same kind with room for `n` elements, `array` copied to its front. */
export function growTo<T extends FixedArray | Uint8Array>(array: T, n: number): T {
  const bigger = new (array.constructor as new (n: number) => T)(n);
  (bigger as Uint8Array).set(array as Uint8Array);
  return bigger;
}

/** The next capacity of a growing array that must hold `needed` elements of `width` bytes. Throws BATCH_TOO_LARGE past 2 GiB. */
export function nextCapacity(current: number, needed: number, width: number): number {
  const most = Math.floor(MAX_BUFFER_BYTES / width);
  if (needed > most) {
    throw fatalError('BATCH_TOO_LARGE', `A column of one batch would need ${needed * width} bytes; 2 GiB is the most.`, {
      hint: 'Lower batch.rows, or split the values',
    });
  }
  return Math.min(most, Math.max(needed, current * 2, 16));
}
