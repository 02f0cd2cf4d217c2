/**
 * Prints how long bundling a job takes in fresh processes: cold (nothing cached) and warm. `node bench/bundle-times.mjs [job file] [runs]`
 * Without a file, a job of 50 lines with 20 closures is made up.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const [file, runs = '5'] = process.argv.slice(2);
const directory = mkdtempSync(join(tmpdir(), 'bundle-times-'));
mkdirSync(join(ROOT, 'out'), { recursive: true });
const dist = mkdtempSync(join(ROOT, 'out', 'bundle-times-'));

const lines = Array.from({ length: 20 }, (_, i) => `  const k${i} = ${i};\n  rows.push([1, 2].map((x: number): number => x * k${i}));`);
const made = `import { job } from 'minispark';\nconst rows: number[][] = [];\nexport default job(async (): Promise<void> => {\n${lines.join('\n')}\n});\n`;
const job = file ? resolve(file) : join(directory, 'job.ts');
if (!file) writeFileSync(job, made);

// As scripts/build.mjs makes it: own code in shared chunks, packages outside.
await build({
  entryPoints: [join(ROOT, 'src/frontend/closures/bundle.ts')],
  outdir: dist,
  bundle: true,
  splitting: true,
  packages: 'external',
  format: 'esm',
  platform: 'node',
  outExtension: { '.js': '.mjs' },
});
const probe = `
globalThis[Symbol.for('minispark.api')] = { job: (main) => main };
const start = performance.now();
const { bundleJob } = await import(${JSON.stringify(join(dist, 'bundle.mjs'))});
const bundle = await bundleJob(${JSON.stringify(job)}, { cacheDir: process.env.CACHE });
console.log((performance.now() - start).toFixed(0), bundle.functions.size);
`;
writeFileSync(join(dist, 'probe.mjs'), probe);

function run(cache) {
  const { stdout, stderr } = spawnSync(process.execPath, [join(dist, 'probe.mjs')], {
    encoding: 'utf8',
    env: { ...process.env, CACHE: cache },
  });
  if (stderr) throw new Error(stderr);
  return stdout.trim().split(' ');
}

for (let i = 0; i < Number(runs); i++) {
  const cache = join(directory, `cache-${i}`);
  const [cold, functions] = run(cache);
  const [warm] = run(cache);
  console.log(`${functions} functions: cold ${cold} ms, from the cache ${warm} ms`);
}
rmSync(directory, { recursive: true });
rmSync(dist, { recursive: true });
