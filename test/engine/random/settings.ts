/** The settings under which a random plan runs, and the engine run under them. */
import fc from 'fast-check';
import { Config } from '../../../src/core/config.js';
import { readValue } from '../../../src/data/value.js';
import type { Plan } from '../../../src/frontend/plan/logical.js';
import { InProcessBackend } from '../exec/in-process.js';
import { interpret } from './interpreted.js';
import type { Value } from './reference-values.js';

const DIMENSIONS = {
  source: ['memory', 'parquet'],
  partitions: [1, 2, 7, 64],
  memory: ['8m', '64g'],
  expressions: ['generated', 'interpreted'],
  optimizer: [true, false],
  broadcast: ['10m', '0'],
  batches: ['usual', 'short'],
  adaptive: [true, false],
  aggregates: ['hash', 'sort'],
  combine: [true, false],
} as const;

export type Settings = { readonly [K in keyof typeof DIMENSIONS]: (typeof DIMENSIONS)[K][number] };

export const settingsArbitrary: fc.Arbitrary<Settings> = fc.record({
  source: fc.constantFrom(...DIMENSIONS.source),
  // Many partitions are many tasks: one plan in ten has them.
  partitions: fc.constantFrom(1, 1, 1, 2, 2, 2, 7, 7, 7, 64),
  memory: fc.constantFrom(...DIMENSIONS.memory),
  expressions: fc.constantFrom(...DIMENSIONS.expressions),
  optimizer: fc.constantFrom(...DIMENSIONS.optimizer),
  broadcast: fc.constantFrom(...DIMENSIONS.broadcast),
  batches: fc.constantFrom(...DIMENSIONS.batches),
  adaptive: fc.constantFrom(...DIMENSIONS.adaptive),
  aggregates: fc.constantFrom(...DIMENSIONS.aggregates),
  combine: fc.constantFrom(...DIMENSIONS.combine),
});

/** Every two of the settings, as text. */
export function settingsPairs(settings: Settings): string[] {
  const own = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
  return own.flatMap((a, i) => own.slice(i + 1).map((b) => `${a} ${b}`));
}

/** All pairs that there are. */
export function allPairs(): string[] {
  const names = Object.keys(DIMENSIONS) as (keyof typeof DIMENSIONS)[];
  return names.flatMap((a, i) =>
    names.slice(i + 1).flatMap((b) => DIMENSIONS[a].flatMap((x) => DIMENSIONS[b].map((y) => `${a}=${x} ${b}=${y}`))),
  );
}

/** Small enough that small tables coalesce, split and change joins. */
const ADAPTIVE = { slots: 2, targetBytes: 2000, broadcastBytes: 4000 };

export interface Outcome {
  readonly rows: readonly (readonly Value[])[];
  readonly spilledBytes: number;
  /** How stages were adapted. */
  readonly adapted: readonly string[];
}

export interface Sizes {
  /** Whether some table has thousands of rows; batches of three would take long then. */
  readonly hasMany: boolean;
  /** Of the files of the largest table that is read from files. */
  readonly fileBytes: number;
}

export async function runEngine(plan: Plan, settings: Settings, { hasMany, fileBytes }: Sizes): Promise<Outcome> {
  const config = Config.from({
    'shuffle.partitions': String(settings.partitions),
    'read.splitBytes': String(Math.max(1, Math.ceil(fileBytes / settings.partitions))),
    memory: settings.memory,
    'broadcast.threshold': settings.broadcast,
    'aggregate.strategy': settings.aggregates,
    'shuffle.combine': String(settings.combine),
    'batch.rows': settings.batches === 'usual' ? '32768' : hasMany ? '300' : '3',
  });
  interpret(settings.expressions === 'interpreted');
  const backend = new InProcessBackend(config, settings.optimizer, settings.adaptive ? ADAPTIVE : null);
  const { schema, batches } = await backend.execute(plan);
  const rows: Value[][] = [];
  for await (const batch of batches) {
    for (let i = 0; i < batch.length; i++) rows.push(schema.fields.map((f, k) => readValue(batch.columns[k], f.type, i)));
  }
  return { rows, spilledBytes: backend.metrics.spilledBytes, adapted: backend.decisions.map(({ decision }) => decision) };
}
