import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Rooms whose tests leave nothing behind in their process: they share processes, which load `src` once and not once a file. */
const PURE = [
  'test/{core,data,planner}/**/*.test.ts',
  'test/engine/{codegen,exec,sources}/**/*.test.ts',
  'test/frontend/{api,functions,plan,sql}/**/*.test.ts',
];

/** What takes longest comes first, lest all wait for it last; files that share processes stand together. */
const ORDER = [/random-plans|recovery\.test|cluster\/answers/, /test\/cluster\//, /test\/(runtime|tpch|conformance)\//];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId, project }: TestSpecification): number => {
      if (!project.config.isolate) return ORDER.length + 1;
      const at = ORDER.findIndex((pattern) => pattern.test(moduleId));
      return at < 0 ? ORDER.length : at;
    };
    const sorted = await super.sort(files);
    return sorted.sort((a, b) => rank(a) - rank(b));
  }
}

export default defineConfig({
  resolve: { alias: { minispark: fileURLToPath(new URL('./src/index.ts', import.meta.url)) } },
  test: {
    environment: 'node',
    reporters: ['default'],
    // One more than there are cores: tests of processes wait for them half of their time.
    maxWorkers: availableParallelism() + 1,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        test: { name: 'pure', include: PURE, isolate: false, testTimeout: 20_000, hookTimeout: 20_000 },
      },
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [...PURE, 'test/cluster/**', 'test/heavy/**'],
          testTimeout: 20_000,
          hookTimeout: 20_000,
        },
      },
      // These start real processes and sockets, with time for a slow machine.
      {
        extends: true,
        test: { name: 'cluster', include: ['test/cluster/**/*.test.ts'], testTimeout: 120_000, hookTimeout: 60_000 },
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
    ],
  },
});
