/**
 * Random plans: the engine's rows are those of a naive reference and, where both define the answer, of DuckDB. Each plan runs under one
 * combination of rows in memory or in Parquet files, partitions, memory, generated or interpreted expressions, and more; every pair of settings must occur.
 * RANDOM_PLANS=20000 runs more of them; RANDOM_SEED=n runs those of an earlier run again; RANDOM_STORED=1 has each plan over files read a
 * table that lies in files of several writers, in place of one in five.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { caseArbitrary, checkCase, Tally } from './check.js';
import { removeFiles } from './files.js';
import { Oracle } from './oracle.js';
import { allPairs } from './settings.js';

// The functions of the engine, with or without their code generators.
vi.mock('../../../src/frontend/functions/registry.js', async (original) => {
  const { withoutGenerators } = await import('./interpreted.js');
  const registry = await original<typeof import('../../../src/frontend/functions/registry.js')>();
  return { ...registry, findFunction: (name: string) => withoutGenerators(registry.findFunction(name)) };
});

const PLANS = Number(process.env.RANDOM_PLANS ?? 1000);
const SEED = Number(process.env.RANDOM_SEED ?? Date.now() % 2 ** 30);
const BLOCKS = 10;
const PLANS_IN_BLOCK = Math.ceil(PLANS / BLOCKS);
/** For one block, the shrinking of a failure included. */
const MILLISECONDS = 40_000 + PLANS_IN_BLOCK * 300;

describe(`${PLANS} random plans, RANDOM_SEED=${SEED}`, () => {
  const tally = new Tally();
  let oracle: Oracle;
  beforeAll(async () => {
    oracle = await Oracle.open();
  });
  afterAll(() => {
    oracle.close();
    removeFiles();
  });

  test.each(Array.from({ length: BLOCKS }, (_, i) => i + 1))('part %i', { timeout: 2 * MILLISECONDS }, async (part) => {
    await fc.assert(
      fc.asyncProperty(caseArbitrary, (of) => checkCase(of, oracle, tally)),
      { seed: SEED + part, numRuns: PLANS_IN_BLOCK, interruptAfterTimeLimit: MILLISECONDS, markInterruptAsFailure: true },
    );
  });

  test('every pair of settings occurs, plans have answers, large ones spill', () => {
    const counts = (of: Map<string, number>): string =>
      [...of]
        .sort((a, b) => b[1] - a[1])
        .map(([name, n]) => `${name} ${n}`)
        .join(', ');
    console.log(
      [
        `RANDOM_SEED=${SEED}: ${tally.plans} plans, ${tally.answers} answers, ${tally.duckdb} of them compared with DuckDB.`,
        `Operators: ${counts(tally.operators)}.`,
        `Spilled by memory: ${counts(tally.spills)}.`,
        `Adapted: ${counts(tally.adapted)}.`,
        `Not compared with DuckDB: ${counts(tally.notInDuckdb)}.`,
      ].join('\n'),
    );
    expect(tally.plans).toBeGreaterThanOrEqual(PLANS);
    expect(tally.answers).toBeGreaterThan(0.9 * tally.plans);
    expect(tally.duckdb).toBeGreaterThan(0.7 * tally.plans);
    expect(allPairs().filter((pair) => !tally.pairs.has(pair))).toEqual([]);
    expect(tally.spills.get('8m') ?? 0).toBeGreaterThanOrEqual(PLANS / 500);
    expect(tally.spills.get('64g') ?? 0).toBe(0);
  });
});
