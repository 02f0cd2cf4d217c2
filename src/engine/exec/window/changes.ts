/** Owns: where rows in order differ from the row before them: the starts of partitions and of groups of equal rows. */
import { type Column, isNull } from '../../../data/batch.js';
import { decodeDictionary } from '../../../data/dictionary.js';
import { rowComparator } from '../../../data/row-order.js';
import type { DataType } from '../../../data/types.js';

const ANY_ORDER = { ascending: true, nullsFirst: true };

/** Sets flags[i] where row i differs from row i - 1 in this column. Null equals null, NaN equals NaN, -0 equals 0. */
export function markChanges(given: Column, type: DataType, flags: Uint8Array): void {
  if (given.layout === 'null') return;
  if (given.layout === 'dictionary' && given.validity === null) {
    markCodes(given, type, flags);
    return;
  }
  const column = decodeDictionary(given);
  if (column.layout === 'fixed' && column.validity === null) {
    if (column.values instanceof BigInt64Array)
      markLongs(new Int32Array(column.values.buffer, column.values.byteOffset, column.length * 2), flags);
    else markNumbers(column.values, flags);
    return;
  }
  const compare = rowComparator([column], [column], [type], [ANY_ORDER]);
  for (let i = 1; i < column.length; i++) if (flags[i] === 0 && compare(i - 1, i) !== 0) flags[i] = 1;
}

function markNumbers(values: Exclude<Extract<Column, { layout: 'fixed' }>['values'], BigInt64Array>, flags: Uint8Array): void {
  let last = values[0];
  for (let i = 1; i < flags.length; i++) {
    const value = values[i];
    if (value !== last && !(Number.isNaN(value) && Number.isNaN(last))) flags[i] = 1;
    last = value;
  }
}

function markLongs(lanes: Int32Array, flags: Uint8Array): void {
  for (let i = 1; i < flags.length; i++) {
    if (lanes[2 * i] !== lanes[2 * i - 2] || lanes[2 * i + 1] !== lanes[2 * i - 1]) flags[i] = 1;
  }
}

/** Entries of a dictionary may repeat, so other codes do not make other values. */
function markCodes({ codes, dictionary }: Extract<Column, { layout: 'dictionary' }>, type: DataType, flags: Uint8Array): void {
  const entries = decodeDictionary(dictionary);
  const compare = rowComparator([entries], [entries], [type], [ANY_ORDER]);
  for (let i = 1; i < flags.length; i++) {
    if (codes[i] !== codes[i - 1] && flags[i] === 0 && compare(codes[i - 1], codes[i]) !== 0) flags[i] = 1;
  }
}

/** Whether row `i` of one set of columns equals row `j` of another. */
export function sameRow(a: readonly Column[], i: number, b: readonly Column[], j: number, types: readonly DataType[]): boolean {
  return types.every((type, k) => {
    const [x, y] = [a[k], b[k]];
    if (isNull(x, i) || isNull(y, j)) return isNull(x, i) === isNull(y, j);
    return rowComparator([decodeDictionary(x)], [decodeDictionary(y)], [type], [ANY_ORDER])(i, j) === 0;
  });
}
