/** Owns: "did you mean …" where a job calls a method that a DataFrame or column does not have: only JavaScript tells of it, with the bare name. */
import { didYouMean } from '../../core/nearest.js';
import { Column } from '../../frontend/api/column.js';
import { DataFrame } from '../../frontend/api/dataframe.js';
import { Dataset } from '../../frontend/api/dataset.js';
import { GroupedData } from '../../frontend/api/grouped-data.js';
import { DataFrameReader } from '../../frontend/api/reader.js';
import { Session } from '../../frontend/api/session.js';
import { DataFrameWriter } from '../../frontend/api/writer.js';

const HOLDERS = [DataFrame, Column, Dataset, GroupedData, DataFrameReader, DataFrameWriter, Session];

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

/** Of `TypeError: col(...).div is not a function` the methods that may be meant; undefined where none is near. */
export function methodHint(thrown: unknown): string | undefined {
  if (!(thrown instanceof TypeError)) return undefined;
  const name = /\.(\w+) is not a function$/.exec(thrown.message)?.[1];
  if (name === undefined) return undefined;
  const known = ELSEWHERE.get(name);
  return known === undefined ? didYouMean(name, methods()) || undefined : `Did you mean ${known}?`;
}

function methods(): string[] {
  const names = new Set<string>();
  for (const holder of HOLDERS)
    for (let at: object | null = holder.prototype; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at))
      for (const name of Object.getOwnPropertyNames(at)) if (name !== 'constructor') names.add(name);
  return [...names];
}
