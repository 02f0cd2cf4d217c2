/** Broadcast variables and accumulators on every master, with a task that dies at its first attempt and leaves its adds behind. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Event } from '../../src/core/events.js';
import { clusterForEachTest, eventually, FIXTURES, filesBelow, run } from './processes.js';

const clusters = clusterForEachTest();
const { dir } = clusters;
const JOB = join(FIXTURES, 'shared-values.ts');
const env = { TMPDIR: dir };

/** Of 40 rows once each: 8 partitions of 5, one of which was begun twice. */
const EXPECTED = {
  first: ['zero 1.50', 'one 1.50', 'two 1.50', 'zero 1.50'],
  rows: 40,
  again: ['zero 1.50', 'one 1.50', 'two 1.50'],
  counted: { seen: '40', halves: 390, nines: [9, 19, 29, 39] },
  read: 'ACCUMULATOR_READ_IN_TASK',
  destroyed: 'BROADCAST_DESTROYED',
  captured: 'BROADCAST_DESTROYED',
  bytes: 32,
};

const resultOf = (stdout: string): unknown => JSON.parse(stdout.split('\n').find((line) => line.startsWith('{"first"')) ?? '');

test.each(['local[2]', 'local-cluster[2,1]'])('on %s', async (master) => {
  const { stdout, stderr } = await run(['submit', '--master', master, JOB], { env });
  expect(stderr).not.toContain('error');
  expect(resultOf(stdout)).toEqual(EXPECTED);
});

test('on a standing cluster, which keeps nothing after the session', async () => {
  const cluster = await clusters.start(2, { env });
  const { stdout, stderr } = await run(['submit', '--json', '--master', cluster.master, JOB], { env });
  expect(resultOf(stderr)).toEqual(EXPECTED);
  const events = stdout
    .split('\n')
    .filter((line) => line.startsWith('{"'))
    .map((line) => JSON.parse(line) as Event);
  const updates = events.flatMap((event) => (event.kind === 'task-finished' ? (event.accumulated ?? []) : []));
  expect(
    updates
      .filter(({ name }) => name === 'rows seen')
      .reduce((sum, { value }) => sum + Number((value as unknown as { $bigint: string }).$bigint), 0),
  ).toBeGreaterThanOrEqual(40);
  await eventually('the broadcast values are gone', () => !filesBelow(dir).some((file) => file.includes('blobs')));
});

test('a value of 100 MB reaches two worker processes', async () => {
  const { stdout, stderr } = await run(['submit', '--master', 'local-cluster[2,1]', JOB, '--big'], { env });
  expect(stderr).not.toContain('error');
  expect(resultOf(stdout)).toEqual({ ...EXPECTED, bytes: 104_000_000 });
});
