/** Owns: the engines that a user would pick instead, where they are installed: Python packages, by $PEERS_PYTHON or python3. */
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { measure } from './measure.mjs';
import { ROOT } from './minispark.mjs';
import { checkCounts } from './word-counts.mjs';

const PYTHON = process.env.PEERS_PYTHON ?? 'python3';
const THREADS = '2';
const ENGINES = ['duckdb', 'polars', 'pyspark'];

/** What an engine cannot do without, as Python that fails. */
const NEEDS = { pyspark: "; import os, shutil; assert os.environ.get('JAVA_HOME') or shutil.which('java')" };

/** Name → version, or null. */
const versions = new Map();

function versionOf(engine) {
  if (!versions.has(engine)) {
    const { status, stdout } = spawnSync(PYTHON, ['-c', `import ${engine}; print(${engine}.__version__)${NEEDS[engine] ?? ''}`], {
      encoding: 'utf8',
    });
    versions.set(engine, status === 0 ? stdout.trim() : null);
  }
  return versions.get(engine);
}

/** A contender a peer for the same word count, on as many threads as `local[2]`. `words`: `spaces` or `word-characters`. */
export function peerWordCounts(context, { words, files, expected }) {
  return ENGINES.map((engine) =>
    peer(engine, async (options) => {
      const dir = await context.freshDirectory();
      const output = join(dir, 'out.csv');
      const measured = await runScript('peer-wordcount.py', [engine, words, THREADS, output, ...files], options);
      checkCounts(output, expected);
      rmSync(dir, { recursive: true });
      return measured;
    }),
  );
}

/** Spark with the same empty tasks; `onSeconds` hears how long they took without Spark's start. */
export function sparkEmptyTasks(tasks, onSeconds) {
  return peer('pyspark', async (options) => {
    const measured = await runScript('peer-empty-tasks.py', [String(tasks), THREADS], options);
    if (!options.sampleMemory) onSeconds(Number(measured.out));
    return measured;
  });
}

/** TPC-H queries, `runs` times in one process; `queries` gives a JSON file of their texts. */
export function peerQueries(queries, data, runs) {
  return ['duckdb', 'datafusion', 'polars', 'pyspark'].map((engine) =>
    peer(engine, (options) => runScript('peer-tpch.py', [engine, THREADS, data, queries(), String(runs)], options)),
  );
}

/** Spark at the work of work-session.ts, `runs` times in one session. */
export function sparkWork(work, data, freshDirectory, runs) {
  return peer('pyspark', async (options) => {
    const dir = await freshDirectory();
    const measured = await runScript('peer-spark.py', [work, THREADS, data, join(dir, 'out'), String(runs)], options);
    rmSync(dir, { recursive: true });
    return measured;
  });
}

function peer(engine, run) {
  const version = versionOf(engine);
  return version === null ? { name: engine, missing: 'not installed' } : { name: `${engine} ${version}`, run };
}

function runScript(name, args, options) {
  return measure(PYTHON, [join(ROOT, 'bench', name), ...args], { ...options, env: { PYSPARK_PYTHON: PYTHON } });
}
