/** Owns: functions of text. A pattern, part or length is a value: plain text is a literal there, a column is written col('name'). */
import type { Column } from './column.js';
import { exprOf, type Operand } from './column.js';
import { binary, call, columnExpr, unary, variadic, withValue, withValues } from './column-function.js';
import { literalOf } from './literal.js';
import type { ColumnOrName } from './row-types.js';

export const lower = unary<string>('lower');
export const upper = unary<string>('upper');
export const initcap = unary<string>('initcap');
export const reverse = unary<string>('reverse');
/** Characters (code points). */
export const length = unary<number>('length');
export const charLength = unary<number>('char_length');
export const octetLength = unary<number>('octet_length');
export const bitLength = unary<number>('bit_length');
export const ascii = unary<number>('ascii');
export const soundex = unary<string>('soundex');
export const base64 = unary<string>('base64');
export const unbase64 = unary<Uint8Array>('unbase64');
export const hex = unary<string>('hex');
export const unhex = unary<Uint8Array>('unhex');

/** Spaces only, unless the second argument names the characters to take off both ends. */
export const trim = trimming('trim', 'btrim');
export const ltrim = trimming('ltrim', 'ltrim');
export const rtrim = trimming('rtrim', 'rtrim');

function trimming(fn: string, withCharacters: string) {
  return (column: ColumnOrName, characters?: string): Column<string> => {
    if (characters === undefined) return call(fn, columnExpr(column));
    // Spark's SQL ltrim and rtrim take the characters first, btrim last.
    return withCharacters === 'btrim'
      ? call(withCharacters, columnExpr(column), literalOf(characters))
      : call(withCharacters, literalOf(characters), columnExpr(column));
  };
}

/** Cut at every match of a Java regular expression, into at most `limit` parts (-1: no bound, trailing empty parts kept). */
export function split(column: ColumnOrName, pattern: Operand, limit = -1): Column<string[]> {
  return call('split', columnExpr(column), exprOf(pattern), literalOf(limit));
}

/** The part-th piece between delimiters, counting from 1, from the end where negative. */
export const splitPart = withValues<string>('split_part');
/** All before the count-th delimiter; where count is negative, all after, counting from the end. */
export const substringIndex = withValues<string>('substring_index');

/** Counts from 1; a negative start counts from the end. */
export function substring(column: ColumnOrName, start: Operand, size: Operand): Column<string> {
  return call('substring', columnExpr(column), exprOf(start), exprOf(size));
}

export const left = withValue<string>('left');
export const right = withValue<string>('right');
export const repeat = withValue<string>('repeat');
export const lpad = withValues<string>('lpad');
export const rpad = withValues<string>('rpad');
export const translate = withValues<string>('translate');
export const replace = withValues<string>('replace');
export const overlay = withValues<string>('overlay');
export const startswith = withValue<boolean>('startswith');
export const endswith = withValue<boolean>('endswith');
export const contains = withValue<boolean>('contains');
export const levenshtein = binary<number>('levenshtein');

/** Where `part` first is, counting from 1; 0 where it is not. */
export const instr = withValue<number>('instr');

/** As instr() with the part first, searching from `from` on. */
export function locate(part: Operand, column: ColumnOrName, from = 1): Column<number> {
  return call('locate', exprOf(part), columnExpr(column), literalOf(from));
}

export const concat = variadic<string>('concat');

/** Joins columns, and the elements of arrays, with a separator; nulls are left out. */
export function concatWs(separator: string, ...columns: readonly ColumnOrName[]): Column<string> {
  return call('concat_ws', literalOf(separator), ...columns.map(columnExpr));
}

/** Java's format: `formatString('%5d %s', 'id', 'name')`. */
export function formatString(format: string, ...columns: readonly ColumnOrName[]): Column<string> {
  return call('format_string', literalOf(format), ...columns.map(columnExpr));
}

/** Group `group` of the first match of a Java regular expression; empty text where there is none. */
export function regexpExtract(column: ColumnOrName, pattern: Operand, group: Operand = 1): Column<string> {
  return call('regexp_extract', columnExpr(column), exprOf(pattern), exprOf(group));
}

export function regexpExtractAll(column: ColumnOrName, pattern: Operand, group: Operand = 1): Column<string[]> {
  return call('regexp_extract_all', columnExpr(column), exprOf(pattern), exprOf(group));
}

/** Replaces every match; `$1` in the replacement is a group. */
export function regexpReplace(column: ColumnOrName, pattern: Operand, replacement: Operand): Column<string> {
  return call('regexp_replace', columnExpr(column), exprOf(pattern), exprOf(replacement));
}

export const regexpCount = withValue<number>('regexp_count');
export const like = withValue<boolean>('like');
export const ilike = withValue<boolean>('ilike');
export const rlike = withValue<boolean>('rlike');
/** The bytes of text in a character set, `'UTF-8'` say. */
export const encode = withValue<Uint8Array>('encode');
export const decode = withValue<string>('decode');
