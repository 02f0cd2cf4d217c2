/** The most memory that all processes together hold during a word count, and the same with four times the text. */
import { LETTERS_JOB, wordCount } from '../minispark.mjs';
import { CAN_MEASURE } from '../process-group.mjs';
import { formatMebibytes, spread } from '../statistics.mjs';

const BOUND = 2 ** 30;
/** Every run is sampled; the highest counts, so that more of them tell little. */
const MOST_REPS = 3;

export const memory = {
  name: 'memory',
  title: 'peak memory of all processes',
  run: (context) => peaks(context, context.size),
};

export const memory4 = {
  name: 'memory4',
  title: 'peak memory of all processes, four times the text',
  onRequest: true,
  run: (context) =>
    peaks(
      context,
      context.size.replace(/^\d+/, (count) => String(4 * Number(count))),
    ),
};

async function peaks(context, size) {
  if (!CAN_MEASURE) return { rows: [], checks: [], note: 'Not measured: memory is read from /proc, which this system does not have.' };
  const { directory: input, bySpace, byLetters } = await context.text(size);
  const jobs = [
    { name: 'one space', expected: bySpace },
    { name: '[^a-z]+', file: LETTERS_JOB, expected: byLetters },
  ];
  const rows = [];
  for (const { name, ...job } of jobs) {
    for (const master of ['local[2]', 'local-cluster[2,1]'])
      rows.push(await peakOf(wordCount(context, { master, input, ...job }), name, context));
  }
  const checks = rows.map((row) => ({
    what: `peak on ${row.name.replace('minispark ', '')}`,
    value: row.peaks,
    format: formatMebibytes,
    bound: `≤ ${formatMebibytes(BOUND)}`,
    ok: row.peaks.max <= BOUND,
  }));
  return { rows, checks, note: 'Reading memory slows a run down: these seconds are not those of the other tables.' };
}

async function peakOf(contender, name, { reps, tell }) {
  const full = `${contender.name}, ${name}`;
  const runs = [];
  for (let round = 1; round <= Math.min(reps, MOST_REPS); round++) {
    tell(`${full}: run ${round}`);
    runs.push(await contender.run({ sampleMemory: true }));
  }
  const peaks = spread(runs.map((run) => run.memory));
  return {
    name: full,
    wall: spread(runs.map((run) => run.seconds)),
    cpu: spread(runs.map((run) => run.cpuSeconds))?.median,
    memory: peaks.max,
    peaks,
  };
}
