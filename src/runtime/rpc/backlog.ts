/** Owns: how many bytes were handed to a stream that it has not written yet, and who waits for them to become fewer. */

export class Backlog {
  private readonly most: number;
  private bytes = 0;
  private isOver = false;
  private waiting: (() => void)[] = [];

  /** There is room below `most` bytes. */
  constructor(most: number) {
    this.most = most;
  }

  add(bytes: number): void {
    this.bytes += bytes;
  }

  written(bytes: number): void {
    this.bytes -= bytes;
    if (this.hasRoom()) this.release();
  }

  /** Nothing more is written: nobody needs to wait. */
  end(): void {
    this.isOver = true;
    this.release();
  }

  /** Resolves when there is room, or it is over. */
  room(): Promise<void> {
    return this.hasRoom() ? Promise.resolve() : new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  private hasRoom(): boolean {
    return this.isOver || this.bytes < this.most;
  }

  private release(): void {
    for (const resolve of this.waiting.splice(0)) resolve();
  }
}
