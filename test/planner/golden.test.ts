/** Every form of the example jobs' plans, from what the user wrote to stages, held as text in test/golden. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Several map tasks and reduce partitions, whatever machine this is. */
const CONF = ['--master', 'local[2]', '--conf', 'shuffle.partitions=4', '--conf', 'read.splitBytes=4k', '--conf', 'broadcast.threshold=2k'];

const JOBS: readonly (readonly [string, readonly string[]])[] = [
  ['wordcount', []],
  ['access-log', []],
  ['join-orders', []],
  ['best-orders', []],
  ['wordcount-mapreduce', ['--input', 'jobs/data/*.txt', '--output', 'out/counts', '--reducers', '3']],
  ['inverted-index', ['--input', 'jobs/data/*.txt', '--output', 'out/index', '--reducers', '2']],
];

test.each(JOBS)('%s', async (name, args) => {
  const command = ['bin/minispark.js', 'explain', '--mode', 'extended', ...CONF, `jobs/${name}.ts`, ...args];
  const text = execFileSync(process.execPath, command, { cwd: ROOT, encoding: 'utf8' });
  await expect(text).toMatchFileSnapshot(`../golden/${name}.txt`);
});
