/** A word count on a scheduler and three workers, of which one is killed half-way, or all are. A fresh cluster for every run. */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { follow, startCluster } from '../cluster.mjs';
import { ratioCheck, ratioOf, takeTurns } from '../compare.mjs';
import { ROOT, SPACE_JOB } from '../minispark.mjs';
import { spread } from '../statistics.mjs';
import { checkCounts } from '../word-counts.mjs';

const WORKERS = 3;
const JOIN_TRIES = 10;
const LIMIT_SECONDS = 15;
/** Tasks of the first stage, at least: half-way must be somewhere. */
const LEAST_TASKS = 24;
const MOST_SPLIT_BYTES = 32 << 20;

export const kill = {
  name: 'kill',
  title: 'word count on a cluster of 3 whose workers are killed',
  async run(context) {
    const text = await context.text(context.size);
    const lastSeconds = [];
    const rows = await takeTurns(
      [
        { name: 'one of 3 workers killed half-way', run: () => onFreshCluster(context, text, oneKilled) },
        { name: '3 workers, undisturbed', run: () => onFreshCluster(context, text, undisturbed) },
        {
          name: 'all 3 workers killed half-way',
          async run() {
            const run = await onFreshCluster(context, text, allKilled);
            lastSeconds.push(run.secondsAfterKill);
            return run;
          },
        },
      ],
      context,
    );
    const last = spread(lastSeconds);
    return {
      rows,
      checks: [
        ratioCheck('one killed / undisturbed', ratioOf(rows[0], rows[1]), 2),
        { what: 'from the last kill to the error', value: last, unit: 's', bound: `≤ ${LIMIT_SECONDS} s`, ok: last.max <= LIMIT_SECONDS },
      ],
      note: 'Seconds of `submit` alone: the cluster stands before. Its CPU time and memory are not measured.',
    };
  },
};

async function onFreshCluster(context, text, act) {
  const dir = await context.freshDirectory();
  const cluster = await startCluster(WORKERS, dir);
  try {
    const env = { MINISPARK_CACHE_DIR: join(context.scratch, 'bundles') };
    await allJoined(cluster, dir, env);
    const output = join(dir, 'out');
    const splitBytes = Math.min(MOST_SPLIT_BYTES, Math.ceil(text.bytes / LEAST_TASKS));
    const args = [
      '--master',
      cluster.address,
      '--conf',
      `read.splitBytes=${splitBytes}`,
      SPACE_JOB,
      '--input',
      text.directory,
      '--output',
      output,
    ];
    const measured = await act({ cluster, args, env, output, expected: text.bySpace });
    return { cpuSeconds: null, memory: null, ...measured };
  } finally {
    await cluster.close();
    rmSync(dir, { recursive: true });
  }
}

/** A small job tells which workers are there; it is tried until all are. */
async function allJoined(cluster, dir, env) {
  const small = [
    '--master',
    cluster.address,
    'jobs/wordcount.ts',
    '--input',
    join(ROOT, 'jobs/data/*.txt'),
    '--output',
    join(dir, 'small'),
  ];
  for (let i = 0; i < JOIN_TRIES; i++) {
    const { events } = await follow(small, { env });
    if (events.filter((event) => event.kind === 'worker-registered').length === WORKERS) return;
  }
  throw new Error(`not all of ${WORKERS} workers joined`);
}

async function undisturbed({ args, env, output, expected }) {
  const ended = await follow(args, { env });
  succeeded(ended, output, expected);
  return { seconds: ended.seconds };
}

async function oneKilled({ cluster, args, env, output, expected }) {
  const ended = await follow(args, { env, onEvent: atHalf(() => cluster.kill(0)) });
  succeeded(ended, output, expected);
  const lost = ended.events.filter((event) => event.kind === 'worker-lost').length;
  if (lost !== 1) throw new Error(`one worker was killed, the job heard of ${lost}`);
  return { seconds: ended.seconds };
}

async function allKilled({ cluster, args, env, output }) {
  let killed = 0;
  const act = () => {
    killed = performance.now();
    for (let i = 0; i < WORKERS; i++) cluster.kill(i);
  };
  const ended = await follow(args, { env, onEvent: atHalf(act) });
  const secondsAfterKill = (performance.now() - killed) / 1000;
  if (killed === 0 || ended.code !== 1 || !ended.err.includes('error:')) {
    throw new Error(`all workers were killed, and the job ended with ${ended.signal ?? `code ${ended.code}`}:\n${ended.err}`);
  }
  if (existsSync(join(output, '_SUCCESS'))) throw new Error('all workers were killed, and the output says _SUCCESS');
  return { seconds: ended.seconds, secondsAfterKill };
}

/** Listens to a job and acts once, when half the tasks of its first stage are done. */
function atHalf(act) {
  let left = Number.POSITIVE_INFINITY;
  return (event) => {
    if (event.kind === 'stage-started' && left === Number.POSITIVE_INFINITY) left = Math.ceil(event.tasks / 2);
    if (event.kind === 'task-finished' && --left === 0) act();
  };
}

function succeeded({ code, signal, err }, output, expected) {
  if (code !== 0) throw new Error(`the job ended with ${signal ?? `code ${code}`}:\n${err}`);
  checkCounts(output, expected);
}
