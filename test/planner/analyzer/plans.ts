/** Literal plans for tests of the planner. */
import { Config } from '../../../src/core/config.js';
import type { DataType, Schema } from '../../../src/data/types.js';
import { BOOLEAN, decimal, FLOAT64, field, INT32, INT64, STRING, schemaOf } from '../../../src/data/types.js';
import type { EngineValue } from '../../../src/data/value.js';
import type { Expr } from '../../../src/frontend/plan/expression.js';
import type { Plan } from '../../../src/frontend/plan/logical.js';
import { resolvedPlanText } from '../../../src/frontend/plan/plan-text.js';
import type { ResolvedPlan } from '../../../src/frontend/plan/resolved.js';
import { analyze } from '../../../src/planner/analyzer/analyze.js';

export const col = (name: string): Expr => ({ kind: 'column', name, site: null });
export const lit = (value: EngineValue | null, type?: DataType): Expr => ({ kind: 'literal', value, type: type ?? typeOf(value) });
export const call = (fn: string, ...args: readonly Expr[]): Expr => ({ kind: 'call', fn, args, distinct: false, filter: null, site: null });
export const as = (child: Expr, name: string): Expr => ({ kind: 'alias', child, name });
export const star = (qualifier: string | null = null): Expr => ({ kind: 'star', qualifier });
export const cast = (child: Expr, to: DataType, safe = false): Expr => ({ kind: 'cast', child, to, safe, site: null });

function typeOf(value: EngineValue | null): DataType {
  if (value === null) return { kind: 'null' };
  if (typeof value === 'string') return STRING;
  if (typeof value === 'boolean') return BOOLEAN;
  if (typeof value === 'bigint') return INT64;
  return Number.isInteger(value) ? INT32 : FLOAT64;
}

/** people(id bigint, name string, age int, height double, salary decimal(10,2)) */
export const PEOPLE: Schema = schemaOf(
  field('id', INT64, false),
  field('name', STRING),
  field('age', INT32),
  field('height', FLOAT64),
  field('salary', decimal(10, 2)),
);
/** pets(owner bigint, name string, kind string) */
export const PETS: Schema = schemaOf(field('owner', INT64), field('name', STRING), field('kind', STRING));
export const LINES: Schema = schemaOf(field('value', STRING));

export const read = (schema: Schema, format: 'text' | 'parquet' | 'csv' = 'csv', path = 'data'): Plan => ({
  kind: 'read',
  format,
  paths: [path],
  schema,
  options: {},
  site: null,
});
export const select = (child: Plan, ...exprs: readonly Expr[]): Plan => ({ kind: 'select', child, exprs, site: null });
export const filter = (child: Plan, condition: Expr): Plan => ({ kind: 'filter', child, condition, site: null });
export const group = (child: Plan, groupings: readonly Expr[], ...aggregates: readonly Expr[]): Plan => ({
  kind: 'aggregate',
  child,
  groupings,
  aggregates,
  site: null,
});
export const sort = (child: Plan, ...exprs: readonly Expr[]): Plan => ({
  kind: 'sort',
  child,
  keys: exprs.map((expr) => ({ expr, ascending: true, nullsFirst: true })),
  global: true,
  site: null,
});
export const limit = (child: Plan, count: number, offset = 0): Plan => ({ kind: 'limit', child, limit: count, offset });
export const alias = (child: Plan, name: string): Plan => ({ kind: 'alias', child, name });

/** Analyses without files: a read has the schema that it was given. */
export function analyzed(plan: Plan): Promise<ResolvedPlan> {
  return analyze(plan, {
    config: Config.empty,
    resolveScan: async (given) => ({
      scan: { format: given.format, options: {}, files: [], fileSchema: given.schema!, partitionSchema: { fields: [] } },
      rows: null,
      columns: given.schema!.fields,
    }),
  });
}

export const textOf = async (plan: Plan): Promise<string> => resolvedPlanText(await analyzed(plan));
