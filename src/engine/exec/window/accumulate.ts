/**
 * Owns: any aggregate over any frame by its row-at-a-time accumulator: growing frames add rows, sliding ones keep two stacks of states so that
 * each row is added twice and merged once, whatever the width of the frame.
 */
import type { Column } from '../../../data/batch.js';
import { createBuilder } from '../../../data/builder.js';
import type { DataType } from '../../../data/types.js';
import type { EngineValue } from '../../../data/value.js';
import type { Accumulator } from '../../../frontend/functions/definition.js';
import type { Frames } from './frames.js';

/** The arguments of a row. */
export type ArgumentsOf = (row: number) => readonly (EngineValue | null)[];

/** Frames of fewer rows on average are added up anew for each row: it is cheaper, and sums of doubles come out as if added one by one. */
export const NARROW = 16;

export interface Accumulation {
  readonly accumulator: Accumulator;
  /** Whether a state stays small however many rows it has seen; else states of all rows of a frame would not fit. */
  readonly isSmall: boolean;
  readonly type: DataType;
}

/** The aggregate over the frame of each of the rows; `starts` as a block has them. */
export function accumulate(
  { accumulator, isSmall, type }: Accumulation,
  args: ArgumentsOf,
  starts: Int32Array,
  { from, to }: Frames,
): Column {
  const builder = createBuilder(type, from.length);
  for (let p = 0; p + 1 < starts.length; p++) {
    const [start, end] = [starts[p], starts[p + 1]];
    const states = statesFor(accumulator, isSmall, args, start, end, from, to);
    let value: EngineValue | null = null;
    for (let i = start; i < end; i++) {
      if (i === start || from[i] !== from[i - 1] || to[i] !== to[i - 1]) value = accumulator.finish(states.over(from[i], to[i]));
      builder.append(value);
    }
  }
  return builder.finish();
}

/** The state of ever later frames, neither end of which ever falls. It is read at once and never changed by the reader. */
export interface States {
  over(from: number, to: number): unknown;
}

function statesFor(
  accumulator: Accumulator,
  isSmall: boolean,
  args: ArgumentsOf,
  start: number,
  end: number,
  from: Int32Array,
  to: Int32Array,
): States {
  if (from[end - 1] === start) return new GrowingStates(accumulator, args, start);
  let width = 0;
  for (let i = start; i < end; i++) width += to[i] - from[i];
  return isSmall && width > NARROW * (end - start) ? new SlidingStates(accumulator, args, start) : new FreshStates(accumulator, args);
}

export class GrowingStates implements States {
  private readonly accumulator: Accumulator;
  private readonly args: ArgumentsOf;
  private state: unknown;
  private next: number;

  constructor(accumulator: Accumulator, args: ArgumentsOf, start: number) {
    this.accumulator = accumulator;
    this.args = args;
    this.state = accumulator.init();
    this.next = start;
  }

  over(_from: number, to: number): unknown {
    for (; this.next < to; this.next++) this.state = this.accumulator.update(this.state, this.args(this.next));
    return this.state;
  }
}

export class FreshStates implements States {
  private readonly accumulator: Accumulator;
  private readonly args: ArgumentsOf;

  constructor(accumulator: Accumulator, args: ArgumentsOf) {
    this.accumulator = accumulator;
    this.args = args;
  }

  over(from: number, to: number): unknown {
    let state = this.accumulator.init();
    for (let row = from; row < to; row++) state = this.accumulator.update(state, this.args(row));
    return state;
  }
}

/** `front[j]` is the state of rows base + j to middle, `back` that of rows middle to next: a frame that starts before middle is one of each. */
export class SlidingStates implements States {
  private readonly accumulator: Accumulator;
  private readonly args: ArgumentsOf;
  private front: unknown[] = [];
  private base: number;
  private middle: number;
  private next: number;
  private back: unknown;

  constructor(accumulator: Accumulator, args: ArgumentsOf, start: number) {
    this.accumulator = accumulator;
    this.args = args;
    this.base = this.middle = this.next = start;
    this.back = accumulator.init();
  }

  over(from: number, to: number): unknown {
    const { accumulator } = this;
    if (from >= to) return accumulator.init();
    if (from >= this.middle) this.turn(from, to);
    for (; this.next < to; this.next++) this.back = accumulator.update(this.back, this.args(this.next));
    const whole = accumulator.merge(accumulator.init(), accumulator.partial(this.front[from - this.base]));
    return this.next === this.middle ? whole : accumulator.merge(whole, accumulator.partial(this.back));
  }

  /** The rows of the frame become the front, the back is empty again. */
  private turn(from: number, to: number): void {
    const { accumulator } = this;
    const front = new Array<unknown>(to - from);
    for (let row = to - 1; row >= from; row--) {
      const state = accumulator.update(accumulator.init(), this.args(row));
      front[row - from] = row === to - 1 ? state : accumulator.merge(state, accumulator.partial(front[row - from + 1]));
    }
    this.front = front;
    this.base = from;
    this.middle = this.next = to;
    this.back = accumulator.init();
  }
}
