/**
 * Owns: rows as grading compares them: plain JSON, whatever they were made of. Receives what a job or an oracle returned, or the part files
 * that a job wrote; gives a list of rows.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { userError } from '../../core/errors.js';

export type Plain = null | boolean | number | string | readonly Plain[] | { readonly [key: string]: Plain };

/** A list or set is its elements, a map its pairs, any other value a single row. */
export function rowsOf(value: unknown): Plain[] {
  if (value instanceof Map || value instanceof Set || Array.isArray(value)) return Array.from(value, plain);
  return [plain(value)];
}

/**
 * Whole numbers of any kind become numbers, or text beyond 2^53; Decimals numbers; dates and times the text that Spark's cast gives,
 * bytes hexadecimal text, maps lists of pairs; a missing value null.
 */
export function plain(value: unknown): Plain {
  switch (typeof value) {
    case 'boolean':
    case 'string':
      return value;
    case 'number':
      // JSON has neither NaN nor infinities; -0 equals 0.
      return Number.isFinite(value) ? value + 0 : String(value);
    case 'bigint':
      return plainInteger(value);
    case 'undefined':
      return null;
    case 'object':
      return value === null ? null : plainObject(value);
    default:
      return `[${typeof value}]`;
  }
}

function plainInteger(value: bigint): Plain {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

function plainObject(value: object): Plain {
  if (Array.isArray(value) || value instanceof Set) return Array.from(value, plain);
  if (value instanceof Map) return Array.from(value, ([key, item]) => [plain(key), plain(item)]);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (value instanceof Date)
    return value
      .toISOString()
      .replace('T', ' ')
      .replace(/\.?0*Z$/, '');
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype && value.toString !== Object.prototype.toString) return plainText(String(value));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}

/** Of Decimal, LocalDate and their like: what reads as a number is one. */
function plainText(text: string): Plain {
  if (!/^-?\d+(\.\d+)?$/.test(text)) return text;
  return /^-?\d+$/.test(text) ? plainInteger(BigInt(text)) : Number(text);
}

/** The lines of the part files in a directory, in the order of the parts. Throws GRADE_NO_ROWS where they are no text. */
export function writtenRows(dir: string): Plain[] {
  const parts = readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter((name) => /(^|\/)part-[^/]*$/.test(name));
  const binary = parts.find((name) => /\.(parquet|arrow|gz|zst|snappy)$/.test(name));
  if (binary !== undefined) {
    throw noRows(`The job wrote ${binary}, which is no text.`);
  }
  return parts.sort().flatMap((name) => {
    const text = readFileSync(join(dir, name), 'utf8');
    return text === '' ? [] : text.replace(/\n$/, '').split('\n');
  });
}

export function noRows(message: string) {
  return userError('GRADE_NO_ROWS', message, {
    hint: 'Return the rows from the job, `return df.collect()`, or write them as text to the argument --output',
  });
}
