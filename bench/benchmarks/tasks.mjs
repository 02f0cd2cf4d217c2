/** How many tasks a second the scheduler and two workers get through when tasks do nothing. */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { takeTurns } from '../compare.mjs';
import { measure } from '../measure.mjs';
import { COMMAND, ROOT } from '../minispark.mjs';
import { sparkEmptyTasks } from '../peers.mjs';
import { spread } from '../statistics.mjs';

const TASKS = 10_000;
const LEAST_PER_SECOND = 2500;
const MASTER = 'local-cluster[2,1]';

export const tasks = {
  name: 'tasks',
  title: `${TASKS} empty tasks`,
  async run(context) {
    const rates = [];
    const contender = {
      name: `minispark ${MASTER}`,
      async run(options) {
        const dir = await context.freshDirectory();
        const log = join(dir, 'events.jsonl');
        const args = ['submit', '--quiet', '--master', MASTER, '--event-log', log, 'bench/empty-tasks.ts', '--tasks', String(TASKS)];
        const measured = await measure(process.execPath, [COMMAND, ...args], { ...options, cwd: ROOT });
        if (!options.sampleMemory) rates.push(TASKS / stageSeconds(readFileSync(log, 'utf8')));
        rmSync(dir, { recursive: true });
        return measured;
      },
    };
    const sparkRates = [];
    const spark = sparkEmptyTasks(TASKS, (seconds) => sparkRates.push(TASKS / seconds));
    const rows = await takeTurns([contender, spark], context);
    const rate = spread(rates);
    const sparkRate = spread(sparkRates);
    const format = (value) => value.toFixed(0);
    return {
      rows,
      checks: [
        {
          what: 'tasks a second, from the start of their stage to its end',
          value: rate,
          format,
          bound: `≥ ${LEAST_PER_SECOND}`,
          ok: rate.median >= LEAST_PER_SECOND,
        },
        { what: `the same of ${spark.name}`, value: sparkRate ?? 'not installed', format, bound: '', ok: null },
      ],
    };
  },
};

/** Seconds from the stage's start to its end in an event log. Throws unless every task has its own key, one start and then one end. */
function stageSeconds(log) {
  const events = log
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const started = new Set();
  const finished = new Set();
  for (const { kind, task } of events) {
    const key = JSON.stringify(task);
    if (kind === 'task-failed') throw new Error(`a task failed: ${key}`);
    if (kind === 'task-started' && started.size === started.add(key).size) throw new Error(`two starts of ${key}`);
    if (kind !== 'task-finished') continue;
    if (!started.has(key)) throw new Error(`an end without a start: ${key}`);
    if (finished.size === finished.add(key).size) throw new Error(`two ends of ${key}`);
  }
  const partitions = new Set([...finished].map((key) => JSON.parse(key).partition));
  if (started.size !== TASKS || partitions.size !== TASKS) {
    throw new Error(`${started.size} starts and ${finished.size} ends of ${partitions.size} partitions, where ${TASKS} were wanted`);
  }
  const timeOf = (kind) => events.find((event) => event.kind === kind).time;
  return (timeOf('stage-finished') - timeOf('stage-started')) / 1000;
}
