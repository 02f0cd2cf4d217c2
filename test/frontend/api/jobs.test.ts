/** The example jobs: importing them runs nothing, their mains build plans, their map and reduce functions do what they say. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import accessLog from '../../../jobs/access-log.js';
import bestOrders from '../../../jobs/best-orders.js';
import invertedIndex from '../../../jobs/inverted-index.js';
import joinOrders from '../../../jobs/join-orders.js';
import wordcount from '../../../jobs/wordcount.js';
import wordcountMapReduce from '../../../jobs/wordcount-mapreduce.js';
import { type Job, parseJobArgs } from '../../../src/frontend/api/job.js';
import type { Emit } from '../../../src/frontend/api/map-reduce.js';
import { createSession } from '../../../src/frontend/api/session.js';
import type { Plan } from '../../../src/frontend/plan/logical.js';
import { RecordingBackend } from './recording-backend.js';

const JOBS = fileURLToPath(new URL('../../../jobs/', import.meta.url));

async function run(job: Job, args: Record<string, string>): Promise<RecordingBackend> {
  const backend = new RecordingBackend();
  await job.main(createSession(backend), parseJobArgs(job.args, args) as never);
  return backend;
}

/** Kinds of the nodes from the root down; of a join the left side. */
function kinds(plan: Plan): string {
  if (plan.kind === 'join') return `join < ${kinds(plan.left)}`;
  return 'child' in plan ? `${plan.kind} < ${kinds(plan.child)}` : plan.kind;
}

test.each([
  [wordcount, {}, ['write < sort < aggregate < filter < select < read']],
  [wordcountMapReduce, { input: 'in', output: 'out' }, ['write < select < mapGroups < mapElements < read']],
  [invertedIndex, { input: 'in', output: 'out', reducers: '2' }, ['write < select < mapGroups < mapElements < read']],
  [
    accessLog,
    { top: '3' },
    ['write < limit < sort < aggregate < select < filter < read', 'write < sort < aggregate < select < filter < read'],
  ],
  [bestOrders, {}, ['limit < sort < filter < select < filter < read', 'write < sort < filter < select < filter < read']],
  [
    joinOrders,
    {},
    ['limit < sort < aggregate < join < filter < read', 'write < sort < aggregate < join < filter < read', 'write < sort < join < read'],
  ],
])('%# plans', async (job, args, plans) => {
  vi.spyOn(console, 'log').mockReturnValue();
  expect((await run(job as Job, args as Record<string, string>)).executed.map(kinds)).toEqual(plans);
});

/** What the map and reduce functions of a job make of text files, in one process. */
async function mapAndReduce(job: Job, files: Record<string, string>): Promise<Record<string, unknown>> {
  const [map, reduce, combine] = (await run(job, { input: 'in', output: 'out' })).encoded as [
    (line: string, emit: Emit<string, unknown>, info: object) => void,
    (key: string, values: Iterable<unknown>, emit: Emit<string, unknown>) => void,
    ((key: string, values: Iterable<unknown>) => unknown)?,
  ];
  const groups = new Map<string, unknown[]>();
  for (const [fileName, text] of Object.entries(files)) {
    let offset = 0;
    for (const line of text.split('\n')) {
      const info = { partition: 0, attempt: 0, fileName: `file:///data/${fileName}`, offset };
      map(line, (key, value) => groups.set(key, [...(groups.get(key) ?? []), value]), info);
      offset += line.length + 1;
    }
  }
  const result: Record<string, unknown> = {};
  for (const [key, values] of groups) {
    const combined = combine ? [combine(key, values.slice(1)), values[0]] : values;
    reduce(key, combined, (outKey, value) => {
      result[outKey] = value;
    });
  }
  return result;
}

const files = { 'a.txt': 'Spark the spark\nno, spark!\n', 'b.txt': 'the north\n\nTHE spark' };

test('wordcount-mapreduce counts words', async () => {
  expect(await mapAndReduce(wordcountMapReduce, files)).toEqual({ spark: 4, the: 3, no: 1, north: 1 });
});

test('inverted-index finds the lines of longer words', async () => {
  expect(await mapAndReduce(invertedIndex, files)).toEqual({ spark: 'a.txt:0 a.txt:16 b.txt:11', north: 'b.txt:0' });
});

test('they are short', () => {
  for (const name of readdirSync(JOBS).filter((file) => file.endsWith('.ts'))) {
    expect(readFileSync(`${JOBS}${name}`, 'utf8').split('\n').length, name).toBeLessThanOrEqual(41);
  }
});
