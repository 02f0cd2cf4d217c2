/** Owns: bitmaps, least significant bit first: the validity of columns and the values of booleans. */
import { allocBytes } from './alloc.js';

export function getBit(bits: Uint8Array, i: number): boolean {
  return (bits[i >> 3] & (1 << (i & 7))) !== 0;
}

/** A bitmap of `n` bits with every bit set; bits past the end are clear. */
export function fullBitmap(n: number): Uint8Array {
  const bits = allocBytes((n + 7) >> 3).fill(255);
  clearTail(bits, n);
  return bits;
}

/** Clears the bits from `n` to the end of the last byte, so that equal bitmaps are equal bytes. */
export function clearTail(bits: Uint8Array, n: number): void {
  if (n & 7) bits[n >> 3] &= (1 << (n & 7)) - 1;
}

/** How many of the first `n` bits are set. */
export function countSet(bits: Uint8Array, n: number): number {
  let count = 0;
  const whole = n >> 3;
  for (let i = 0; i < whole; i++) count += POPULATION[bits[i]];
  if (n & 7) count += POPULATION[bits[whole] & ((1 << (n & 7)) - 1)];
  return count;
}

const POPULATION = Uint8Array.from({ length: 256 }, (_, byte) => {
  let count = 0;
  for (let rest = byte; rest > 0; rest >>= 1) count += rest & 1;
  return count;
});

/** Bits `from` to `to` re-based to bit 0: a view where `from` is a multiple of eight, else a copy. */
export function sliceBits(bits: Uint8Array, from: number, to: number): Uint8Array {
  if ((from & 7) === 0) return bits.subarray(from >> 3, (to + 7) >> 3);
  const out = allocBytes((to - from + 7) >> 3);
  copyBits(bits, from, out, 0, to - from);
  return out;
}

/** ORs `n` bits of `source` from bit `sourceBit` into `target` at `targetBit`, whose bits there must be clear. */
export function copyBits(source: Uint8Array, sourceBit: number, target: Uint8Array, targetBit: number, n: number): void {
  let i = 0;
  // Bit by bit until the target is at a byte boundary, then a byte at a time, then the rest bit by bit.
  for (; i < n && (targetBit + i) & 7; i++) copyBit(source, sourceBit + i, target, targetBit + i);
  const shift = (sourceBit + i) & 7;
  let from = (sourceBit + i) >> 3;
  let to = (targetBit + i) >> 3;
  for (; i + 8 <= n; i += 8, from++, to++) {
    target[to] = shift === 0 ? source[from] : (source[from] >> shift) | (source[from + 1] << (8 - shift));
  }
  for (; i < n; i++) copyBit(source, sourceBit + i, target, targetBit + i);
}

function copyBit(source: Uint8Array, from: number, target: Uint8Array, to: number): void {
  if (source[from >> 3] & (1 << (from & 7))) target[to >> 3] |= 1 << (to & 7);
}

/** Sets `n` bits of `target` from bit `start` on. */
export function setBits(target: Uint8Array, start: number, n: number): void {
  let i = start;
  const end = start + n;
  for (; i < end && i & 7; i++) target[i >> 3] |= 1 << (i & 7);
  const bytes = (end - i) >> 3;
  target.fill(255, i >> 3, (i >> 3) + bytes);
  for (i += bytes << 3; i < end; i++) target[i >> 3] |= 1 << (i & 7);
}
