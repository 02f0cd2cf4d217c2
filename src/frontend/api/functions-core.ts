/** Owns: the functions that every expression is made of: columns, literals, conditions, nulls, hashes. Thin wrappers over calls by Spark's names. */
import { callSite } from '../../core/call-site.js';
import { parseNamedExpression } from '../sql/parse-expression.js';
import { CaseColumn } from './case-column.js';
import { Column, exprOf, type Operand, type OperandType } from './column.js';
import { binary, call, columnExpr, namedExpr, unary, variadic } from './column-function.js';
import type { ColumnOrName, LastPart, NamesIn, NamesInOperand } from './column-names.js';
import { literalOf, type Plain, type Widened } from './literal.js';
import type { ValueOf } from './row-types.js';
import type { Ref } from './value-types.js';

/** A column by name, which may be qualified (`orders.id`, `person.name.first`); `'*'` is all of them. Whether it exists is known at analysis. */
export function col<const N extends string>(name: N): string extends N ? Column : Column<Ref<N>, LastPart<N>, N>;
export function col(name: string): Column {
  return new Column(namedExpr(name));
}

/** A constant; `literalOf` says which type a value takes. */
export function lit<V extends Plain>(value: V): Column<Widened<V>, string, never> {
  return new Column(literalOf(value));
}

/**
 * A column from SQL text: `expr('price * 2 AS twice')`. Throws a user error PARSE_SYNTAX_ERROR that shows the place; whether names and
 * functions exist is known at analysis.
 */
export function expr(sql: string): Column {
  return new Column(parseNamedExpression(sql, callSite()));
}

/** CASE WHEN condition THEN value, to be continued by .when() and .otherwise(). */
export function when<C extends Column, V extends Operand>(
  condition: C,
  value: V,
): CaseColumn<OperandType<V>, NamesIn<C> | NamesInOperand<V>> {
  return new CaseColumn([condition.expr, exprOf(value)]);
}

/** The first that is not null. */
export function coalesce<const C extends readonly ColumnOrName[]>(...columns: C): Column<ValueOf<C[number]>, string, NamesIn<C[number]>> {
  return call('coalesce', ...columns.map(columnExpr));
}

/** The largest of at least two columns, nulls left out. */
export function greatest<const C extends readonly ColumnOrName[]>(...columns: C): Column<ValueOf<C[number]>, string, NamesIn<C[number]>> {
  return call('greatest', ...columns.map(columnExpr));
}

/** The smallest of at least two columns, nulls left out. */
export function least<const C extends readonly ColumnOrName[]>(...columns: C): Column<ValueOf<C[number]>, string, NamesIn<C[number]>> {
  return call('least', ...columns.map(columnExpr));
}

export const not = unary<boolean>('not');
export const isnull = unary<boolean>('isnull');
export const isnotnull = unary<boolean>('isnotnull');
export const isnan = unary<boolean>('isnan');
/** The second where the first is null. */
export const nvl: <const A extends ColumnOrName, const B extends ColumnOrName>(
  column: A,
  other: B,
) => Column<ValueOf<A | B>, string, NamesIn<A | B>> = binary<never>('nvl');

/** Null where both are equal, else the first. */
export const nullif: <const A extends ColumnOrName, const B extends ColumnOrName>(
  column: A,
  other: B,
) => Column<ValueOf<A> | null, string, NamesIn<A | B>> = binary<never>('nullif');

/** Spark's 32-bit Murmur3 hash with seed 42: the hash that decides a row's shuffle partition. */
export const hash = variadic<number>('hash');
export const xxhash64 = variadic<bigint>('xxhash64');
export const md5 = unary<string>('md5');
export const sha1 = unary<string>('sha1');
export const crc32 = unary<bigint>('crc32');

/** `bits` is 224, 256, 384 or 512. */
export function sha2<const C extends ColumnOrName>(column: C, bits: number): Column<string, string, NamesIn<C>> {
  return call('sha2', columnExpr(column), literalOf(bits));
}

/** The SQL name of a column's type. */
export const typeOf = unary<string>('typeof');

export const ifnull = nvl;
/** The second where the first is not null, else the third. */
export function nvl2<const A extends ColumnOrName, const B extends ColumnOrName, const C extends ColumnOrName>(
  column: C,
  present: A,
  missing: B,
): Column<ValueOf<A> | ValueOf<B>, string, NamesIn<A | B | C>> {
  return call('nvl2', columnExpr(column), columnExpr(present), columnExpr(missing));
}

/** Equal, null being equal to null. */
export const equalNull = binary<boolean>('equal_null');
/** The second where the first is NaN. */
export const nanvl = binary<number>('nanvl');
export const nullifzero = unary<number | null>('nullifzero');
export const zeroifnull = unary<number>('zeroifnull');

/** Null where the condition is true; else the job ends with USER_RAISED_EXCEPTION. */
export function assertTrue<const C extends ColumnOrName>(condition: C, message?: string): Column<null, string, NamesIn<C>> {
  return call('assert_true', columnExpr(condition), ...(message === undefined ? [] : [literalOf(message)]));
}

/** Ends the job with USER_RAISED_EXCEPTION in the first row that asks for it. */
export function raiseError<V extends Operand>(message: V): Column<null, string, NamesInOperand<V>> {
  return call('raise_error', exprOf(message));
}

/** Any function by its SQL name: `callFunction('regexp_count', col('text'), lit('a+'))`. */
export function callFunction(name: string, ...columns: readonly ColumnOrName[]): Column {
  return call(name.toLowerCase(), ...columns.map(columnExpr));
}
