/**
 * An analysed plan as SQL for DuckDB, or the reason why DuckDB means something else by it. Every type is written out, so that only the
 * meaning of operators and functions is compared. Where the two differ and why: `DIFFERENCES`.
 */
import type { DataType } from '../../../src/data/types.js';
import { outputOf } from '../../../src/frontend/plan/output.js';
import type { Aggregated, Attribute, ResolvedExpr, ResolvedOf, ResolvedPlan } from '../../../src/frontend/plan/resolved.js';
import type { Leaf } from './files.js';
import { decimalText, type Value } from './reference-values.js';
import { windowColumns } from './sql-window.js';

/** What SQL for DuckDB is not made of, and why. */
const DIFFERENCES = {
  case: 'upper and lower of letters that become several: Java and DuckDB have other tables',
  decimalProduct: 'a product that needs more than 38 digits is rounded by Spark and refused by DuckDB',
  decimalSum: 'sums whose type is cut at 38 digits lose decimals in Spark, not in DuckDB',
  decimalAverage: 'the mean of decimals is a decimal in Spark, a double in DuckDB',
  decimalDouble: 'decimals of many digits become doubles by way of two roundings in DuckDB',
  decimalText: 'a decimal below one is shown without its zero in some versions of DuckDB',
  farDates: 'dates beyond the year 9999 and before the year 1 are shown with other signs',
  listOrder: 'a null inside a list is smallest in Spark, largest in DuckDB',
} as const;

export class NotInDuckdb extends Error {
  constructor(reason: keyof typeof DIFFERENCES) {
    super(reason);
  }
}

export type NameOfLeaf = (plan: Leaf) => string;

/** `SELECT …` with columns named by the ids of the plan's attributes. Throws NotInDuckdb. */
export function sqlOf(plan: ResolvedPlan, nameOf: NameOfLeaf): string {
  const sub = (child: ResolvedPlan): string => `(${sqlOf(child, nameOf)})`;
  switch (plan.kind) {
    case 'local':
    case 'scan':
      return `SELECT ${plan.output.map((a) => `${a.name} AS ${idOf(a)}`).join(', ')} FROM ${nameOf(plan)}`;
    case 'project':
      return `SELECT ${plan.exprs.map((e) => `${exprSql(e.expr)} AS ${idOf(e)}`).join(', ') || '1'} FROM ${sub(plan.child)}`;
    case 'filter':
      return `SELECT * FROM ${sub(plan.child)} WHERE ${exprSql(plan.condition)}`;
    case 'generate': {
      const list = plan.generator.kind === 'call' ? exprSql(plan.generator.args[0]) : '';
      const shown = plan.outer ? `CASE WHEN coalesce(len(${list}), 0) = 0 THEN [NULL] ELSE ${list} END` : list;
      return `SELECT *, unnest(${shown}) AS ${idOf(plan.output[0])} FROM ${sub(plan.child)}`;
    }
    case 'expand': {
      const side = (exprs: readonly ResolvedExpr[]): string =>
        `SELECT ${exprs.map((e, i) => `${exprSql(e)} AS ${idOf(plan.output[i])}`).join(', ')} FROM ${sub(plan.child)}`;
      return plan.projections.map(side).join(' UNION ALL ');
    }
    case 'aggregate': {
      const columns = [
        ...plan.groupings.map((g) => `${exprSql(g.expr)} AS ${idOf(g)}`),
        ...plan.aggregates.map((a) => `${aggregateSql(a)} AS ${idOf(a)}`),
      ];
      const by = plan.groupings.length > 0 ? ` GROUP BY ${plan.groupings.map((_, i) => i + 1).join(', ')}` : '';
      return `SELECT ${columns.join(', ')} FROM ${sub(plan.child)}${by}`;
    }
    case 'window': {
      for (const { expr } of plan.orderBy) checkOrder(expr.type);
      const calls = windowColumns(plan, exprSql, typeSql, (call, over) => aggregateSql({ ...call, distinct: false, filter: null }, over));
      return `SELECT *, ${calls.join(', ')} FROM ${sub(plan.child)}`;
    }
    case 'join':
      return joinSql(plan, sub);
    case 'union': {
      const names = plan.output.map(idOf);
      return plan.children
        .map(
          (child) =>
            `SELECT ${outputOf(child)
              .map((a, i) => `${idOf(a)} AS ${names[i]}`)
              .join(', ')} FROM ${sub(child)}`,
        )
        .join(' UNION ALL ');
    }
    case 'limit': {
      if (plan.child.kind !== 'sort') throw new Error('Only the first rows of a sort are certain.');
      for (const { expr } of plan.child.keys) checkOrder(expr.type);
      const keys = plan.child.keys.map(
        (k) => `${exprSql(k.expr)} ${k.ascending ? 'ASC' : 'DESC'} NULLS ${k.nullsFirst ? 'FIRST' : 'LAST'}`,
      );
      return `SELECT * FROM ${sub(plan.child.child)} ORDER BY ${keys.join(', ')} LIMIT ${plan.limit} OFFSET ${plan.offset}`;
    }
    case 'sort':
    case 'repartition':
    case 'coalesce':
      return sqlOf(plan.child, nameOf);
  }
  throw new Error(`There is no SQL for the operator ${plan.kind}.`);
}

function checkOrder(type: DataType): void {
  if (type.kind === 'array') throw new NotInDuckdb('listOrder');
}

export const idOf = ({ id }: { readonly id: number }): string => `a${id}`;

function joinSql({ left, right, how, condition }: ResolvedOf<'join'>, sub: (child: ResolvedPlan) => string): string {
  const on = condition === null ? 'true' : exprSql(condition);
  const exists = `EXISTS (SELECT 1 FROM ${sub(right)} WHERE ${on})`;
  switch (how) {
    case 'semi':
      return `SELECT * FROM ${sub(left)} WHERE ${exists}`;
    case 'anti':
      return `SELECT * FROM ${sub(left)} WHERE NOT ${exists}`;
    case 'cross':
      return `SELECT * FROM ${sub(left)} CROSS JOIN ${sub(right)}`;
    default:
      return `SELECT * FROM ${sub(left)} ${how.toUpperCase()} JOIN ${sub(right)} ON ${on}`;
  }
}

export function typeSql(type: DataType): string {
  switch (type.kind) {
    case 'boolean':
      return 'BOOLEAN';
    case 'int32':
      return 'INTEGER';
    case 'int64':
      return 'BIGINT';
    case 'float64':
      return 'DOUBLE';
    case 'decimal':
      return `DECIMAL(${type.precision}, ${type.scale})`;
    case 'string':
      return 'VARCHAR';
    case 'date':
      return 'DATE';
    case 'timestamp':
      return 'TIMESTAMP';
    case 'array':
      return `${typeSql(type.element)}[]`;
  }
  throw new Error(`There is no SQL for the type ${type.kind}.`);
}

const castSql = (sql: string, type: DataType): string => `CAST(${sql} AS ${typeSql(type)})`;

export function literalSql(value: Value, type: DataType): string {
  if (value === null) return castSql('NULL', type);
  switch (type.kind) {
    case 'string':
      return `'${(value as string).replaceAll("'", "''")}'`;
    case 'float64':
      return castSql(`'${Object.is(value, -0) ? '-0.0' : value}'`, type);
    case 'decimal':
      return castSql(`'${decimalText(value as bigint, type.scale)}'`, type);
    case 'date':
      return `(DATE '1970-01-01' + CAST(${value} AS INTEGER))`;
    case 'timestamp':
      return `make_timestamp(${value})`;
    case 'array':
      return castSql(`[${(value as readonly Value[]).map((v) => literalSql(v, type.element)).join(', ')}]`, type);
    default:
      return castSql(`'${value}'`, type);
  }
}

type CallExpr = Extract<ResolvedExpr, { kind: 'call' }>;

function exprSql(expr: ResolvedExpr): string {
  if (expr.kind === 'attribute') return idOf(expr as Attribute);
  if (expr.kind === 'literal') return literalSql(expr.value, expr.type);
  if (expr.kind !== 'call') throw new Error(`There is no SQL for a ${expr.kind}.`);
  const args = expr.args.map(exprSql);
  return (CALLS[expr.fn] ?? plainCall)(args, expr);
}

type ToSql = (args: readonly string[], call: CallExpr) => string;

const plainCall: ToSql = (_args, { fn }) => {
  throw new Error(`There is no SQL for the function ${fn}.`);
};
const infix =
  (operator: string): ToSql =>
  ([a, b]) =>
    `(${a} ${operator} ${b})`;
const named =
  (name: string): ToSql =>
  (args) =>
    `${name}(${args.join(', ')})`;
const missing =
  (reason: keyof typeof DIFFERENCES): ToSql =>
  () => {
    throw new NotInDuckdb(reason);
  };

const arithmetic =
  (operator: '+' | '-' | '*'): ToSql =>
  ([a, b], { args, type }) => {
    if (type.kind !== 'decimal') return castSql(`(${a} ${operator} ${b})`, type);
    const [x, y] = args.map((arg) => arg.type as typeof type);
    if (operator === '*') {
      if (x.precision + y.precision + 1 > 38) throw new NotInDuckdb('decimalProduct');
      return castSql(`(${a} * ${b})`, type);
    }
    if (type.scale !== Math.max(x.scale, y.scale)) throw new NotInDuckdb('decimalSum');
    return castSql(`(${castSql(a, type)} ${operator} ${castSql(b, type)})`, type);
  };

const cast: ToSql = ([arg], { fn, args, type }) => {
  const from = args[0].type;
  if (from.kind === 'decimal' && type.kind === 'string') throw new NotInDuckdb('decimalText');
  if (from.kind === 'decimal' && type.kind === 'float64') throw new NotInDuckdb('decimalDouble');
  if (from.kind === 'date' && type.kind === 'string') throw new NotInDuckdb('farDates');
  if (fn === 'try_cast') return `TRY_CAST(CASE WHEN regexp_full_match(${arg}, ' *[+-]?[0-9]+ *') THEN ${arg} END AS ${typeSql(type)})`;
  return castSql(arg, type);
};

const CALLS: Readonly<Record<string, ToSql>> = {
  '=': infix('='),
  '<>': infix('<>'),
  '<': infix('<'),
  '<=': infix('<='),
  '>': infix('>'),
  '>=': infix('>='),
  '<=>': infix('IS NOT DISTINCT FROM'),
  and: infix('AND'),
  or: infix('OR'),
  not: ([a]) => `(NOT ${a})`,
  isnull: ([a]) => `(${a} IS NULL)`,
  isnotnull: ([a]) => `(${a} IS NOT NULL)`,
  in: ([a, ...list]) => `(${a} IN (${list.join(', ')}))`,
  isnan: ([a]) => `coalesce(isnan(${a}), false)`,
  nanvl: ([a, b]) => `CASE WHEN isnan(${a}) THEN ${b} ELSE ${a} END`,
  startswith: named('starts_with'),
  endswith: named('suffix'),
  contains: named('contains'),
  array_contains: ([list, value]) =>
    `CASE WHEN ${list} IS NULL THEN NULL WHEN list_contains(${list}, ${value}) THEN true WHEN list_count(${list}) < len(${list}) THEN NULL ELSE false END`,
  if: ([a, b, c]) => `CASE WHEN ${a} THEN ${b} ELSE ${c} END`,
  case: (args) => {
    const pairs = Array.from({ length: args.length >> 1 }, (_, i) => `WHEN ${args[2 * i]} THEN ${args[2 * i + 1]}`);
    return `CASE ${pairs.join(' ')}${args.length % 2 === 1 ? ` ELSE ${args[args.length - 1]}` : ''} END`;
  },
  coalesce: named('coalesce'),
  nullif: named('nullif'),
  greatest: named('greatest'),
  least: named('least'),
  '+': arithmetic('+'),
  '-': arithmetic('-'),
  '*': arithmetic('*'),
  '/': ([a, b]) => `(${a} / ${b})`,
  '%': infix('%'),
  pmod: ([a, b]) => `(CASE WHEN ${a} % ${b} < 0 THEN (${a} % ${b} + ${b}) % ${b} ELSE ${a} % ${b} END)`,
  try_add: ([a, b]) => `TRY(${a} + ${b})`,
  try_subtract: ([a, b]) => `TRY(${a} - ${b})`,
  try_multiply: ([a, b]) => `TRY(${a} * ${b})`,
  '&': infix('&'),
  '|': infix('|'),
  '^': named('xor'),
  abs: named('abs'),
  negative: ([a]) => `(- ${a})`,
  length: named('length'),
  upper: missing('case'),
  lower: missing('case'),
  trim: ([a]) => `trim(${a}, ' ')`,
  replace: named('replace'),
  repeat: ([a, n]) => `repeat(${a}, ${n})`,
  concat: (args) => `(${args.join(' || ')})`,
  substring: ([a, from, length]) => `substring(${a}, ${from}, ${length})`,
  split: named('string_split'),
  // Beyond the end is an error in Spark: then there is nothing to compare.
  element_at: ([list, index]) => `${list}[${index}]`,
  size: ([a]) => castSql(`len(${a})`, { kind: 'int32' }),
  sort_array: ([a]) => `list_sort(${a}, 'ASC', 'NULLS FIRST')`,
  array_repeat: ([value, times]) => `CASE WHEN ${times} > 0 THEN repeat([${value}], ${times}) ELSE [] END`,
  array: (args, { type }) => castSql(`[${args.join(', ')}]`, type),
  year: ([a], { type }) => castSql(`year(${a})`, type),
  month: ([a], { type }) => castSql(`month(${a})`, type),
  dayofmonth: ([a], { type }) => castSql(`day(${a})`, type),
  dayofweek: ([a], { type }) => castSql(`(dayofweek(${a}) + 1)`, type),
  last_day: named('last_day'),
  date_add: infix('+'),
  date_sub: infix('-'),
  datediff: ([a, b], { type }) => castSql(`(${a} - ${b})`, type),
  cast,
  try_cast: cast,
};

/** `over`: what stands behind the call and its filter. */
function aggregateSql(call: Aggregated, over = ''): string {
  const { fn, args, distinct, filter, type } = call;
  const arg = exprSql(args[0]);
  const isDecimal = args[0].type.kind === 'decimal';
  const where = (extra: string | null = null): string => {
    const parts = [filter === null ? null : exprSql(filter), extra].filter((part) => part !== null);
    return `${parts.length === 0 ? '' : ` FILTER (WHERE ${parts.join(' AND ')})`}${over}`;
  };
  const what = distinct ? `DISTINCT ${arg}` : arg;
  switch (fn) {
    case 'avg':
      if (isDecimal) throw new NotInDuckdb('decimalAverage');
      return `avg(${what})${where()}`;
    case 'sum':
      if (isDecimal && (args[0].type as { precision: number }).precision + 10 > 38) throw new NotInDuckdb('decimalSum');
      return castSql(`sum(${what})${where()}`, type);
    case 'collect_list':
      return `coalesce(list(${what})${where(`${arg} IS NOT NULL`)}, ${castSql('[]', type)})`;
    case 'count_if':
      return `count(*)${where(arg)}`;
    case 'min':
    case 'max':
      checkOrder(type);
      return `${fn}(${what})${where()}`;
    default:
      return `${fn}(${what})${where()}`;
  }
}
