/**
 * Workers that do not see one another's files, so that all blocks go over the wire: one of ten times the memory budget, and one that is damaged.
 * Memory is the proportional set size of each worker, sampled; files in the page cache are not counted.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from 'vitest';
import { CAN_MEASURE, readMemory } from '../../bench/process-group.mjs';
import type { EventOf } from '../../src/core/events.js';
import { FLIPPED_DATA, runDamaged } from '../cluster/damage.js';
import { newPlace, type Place } from '../cluster/gated.js';
import { filesBelow, killAll, ROOT, start, stopCluster, temporary, within } from '../cluster/processes.js';

const BUDGET = 32 << 20;
const ROW_BYTES = 120;
/** In two blocks. */
const ROWS = Math.ceil((2 * 10 * BUDGET) / ROW_BYTES);
const SAMPLE_MS = 50;

const { dir, remove } = temporary();
afterEach(killAll);
afterAll(remove);

/** The workers' directories are relative paths, by which nobody else finds their files. */
async function startApart({ own, env }: Place) {
  const scheduler = start(['scheduler', '--port', '0'], { env });
  const master = await scheduler.until('its address', ({ stdout }) => /listens on (grpc:\/\/\S+)\n/.exec(stdout)?.[1]);
  const workers = ['a', 'b'].map((name) => {
    const cwd = join(own, name);
    mkdirSync(cwd);
    return start(['worker', '--scheduler', master, '--threads', '1', '--dir', 'blocks'], { cwd, env });
  });
  await scheduler.until('both joined', ({ stdout }) => stdout.match(/ joined: /g)?.length === 2);
  return { scheduler, workers, master };
}

test.runIf(CAN_MEASURE)('a block of ten times the budget: its reader stays within 1.3 times the budget and 200 MB', async () => {
  const cluster = await startApart(newPlace(dir));
  let peak = 0;
  const sampler = setInterval(() => {
    peak = Math.max(peak, ...cluster.workers.map(({ pid }) => readMemory(pid)));
  }, SAMPLE_MS);
  const conf = [`memory=${BUDGET}`, 'adaptive=false'].flatMap((entry) => ['--conf', entry]);
  const args = ['--op', 'repartition', '--rows', String(ROWS), '--partitions', '1', '--maps', '2'];
  const job = start(['submit', '--json', '--master', cluster.master, ...conf, join(ROOT, 'bench', 'shuffle-memory.ts'), ...args]);
  const ended = await within(200_000, 'the end of the job', job.ended).finally(() => clearInterval(sampler));
  expect(ended).toMatchObject({ code: 0, stderr: expect.stringContaining(`${ROWS}\n`) });
  const finished = job.events.filter((event): event is EventOf<'task-finished'> => event.kind === 'task-finished');
  const [{ metrics }] = finished.sort((a, b) => b.metrics.shuffleRemoteBytes - a.metrics.shuffleRemoteBytes);
  expect(metrics.shuffleRemoteBytes).toBeGreaterThan(10 * BUDGET);
  expect(metrics.spilledBytes).toBe(metrics.shuffleRemoteBytes);
  const bound = 1.3 * BUDGET + 200e6;
  console.log(
    `a block of ${Math.round(metrics.shuffleRemoteBytes / 1e6)} MB: ${Math.round(peak / 1e6)} MB of ${Math.round(bound / 1e6)} MB`,
  );
  expect(peak).toBeLessThanOrEqual(bound);
  expect(filesBelow(dir).filter((path) => path.includes('fetched-'))).toEqual([]);
  await stopCluster(cluster);
});

test('a block with a flipped byte: its map runs again, and no other', async () => {
  const place = newPlace(dir);
  const cluster = await startApart(place);
  const { lost, again, remoteBytes } = await runDamaged(place, ['--master', cluster.master], [FLIPPED_DATA]);
  expect([lost, again]).toEqual([[0], [0]]);
  expect(remoteBytes).toBeGreaterThan(0);
  await stopCluster(cluster);
});
