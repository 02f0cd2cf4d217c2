/**
 * Owns: what differs from row to row without a reason in the data: `rand randn poisson uuid`, and the numbering of rows and partitions
 * (`monotonically_increasing_id`, `spark_partition_id`). For a seed, `rand` and `randn` give Spark's numbers: its XORShift generator.
 */
import { randomUUID } from 'node:crypto';
import { FLOAT64, INT32, INT64, STRING } from '../../data/types.js';
import type { Argument, ScalarFunction } from './definition.js';
import { castType, checkCount, DOUBLE, INT, LONG } from './signature.js';

/** Murmur3 x86-32 with the standard tail, of whole 32-bit words. */
function murmur(words: readonly number[], seed: number): number {
  let h = seed;
  for (const word of words) {
    let k = Math.imul(word, 0xcc9e2d51);
    k = (k << 15) | (k >>> 17);
    h ^= Math.imul(k, 0x1b873593);
    h = (h << 13) | (h >>> 19);
    h = (Math.imul(h, 5) + 0xe6546b64) | 0;
  }
  h ^= words.length * 4;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** scala.util.hashing.MurmurHash3.arraySeed, with which Spark scrambles seeds. */
const ARRAY_SEED = 0x3c074a61;

const bigEndian = (word: number): number => Buffer.from(Uint32Array.of(word).buffer).swap32().readInt32LE();

/** Uniform in [0, 1) as Spark's XORShiftRandom of this seed: 53 bits of a 64-bit xorshift (21, 35, 4), held in two halves. */
export function uniform(seed: bigint): () => number {
  const words = [bigEndian(Number(BigInt.asUintN(32, seed >> 32n))), bigEndian(Number(BigInt.asUintN(32, seed)))];
  let low = murmur(words, ARRAY_SEED);
  let high = murmur(words, low);
  const next = (mask: number): number => {
    const shifted = (high << 21) | (low >>> 11);
    low ^= low << 21;
    high ^= shifted;
    low ^= high >>> 3;
    high ^= (high << 4) | (low >>> 28);
    low ^= low << 4;
    return low & mask;
  };
  return () => {
    const upper = next(0x3ffffff);
    return (upper * 2 ** 27 + next(0x7ffffff)) * 2 ** -53;
  };
}

/** Standard normal, by pairs, in the polar form that Java's Random has. */
function gaussian(next: () => number): () => number {
  let spare: number | null = null;
  return () => {
    if (spare !== null) {
      const value = spare;
      spare = null;
      return value;
    }
    for (;;) {
      const [a, b] = [2 * next() - 1, 2 * next() - 1];
      const square = a * a + b * b;
      if (square >= 1 || square === 0) continue;
      const factor = Math.sqrt((-2 * Math.log(square)) / square);
      spare = b * factor;
      return a * factor;
    }
  };
}

/** Above this mean the normal distribution is near enough, and e to minus it is soon no number any more. */
const MOST_INVERTED = 500;

/** How many times an event with this mean happens: by inversion. */
function poissonOf(mean: number, next: () => number): () => number {
  if (mean > MOST_INVERTED) {
    const normal = gaussian(next);
    return () => Math.min(2 ** 31 - 1, Math.max(0, Math.round(mean + Math.sqrt(mean) * normal())));
  }
  return () => {
    const u = next();
    let count = 0;
    let term = Math.exp(-mean);
    for (let sum = term; u > sum && term > 0; sum += term) {
      count++;
      term *= mean / count;
    }
    return count;
  };
}

const seedType = (name: string, arg: Argument, i: number) => castType(name, arg, arg.type.kind === 'int64' ? LONG : INT, i);

const seedOf = (arg: Argument | undefined, partition: number): bigint =>
  BigInt((arg?.literal as number | bigint | null | undefined) ?? 0) + BigInt(partition);

const random = (name: string, shape: (next: () => number) => () => number): ScalarFunction => ({
  kind: 'scalar',
  name,
  nulls: 'custom',
  deterministic: false,
  stateful: true,
  seeded: true,
  resolve: (args) => {
    checkCount(name, args.length, 0, 1);
    return { args: args.map((arg, i) => seedType(name, arg, i)), result: FLOAT64, nullable: false };
  },
  evaluator: ({ args, partition = 0 }) => shape(uniform(seedOf(args[0], partition))),
});

/** poisson(mean, seed): how often a row is drawn by a sample with replacement. */
const poisson: ScalarFunction = {
  kind: 'scalar',
  name: 'poisson',
  nulls: 'custom',
  deterministic: false,
  stateful: true,
  resolve: (args) => {
    checkCount('poisson', args.length, 2);
    return { args: [castType('poisson', args[0], DOUBLE, 0), seedType('poisson', args[1], 1)], result: INT32, nullable: false };
  },
  evaluator: ({ args, partition = 0 }) => poissonOf(Number(args[0].literal ?? 0), uniform(seedOf(args[1], partition))),
};

const uuid: ScalarFunction = {
  kind: 'scalar',
  name: 'uuid',
  nulls: 'custom',
  deterministic: false,
  stateful: true,
  resolve: (args) => {
    checkCount('uuid', args.length, 0);
    return { args: [], result: STRING, nullable: false };
  },
  evaluator: () => () => randomUUID(),
};

/** Rows of a partition count up from its number × 2^33. */
const increasingId: ScalarFunction = {
  kind: 'scalar',
  name: 'monotonically_increasing_id',
  nulls: 'custom',
  deterministic: false,
  stateful: true,
  resolve: (args) => {
    checkCount('monotonically_increasing_id', args.length, 0);
    return { args: [], result: INT64, nullable: false };
  },
  evaluator: ({ partition = 0 }) => {
    let next = BigInt(partition) << 33n;
    return () => next++;
  },
};

const partitionId: ScalarFunction = {
  kind: 'scalar',
  name: 'spark_partition_id',
  nulls: 'custom',
  deterministic: false,
  stateful: true,
  resolve: (args) => {
    checkCount('spark_partition_id', args.length, 0);
    return { args: [], result: INT32, nullable: false };
  },
  evaluator:
    ({ partition = 0 }) =>
    () =>
      partition,
};

export const RANDOM: readonly ScalarFunction[] = [
  random('rand', (next) => next),
  random('randn', gaussian),
  poisson,
  uuid,
  increasingId,
  partitionId,
];
