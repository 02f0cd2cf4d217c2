/** The 22 TPC-H queries, twice in one session: what the second run takes, how much longer the first, against other engines on as many threads. */
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { linesOf, ratioCheck, takeTurns, timed } from '../compare.mjs';
import { measure } from '../measure.mjs';
import { COMMAND, ROOT } from '../minispark.mjs';
import { peerQueries } from '../peers.mjs';
import { formatMebibytes, formatSeconds, pairedRatio, spread } from '../statistics.mjs';
import { checkAnswers, duckdbAnswers, queriesWith } from '../tpch-answers.mjs';

const SESSION = 'bench/tpch-session.ts';
const RUNS = 2;
const MASTERS = [
  { master: 'local[2]', seconds: 12 },
  { master: 'local-cluster[2,1]', seconds: 16 },
];
const SINGLE = { q01: 0.8, q06: 0.3 };
const MOST_MEMORY = 2.5 * 2 ** 30;
const MOST_FIRST = 1.4;
const MOST_OF_SPARK = 0.25;

export const tpch = {
  name: 'tpch',
  title: `TPC-H, ${RUNS} runs of all queries in one session`,
  async run(context) {
    const { tpchDir: data } = context;
    if (!existsSync(join(data, 'lineitem.parquet'))) {
      return {
        rows: [],
        checks: [],
        note: `Not measured: there are no tables. Make some: \`tpchgen-cli parquet -s 1 --output-dir ${data}\`.`,
      };
    }
    const expected = { queries: null, answers: null };
    const own = MASTERS.map(({ master }) =>
      timed(`minispark ${master}`, (options) => runSession(context, master, expected, options), secondsOf),
    );
    const peers = peerQueries(() => queryFile(context, expected), data, RUNS).map((peer) =>
      peer.missing ? peer : timed(peer.name, peer.run, secondsOf),
    );
    const rows = await takeTurns([...own, ...peers], context);
    const tables = [...own, ...peers].map((contender, i) => ({ ...contender, memory: rows[i].memory }));
    return { rows, checks: checksOf(tables), note: perQuery(tables) };
  },
};

/** The seconds of each query: {q01: [first, second], …}. */
function secondsOf(lines) {
  const round = {};
  for (const { query, run, seconds } of lines) {
    round[query] ??= [];
    round[query][run - 1] = seconds;
  }
  return round;
}

async function runSession(context, master, expected, options) {
  const dir = await context.freshDirectory();
  const output = join(dir, 'out');
  const args = [COMMAND, 'submit', '--quiet', '--master', master, SESSION];
  const own = ['--data', context.tpchDir, '--output', output, '--runs', String(RUNS)];
  const env = { MINISPARK_CACHE_DIR: join(context.scratch, 'bundles') };
  const measured = await measure(process.execPath, [...args, ...own], { ...options, cwd: ROOT, env });
  expected.queries ??= queriesWith(Object.fromEntries(linesOf(measured).map((line) => [line.query, line.args])));
  expected.answers ??= await duckdbAnswers(expected.queries, context.tpchDir);
  checkAnswers(output, expected.answers);
  rmSync(dir, { recursive: true });
  return measured;
}

function queryFile({ scratch }, { queries }) {
  const file = join(scratch, 'tpch-queries.json');
  writeFileSync(file, JSON.stringify(queries));
  return file;
}

/** Sums of a run over its queries, one a round. */
const sums = ({ times }, run) => times.map((round) => Object.values(round).reduce((sum, seconds) => sum + (seconds[run] ?? 0), 0));
const isWhole = ({ times }) => times?.length > 0 && times.every((round) => Object.keys(round).length === 22);

function checksOf(tables) {
  const bounded = (what, value, bound, unit = 's') => ({ what, value, unit, bound: `≤ ${bound} ${unit}`, ok: value.median <= bound });
  const own = tables.slice(0, MASTERS.length);
  const spark = tables.find(({ name }) => name.startsWith('pyspark'));
  return [
    ...own.flatMap((table, i) => [
      bounded(`second run on ${MASTERS[i].master}, sum of 22`, spread(sums(table, 1)), MASTERS[i].seconds),
      ratioCheck('first run / second', pairedRatio(sums(table, 0), sums(table, 1)), MOST_FIRST),
      ratioCheck('second run / pyspark', isWhole(spark) ? pairedRatio(sums(table, 1), sums(spark, 1)) : null, MOST_OF_SPARK),
    ]),
    ...Object.entries(SINGLE).map(([query, seconds]) =>
      bounded(`${query} on local[2], second run`, spread(own[0].times.map((round) => round[query][1])), seconds),
    ),
    ...own.flatMap(({ memory }, i) => {
      if (memory === null) return [];
      const value = { median: memory, min: memory, max: memory };
      return [
        {
          what: `peak on ${MASTERS[i].master}`,
          value,
          format: formatMebibytes,
          bound: `≤ ${formatMebibytes(MOST_MEMORY)}`,
          ok: memory <= MOST_MEMORY,
        },
      ];
    }),
  ];
}

/** Medians of the second runs, a line a query; a dash where an engine does not know the query. */
function perQuery(tables) {
  const measured = tables.filter(({ times }) => times?.length > 0);
  const line = (cells) => `| ${cells.join(' | ')} |`;
  const cell = ({ times }, query) => {
    const seconds = times.flatMap((round) => round[query]?.[1] ?? []);
    return seconds.length === 0 ? '–' : formatSeconds(spread(seconds).median);
  };
  const sum = (table) => (isWhole(table) ? formatSeconds(spread(sums(table, 1)).median) : '–');
  return [
    'Seconds of the second run; every answer of minispark is DuckDB’s:\n',
    line(['', ...measured.map(({ name }) => name)]),
    line(['---', ...measured.map(() => '---')]),
    ...Object.keys(measured[0].times[0]).map((query) => line([query, ...measured.map((table) => cell(table, query))])),
    line(['sum', ...measured.map(sum)]),
  ].join('\n');
}
