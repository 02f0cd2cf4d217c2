/** A stage whose tasks share a partition and several of them, with a worker killed while it runs: what was lost is read again as it was adapted. */
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { EventOf } from '../../src/core/events.js';
import { JOBS, killAll, start, temporary, within } from './processes.js';

const { dir, remove } = temporary();
afterAll(() => {
  killAll();
  remove();
});

test('an adapted stage recovers: the answer is that of a plan that stayed as it was', async () => {
  const confs = ['shuffle.partitions=16', 'join.strategy=shuffle_hash', 'adaptive.targetBytes=40k'].flatMap((conf) => ['--conf', conf]);
  const file = join(JOBS, 'lab', 'skewed-join.ts');
  const sizes = ['--rows', '40000', '--pages', '20000', '--agent', '20', '--campaign', '200'];
  const answer = async (...options: string[]) => {
    const master = ['--master', 'local-cluster[2,1]'];
    const job = start(['submit', '--json', ...master, ...confs, ...options, file, ...sizes], { env: { TMPDIR: dir } });
    const { code, stderr } = await within(60_000, 'the end of the job', job.ended);
    expect(code, stderr).toBe(0);
    const rows = stderr.split('\n').filter((line) => line.includes('visits:'));
    expect(rows).toHaveLength(3);
    return { rows, events: job.events };
  };
  const killed = await answer('--kill', 'worker-2@60%');
  const plain = await answer('--conf', 'adaptive=false');
  const of = <K extends 'plan-adapted' | 'worker-lost' | 'shuffle-lost'>(kind: K) =>
    killed.events.filter((event): event is EventOf<K> => event.kind === kind);
  expect(of('worker-lost')).toHaveLength(1);
  expect(of('shuffle-lost').length).toBeGreaterThan(0);
  expect(new Set(of('plan-adapted').map(({ decision }) => decision))).toEqual(new Set(['coalesce', 'skew']));
  expect(killed.rows).toEqual(plain.rows);
});
