/** Owns: "did you mean …" where a job calls a method that a DataFrame or column does not have: only JavaScript tells of it, with the bare name. */
import { bigintHint } from '../../core/bigint-hint.js';
import { didYouMean } from '../../core/nearest.js';
import { Column } from '../../frontend/api/column.js';
import { DataFrame } from '../../frontend/api/dataframe.js';
import { Dataset } from '../../frontend/api/dataset.js';
import { GroupedData } from '../../frontend/api/grouped-data.js';
import { DataFrameReader } from '../../frontend/api/reader.js';
import { Session } from '../../frontend/api/session.js';
import { DataFrameWriter } from '../../frontend/api/writer.js';

/** By name: bundling may rename the classes. */
const HOLDERS: Readonly<Record<string, { readonly prototype: object }>> = {
  DataFrame,
  Column,
  Dataset,
  GroupedData,
  DataFrameReader,
  DataFrameWriter,
  Session,
};

/** Names from other APIs, too far from ours to be found by their letters. */
const ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ['add', 'plus'],
  ['subtract', 'minus'],
  ['multiply', 'times'],
  ['mul', 'times'],
  ['div', 'divide'],
  ['equalTo', 'eq'],
  ['equals', 'eq'],
  ['notEqual', 'ne'],
  ['gte', 'ge'],
  ['geq', 'ge'],
  ['lte', 'le'],
  ['leq', 'le'],
  ['alias', 'as'],
  ['sortBy', 'orderBy'],
  ['toPandas', 'toArrow'],
]);

/** What is done in another way here, or not at all. */
const OTHERWISE: ReadonlyMap<string, string> = new Map([
  ...['sql', 'table'].map((name): [string, string] => [
    name,
    "SQL statements are not there: expr('…'), selectExpr('…') and where('…') take SQL expressions",
  ]),
  ...['createTempView', 'createOrReplaceTempView', 'createGlobalTempView', 'registerTempTable'].map((name): [string, string] => [
    name,
    'A DataFrame is a value: keep it in a variable, and use that as often as you like',
  ]),
  ...['foreach', 'foreachPartition'].map((name): [string, string] => [
    name,
    'What workers shall do beside rows stands in a function of a Dataset: df.toDataset().mapPartitions(…), and an action such as count()',
  ]),
  ...['format', 'load', 'save', 'saveAsTable', 'insertInto'].map((name): [string, string] => [
    name,
    'The format is the method that reads or writes: spark.read.csv(path), df.write.parquet(path)',
  ]),
]);

/**
 * What may be meant instead, of an error that JavaScript raises where a job takes a DataFrame or column for something else, such as
 * `TypeError: col(...).div is not a function`; undefined where nothing is known.
 */
export function methodHint(thrown: unknown): string | undefined {
  if (!(thrown instanceof TypeError)) return undefined;
  const { message } = thrown;
  if (/ is not (async )?iterable\b/.test(message)) return 'Rows of a DataFrame: for (const row of await df.collect()), or df.batches()';
  const name = /\.(\w+) is not a function$/.exec(message)?.[1];
  return name === undefined ? bigintHint(thrown) : hintOfMethod(name);
}

function hintOfMethod(name: string): string | undefined {
  const known = ELSEWHERE.get(name);
  if (known !== undefined) return `Did you mean ${known}?`;
  const holders = Object.keys(HOLDERS).filter((of) => name in HOLDERS[of].prototype && !(name in Object.prototype));
  if (holders.length === 0) return OTHERWISE.get(name) ?? (didYouMean(name, methods()) || undefined);
  const of = `${name} is a method of ${holders.join(', ')}`;
  return holders.includes('Dataset') && !holders.includes('DataFrame') ? `${of}: df.toDataset() makes one` : of;
}

function methods(): string[] {
  const names = new Set<string>();
  for (const holder of Object.values(HOLDERS))
    for (let at: object | null = holder.prototype; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at))
      for (const name of Object.getOwnPropertyNames(at)) if (name !== 'constructor') names.add(name);
  return [...names];
}
