/** Owns: `collect_frequent_items`, what df.stat.freqItems() asks: candidates for the values that are at least one in `size` rows, nulls too. */
import { arrayOf, field, INT64, structOf } from '../../data/types.js';
import type { EngineValue } from '../../data/value.js';
import type { Accumulator, AggregateFunction } from './definition.js';
import { ANY, castTypes, INT } from './signature.js';
import { valueKey } from './value-key.js';

type Item = readonly [value: EngineValue | null, count: bigint];
type Counts = Map<unknown, Item>;

/** Misra and Gries: at most `size` values are counted; one more takes the least count off all, so that what is frequent enough stays. */
function add(counts: Counts, size: number, [value, count]: Item): Counts {
  const key = valueKey(value);
  const known = counts.get(key);
  if (known !== undefined || counts.size < size) return counts.set(key, [value, (known?.[1] ?? 0n) + count]);
  let least = count;
  for (const [, held] of counts.values()) if (held < least) least = held;
  for (const [other, [item, held]] of counts) {
    if (held === least) counts.delete(other);
    else counts.set(other, [item, held - least]);
  }
  return count > least ? counts.set(key, [value, count - least]) : counts;
}

export const FREQUENT_ITEMS: AggregateFunction = {
  kind: 'aggregate',
  name: 'collect_frequent_items',
  resolve: (args) => {
    const types = castTypes('collect_frequent_items', args, [ANY, INT]);
    return { args: types, result: arrayOf(types[0], true), nullable: false };
  },
  partialTypes: ({ args }) => [arrayOf(structOf([field('value', args[0].type, true), field('count', INT64, false)]), false)],
  accumulator: ({ args }) => {
    const size = args[1].literal as number;
    const accumulator: Accumulator<Counts> = {
      init: () => new Map(),
      update: (counts, [value]) => add(counts, size, [value, 1n]),
      merge: (counts, [items]) => (items as unknown as readonly Item[]).reduce((all, item) => add(all, size, item), counts),
      partial: (counts) => [[...counts.values()] as unknown as EngineValue],
      finish: (counts) => [...counts.values()].map(([value]) => value) as EngineValue,
    };
    return accumulator as Accumulator;
  },
};
