/** A sort, a repartitioning, a function of the user and a wide shuffle, each twice in one session, against Spark's. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { linesOf, ratioCheck, takeTurns, timed } from '../compare.mjs';
import { checkApart, checkMarks, checkSorted } from '../lineitem-checks.mjs';
import { measure } from '../measure.mjs';
import { COMMAND, ROOT } from '../minispark.mjs';
import { sparkWork } from '../peers.mjs';
import { formatMebibytes, pairedRatio, spread } from '../statistics.mjs';

const RUNS = 2;
const SHUFFLED_ROWS = 20_000_000;
const LOCAL = 'local[2]';
const CLUSTER = 'local-cluster[2,1]';

export const sort = workBenchmark({
  name: 'sort',
  title: 'lineitem in order of price and order key, into Parquet',
  masters: [LOCAL, CLUSTER],
  seconds: 15,
  check: ({ data, output }) => checkSorted(data, output),
});

export const repartition = workBenchmark({
  name: 'repartition',
  title: 'lineitem spread over 64 partitions by part key, into Parquet',
  masters: [LOCAL, CLUSTER],
  seconds: 9,
  check: ({ data, output }) => checkApart(data, output, 64),
});

export const udf = workBenchmark({
  name: 'udf',
  title: 'a function of the user over 6M rows, counted',
  masters: [LOCAL],
  seconds: 1.5,
  boundRun: 2,
  check: ({ data, runs }) => Promise.all(runs.map(({ rows }) => checkMarks(data, rows))),
});

export const shuffle = workBenchmark({
  name: 'shuffle',
  title: '20M rows from 64 tasks to 512, grouped by 1,000 keys',
  masters: [CLUSTER, LOCAL],
  seconds: 6,
  memory: 2 ** 30,
  conf: ['shuffle.partitions=512', 'adaptive=false'],
  check: ({ runs, log }) => {
    checkWidth(log);
    for (const { rows } of runs) {
      if (rows.length !== 1000 || rows.some(([, n]) => n !== SHUFFLED_ROWS / 1000)) throw new Error('The counts are wrong.');
    }
  },
});

/** Throws unless in each job all rows went through the first exchange, and both exchanges are 512 wide. */
function checkWidth(log) {
  const events = log
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const rowsOf = (stage) =>
    events
      .filter(({ kind, task }) => kind === 'task-finished' && task.stage === stage)
      .reduce((sum, { metrics }) => sum + metrics.shuffleWriteRows, 0);
  const widths = events.filter(({ kind }) => kind === 'job-submitted').map(({ stages }) => stages.map(({ tasks }) => tasks).join());
  if (widths.some((tasks) => tasks !== '64,512,512')) throw new Error(`Stages have ${widths} tasks, where 64, 512 and 512 were wanted.`);
  if (rowsOf(0) !== RUNS * SHUFFLED_ROWS) throw new Error(`${rowsOf(0)} rows went through the first exchange.`);
}

/** `boundRun`: which run of a session the bound is for, the first one unless it says so. */
function workBenchmark({ name, title, masters, seconds, memory, boundRun = 1, conf = [], check }) {
  return {
    name,
    title,
    async run(context) {
      const { tpchDir: data } = context;
      if (name !== 'shuffle' && !existsSync(join(data, 'lineitem.parquet'))) {
        return { rows: [], checks: [], note: `Not measured: there is no lineitem in ${data}. \`tpchgen-cli parquet -s 1\` makes it.` };
      }
      const own = masters.map((master) =>
        timed(`minispark ${master}`, (options) => ownSession({ context, name, master, conf, check }, options), secondsOf),
      );
      const peer = sparkWork(name, data, () => context.freshDirectory(), RUNS);
      const spark = peer.missing ? peer : timed(peer.name, peer.run, secondsOf);
      const rows = await takeTurns([...own, spark], context);
      const ofRun = ({ times = [] }, run) => times.map((round) => round[run - 1]);
      const checks = own.flatMap((table, i) => {
        const measured = spread(ofRun(table, boundRun));
        const bounded = i === 0;
        return [
          ...Array.from({ length: RUNS }, (_, r) => {
            const isBound = bounded && r + 1 === boundRun;
            return {
              what: `${table.name}, run ${r + 1}`,
              value: spread(ofRun(table, r + 1)),
              unit: 's',
              bound: isBound ? `≤ ${seconds} s` : '',
              ok: isBound ? measured.median <= seconds : null,
            };
          }),
          ratioCheck(`run ${boundRun} / Spark’s`, spark.missing ? null : pairedRatio(ofRun(table, boundRun), ofRun(spark, boundRun))),
          ...(memory && rows[i].memory !== null
            ? [
                {
                  what: `peak of ${table.name}`,
                  value: spread([rows[i].memory]),
                  format: formatMebibytes,
                  bound: `≤ ${formatMebibytes(memory)}`,
                  ok: rows[i].memory <= memory,
                },
              ]
            : []),
        ];
      });
      if (!spark.missing) {
        for (let run = 1; run <= RUNS; run++)
          checks.push({ what: `${spark.name}, run ${run}`, value: spread(ofRun(spark, run)), unit: 's', bound: '', ok: null });
      }
      return { rows, checks };
    },
  };
}

/** The seconds of each run: [first, second]. */
const secondsOf = (lines) => lines.map(({ seconds }) => seconds);

async function ownSession({ context, name, master, conf, check }, options) {
  const dir = await context.freshDirectory();
  const [output, log] = [join(dir, 'out'), join(dir, 'events.jsonl')];
  const args = ['submit', '--quiet', '--master', master, '--event-log', log, ...conf.flatMap((pair) => ['--conf', pair])];
  const own = ['--work', name, '--data', context.tpchDir, '--output', output, '--runs', String(RUNS)];
  const env = { MINISPARK_CACHE_DIR: join(context.scratch, 'bundles') };
  const measured = await measure(process.execPath, [COMMAND, ...args, 'bench/work-session.ts', ...own], { ...options, cwd: ROOT, env });
  await check({ data: context.tpchDir, output, runs: linesOf(measured), log: readFileSync(log, 'utf8') });
  rmSync(dir, { recursive: true });
  return measured;
}
