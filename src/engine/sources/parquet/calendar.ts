/**
 * Owns: days that two calendars name differently. Files of Spark 2 hold dates before 1582-10-15 by the Julian calendar; read as Gregorian ones
 * they would be other days, so they are refused, as Spark refuses them.
 */
import { userError } from '../../../core/errors.js';
import { type Column, isNull } from '../../../data/batch.js';
import { decodeDictionary } from '../../../data/dictionary.js';
import type { DataType } from '../../../data/types.js';
import { localPath } from '../fs.js';
import type { Leaf } from './schema.js';

/** Types with a calendar in them. */
export const HAS_CALENDAR: readonly DataType['kind'][] = ['date', 'timestamp', 'timestamp_ntz'];

/** 1582-10-15, the first day that both calendars name alike, in days from 1970-01-01. */
const FIRST_DAY = -141_427;
const DAY_MICROS = 86_400_000_000n;

/** The column of a file with Julian dates as it is. Throws INCONSISTENT_BEHAVIOR_CROSS_VERSION.READ_ANCIENT_DATETIME where a value is too old. */
export function inCalendar(column: Column, { name }: { readonly name: string; readonly leaf: Leaf }, uri: string): Column {
  const plain = decodeDictionary(column);
  if (plain.layout !== 'fixed') return column;
  const { values } = plain;
  const first = values instanceof BigInt64Array ? BigInt(FIRST_DAY) * DAY_MICROS : FIRST_DAY;
  for (let i = 0; i < plain.length; i++) {
    if (values[i] >= first || isNull(plain, i)) continue;
    throw userError(
      'INCONSISTENT_BEHAVIOR_CROSS_VERSION.READ_ANCIENT_DATETIME',
      `Column '${name}' of '${localPath(uri)}' has a day before 1582-10-15, written by the Julian calendar of Spark 2.`,
      { hint: 'Write the file again with Spark 3 or later, or leave the column out' },
    );
  }
  return column;
}
