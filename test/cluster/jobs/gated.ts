/** Sums of numbers by remainder, in many tasks, some of which wait until a file appears: so a test decides what happens in the middle of the job. */
import { existsSync } from 'node:fs';
import { job } from 'minispark';

const LONGEST_MS = 60_000;

export default job(
  {
    args: {
      output: { required: true },
      gate: { required: true, doc: 'The file that is waited for' },
      hold: { default: 'map', doc: 'map or reduce: the tasks that wait' },
      free: { type: 'int', default: 6, doc: 'Map tasks, or keys, that do not wait' },
    },
  },
  async (spark, { output, gate, hold, free }) => {
    const numbers = spark.parallelize(
      Array.from({ length: 240 }, (_, n) => n),
      24,
    );
    const pairs = numbers.map((n): [number, number] => {
      if (hold === 'map' && n >= free * 10) awaitFile(gate);
      return [n % 7, n];
    });
    const sums = pairs.reduceByKey((a, b) => a + b, 12);
    const lines = sums.map(([key, sum]) => {
      if (hold === 'reduce' && key >= free) awaitFile(gate);
      return `${key}:${sum}`;
    });
    await lines.saveAsTextFile(output, 'overwrite');
  },
);

function awaitFile(path: string): void {
  const until = Date.now() + LONGEST_MS;
  const nobodyWakes = new Int32Array(new SharedArrayBuffer(4));
  while (!existsSync(path)) {
    if (Date.now() > until) throw new Error(`No ${path} after ${LONGEST_MS} ms.`);
    Atomics.wait(nobodyWakes, 0, 0, 10);
  }
}
