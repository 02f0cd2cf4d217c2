/** Owns: how many bytes the rows of a column take, for budgets and for deciding when a batch is full. */
import type { Batch, Column } from './batch.js';

/** Bytes that the rows refer to: of a sliced column its own part only, of a dictionary column the codes and the whole dictionary. */
export function columnBytes(column: Column): number {
  if (column.layout === 'null') return 0;
  const validity = column.validity === null ? 0 : (column.length + 7) >> 3;
  switch (column.layout) {
    case 'fixed':
      return validity + column.length * column.values.BYTES_PER_ELEMENT;
    case 'wide':
      return validity + column.length * 16;
    case 'bits':
      return validity + ((column.length + 7) >> 3);
    case 'bytes':
      return validity + 4 * (column.length + 1) + spanOf(column.offsets, column.length);
    case 'dictionary':
      return validity + 4 * column.length + columnBytes(column.dictionary);
    case 'list':
      return validity + 4 * (column.length + 1) + share(column.child, spanOf(column.offsets, column.length));
    case 'map': {
      const span = spanOf(column.offsets, column.length);
      return validity + 4 * (column.length + 1) + share(column.keys, span) + share(column.values, span);
    }
    case 'struct':
      return column.children.reduce((sum, child) => sum + columnBytes(child), validity);
    default:
      return column satisfies never;
  }
}

export function batchBytes(batch: Batch): number {
  let bytes = 0;
  for (const column of batch.columns) bytes += columnBytes(column);
  return bytes;
}

function spanOf(offsets: Int32Array, length: number): number {
  return offsets[length] - offsets[0];
}

/** The part of a child's bytes that `rows` of its rows take on average. */
function share(child: Column, rows: number): number {
  const whole = columnBytes(child);
  return rows === child.length ? whole : Math.ceil((whole * rows) / child.length);
}
