/**
 * Owns: the scheduler's clock and its timers by name. The clock counts milliseconds since the epoch but never runs backwards.
 */

/** A timer this late means that the process stood still: messages that came meanwhile wait unread. */
const LATE_MS = 1_000;

export class Timers {
  private readonly running = new Map<string, NodeJS.Timeout>();
  private readonly ring: (id: string) => void;

  constructor(ring: (id: string) => void) {
    this.ring = ring;
  }

  now(): number {
    return Math.round(performance.timeOrigin + performance.now());
  }

  /** Replaces a timer of the same name. */
  start(id: string, at: number): void {
    this.cancel(id);
    const wake = () => {
      this.running.delete(id);
      // Node may wake a fraction of a millisecond too soon; who is asked then finds that nothing is due, and nobody asks again.
      if (this.now() < at) return this.start(id, at);
      // Give unread heartbeats a turn before silence is concluded from them.
      if (this.now() - at > LATE_MS) this.start(id, this.now() + LATE_MS / 2);
      else this.ring(id);
    };
    this.running.set(id, setTimeout(wake, Math.max(0, at - this.now())));
  }

  cancel(id: string): void {
    clearTimeout(this.running.get(id));
    this.running.delete(id);
  }

  clear(): void {
    for (const timer of this.running.values()) clearTimeout(timer);
    this.running.clear();
  }
}
