/** Owns: made-up keyed rows as CSV, whose keys are as unevenly spread as asked: what a shuffle suffers from. */
import type { BlockGenerator } from './dataset.js';
import { LineWriter } from './line-writer.js';
import { Random } from './random.js';
import { zipfTable } from './zipf.js';

export const SKEWED_HEADER = 'key,value,amount\n';
const KEYS = 10_000;
const LONGEST_LINE = 40;

/** Key k00000 is the commonest; `skew` 0 spreads 10,000 keys evenly, at 1 the first has a tenth of all rows, at 2 more than half. */
export function skewedGenerator(seed: number, skew: number): BlockGenerator {
  const keys = zipfTable(KEYS, skew);
  const line = new LineWriter();
  return (block, into) => {
    const random = new Random(seed, block);
    line.into(into);
    while (line.at <= into.length - LONGEST_LINE) {
      line.byte(107);
      line.digits(keys[random.next() >>> 12], 5);
      line.byte(44);
      line.digits(random.below(1_000_000), 1);
      line.byte(44);
      const cents = random.below(100_000);
      const whole = (cents / 100) | 0;
      line.digits(whole, 1);
      line.byte(46);
      line.digits(cents - whole * 100, 2);
      line.byte(10);
    }
    return line.at;
  };
}
