import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: { alias: { minispark: fileURLToPath(new URL('./src/index.ts', import.meta.url)) } },
  test: {
    environment: 'node',
    reporters: ['default'],
    // vitest would leave a core to itself, which of two is half.
    maxWorkers: Math.max(2, Math.ceil(availableParallelism() * 0.75)),
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/cluster/**', 'test/heavy/**'],
          testTimeout: 20_000,
          hookTimeout: 20_000,
        },
      },
      // What takes minutes and is not for every change: `HEAVY=1 npx vitest run --project heavy`, as .ci/run does.
      ...(process.env['HEAVY'] === undefined
        ? []
        : [
            {
              extends: true as const,
              test: { name: 'heavy', include: ['test/heavy/**/*.test.ts'], fileParallelism: false, testTimeout: 240_000 },
            },
          ]),
      // These start real processes and sockets: one file at a time, after the others, with time for a slow machine.
      {
        extends: true,
        test: {
          name: 'cluster',
          include: ['test/cluster/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
