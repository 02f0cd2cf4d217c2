/** Ten times the tables with a budget of 1 GiB a task: what the heaviest queries and the global sort take, and how much memory. */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { checkSorted } from '../lineitem-checks.mjs';
import { measure } from '../measure.mjs';
import { COMMAND, ROOT } from '../minispark.mjs';
import { CAN_MEASURE } from '../process-group.mjs';
import { formatMebibytes, spread } from '../statistics.mjs';
import { checkAnswers, duckdbAnswers, queriesWith } from '../tpch-answers.mjs';

const MOST_MEMORY = 1.5 * 2 ** 30;
const BUDGET = 'memory=1g';
const MASTER = 'local[2]';
/** Their own defaults, as the specification has them. */
const QUERIES = { q01: { delta: '90' }, q18: { quantity: '300' } };
const TABLES = ['customer', 'lineitem', 'orders'];

export const scale10 = {
  name: 'scale10',
  title: `scale factor 10 with ${BUDGET} on ${MASTER}, in which memory is read all the time`,
  onRequest: true,
  async run(context) {
    const { tpch10Dir: data } = context;
    if (!CAN_MEASURE) return { rows: [], checks: [], note: 'Not measured: memory is read from /proc, which this system does not have.' };
    if (!existsSync(join(data, 'lineitem.parquet'))) {
      return { rows: [], checks: [], note: `Not measured: \`tpchgen-cli parquet -s 10 --output-dir ${data}\` makes the tables.` };
    }
    const answers = await duckdbAnswers(queriesWith(QUERIES), data, TABLES);
    const rows = [];
    for (const query of Object.keys(QUERIES)) {
      context.tell(query);
      rows.push(
        await run(
          context,
          query,
          [`jobs/tpch/${query}.ts`, '--data', data],
          (output) => checkAnswers(output, { [query]: answers[query] }),
          query,
        ),
      );
    }
    context.tell('sort');
    const sorted = ['bench/work-session.ts', '--work', 'sort', '--data', data, '--runs', '1'];
    rows.push(await run(context, 'lineitem sorted', sorted, (output) => checkSorted(data, output)));
    const checks = rows.map(({ name, memory }) => ({
      what: `peak of ${name}`,
      value: spread([memory]),
      format: formatMebibytes,
      bound: `≤ ${formatMebibytes(MOST_MEMORY)}`,
      ok: memory <= MOST_MEMORY,
    }));
    return { rows, checks };
  },
};

/** `below`: the directory inside of the output that the job writes to. */
async function run(context, name, job, check, below = '') {
  const dir = await context.freshDirectory();
  const output = join(dir, 'out');
  const args = [COMMAND, 'submit', '--quiet', '--master', MASTER, '--conf', BUDGET, ...job, '--output', join(output, below)];
  const { seconds, cpuSeconds, memory } = await measure(process.execPath, args, { cwd: ROOT, sampleMemory: true });
  await check(output);
  rmSync(dir, { recursive: true });
  return { name, wall: spread([seconds]), cpu: cpuSeconds, memory };
}
