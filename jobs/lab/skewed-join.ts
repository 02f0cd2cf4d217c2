/**
 * Visits, most of them of few pages (Zipf), meet the pages of one campaign. No planner can know how few these are: it exchanges both sides by
 * page, and one task gets most of the visits. What the stages before have written tells better: see docs/adaptive.md.
 */
import { col, count, expr, job, sum } from 'minispark';

/** For a fraction between 0 and 1 that looks random, and is the same for the same id. */
const FINE = 1_000_003;

export default job(
  {
    args: {
      rows: { description: 'Visits', type: 'int', default: 2_000_000 },
      maps: { description: 'Map tasks that make the visits', type: 'int', default: 16 },
      pages: { description: 'Pages', type: 'int', default: 8_000_000 },
      agent: { description: 'Letters of the text that each visit carries', type: 'int', default: 200 },
      exponent: {
        description: 'Of the Zipf distribution, above 1: page 1 has 1 - 2^(1 - exponent) of all visits',
        type: 'number',
        default: 2,
      },
      campaign: { description: 'Pages of the campaign, of a thousand', type: 'int', default: 1 },
    },
  },
  async (spark, { rows, maps, pages, agent, exponent, campaign }) => {
    const fraction = `(PMOD(HASH(id), ${FINE}) + 0.5e0) / ${FINE}`;
    const visits = spark
      .range(0, rows, 1, maps)
      .selectExpr(
        `RPAD(CAST(id AS STRING), ${agent}, '/agent') AS agent`,
        `CAST(LEAST(FLOOR(POWER(${fraction}, ${-1 / (exponent - 1)}e0)), ${pages}) AS BIGINT) AS page`,
      );
    const inCampaign = spark
      .range(1, pages + 1, 1, 4)
      .where(expr(`PMOD(HASH(id), 1000) < ${campaign} OR id <= 10`))
      .select(col('id').as('key'), expr("CONCAT('/campaign/page-', CAST(id AS STRING), '.html')").as('path'));
    const joined = visits.join(inCampaign, col('page').eq(col('key')));
    const paths = joined.groupBy('path').agg(count().as('visits'), sum(expr('OCTET_LENGTH(agent)')).as('bytes'));
    console.log(await paths.orderBy(col('visits').desc(), 'path').limit(3).collect());
  },
);
