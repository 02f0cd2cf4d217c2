/** Owns: minispark as one of those measured: its command, with all that one run writes in a directory of its own. */
import { rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { measure } from './measure.mjs';
import { checkCounts } from './word-counts.mjs';

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
export const COMMAND = join(ROOT, 'bin', 'minispark.js');
export const SPACE_JOB = 'bench/wordcount-space.ts';
export const LETTERS_JOB = 'bench/wordcount-class.ts';

/** A contender that counts words on a master. `coldBundle`: no run finds the bundle of one before. */
export function wordCount(context, { master, file = SPACE_JOB, input, expected, coldBundle = false }) {
  return {
    name: `minispark ${master}`,
    async run(options) {
      const dir = await context.freshDirectory();
      const output = join(dir, 'out');
      const cache = join(coldBundle ? dir : context.scratch, 'bundles');
      const args = [COMMAND, 'submit', '--quiet', '--master', master, file, '--input', input, '--output', output];
      const measured = await measure(process.execPath, args, { ...options, cwd: ROOT, env: { MINISPARK_CACHE_DIR: cache } });
      checkCounts(output, expected);
      rmSync(dir, { recursive: true });
      return measured;
    },
  };
}

/** Makes empty directories in `scratch`, one after the other. */
export function directoryMaker(scratch) {
  let made = 0;
  return async () => {
    const path = join(scratch, `run-${++made}`);
    await mkdir(path, { recursive: true });
    return path;
  };
}
