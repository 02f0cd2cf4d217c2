/** Owns: small pieces of memory cut from shared buffers: making a buffer of its own costs more than a block of two rows does. */

const FIRST_BYTES = 16 << 10;
const ARENA_BYTES = 256 << 10;

/** Gives zeroed pieces aligned to 64 bytes, small ones from a shared buffer that lives as long as any of them. */
export class Arena {
  private buffer = new ArrayBuffer(0);
  private used = 0;

  take(bytes: number): Uint8Array {
    if (bytes > ARENA_BYTES >> 2) return new Uint8Array(bytes);
    if (this.used + bytes > this.buffer.byteLength) {
      this.buffer = new ArrayBuffer(Math.min(ARENA_BYTES, Math.max(FIRST_BYTES, bytes, 2 * this.buffer.byteLength)));
      this.used = 0;
    }
    const piece = new Uint8Array(this.buffer, this.used, bytes);
    this.used += (bytes + 63) & ~63;
    return piece;
  }
}
