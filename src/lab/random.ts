/** Owns: numbers that look random and are the same on every machine: 32-bit integer arithmetic only, no Math function whose last bit may differ. */

const AHEAD = 1024;

/** The small fast counting generator sfc32 (Chris Doty-Humphrey, PractRand), drawn ahead in a loop over local variables: half the time of a call a number. */
export class Random {
  private readonly drawn = new Uint32Array(AHEAD);
  private at = AHEAD;
  private a: number;
  private b: number;
  private c: number;
  private counter = 1;

  /** Streams of different (seed, stream) are independent; both are whole numbers. */
  constructor(seed: number, stream: number) {
    this.a = seed | 0;
    this.b = Math.floor(seed / 2 ** 32) | 0;
    this.c = stream | 0;
    // The first numbers of neighbouring seeds are alike.
    this.draw(15);
  }

  /** 0 … 2^32 − 1. */
  next(): number {
    if (this.at === AHEAD) {
      this.draw(AHEAD);
      this.at = 0;
    }
    return this.drawn[this.at++];
  }

  /** 0 … bound − 1, for bounds up to 2^21 (the product stays exact). */
  below(bound: number): number {
    return Math.floor((this.next() * bound) / 2 ** 32);
  }

  private draw(count: number): void {
    let { a, b, c, counter } = this;
    for (let i = 0; i < count; i++) {
      const t = (((a + b) | 0) + counter) | 0;
      counter = (counter + 1) | 0;
      a = b ^ (b >>> 9);
      b = (c + (c << 3)) | 0;
      c = (((c << 21) | (c >>> 11)) + t) | 0;
      this.drawn[i] = t;
    }
    [this.a, this.b, this.c, this.counter] = [a, b, c, counter];
  }
}
