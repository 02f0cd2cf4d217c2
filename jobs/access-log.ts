/** Reads raw web server logs: the busiest hosts, and how requests ended each day. Lines of another shape are left out. */
import { col, count, countIf, job, regexpExtract, sum, toDate } from 'minispark';

/** host, day, path, status, bytes */
const LINE = '^(\\S+) \\S+ \\S+ \\[(\\d{2}/\\w{3}/\\d{4}):[^\\]]*\\] "\\S+ (\\S+)[^"]*" (\\d{3}) (\\d+|-)$';

const part = (group: number) => regexpExtract('value', LINE, group);

export default job(
  {
    args: {
      input: { description: 'Access logs in the common log format', default: 'jobs/data/*.log' },
      output: { description: 'Directory for hosts/ and days/, both CSV', default: 'out/access-log' },
      top: { description: 'How many hosts', type: 'int', default: 10 },
    },
  },
  async (spark, args) => {
    const requests = spark.read
      .text(args.input)
      .where(col('value').rlike(LINE))
      .select(
        part(1).as('host'),
        toDate(part(2), 'dd/MMM/yyyy').as('day'),
        part(4).cast('int').as('status'),
        part(5).tryCast('bigint').as('bytes'),
      );

    const hosts = requests.groupBy('host').agg(count().as('requests'), sum('bytes').as('bytes'));
    const days = requests.groupBy('day', 'status').agg(count().as('requests'), countIf(col('bytes').isNull()).as('without_body'));

    await hosts.orderBy(col('requests').desc(), col('host')).limit(args.top).write.mode('overwrite').csv(`${args.output}/hosts`);
    await days.orderBy('day', 'status').write.mode('overwrite').csv(`${args.output}/days`);
  },
);
