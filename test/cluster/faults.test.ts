/** `submit --kill`: a worker process of a local cluster is gone when the share was reached, and the answer is right all the same; `lab grade` with it. */
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Grade } from '../../src/lab/grade/grade.js';
import { ANSWER } from './gated.js';
import { FIXTURES, filesBelow, killAll, outputLines, run, start, temporary, within } from './processes.js';

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
  expect(outputLines(output).sort()).toEqual(ANSWER);
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

const grade = async (...args: string[]): Promise<{ code: number | null; stderr: string; result: Grade }> => {
  const { code, stdout, stderr } = await run(['lab', 'grade', '--seed', '3', ...args], { env: { TMPDIR: dir } });
  return { code, stderr, result: JSON.parse(stdout || '{}') as Grade };
};

test('lab grade: a job that is right whatever is killed has a score of 1', async () => {
  const { code, stderr, result } = await grade('--repeat', '1', join(FIXTURES, 'graded.ts'));
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: expect.stringMatching(/^undisturbed: equal .*\n1\/1 seed 3 worker-[12]@[\d.]+%: equal /),
  });
  expect(result).toMatchObject({ score: 1, passed: 1, seed: 3, repeat: 1, expectedRows: 3 });
  expect(result.runs).toMatchObject([{ seed: 3, equal: true, killed: true, difference: null, error: null }]);
  expect(filesBelow(dir).filter((path) => path.includes('grade'))).toEqual([]);
});

test('lab grade: a job that counts beside its rows has not, and is told where', async () => {
  const { code, result } = await grade('--quiet', '--repeat', '1', join(FIXTURES, 'graded.ts'), '--aside', join(dir, 'aside'));
  expect(code).toBe(1);
  expect(result.score).toBe(0);
  // A later run finds what the earlier one has left in the file.
  const [wrong] = [result.undisturbed, ...result.runs].filter(({ equal }) => !equal);
  expect(wrong.difference).toMatchObject({
    text: expect.stringMatching(/^expected \[\d,30\], which is missing$/),
    expectedRows: 3,
    gotRows: 3,
  });
});
