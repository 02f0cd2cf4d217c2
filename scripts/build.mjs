/**
 * Builds dist/: one esbuild run with shared chunks (all files lie flat in dist/, so that a path beside `import.meta.url` is right in each),
 * then type declarations, where TypeScript is installed. Works without devDependencies, as `npm ci --omit=dev` needs.
 * Files that did not change are not touched, so that a build under a running process does it no harm.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const DIST = join(ROOT, 'dist');

/** Name in dist/ → source. */
const ENTRIES = {
  cli: 'src/cli/main.ts',
  index: 'src/index.ts',
  'task-thread': 'src/runtime/worker/task-thread.ts',
};

async function bundle() {
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: ENTRIES,
    outdir: DIST,
    chunkNames: '[name]-[hash]',
    bundle: true,
    splitting: true,
    packages: 'external',
    // A job bundle never contains minispark itself; nor may ours.
    external: ['minispark'],
    format: 'esm',
    platform: 'node',
    target: 'node20',
    sourcemap: 'linked',
    logLevel: 'warning',
    write: false,
  });
  mkdirSync(DIST, { recursive: true });
  const written = new Set(outputFiles.map((file) => file.path));
  for (const file of outputFiles) {
    if (!existsSync(file.path) || !readFileSync(file.path).equals(file.contents)) writeFileSync(file.path, file.contents);
  }
  for (const name of readdirSync(DIST)) {
    const path = join(DIST, name);
    if (/\.js(\.map)?$/.test(name) && !written.has(path)) rmSync(path);
  }
  return outputFiles.filter((file) => file.path.endsWith('.js')).length;
}

/** Declarations only: checking types is `npm run typecheck`. */
function declare() {
  const tsc = installedTsc();
  if (tsc === null) return false;
  rmSync(join(DIST, 'types'), { recursive: true, force: true });
  const run = spawnSync(process.execPath, [tsc, '-p', 'scripts/tsconfig.types.json'], { cwd: ROOT, encoding: 'utf8' });
  if (run.status !== 0) {
    console.error(`Type declarations could not be made:\n${run.stdout}${run.stderr}`);
    process.exit(1);
  }
  return true;
}

function installedTsc() {
  try {
    const manifest = createRequire(join(ROOT, 'package.json')).resolve('typescript/package.json');
    return join(dirname(manifest), JSON.parse(readFileSync(manifest, 'utf8')).bin.tsc);
  } catch {
    return null;
  }
}

const start = performance.now();
const files = await bundle();
const types = declare();
const took = ((performance.now() - start) / 1000).toFixed(1);
console.log(`dist/: ${files} files${types ? ' and type declarations' : ''} in ${took} s`);
