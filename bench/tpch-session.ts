/** All 22 TPC-H jobs in one session, as often as asked: a line of JSON a query with its seconds, answers as CSV below the output. */
import { type ArgSpecs, type Job, job, type Session } from 'minispark';
import q01 from '../jobs/tpch/q01.js';
import q02 from '../jobs/tpch/q02.js';
import q03 from '../jobs/tpch/q03.js';
import q04 from '../jobs/tpch/q04.js';
import q05 from '../jobs/tpch/q05.js';
import q06 from '../jobs/tpch/q06.js';
import q07 from '../jobs/tpch/q07.js';
import q08 from '../jobs/tpch/q08.js';
import q09 from '../jobs/tpch/q09.js';
import q10 from '../jobs/tpch/q10.js';
import q11 from '../jobs/tpch/q11.js';
import q12 from '../jobs/tpch/q12.js';
import q13 from '../jobs/tpch/q13.js';
import q14 from '../jobs/tpch/q14.js';
import q15 from '../jobs/tpch/q15.js';
import q16 from '../jobs/tpch/q16.js';
import q17 from '../jobs/tpch/q17.js';
import q18 from '../jobs/tpch/q18.js';
import q19 from '../jobs/tpch/q19.js';
import q20 from '../jobs/tpch/q20.js';
import q21 from '../jobs/tpch/q21.js';
import q22 from '../jobs/tpch/q22.js';

const QUERIES: Readonly<Record<string, Job>> = {
  ...{ q01, q02, q03, q04, q05, q06, q07, q08, q09, q10, q11 },
  ...{ q12, q13, q14, q15, q16, q17, q18, q19, q20, q21, q22 },
};

const ARGS = {
  data: { required: true },
  output: { required: true },
  runs: { type: 'int', default: 2 },
  only: { default: '', description: 'Queries with commas between, instead of all' },
} as const;

export default job({ args: ARGS }, async (spark, { data, output, runs, only }) => {
  const names = only === '' ? Object.keys(QUERIES) : only.split(',');
  for (let run = 1; run <= runs; run++) {
    for (const query of names) {
      const { args, main } = QUERIES[query];
      const given = { ...defaults(args ?? {}), data, output: `${output}/${query}` };
      const start = performance.now();
      await (main as (spark: Session, args: object) => Promise<unknown>)(spark, given);
      console.log(JSON.stringify({ query, run, seconds: (performance.now() - start) / 1000, args: defaults(args ?? {}) }));
    }
  }
});

const defaults = (specs: ArgSpecs): Record<string, unknown> =>
  Object.fromEntries(Object.entries(specs).map(([name, spec]) => [name, spec.default]));
