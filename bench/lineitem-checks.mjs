/** Owns: whether what was made of lineitem is right, by DuckDB: the same rows, in order or apart by key; counts by a key. */
import { join } from 'node:path';

async function withDuckdb(use) {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
  const connection = await instance.connect();
  try {
    return await use(async (sql) => (await connection.runAndReadAll(sql)).getRowsJson());
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** One number for all rows, whatever their order. */
const FINGERPRINT = 'select count(*), sum(hash(l)::hugeint) from';

async function checkSameRows(query, lineitem, files) {
  const [[own], [theirs]] = [await query(`${FINGERPRINT} read_parquet('${files}') l`), await query(`${FINGERPRINT} '${lineitem}' l`)];
  if (String(own) !== String(theirs)) throw new Error(`lineitem has ${theirs} (rows, sum of hashes), what was written ${own}.`);
}

/** Throws unless `output` holds lineitem's rows, ordered by price and order key within and between its files. */
export function checkSorted(data, output) {
  return withDuckdb(async (query) => {
    const files = join(output, '*.parquet');
    await checkSameRows(query, join(data, 'lineitem.parquet'), files);
    const ends = await query(
      `select min(k), max(k), count(*) filter (k < before) from (
         select filename, k, lag(k) over (partition by filename order by file_row_number) as before from (
           select filename, file_row_number, (l_extendedprice * 100)::hugeint * 100000000000 + l_orderkey as k
           from read_parquet('${files}', filename = true, file_row_number = true)))
       group by filename order by filename`,
    );
    ends.forEach(([least, , unordered], i) => {
      if (unordered !== '0') throw new Error(`${unordered} rows of file ${i} are less than the row before them.`);
      if (i > 0 && BigInt(least) < BigInt(ends[i - 1][1])) throw new Error(`File ${i} starts below the end of the file before it.`);
    });
  });
}

/** Throws unless `output` holds lineitem's rows, those of one part in one file, in `most` files at most. */
export function checkApart(data, output, most) {
  return withDuckdb(async (query) => {
    const files = join(output, '*.parquet');
    await checkSameRows(query, join(data, 'lineitem.parquet'), files);
    const [[used, split]] = await query(
      `select count(distinct filename), (select count(*) from (
         select l_partkey from read_parquet('${files}', filename = true) group by l_partkey having count(distinct filename) > 1))
       from read_parquet('${files}', filename = true)`,
    );
    if (Number(used) > most || split !== '0') throw new Error(`${used} files, and ${split} keys in more than one of them.`);
  });
}

/** Throws unless [key, count] rows say how often each mark of the function is in lineitem. */
export function checkMarks(data, rows) {
  return withDuckdb(async (query) => {
    const expected = await query(
      `select lower(l_shipmode) || case when l_quantity > 25 then '!' else '' end as k, count(*)
       from '${join(data, 'lineitem.parquet')}' group by k order by k`,
    );
    const own = rows.map(([key, n]) => [key, String(n)]).sort(([a], [b]) => (a < b ? -1 : 1));
    if (JSON.stringify(own) !== JSON.stringify(expected)) throw new Error(`The counts are ${own}, and not ${expected}.`);
  });
}
