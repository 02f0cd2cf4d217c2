/**
 * Owns: Column, what users build expressions of: an immutable wrapper of an unresolved Expr. Every method gives a new one.
 * Where a method takes a value, a plain JavaScript value stands for its literal; names of columns are written col('name').
 */
import { callSite } from '../../core/call-site.js';
import { userError } from '../../core/errors.js';
import type { DataType } from '../../data/types.js';
import type { Expr } from '../plan/expression.js';
import { aliased } from '../sql/nodes.js';
import type { CastName, FieldName, NamesInOperand } from './column-names.js';
import type { TypeOfText } from './ddl-types.js';
import { literalOf, type Plain, type Widened } from './literal.js';
import { SortOrder } from './sort-order.js';
import { fieldSet, fieldsDropped } from './struct-field.js';
import { typeOfText } from './type-text.js';
import type { Arithmetic, FieldOf, ItemOf, Quotient, WithFieldOf, WithoutFieldsOf } from './value-types.js';
import type { WindowSpec } from './window.js';

/** A column, or a value that stands for itself. */
export type Operand = Column | Plain;

/** The type of the values of an operand. */
export type OperandType<V> = V extends Column<infer T> ? T : Widened<V>;

/** `T` is the type of its values as collect() gives them, `N` its name and `R` the names that it refers to where these are known. */
export class Column<T = unknown, N extends string = string, R extends string = string> {
  readonly expr: Expr;
  /** Never there at run time: it holds T, N and R for the compiler. */
  declare readonly typed?: { readonly type: T; readonly name: N; readonly names: R };

  constructor(expr: Expr) {
    this.expr = expr;
  }

  /** Gives the column a name; of what makes several columns, such as posexplode(), a list names them all. */
  as<const M extends string | readonly string[]>(name: M): Column<T, M extends string ? M : string, R> {
    return new Column(aliased(this.expr, typeof name === 'string' ? [name] : name));
  }

  alias<M extends string>(name: M): Column<T, M, R> {
    return new Column(aliased(this.expr, [name]));
  }

  /** Only the rows where the condition holds enter the aggregate: `sum('price').filter(col('kind').eq('book'))`. */
  filter<C extends Column>(condition: C): Column<T, N, R | NamesInOperand<C>> {
    return new Column(withFilter(this.expr, condition.expr));
  }

  eq<V extends Operand>(other: V): Column<boolean, string, R | NamesInOperand<V>> {
    return operator('=', this, other);
  }

  /** `NOT (a = b)`, as Spark plans it: null where either is null. */
  ne<V extends Operand>(other: V): Column<boolean, string, R | NamesInOperand<V>> {
    return operator('not', operator('=', this, other));
  }

  /** Equal, where two nulls are equal and the answer is never null. */
  eqNullSafe<V extends Operand>(other: V): Column<boolean, string, R | NamesInOperand<V>> {
    return operator('<=>', this, other);
  }

  lt<V extends Operand>(other: V): Column<boolean, string, R | NamesInOperand<V>> {
    return operator('<', this, other);
  }

  le<V extends Operand>(other: V): Column<boolean, string, R | NamesInOperand<V>> {
    return operator('<=', this, other);
  }

  gt<V extends Operand>(other: V): Column<boolean, string, R | NamesInOperand<V>> {
    return operator('>', this, other);
  }

  ge<V extends Operand>(other: V): Column<boolean, string, R | NamesInOperand<V>> {
    return operator('>=', this, other);
  }

  /** Both ends included. */
  between<V extends Operand, W extends Operand>(low: V, high: W): Column<boolean, string, R | NamesInOperand<V | W>> {
    return operator('and', this.ge(low), this.le(high));
  }

  and<V extends Operand>(other: V): Column<boolean, string, R | NamesInOperand<V>> {
    return operator('and', this, other);
  }

  or<V extends Operand>(other: V): Column<boolean, string, R | NamesInOperand<V>> {
    return operator('or', this, other);
  }

  not(): Column<boolean, string, R> {
    return operator('not', this);
  }

  plus<V extends Operand>(other: V): Column<Arithmetic<T, OperandType<V>>, string, R | NamesInOperand<V>> {
    return operator('+', this, other);
  }

  minus<V extends Operand>(other: V): Column<Arithmetic<T, OperandType<V>>, string, R | NamesInOperand<V>> {
    return operator('-', this, other);
  }

  times<V extends Operand>(other: V): Column<Arithmetic<T, OperandType<V>>, string, R | NamesInOperand<V>> {
    return operator('*', this, other);
  }

  /** Never an integer division: 1 / 2 is 0.5. By zero it is an error. */
  divide<V extends Operand>(other: V): Column<Quotient<T, OperandType<V>>, string, R | NamesInOperand<V>> {
    return operator('/', this, other);
  }

  mod<V extends Operand>(other: V): Column<Arithmetic<T, OperandType<V>>, string, R | NamesInOperand<V>> {
    return operator('%', this, other);
  }

  neg(): Column<T, string, R> {
    return operator('negative', this);
  }

  bitwiseAnd<V extends Operand>(other: V): Column<Arithmetic<T, OperandType<V>>, string, R | NamesInOperand<V>> {
    return operator('&', this, other);
  }

  bitwiseOr<V extends Operand>(other: V): Column<Arithmetic<T, OperandType<V>>, string, R | NamesInOperand<V>> {
    return operator('|', this, other);
  }

  bitwiseXor<V extends Operand>(other: V): Column<Arithmetic<T, OperandType<V>>, string, R | NamesInOperand<V>> {
    return operator('^', this, other);
  }

  isNaN(): Column<boolean, string, R> {
    return operator('isnan', this);
  }

  isNull(): Column<boolean, string, R> {
    return operator('isnull', this);
  }

  isNotNull(): Column<boolean, string, R> {
    return operator('isnotnull', this);
  }

  /** Whether it equals one of the values; of none, never. Takes one array too. */
  isin<V extends readonly Operand[] | readonly [readonly Operand[]]>(
    ...values: V
  ): Column<boolean, string, R | NamesInOperand<V[number] | Extract<V[0], readonly unknown[]>[number]>> {
    const list = values.length === 1 && Array.isArray(values[0]) ? values[0] : (values as readonly Operand[]);
    return list.length === 0 ? new Column(literalOf(false)) : operator('in', this, ...list);
  }

  /** `%` is any text, `_` any character, backslash takes their meaning away. */
  like(pattern: string): Column<boolean, string, R> {
    return operator('like', this, pattern);
  }

  /** As like(), whatever the case of letters. */
  ilike(pattern: string): Column<boolean, string, R> {
    return operator('ilike', this, pattern);
  }

  /** Whether the regular expression (Java's syntax, as Spark's) is found in it. */
  rlike(pattern: string): Column<boolean, string, R> {
    return operator('rlike', this, pattern);
  }

  startsWith<V extends Operand>(prefix: V): Column<boolean, string, R | NamesInOperand<V>> {
    return operator('startswith', this, prefix);
  }

  endsWith<V extends Operand>(suffix: V): Column<boolean, string, R | NamesInOperand<V>> {
    return operator('endswith', this, suffix);
  }

  contains<V extends Operand>(part: V): Column<boolean, string, R | NamesInOperand<V>> {
    return operator('contains', this, part);
  }

  /** Counts from 1; a negative start counts from the end. */
  substr<V extends Operand, W extends Operand>(start: V, length: W): Column<string, string, R | NamesInOperand<V | W>> {
    return operator('substring', this, start, length);
  }

  /** Takes a type's SQL name (`'int'`, `'decimal(10,2)'`) or a DataType. A value that does not fit is an error. */
  cast<const D extends string | DataType>(to: D): Column<TypeOfText<D>, CastName<N>, R> {
    return new Column(Object.freeze({ kind: 'cast', child: this.expr, to: typeOfText(to), safe: false, site: callSite() }));
  }

  /** As cast(), but a value that does not fit becomes null. */
  tryCast<const D extends string | DataType>(to: D): Column<TypeOfText<D> | null, CastName<N>, R> {
    return new Column(Object.freeze({ kind: 'cast', child: this.expr, to: typeOfText(to), safe: true, site: callSite() }));
  }

  /** The element of an array (from 0) or the value of a map's key. */
  getItem<V extends Operand>(key: V): Column<ItemOf<T>, string, R | NamesInOperand<V>> {
    return operator('getitem', this, key);
  }

  /** A field of a struct. */
  getField<const F extends string>(name: F): Column<FieldOf<T, F>, FieldName<N, F>, R> {
    return operator('getfield', this, name);
  }

  /** The struct with this field set, or added at its end; `a.b` is a field of a field. */
  withField<const F extends string, V extends Operand>(
    name: F,
    value: V,
  ): Column<WithFieldOf<T, F, OperandType<V>>, string, R | NamesInOperand<V>> {
    return new Column(fieldSet(this.expr, name, exprOf(value)));
  }

  /** The struct without these fields; `a.b` is a field of a field. What is not there is no error. */
  dropFields<const F extends readonly string[]>(...names: F): Column<WithoutFieldsOf<T, F[number]>, string, R> {
    return new Column(fieldsDropped(this.expr, names));
  }

  /** The function or aggregate that this column is, over the rows around each row that the window says. */
  over<W extends string>(window: WindowSpec<W>): Column<T, string, R | W> {
    return new Column(Object.freeze({ kind: 'window', fn: this.expr, spec: window.spec, site: callSite() }));
  }

  /** Ascending, nulls first. */
  asc(): SortOrder<R> {
    return new SortOrder(this.expr, true, true);
  }

  ascNullsFirst(): SortOrder<R> {
    return new SortOrder(this.expr, true, true);
  }

  ascNullsLast(): SortOrder<R> {
    return new SortOrder(this.expr, true, false);
  }

  /** Descending, nulls last. */
  desc(): SortOrder<R> {
    return new SortOrder(this.expr, false, false);
  }

  descNullsFirst(): SortOrder<R> {
    return new SortOrder(this.expr, false, true);
  }

  descNullsLast(): SortOrder<R> {
    return new SortOrder(this.expr, false, false);
  }

  /** For string templates and `+`, where a column means nothing and a mistake would stay unseen. */
  [Symbol.toPrimitive](): never {
    throw userError('UNSUPPORTED_OPERATION', 'A column has no value where the job is written, so JavaScript operators do not work on it.', {
      hint: 'Use its methods: plus, minus, eq, lt, and, or, not, …',
      site: callSite() ?? undefined,
    });
  }
}

/** The expression of a column, or a literal of anything else. */
export function exprOf(value: unknown): Expr {
  return value instanceof Column ? value.expr : literalOf(value);
}

/** A call by Spark's SQL name, with the user's place. */
export function callExpr(fn: string, args: readonly Expr[], distinct = false): Expr {
  return Object.freeze({ kind: 'call', fn, args: Object.freeze([...args]), distinct, filter: null, site: callSite() });
}

/** The call under the aliases with one more filter. Throws a user error INVALID_AGGREGATE_FILTER. */
function withFilter(expr: Expr, condition: Expr): Expr {
  if (expr.kind === 'alias') return Object.freeze({ ...expr, child: withFilter(expr.child, condition) });
  if (expr.kind === 'call') {
    return Object.freeze({ ...expr, filter: expr.filter === null ? condition : callExpr('and', [expr.filter, condition]) });
  }
  throw userError('INVALID_AGGREGATE_FILTER', 'filter() is for calls of aggregates, such as sum(…).', {
    hint: 'Put it right behind the aggregate: sum(…).filter(…).plus(…)',
    site: callSite() ?? undefined,
  });
}

function operator<T, N extends string, R extends string>(fn: string, ...operands: readonly unknown[]): Column<T, N, R> {
  return new Column(callExpr(fn, operands.map(exprOf)));
}
