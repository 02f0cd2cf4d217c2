/** Owns: what `repartition` takes: a number, a function of the user's, columns, and options at the end. */

import { callSite } from '../../core/call-site.js';
import { SHUFFLE_WRITERS, type ShuffleWriterKind } from '../../core/config.js';
import { type MinisparkError, userError } from '../../core/errors.js';
import { didYouMean } from '../../core/nearest.js';
import { FLOAT64 } from '../../data/types.js';
import { Column } from './column.js';
import { columnExpr } from './column-function.js';
import type { ColumnOrName } from './column-names.js';
import { pendingClosure, type UserCode } from './pending-closures.js';

export interface RepartitionOptions {
  /** Files of each map task: one (`sort`), one a partition (`hash`), one a slot and partition (`consolidated`). */
  readonly writer?: ShuffleWriterKind;
}

/** Of a pair's key and the number of partitions, the partition: a whole number from 0 to `partitions` - 1. */
export type KeyPartitioner<K> = (key: K, partitions: number) => number;

interface RepartitionArguments {
  /** With a function, its call alone. */
  readonly columns: readonly ColumnOrName[];
  readonly isByFunction: boolean;
  readonly writer?: ShuffleWriterKind;
}

/** `given` is all arguments. Throws INVALID_ARGUMENT where they are none, or stand in another order. */
export function repartitionArguments(given: readonly unknown[]): RepartitionArguments {
  if (given.length === 0) throw invalid('repartition() takes a number of partitions, columns, or both.');
  const columns: ColumnOrName[] = [];
  let partitioner: UserCode | null = null;
  let writer: ShuffleWriterKind | undefined;
  given.forEach((argument, i) => {
    if (typeof argument === 'string' || argument instanceof Column) columns.push(argument);
    else if (typeof argument === 'number') {
      if (i > 0) throw invalid('repartition() takes the number of partitions first.');
    } else if (typeof argument === 'function') {
      if (i !== 1 || typeof given[0] !== 'number') throw invalid('repartition() takes a function right after the number of partitions.');
      partitioner = argument as UserCode;
    } else if (i === given.length - 1 && typeof argument === 'object' && argument !== null) writer = writerOf(argument);
    else throw invalid('repartition() takes names, columns, and options last.');
  });
  if (partitioner === null) return { columns, isByFunction: false, writer };
  return { columns: [partitionColumn(partitioner, columns)], isByFunction: true, writer };
}

/** The function's call. A double can be anything that JavaScript calls a number: what is no partition is found where it is used. */
function partitionColumn(fn: UserCode, columns: readonly ColumnOrName[]): Column {
  if (columns.length === 0) throw invalid('repartition() by a function takes the columns that the function is given.');
  if (fn.length > columns.length) {
    throw invalid(`${fn.name || 'The function'} takes ${fn.length} values, but repartition() is given ${columns.length} columns for it.`);
  }
  const udf = Object.freeze({ name: fn.name || 'partitioner', closure: pendingClosure(fn), returns: FLOAT64, deterministic: true });
  return new Column(Object.freeze({ kind: 'udf', udf, args: Object.freeze(columns.map(columnExpr)), site: callSite() }));
}

function writerOf(options: RepartitionOptions): ShuffleWriterKind | undefined {
  const unknown = Object.keys(options).find((name) => name !== 'writer');
  if (unknown !== undefined) {
    const hint = didYouMean(unknown, ['writer']) || "Its one option is writer: 'sort', 'hash' or 'consolidated'";
    throw invalid(`repartition() has no option '${unknown}'.`, hint);
  }
  const { writer } = options;
  if (writer === undefined || SHUFFLE_WRITERS.includes(writer)) return writer;
  const hint = didYouMean(String(writer), SHUFFLE_WRITERS) || `There are ${SHUFFLE_WRITERS.join(', ')}`;
  throw invalid(`There is no shuffle writer '${String(writer)}'.`, hint);
}

function invalid(message: string, hint?: string): MinisparkError {
  return userError('INVALID_ARGUMENT', message, { ...(hint !== undefined && { hint }), site: callSite() ?? undefined });
}
