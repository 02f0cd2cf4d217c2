/**
 * Owns: gathering messages into frames: what is sent within one turn of the event loop goes out together, since a frame's cost
 * (HTTP/2, protobuf, a system call) exceeds that of the small messages in it many times.
 */

const MAX_ITEMS = 512;
const MAX_BYTES = 1 << 20;

export class FrameWriter<T> {
  private items: T[] = [];
  private bytes = 0;
  private scheduled = false;
  private readonly write: (items: readonly T[], bytes: number) => void;

  /** `write` gets each frame's items in order, and their total weight. */
  constructor(write: (items: readonly T[], bytes: number) => void) {
    this.write = write;
  }

  /** `bytes`: about what the item weighs. A heavy one closes the frame at once. */
  push(item: T, bytes: number): void {
    this.items.push(item);
    this.bytes += bytes;
    if (this.items.length >= MAX_ITEMS || this.bytes >= MAX_BYTES) this.flush();
    else if (!this.scheduled) {
      this.scheduled = true;
      setImmediate(() => {
        this.scheduled = false;
        this.flush();
      });
    }
  }

  flush(): void {
    if (this.items.length === 0) return;
    const { items, bytes } = this;
    this.items = [];
    this.bytes = 0;
    this.write(items, bytes);
  }
}
