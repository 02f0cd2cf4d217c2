/**
 * Owns: expressions as text: unresolved ones as Spark names the columns they make (`sum(n)`, `(a + b)`, `CAST(x AS INT)`), resolved ones with attribute ids.
 */
import { formatDecimal } from '../../data/decimal.js';
import { formatInterval } from '../../data/interval.js';
import { formatDate, formatMicros } from '../../data/temporal.js';
import { type DataType, typeName } from '../../data/types.js';
import type { EngineValue } from '../../data/value.js';
import { chainParts } from './chain.js';
import type { Expr } from './expression.js';
import type { Aggregated, ExprOf, InputRef, Named, ResolvedExpr, Windowed } from './resolved.js';
import { frameSuffix } from './window.js';
import { overText, sortKeyText } from './window-text.js';

const INFIX: Readonly<Record<string, string>> = { and: 'AND', or: 'OR', like: 'LIKE', ilike: 'ILIKE', rlike: 'RLIKE' };
const SYMBOLS = new Set(['+', '-', '*', '/', '%', 'div', '=', '<>', '<=>', '<', '<=', '>', '>=', '&', '|', '^', '<<', '>>', '>>>']);
const IGNORING_NULLS = new Set(['first', 'last', 'first_value', 'last_value', 'any_value']);
/** Operators without brackets of their own, as Spark prints them. */
const BARE_INFIX = new Set(['like', 'ilike']);

/** The text of an expression as the user wrote it; `quoted` puts text literals in quotes, which Spark's column names do not. */
export function expressionText(expr: Expr, quoted = true): string {
  const inner = (child: Expr): string => expressionText(child, quoted);
  switch (expr.kind) {
    case 'literal':
      return literalText(expr.value, expr.type, quoted);
    case 'column':
      return quoted ? expr.name : lastPart(expr.name);
    case 'star':
      return `${expr.qualifier === null ? '' : `${expr.qualifier}.`}${expr.pattern === undefined ? '*' : `\`${expr.pattern}\``}`;
    case 'call': {
      const chain = chainParts(expr);
      if (chain !== null) return chainText(expr.fn, chain.map(inner));
      const filter = expr.filter === null ? '' : ` FILTER (WHERE ${inner(expr.filter)})`;
      const args = expr.args.map(inner);
      if (expr.fn === 'count' && expr.args[0]?.kind === 'star' && expr.args[0].pattern === undefined) args[0] = '1';
      if (quoted) return callText(expr.user?.name ?? expr.fn, args, expr.distinct) + withinText(expr, inner) + filter;
      // Of nulls that are left out Spark's names tell nothing.
      if (IGNORING_NULLS.has(expr.fn)) args.length = 1;
      const { fn, args: told } = sparkCall(expr.fn, args);
      return callText(expr.user?.name ?? fn, told, expr.distinct) + withinText(expr, inner) + filter;
    }
    case 'cast':
      return `${expr.safe ? 'TRY_CAST' : 'CAST'}(${inner(expr.child)} AS ${typeName(expr.to).toUpperCase()})`;
    case 'alias':
      return quoted ? `${inner(expr.child)} AS ${expr.names ? `(${expr.names.join(', ')})` : expr.name}` : expr.name;
    case 'udf':
      return `${expr.udf.name || 'udf'}(${expr.args.map(inner).join(', ')})`;
    case 'lambda':
      // As Spark names columns: all variables look the same there.
      return quoted
        ? lambdaText(expr.params, inner(expr.body))
        : `lambdafunction(${[inner(expr.body), ...expr.params.map(() => VARIABLE)].join(', ')})`;
    case 'variable':
      return quoted ? expr.name : VARIABLE;
    case 'window':
      return overText(expr, inner);
    default:
      return expr satisfies never;
  }
}

/** How Spark names calls otherwise than they are written: aliases resolved, what is left out told, what is a setting not told. */
function sparkCall(fn: string, args: readonly string[]): { readonly fn: string; readonly args: readonly string[] } {
  switch (fn) {
    case 'array_agg':
      return { fn: 'collect_list', args };
    case 'rank':
    case 'dense_rank':
    case 'percent_rank':
    case 'spark_partition_id':
      return { fn: fn.toUpperCase(), args };
    case 'percentile':
      return { fn, args: args.length === 2 ? [...args, '1'] : args };
    case 'approx_percentile':
    case 'percentile_approx':
      return { fn, args: args.length === 2 ? [...args, '10000'] : args };
    case 'approx_count_distinct':
      return { fn, args: args.slice(0, 1) };
    case 'listagg':
    case 'string_agg':
      return { fn, args: args.length === 1 ? [...args, 'NULL'] : args };
    default:
      return { fn, args };
  }
}

const VARIABLE = 'namedlambdavariable()';

const lambdaText = (params: readonly string[], body: string): string =>
  `${params.length === 1 ? params[0] : `(${params.join(', ')})`} -> ${body}`;

/** The name of the column that an expression becomes, as Spark gives it. */
export function columnName(expr: Expr): string {
  if (expr.kind === 'alias') return expr.name;
  // A stretch of time is called by what it is, as in Spark.
  if (expr.kind === 'call' && expr.fn === 'window') return 'window';
  if (expr.kind === 'cast') {
    // A column stays what it is called, whatever its type becomes.
    let child: Expr = expr;
    while (child.kind === 'cast') child = child.child;
    if (child.kind === 'column' || child.kind === 'alias') return columnName(child);
  }
  // An alias inside an expression leaves no trace in the name.
  return expressionText(withoutAliases(expr), false);
}

function withoutAliases(expr: Expr): Expr {
  switch (expr.kind) {
    case 'alias':
      return withoutAliases(expr.child);
    case 'call': {
      const chain = chainParts(expr)?.map(withoutAliases);
      return chain ? chain.reduce((left, right): Expr => ({ ...expr, args: [left, right] })) : withPlainArgs(expr);
    }
    case 'udf':
      return withPlainArgs(expr);
    case 'cast':
      return { ...expr, child: withoutAliases(expr.child) };
    case 'lambda':
      return { ...expr, body: withoutAliases(expr.body) };
    case 'window': {
      const { partitionBy, orderBy, frame } = expr.spec;
      const keys = orderBy.map((key) => ({ ...key, expr: withoutAliases(key.expr) }));
      return { ...expr, fn: withoutAliases(expr.fn), spec: { partitionBy: partitionBy.map(withoutAliases), orderBy: keys, frame } };
    }
    default:
      return expr;
  }
}

/** listagg tells everything of its order, others what is not usual, as Spark names them. */
function withinText({ fn, within }: Extract<Expr, { kind: 'call' }>, inner: (expr: Expr) => string): string {
  if (within === undefined) return '';
  const isFull = fn === 'listagg' || fn === 'string_agg';
  const texts = within.map((key) => (isFull ? sortKeyText(key, inner) : `${inner(key.expr)}${key.ascending ? '' : ' DESC'}`));
  return ` WITHIN GROUP (ORDER BY ${texts.join(', ')})`;
}

const withPlainArgs = (expr: Extract<Expr, { kind: 'call' | 'udf' }>): Expr => ({ ...expr, args: expr.args.map(withoutAliases) });

/** `((a AND b) AND c)` */
const chainText = (fn: string, [first, ...rest]: readonly string[]): string =>
  `${'('.repeat(rest.length)}${first}${rest.map((part) => ` ${INFIX[fn]} ${part})`).join('')}`;

function callText(fn: string, args: readonly string[], distinct: boolean): string {
  if (SYMBOLS.has(fn) && args.length === 2) return fn === '<>' ? `(NOT (${args[0]} = ${args[1]}))` : `(${args[0]} ${fn} ${args[1]})`;
  if (fn in INFIX && args.length === 2) {
    const text = `${args[0]} ${INFIX[fn]} ${args[1]}`;
    return BARE_INFIX.has(fn) ? text : fn === 'rlike' ? `RLIKE(${args.join(', ')})` : `(${text})`;
  }
  switch (fn) {
    case 'not':
      return `(NOT ${args[0]})`;
    case 'negative':
      return `(- ${args[0]})`;
    case 'positive':
      return `(+ ${args[0]})`;
    case '~':
      return `~${args[0]}`;
    case 'isnull':
      return `(${args[0]} IS NULL)`;
    case 'isnotnull':
      return `(${args[0]} IS NOT NULL)`;
    case 'in':
      return `(${args[0]} IN (${args.slice(1).join(', ')}))`;
    case 'if':
      return `(IF(${args.join(', ')}))`;
    case 'case':
      return caseText(args);
    case 'extract':
      return `extract(${args[0].replace(/^'|'$/g, '')} FROM ${args[1]})`;
    case 'getitem':
      return `${args[0]}[${args[1]}]`;
    case 'with_field':
      return `update_fields(${args[0]}, WithField(${args[2]}))`;
    case 'drop_fields':
      return `update_fields(${args[0]})`;
    case 'getfield':
      return `${args[0]}.${args[1]?.replace(/^'|'$/g, '')}`;
    default:
      return `${fn}(${distinct ? 'DISTINCT ' : ''}${args.join(', ')})`;
  }
}

function caseText(args: readonly string[]): string {
  let text = 'CASE';
  for (let i = 0; i + 1 < args.length; i += 2) text += ` WHEN ${args[i]} THEN ${args[i + 1]}`;
  return args.length % 2 === 1 ? `${text} ELSE ${args[args.length - 1]} END` : `${text} END`;
}

/** `people.name.first` → `first`; a back-quoted part stays whole. */
function lastPart(name: string): string {
  const match = /(?:^|\.)(?:`((?:[^`]|``)+)`|([^.`]+))$/.exec(name);
  return match ? (match[1]?.replaceAll('``', '`') ?? match[2]) : name;
}

/** A constant as Spark prints it: 1.50, abc, NULL, DATE '2024-02-29'. */
export function literalText(value: EngineValue | null, type: DataType, quoted = true): string {
  if (value === null) return 'NULL';
  switch (type.kind) {
    case 'string':
      return quoted ? `'${value}'` : String(value);
    case 'decimal':
      return formatDecimal(value as bigint, type.scale);
    case 'date':
      return `DATE '${formatDate(value as number)}'`;
    case 'timestamp':
    case 'timestamp_ntz':
      return `${type.kind.toUpperCase()} '${formatMicros(value as bigint)}'`;
    case 'day_time_interval':
    case 'year_month_interval':
      return formatInterval(value as bigint | number, type.from, type.to);
    case 'float32':
    case 'float64':
      return Number.isInteger(value) && Math.abs(value as number) < 1e7 ? `${Object.is(value, -0) ? '-0' : value}.0` : String(value);
    case 'binary':
      return `X'${Buffer.from(value as Uint8Array)
        .toString('hex')
        .toUpperCase()}'`;
    case 'array':
      return `array(${(value as readonly EngineValue[]).map((item) => literalText(item, type.element, quoted)).join(', ')})`;
    case 'struct':
      return `struct(${(value as readonly EngineValue[]).map((item, i) => literalText(item, type.fields[i].type, quoted)).join(', ')})`;
    case 'map': {
      const entries = value as readonly (readonly EngineValue[])[];
      return `map(${entries.map(([k, v]) => `${literalText(k, type.key, quoted)}, ${literalText(v, type.value, quoted)}`).join(', ')})`;
    }
    default:
      return String(value);
  }
}

/** A resolved or bound expression: attributes as `name#id`, inputs as `inputName` has it. */
export function resolvedText(expr: ResolvedExpr | ExprOf<InputRef>, inputName = (index: number): string => `input[${index}]`): string {
  const inner = (arg: ResolvedExpr | ExprOf<InputRef>): string => resolvedText(arg, inputName);
  switch (expr.kind) {
    case 'attribute':
      return `${expr.name}#${expr.id}`;
    case 'input':
      return inputName(expr.index);
    case 'literal':
      return literalText(expr.value, expr.type);
    case 'udf':
      return `${expr.udf.name || 'udf'}(${expr.args.map(inner).join(', ')})`;
    case 'lambda':
      return lambdaText(
        expr.params.map(({ name }) => name),
        inner(expr.args[0]),
      );
    case 'variable':
      return expr.name;
    case 'call':
      if (expr.fn === 'cast' || expr.fn === 'try_cast') return `${expr.fn}(${inner(expr.args[0])} as ${typeName(expr.type)})`;
      return callText(expr.fn, expr.args.map(inner), false);
    default:
      return expr satisfies never;
  }
}

/** `expr AS name#id`, or the attribute alone where it only passes through. */
export function namedText({ id, name, expr }: Named): string {
  if (expr.kind === 'attribute' && expr.id === id && expr.name === name) return resolvedText(expr);
  return `${resolvedText(expr)} AS ${name}#${id}`;
}

export function aggregatedText({ id, name, fn, user, args, distinct, filter }: Aggregated): string {
  const call = callText(
    user?.name ?? fn,
    args.map((arg) => resolvedText(arg)),
    distinct,
  );
  return `${call}${filter === null ? '' : ` FILTER (WHERE ${resolvedText(filter)})`} AS ${name}#${id}`;
}

/** `sum(x#1) ROWS BETWEEN … AS total#7`; the partition and the order are the node's. */
export function windowedText({ id, name, fn, args, frame }: Windowed): string {
  const call = callText(
    fn,
    args.map((arg) => resolvedText(arg)),
    false,
  );
  return `${call}${frameSuffix(fn, frame)} AS ${name}#${id}`;
}
