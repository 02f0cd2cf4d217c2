/** Owns: drawing from a Zipf distribution in constant time: a table in which every item stands as often as it is likely. */

const SLOTS = 2 ** 20;

/**
 * 2^20 slots; `table[random >>> 12]` draws an item 0 … count − 1, item i with a likelihood proportional to 1 / (i + 1)^skew.
 * An item rarer than one in 2^20 may be missing, all others are within that of their share. `count` ≤ 65,536.
 */
export function zipfTable(count: number, skew: number): Uint16Array {
  const weights = Array.from({ length: count }, (_, i) => 1 / (i + 1) ** skew);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const table = new Uint16Array(SLOTS);
  let sum = 0;
  let slot = 0;
  for (let item = 0; item < count; item++) {
    sum += weights[item];
    // Rounded to whole slots, so that a last bit of `**` cannot show.
    const end = item === count - 1 ? SLOTS : Math.round((sum / total) * SLOTS);
    table.fill(item, slot, end);
    slot = end;
  }
  return table;
}
