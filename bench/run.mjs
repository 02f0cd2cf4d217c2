/** `npm run bench`: measures whole processes, minispark and the installed peers in turns, and prints tables. docs/benchmarks.md tells how. */
import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { kill } from './benchmarks/kill.mjs';
import { memory, memory4 } from './benchmarks/memory.mjs';
import { scale10 } from './benchmarks/scale10.mjs';
import { skew } from './benchmarks/skew.mjs';
import { start } from './benchmarks/start.mjs';
import { tasks } from './benchmarks/tasks.mjs';
import { tpch } from './benchmarks/tpch.mjs';
import { wordcount } from './benchmarks/wordcount.mjs';
import { wordcountClass } from './benchmarks/wordcount-class.mjs';
import { repartition, shuffle, sort, udf } from './benchmarks/works.mjs';
import { killAll } from './measure.mjs';
import { directoryMaker, ROOT } from './minispark.mjs';
import { machineLine, section } from './report.mjs';
import { prepareText } from './text-data.mjs';

const BENCHMARKS = [start, wordcount, wordcountClass, memory, memory4, kill, tasks, tpch, sort, repartition, udf, shuffle, skew, scale10];

const USAGE = `Usage: npm run bench -- [options]

Options:
  --only <names>     of ${BENCHMARKS.map(({ name }) => name).join(', ')}; with commas between
                     (default: all but ${BENCHMARKS.filter(({ onRequest }) => onRequest).map(({ name }) => name)})
  --size <bytes>     how much text is counted (default: 1g)
  --reps <count>     timed runs of each (default: 5)
  --tpch <dir>       the tables of TPC-H as Parquet, scale factor 1 (default: tpch below --data)
  --tpch10 <dir>     the same ten times as large (default: tpch10 below --data)
  --data <dir>       where the text is kept between runs (default: .minispark/bench)
  --markdown <file>  append the results to a file as well
  --help

The peers are Python packages, looked for with $PEERS_PYTHON or python3.
Exit codes: 0 measured, whether bounds are kept or not; 1 a wrong answer or a run that failed; 2 wrong usage.
`;

function usageError(message) {
  process.stderr.write(`error: ${message}\n\n${USAGE}`);
  process.exit(2);
}

function readOptions() {
  const text = (value) => ({ type: 'string', default: value });
  try {
    const { values } = parseArgs({
      options: {
        only: { type: 'string' },
        size: text('1g'),
        reps: text('5'),
        data: text(join(ROOT, '.minispark', 'bench')),
        tpch: { type: 'string' },
        tpch10: { type: 'string' },
        markdown: { type: 'string' },
        help: { type: 'boolean' },
      },
    });
    return values;
  } catch (error) {
    return usageError(error.message);
  }
}

function chosen(only) {
  if (only === undefined) return BENCHMARKS.filter(({ onRequest }) => !onRequest);
  return only
    .split(',')
    .map((name) => BENCHMARKS.find((benchmark) => benchmark.name === name) ?? usageError(`There is no benchmark ${name}.`));
}

/** A line that the next one takes the place of; where nobody looks, nothing. */
function tell(text) {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

async function main() {
  const options = readOptions();
  if (options.help) return process.stdout.write(USAGE);
  const benchmarks = chosen(options.only);
  const reps = Number(options.reps);
  if (!Number.isInteger(reps) || reps < 1) usageError('--reps takes a whole number from 1.');
  if (!/^[1-9]\d*[kmg]?$/.test(options.size)) usageError('--size takes bytes such as 64m or 1g.');

  const dataDir = resolve(options.data);
  mkdirSync(dataDir, { recursive: true });
  const scratch = mkdtempSync(join(dataDir, 'scratch-'));
  process.once('exit', () => {
    killAll();
    rmSync(scratch, { recursive: true, force: true });
  });
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ])
    process.once(signal, () => process.exit(code));

  const print = (text) => {
    process.stdout.write(`${text}\n\n`);
    if (options.markdown !== undefined) appendFileSync(options.markdown, `\n${text}\n`);
  };
  const context = {
    size: options.size,
    reps,
    scratch,
    tell,
    text: (size) => prepareText(size, dataDir),
    tpchDir: resolve(options.tpch ?? join(dataDir, 'tpch')),
    tpch10Dir: resolve(options.tpch10 ?? join(dataDir, 'tpch10')),
    freshDirectory: directoryMaker(scratch),
  };
  print(`## ${new Date().toISOString().slice(0, 16).replace('T', ' ')}\n\n${machineLine(ROOT, context)}`);
  for (const benchmark of benchmarks) {
    try {
      const result = await benchmark.run(context);
      tell('');
      print(section(benchmark, result));
    } catch (error) {
      tell('');
      process.exitCode = 1;
      print(`### ${benchmark.name}: ${benchmark.title}\n\nFailed: ${error.message}`);
    }
  }
}

await main();
