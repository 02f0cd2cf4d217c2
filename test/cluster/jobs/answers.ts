/** Runs three of the example jobs over every input below a directory: `<inputs>/<case>/*.txt` and `*.log` → `<outputs>/<case>/<job>`. */
import { readdirSync } from 'node:fs';
import { job } from 'minispark';
import accessLog from '../../../jobs/access-log.js';
import invertedIndex from '../../../jobs/inverted-index.js';
import wordcount from '../../../jobs/wordcount.js';

export default job({ args: { inputs: { required: true }, outputs: { required: true } } }, async (spark, { inputs, outputs }) => {
  for (const name of readdirSync(inputs)) {
    const [text, logs, output] = [`${inputs}/${name}/*.txt`, `${inputs}/${name}/*.log`, `${outputs}/${name}`];
    await wordcount.main(spark, { input: text, output: `${output}/wordcount` } as never);
    await invertedIndex.main(spark, { input: text, output: `${output}/inverted-index`, reducers: 0 } as never);
    await accessLog.main(spark, { input: logs, output: `${output}/access-log`, top: 10 } as never);
  }
});
