/** Owns: functions of text. A pattern, part or length is a value: plain text is a literal there, a column is written col('name'). */

import type { Column } from './column.js';
import { exprOf, type Operand } from './column.js';
import { binary, call, columnExpr, unary, variadic, withValue, withValues } from './column-function.js';
import type { ColumnOrName, NamesIn, NamesInOperand } from './column-names.js';
import { literalOf } from './literal.js';
import type { ValueOf } from './row-types.js';
import type { ConcatOf } from './value-types.js';

export const lower = unary<string>('lower');
export const upper = unary<string>('upper');
export const initcap = unary<string>('initcap');
/** Text or an array. */
export const reverse: <const C extends ColumnOrName>(column: C) => Column<ValueOf<C>, string, NamesIn<C>> = unary<never>('reverse');
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
  return <const C extends ColumnOrName>(column: C, characters?: string): Column<string, string, NamesIn<C>> => {
    if (characters === undefined) return call(fn, columnExpr(column));
    // Spark's SQL ltrim and rtrim take the characters first, btrim last.
    return withCharacters === 'btrim'
      ? call(withCharacters, columnExpr(column), literalOf(characters))
      : call(withCharacters, literalOf(characters), columnExpr(column));
  };
}

/** Cut at every match of a Java regular expression, into at most `limit` parts (-1: no bound, trailing empty parts kept). */
export function split<const C extends ColumnOrName>(column: C, pattern: Operand, limit = -1): Column<string[], string, NamesIn<C>> {
  return call('split', columnExpr(column), exprOf(pattern), literalOf(limit));
}

/** The part-th piece between delimiters, counting from 1, from the end where negative. */
export const splitPart = withValues<string>('split_part');
/** All before the count-th delimiter; where count is negative, all after, counting from the end. */
export const substringIndex = withValues<string>('substring_index');

/** Counts from 1; a negative start counts from the end. */
export function substring<const C extends ColumnOrName, V extends Operand, W extends Operand>(
  column: C,
  start: V,
  size: W,
): Column<string, string, NamesIn<C> | NamesInOperand<V | W>> {
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
export function locate<const C extends ColumnOrName>(part: Operand, column: C, from = 1): Column<number, string, NamesIn<C>> {
  return call('locate', exprOf(part), columnExpr(column), literalOf(from));
}

/** Texts, binaries or arrays, one behind the other. */
export const concat: <const C extends readonly ColumnOrName[]>(
  ...columns: C
) => Column<ConcatOf<ValueOf<C[number]>>, string, NamesIn<C[number]>> = variadic<never>('concat');

/** Joins columns, and the elements of arrays, with a separator; nulls are left out. */
export function concatWs<const C extends readonly ColumnOrName[]>(
  separator: string,
  ...columns: C
): Column<string, string, NamesIn<C[number]>> {
  return call('concat_ws', literalOf(separator), ...columns.map(columnExpr));
}

/** Java's format: `formatString('%5d %s', 'id', 'name')`. */
export function formatString<const C extends readonly ColumnOrName[]>(
  format: string,
  ...columns: C
): Column<string, string, NamesIn<C[number]>> {
  return call('format_string', literalOf(format), ...columns.map(columnExpr));
}

/** Group `group` of the first match of a Java regular expression; empty text where there is none. */
export function regexpExtract<const C extends ColumnOrName>(
  column: C,
  pattern: Operand,
  group: Operand = 1,
): Column<string, string, NamesIn<C>> {
  return call('regexp_extract', columnExpr(column), exprOf(pattern), exprOf(group));
}

export function regexpExtractAll<const C extends ColumnOrName>(
  column: C,
  pattern: Operand,
  group: Operand = 1,
): Column<string[], string, NamesIn<C>> {
  return call('regexp_extract_all', columnExpr(column), exprOf(pattern), exprOf(group));
}

/** Replaces every match; `$1` in the replacement is a group. */
export function regexpReplace<const C extends ColumnOrName, V extends Operand, W extends Operand>(
  column: C,
  pattern: V,
  replacement: W,
): Column<string, string, NamesIn<C> | NamesInOperand<V | W>> {
  return call('regexp_replace', columnExpr(column), exprOf(pattern), exprOf(replacement));
}

export const regexpCount = withValue<number>('regexp_count');
export const like = withValue<boolean>('like');
export const ilike = withValue<boolean>('ilike');
export const rlike = withValue<boolean>('rlike');
/** The bytes of text in a character set, `'UTF-8'` say. */
export const encode = withValue<Uint8Array>('encode');
export const decode = withValue<string>('decode');
export const lcase = unary<string>('lower');
export const ucase = unary<string>('upper');
export const characterLength = unary<number>('char_length');
/** The character of a code point. */
export const char = unary<string>('char');
export const chr = unary<string>('char');
/** In single quotes, escaped for SQL. */
export const quote = unary<string>('quote');
export const substr = withValues<string>('substring');
/** As locate(), of a column: where the first column is within the second, from 1. */
export const position = binary<number>('position');
/** The n-th of the columns, from 1: `elt('n', 'a', 'b')`. */
export const elt = variadic<string>('elt');
/** The place of a text in a comma-separated list, from 1; 0 where it is not. */
export const findInSet = binary<number>('find_in_set');
export const btrim = withValues<string>('btrim');
export const printf = formatString;
export const regexp = withValue<boolean>('rlike');
export const regexpLike = withValue<boolean>('rlike');
/** Where the first match of a Java regular expression begins, from 1; 0 where there is none. */
export const regexpInstr = withValues<number>('regexp_instr');
/** The first match; null where there is none. */
export const regexpSubstr = withValue<string | null>('regexp_substr');
/** From 0, nothing alike, to 1. */
export const jaroWinklerSimilarity = binary<number>('jaro_winkler_similarity');
export const urlEncode = unary<string>('url_encode');
export const urlDecode = unary<string>('url_decode');
export const tryUrlDecode = unary<string | null>('try_url_decode');
/** A part (`HOST`, `PATH`, `QUERY`, …) of a URL; of the query also the value of a key. */
export const parseUrl = withValues<string | null>('parse_url');
export const tryParseUrl = withValues<string | null>('try_parse_url');
/** Bytes of text in `hex` (where no other format is named), `utf-8` or `base64`. */
export const toBinary = withValues<Uint8Array>('to_binary');
export const tryToBinary = withValues<Uint8Array | null>('try_to_binary');
/** A number by a format such as `S999,990.00`, a date or timestamp by a pattern, bytes as `base64`, `hex` or `utf-8`. */
export const toChar = withValue<string>('to_char');
export const toVarchar = withValue<string>('to_varchar');
export const toBase32 = unary<string>('to_base32');
export const fromBase32 = unary<Uint8Array>('from_base32');
export const sha = unary<string>('sha1');
/** The keyed digest of a message: key, message, and an algorithm other than SHA-256. */
export const hmac = keyed<Uint8Array>('hmac');
/** Text, key, mode (`GCM`, `CBC`, `ECB`), padding, initialisation vector, data that is authenticated only. */
export const aesEncrypt = keyed<Uint8Array>('aes_encrypt');
export const aesDecrypt = keyed<Uint8Array>('aes_decrypt');
export const tryAesDecrypt = keyed<Uint8Array | null>('try_aes_decrypt');

function keyed<T>(fn: string) {
  return <const C extends ColumnOrName, const D extends ColumnOrName, V extends readonly Operand[]>(
    first: C,
    second: D,
    ...values: V
  ): Column<T, string, NamesIn<C | D> | NamesInOperand<V[number]>> =>
    call(fn, columnExpr(first), columnExpr(second), ...values.map(exprOf));
}
