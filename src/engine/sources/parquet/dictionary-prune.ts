/**
 * Owns: leaving out row groups in whose dictionaries no value passes a filter. A chunk is asked whose pages are all in codes of its dictionary,
 * and whose dictionary is small: then the dictionary is every value that the chunk has, and a null perhaps.
 */
import type { Schema } from '../../../data/types.js';
import { conjuncts } from '../../../frontend/plan/conditions.js';
import type { BoundExpr } from '../../../frontend/plan/resolved.js';
import type { InputFile } from '../fs.js';
import type { ReadRequest } from '../source.js';
import type { Decompress } from './codecs.js';
import type { ChunkMeta, RowGroup } from './footer.js';
import { inputsOf } from './page-index.js';
import { PageReader } from './pages.js';
import { columnOf } from './prune.js';
import type { Node } from './schema.js';

/** Larger dictionaries hold nearly every value anyway. */
const MOST_BYTES = 1 << 20;

/** Whether a row of the group may pass all filters. `columns` are what the filters' ordinals mean. */
export function mayHold(
  file: InputFile,
  group: RowGroup,
  { filters, mayPass }: Pick<ReadRequest, 'filters' | 'mayPass'>,
  columns: Schema,
  nodes: readonly Node[],
  codecs: ReadonlyMap<number, Decompress>,
): boolean {
  if (mayPass === undefined) return true;
  return [...filtersByColumn(filters)].every(([index, ofColumn]) => {
    const column = columnOf(columns.fields[index], nodes);
    if (column === null) return true;
    const { leaf, type } = column;
    const chunk = group.chunks[leaf.index];
    const decompress = codecs.get(chunk.codec);
    if (decompress === undefined || chunk.dictionary === null || chunk.dictionary[1] - chunk.dictionary[0] > MOST_BYTES) return true;
    const entries = new PageReader(file.readRange(...chunk.dictionary), chunk, leaf, type, decompress).onlyDictionary();
    return entries === null || mayPass(ofColumn, index, entries, mayBeNull(chunk));
  });
}

/** Those that read one column alone, by its ordinal: a value must pass all of them. */
function filtersByColumn(filters: readonly BoundExpr[]): ReadonlyMap<number, readonly BoundExpr[]> {
  const found = new Map<number, BoundExpr[]>();
  for (const filter of filters.flatMap((f) => conjuncts(f))) {
    const [index, ...others] = inputsOf(filter);
    if (index === undefined || others.length > 0) continue;
    found.set(index, [...(found.get(index) ?? []), filter]);
  }
  return found;
}

const mayBeNull = ({ statistics }: ChunkMeta): boolean => statistics?.nulls !== 0;
