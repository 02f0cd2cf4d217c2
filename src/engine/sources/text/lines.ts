/**
 * Owns: turning a block of lines into one `bytes` column: the line ends are squeezed out of the buffer in place, so that rows lie
 * end to end as Arrow wants them. The hot path of every text job.
 */
import { allocInt32, growTo, nextCapacity } from '../../../data/alloc.js';
import { type Block, CARRIAGE_RETURN, NEWLINE } from '../record-blocks.js';

/** From this many bytes a line on average, native search and copy beat a loop over bytes. */
const NATIVE_FROM = 24;

/** Scratch that lives as long as the reader; `offsets` and `starts` are overwritten by the next block. */
export class LineSqueezer {
  /** Row i is buffer[offsets[i], offsets[i + 1]). */
  offsets: Int32Array = allocInt32(4096);
  /** Byte of the file at which row i began; only when asked for. */
  starts: Float64Array | null;
  private average = NATIVE_FROM;

  constructor(withStarts: boolean) {
    this.starts = withStarts ? new Float64Array(4096) : null;
  }

  /** Changes the block's buffer; gives the number of rows. One '\r' before a '\n' goes too. */
  squeeze(block: Block): number {
    const rows = this.average >= NATIVE_FROM ? this.squeezeLong(block) : this.squeezeShort(block);
    this.average = (block.end - block.start) / Math.max(1, rows);
    return rows;
  }

  private squeezeLong(block: Block): number {
    const { buffer, start, end, position } = block;
    const view = Buffer.from(buffer.buffer, buffer.byteOffset, end);
    let from = start;
    let to = start;
    let row = 0;
    this.offsets[0] = start;
    while (from < end) {
      const found = view.indexOf(NEWLINE, from);
      const next = found < 0 ? end : found + 1;
      const stop = found > from && view[found - 1] === CARRIAGE_RETURN ? found - 1 : found < 0 ? end : found;
      if (to !== from) view.copyWithin(to, from, stop);
      to += stop - from;
      if (row + 2 > this.offsets.length) this.grow();
      if (this.starts !== null) this.starts[row] = position + from - start;
      this.offsets[++row] = to;
      from = next;
    }
    return row;
  }

  private squeezeShort(block: Block): number {
    const { buffer, start, end, position } = block;
    let offsets = this.offsets;
    let to = start;
    let lineStart = start;
    let row = 0;
    offsets[0] = start;
    for (let i = start; i < end; i++) {
      const byte = buffer[i];
      if (byte !== NEWLINE) {
        buffer[to++] = byte;
        continue;
      }
      if (i > lineStart && buffer[to - 1] === CARRIAGE_RETURN) to--;
      if (row + 2 > offsets.length) {
        this.grow();
        offsets = this.offsets;
      }
      if (this.starts !== null) this.starts[row] = position + lineStart - start;
      offsets[++row] = to;
      lineStart = i + 1;
    }
    if (lineStart < end) {
      if (row + 2 > offsets.length) this.grow();
      if (this.starts !== null) this.starts[row] = position + lineStart - start;
      this.offsets[++row] = to;
    }
    return row;
  }

  private grow(): void {
    this.offsets = growTo(this.offsets, nextCapacity(this.offsets.length, this.offsets.length + 1, 8));
    if (this.starts !== null) this.starts = growTo(this.starts, this.offsets.length);
  }
}
