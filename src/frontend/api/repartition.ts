/** Owns: what `repartition` takes: a number, columns, and options at the end. */

import { callSite } from '../../core/call-site.js';
import { SHUFFLE_WRITERS, type ShuffleWriterKind } from '../../core/config.js';
import { userError } from '../../core/errors.js';
import { didYouMean } from '../../core/nearest.js';
import { Column } from './column.js';

export interface RepartitionOptions {
  /** Files of each map task: one (`sort`), one a partition (`hash`), one a slot and partition (`consolidated`). */
  readonly writer?: ShuffleWriterKind;
}

/** The columns among the arguments, and the writer. Throws INVALID_ARGUMENT for options that are none. */
export function repartitionArguments<C extends string | Column>(
  given: readonly (number | C | RepartitionOptions)[],
): { readonly columns: readonly C[]; readonly writer?: ShuffleWriterKind } {
  const columns: C[] = [];
  let writer: ShuffleWriterKind | undefined;
  given.forEach((argument, i) => {
    if (typeof argument === 'number') return;
    if (typeof argument === 'string' || argument instanceof Column) columns.push(argument as C);
    else if (i === given.length - 1) writer = writerOf(argument as RepartitionOptions);
    else throw userError('INVALID_ARGUMENT', 'repartition() takes its options last.', { site: callSite() ?? undefined });
  });
  return { columns, writer };
}

function writerOf(options: RepartitionOptions): ShuffleWriterKind | undefined {
  const unknown = Object.keys(options).find((name) => name !== 'writer');
  if (unknown !== undefined) {
    const hint = didYouMean(unknown, ['writer']) || "Its one option is writer: 'sort', 'hash' or 'consolidated'";
    throw userError('INVALID_ARGUMENT', `repartition() has no option '${unknown}'.`, { hint, site: callSite() ?? undefined });
  }
  const { writer } = options;
  if (writer === undefined || SHUFFLE_WRITERS.includes(writer)) return writer;
  const hint = didYouMean(String(writer), SHUFFLE_WRITERS) || `There are ${SHUFFLE_WRITERS.join(', ')}`;
  throw userError('INVALID_ARGUMENT', `There is no shuffle writer '${String(writer)}'.`, { hint, site: callSite() ?? undefined });
}
