/**
 * Owns: several key columns as one byte string, equal exactly where the keys are equal (null = null, NaN = NaN, -0 = 0), for BytesTable.
 * Generated code calls `reset` and one `put…` a column.
 */

import { allocBytes } from '../../data/alloc.js';
import type { EngineValue } from '../../data/value.js';
import { valueKey } from '../../frontend/functions/value-key.js';

const NULL_TAG = 0;
const VALUE_TAG = 1;

export class KeyBuffer {
  data: Uint8Array = allocBytes(256);
  length = 0;
  private readonly double = new Float64Array(1);
  private readonly halves = new Int32Array(this.double.buffer);

  reset(): void {
    this.length = 0;
  }

  putNull(): void {
    if (this.length === this.data.length) this.grow(1);
    this.data[this.length++] = NULL_TAG;
  }

  /** An exact integer of magnitude below 2^53. */
  putInt(value: number): void {
    this.putHalves(value | 0, Math.floor(value / 4294967296) | 0);
  }

  putBig(value: bigint): void {
    const low = BigInt.asIntN(64, value);
    this.putHalves(Number(BigInt.asIntN(32, low)), Number(low >> 32n));
    // Wide decimals have a second half; one that follows from the first is left out, so that small values are equal however they are held.
    if (low !== value) this.putBytes(new Uint8Array(Buffer.from(String(value))), 0, String(value).length);
  }

  putFloat(value: number): void {
    this.double[0] = value === 0 ? 0 : Number.isNaN(value) ? Number.NaN : value;
    this.putHalves(this.halves[0], this.halves[1]);
  }

  putBool(value: boolean): void {
    if (this.length + 2 > this.data.length) this.grow(2);
    this.data[this.length++] = VALUE_TAG;
    this.data[this.length++] = value ? 1 : 0;
  }

  putBytes(data: Uint8Array, start: number, end: number): void {
    const size = end - start;
    if (this.length + 5 + size > this.data.length) this.grow(5 + size);
    const target = this.data;
    let at = this.length;
    target[at++] = VALUE_TAG;
    target[at++] = size;
    target[at++] = size >> 8;
    target[at++] = size >> 16;
    target[at++] = size >> 24;
    for (let i = start; i < end; i++) target[at++] = data[i];
    this.length = at;
  }

  /** Arrays and structs, by their engine value. */
  putValue(value: EngineValue): void {
    const text = Buffer.from(String(valueKey(value)));
    this.putBytes(text, 0, text.length);
  }

  private putHalves(low: number, high: number): void {
    if (this.length + 9 > this.data.length) this.grow(9);
    const target = this.data;
    const at = this.length;
    target[at] = VALUE_TAG;
    target[at + 1] = low;
    target[at + 2] = low >> 8;
    target[at + 3] = low >> 16;
    target[at + 4] = low >> 24;
    target[at + 5] = high;
    target[at + 6] = high >> 8;
    target[at + 7] = high >> 16;
    target[at + 8] = high >> 24;
    this.length = at + 9;
  }

  private grow(more: number): void {
    const larger = allocBytes(Math.max(this.length + more, this.data.length * 2));
    larger.set(this.data);
    this.data = larger;
  }
}
