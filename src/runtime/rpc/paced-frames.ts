/**
 * Owns: frames that leave no faster than the other side takes them. What waits is kept as it was given, not encoded: a value that goes to many
 * workers is then in memory once.
 */
import type { Writable } from 'node:stream';

export class PacedFrames<T> {
  private readonly stream: Writable;
  private readonly encode: (frame: T) => object;
  private readonly waiting: T[] = [];
  private full = false;
  private ending = false;

  constructor(stream: Writable, encode: (frame: T) => object) {
    this.stream = stream;
    this.encode = encode;
    stream.on('drain', () => {
      this.full = false;
      this.pump();
    });
  }

  write(frame: T): void {
    this.waiting.push(frame);
    this.pump();
  }

  /** Ends the stream once everything has left. */
  end(): void {
    this.ending = true;
    this.pump();
  }

  private pump(): void {
    while (!this.full && this.waiting.length > 0) this.full = !this.stream.write(this.encode(this.waiting.shift() as T));
    if (this.ending && this.waiting.length === 0) this.stream.end();
  }
}
