/** A join of skewed rows whose other side turns out small (`jobs/lab/skewed-join.ts`), with adaptive execution and without. */
import process from 'node:process';
import { ratioOf, takeTurns } from '../compare.mjs';
import { measure } from '../measure.mjs';
import { COMMAND, ROOT } from '../minispark.mjs';

const MASTER = 'local-cluster[2,1]';
const LEAST_GAIN = 2;

export const skew = {
  name: 'skew',
  title: `join of Zipf-distributed rows on ${MASTER}`,
  async run(context) {
    let answer = null;
    const contender = (adaptive) => ({
      name: `adaptive=${adaptive}`,
      async run(options) {
        const args = [COMMAND, 'submit', '--quiet', '--master', MASTER, '--conf', `adaptive=${adaptive}`, 'jobs/lab/skewed-join.ts'];
        const measured = await measure(process.execPath, args, { ...options, cwd: ROOT });
        answer ??= measured.out;
        if (measured.out !== answer || answer === '') throw new Error(`adaptive=${adaptive} answers\n${measured.out}\nand not\n${answer}`);
        return measured;
      },
    });
    const rows = await takeTurns([contender(true), contender(false)], context);
    const gain = ratioOf(rows[1], rows[0]);
    return {
      rows,
      checks: [{ what: 'wall time without / with', value: gain, bound: `≥ ${LEAST_GAIN}`, ok: gain.median >= LEAST_GAIN }],
      note: `The answer of every run:\n\n\`\`\`\n${answer.trim()}\n\`\`\``,
    };
  },
};
