/** The TPC-H jobs as commands: printed and as CSV, and all 22 on a local cluster with the answers of one process. */
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { JOBS, killAll, outputLines, ROOT, run, temporary } from './processes.js';

const { dir, remove } = temporary();
const env = { TMPDIR: join(dir, 'tmp') };
mkdirSync(env.TMPDIR);
const DATA = join(ROOT, 'test/fixtures/tpch');

afterAll(() => {
  killAll();
  remove();
});

const submit = (file: string, args: readonly string[], master = 'local[2]') =>
  run(['submit', '--quiet', '--master', master, file, '--data', DATA, ...args], { env });

test('a query prints its answer, or writes it as CSV with a header', async () => {
  const file = join(JOBS, 'tpch/q05.ts');
  const printed = await submit(file, ['--region', 'EUROPE']);
  expect(printed).toMatchObject({ code: 0, stderr: '' });
  const output = join(dir, 'q05');
  expect(await submit(file, ['--region', 'EUROPE', '--output', output])).toEqual({ code: 0, stdout: '', stderr: '' });
  const cells = printed.stdout
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim())
        .join(','),
    );
  expect(cells[0]).toBe('n_name,revenue');
  expect(cells.length).toBeGreaterThan(1);
  expect(outputLines(output)).toEqual(cells);
});

test('an unknown argument is refused', async () => {
  const { code, stderr } = await submit(join(JOBS, 'tpch/q01.ts'), ['--dleta', '60']);
  expect(code).toBe(2);
  expect(stderr).toContain('Did you mean --delta');
});

test('all 22 answer alike on one process and on two', async () => {
  const session = join(ROOT, 'bench/tpch-session.ts');
  const [local, cluster] = [join(dir, 'local'), join(dir, 'cluster')];
  expect(await submit(session, ['--runs', '1', '--output', local])).toMatchObject({ code: 0, stderr: '' });
  expect(await submit(session, ['--runs', '1', '--output', cluster], 'local-cluster[2,1]')).toMatchObject({ code: 0, stderr: '' });
  const answers = (output: string) => readdirSync(output).map((query) => [query, outputLines(join(output, query))]);
  expect(answers(local)).toHaveLength(22);
  expect(answers(cluster)).toEqual(answers(local));
});
