/** `submit --kill`: a worker process of a local cluster is gone when the share was reached, and the answer is right all the same. */
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { FIXTURES, killAll, outputLines, start, temporary, within } from './processes.js';

const { dir, remove } = temporary();
afterAll(() => {
  killAll();
  remove();
});

test('a worker is killed when half the tasks have finished: the answer is right', async () => {
  const output = join(dir, 'out');
  const args = [join(FIXTURES, 'gated.ts'), '--output', output, '--gate', FIXTURES];
  const job = start(['submit', '--json', '--master', 'local-cluster[2,1]', '--kill', 'worker-2@50%', ...args], { env: { TMPDIR: dir } });
  const { code, stderr } = await within(30_000, 'the end of the job', job.ended);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(outputLines(output).sort()).toEqual(['0:4165', '1:4200', '2:3995', '3:4029', '4:4063', '5:4097', '6:4131']);
  const { events } = job;
  const [submitted, fault, lost] = (['job-submitted', 'fault-injected', 'worker-lost'] as const).map((kind) => {
    const found = events.filter((event) => event.kind === kind);
    expect(found).toHaveLength(1);
    return found[0];
  });
  if (submitted.kind !== 'job-submitted' || fault.kind !== 'fault-injected' || lost.kind !== 'worker-lost') throw new Error('by kind');
  expect(fault).toMatchObject({ fault: 'kill', at: 0.5, worker: expect.stringMatching(/^worker-2-/) });
  expect(lost.worker).toBe(fault.worker);
  const before = events.slice(0, events.indexOf(fault)).filter((event) => event.kind === 'task-finished').length;
  expect(before).toBe(Math.ceil(submitted.stages.reduce((sum, { tasks }) => sum + tasks, 0) / 2));
});
