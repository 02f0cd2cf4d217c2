/** Owns: reading a column as a wider type than the file has, when the schema of the query says so. Never loses a digit. */
import type { Column } from '../../../data/batch.js';
import { createBuilder } from '../../../data/builder.js';
import { rescale } from '../../../data/decimal.js';
import { type DataType, isInteger } from '../../../data/types.js';
import { type EngineValue, readValue } from '../../../data/value.js';

const INTEGERS = ['int8', 'int16', 'int32', 'int64'];

/** The conversion of columns, or null where `to` is not wider than `from`. */
export function widen(from: DataType, to: DataType): ((column: Column) => Column) | null {
  if ((from.kind === 'binary' && to.kind === 'string') || (from.kind === 'string' && to.kind === 'binary')) return (column) => column;
  const convert = valueConversion(from, to);
  if (convert === null) return null;
  return (column) => {
    const builder = createBuilder(to, column.length);
    for (let row = 0; row < column.length; row++) {
      const value = readValue(column, from, row);
      builder.append(value === null ? null : convert(value));
    }
    return builder.finish();
  };
}

function valueConversion(from: DataType, to: DataType): ((value: EngineValue) => EngineValue) | null {
  if (isInteger(from) && isInteger(to)) {
    if (INTEGERS.indexOf(from.kind) > INTEGERS.indexOf(to.kind)) return null;
    return to.kind === 'int64' ? (value) => BigInt(value as number) : (value) => value;
  }
  if (to.kind === 'float64') {
    return from.kind === 'float32' || from.kind === 'int8' || from.kind === 'int16' || from.kind === 'int32' ? (value) => value : null;
  }
  if (to.kind === 'decimal') {
    if (from.kind !== 'decimal' || to.scale < from.scale || to.precision - to.scale < from.precision - from.scale) return null;
    return (value) => rescale(value as bigint, from.scale, to.scale);
  }
  const times = ['timestamp', 'timestamp_ntz'];
  return times.includes(from.kind) && times.includes(to.kind) ? (value) => value : null;
}
