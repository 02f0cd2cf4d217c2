/**
 * Owns: pivots: each value of a column becomes columns, which are the aggregates over the rows that have it. Written as one aggregation with
 * filters. Where the plan has no values they come from a query of its own, which runs before the plan is analysed, once for each pivot.
 */
import { userError } from '../../core/errors.js';
import type { Batch } from '../../data/batch.js';
import { INT32, INT64, type Schema, STRING } from '../../data/types.js';
import { type EngineValue, readValue } from '../../data/value.js';
import { evaluatorOf, findFunction, inZone } from '../../frontend/functions/registry.js';
import type { Expr } from '../../frontend/plan/expression.js';
import { columnName } from '../../frontend/plan/expression-text.js';
import type { Plan, PlanOf } from '../../frontend/plan/logical.js';

type Literal = Extract<Expr, { kind: 'literal' }>;

/** Runs a plan whose rows are few. */
export type RunQuery = (plan: Plan) => Promise<{ readonly schema: Schema; readonly batches: AsyncIterable<Batch> }>;

/** As in Spark: more columns than that are a mistake. */
const MAX_VALUES = 10_000;

const known = new WeakMap<Plan, Promise<readonly Literal[]>>();

/** The different values of the pivot's column, in ascending order, null first. Throws PIVOT_VALUES_EXCEEDED. */
export function pivotValues(plan: PlanOf<'pivot'>, run: RunQuery): Promise<readonly Literal[]> {
  const found = known.get(plan) ?? findValues(plan, run);
  known.set(plan, found);
  // A query that failed, or was interrupted, may be asked again.
  found.catch(() => known.delete(plan));
  return found;
}

async function findValues({ child, column, site }: PlanOf<'pivot'>, run: RunQuery): Promise<readonly Literal[]> {
  const name = 'value';
  const values: Plan = { kind: 'distinct', child: { kind: 'select', child, exprs: [{ kind: 'alias', child: column, name }], site } };
  const keys = [{ expr: { kind: 'column', name, site } as const, ascending: true, nullsFirst: true }];
  const sorted: Plan = { kind: 'sort', child: values, keys, global: true, site };
  const { schema, batches } = await run({ kind: 'limit', child: sorted, limit: MAX_VALUES + 1, offset: 0 });
  const { type } = schema.fields[0];
  const literals: Literal[] = [];
  for await (const { columns, length } of batches) {
    for (let row = 0; row < length; row++) literals.push({ kind: 'literal', value: readValue(columns[0], type, row), type });
  }
  if (literals.length <= MAX_VALUES) return literals;
  throw userError('PIVOT_VALUES_EXCEEDED', `The pivot column ${columnName(column)} has more than ${MAX_VALUES} different values.`, {
    hint: 'Name the values that are wanted: pivot(column, [values])',
    site: site ?? undefined,
  });
}

/** The pivot as an aggregation; its columns are named by the values as a clock of `zone` shows them. */
export function pivoted(
  { child, groupings, column, aggregates, site }: PlanOf<'pivot'>,
  values: readonly Literal[],
  zone: string,
): PlanOf<'aggregate'> {
  // Where an aggregate makes lists Spark pivots in another way, and each is what it makes of no rows.
  const hasLists = aggregates.some(makesLists);
  const columns = values.flatMap((value) => {
    const isValue = call('<=>', column, value);
    return aggregates.map((aggregate): Expr => {
      const name = aggregates.length === 1 ? textOf(value, zone) : `${textOf(value, zone)}_${columnName(aggregate)}`;
      const ofValue = filtered(aggregate, isValue);
      return { kind: 'alias', child: hasLists ? ofValue : nullWithoutRows(ofValue, isValue), name };
    });
  });
  return { kind: 'aggregate', child, groupings, aggregates: columns, site };
}

const call = (fn: string, ...args: readonly Expr[]): Expr => ({ kind: 'call', fn, args, distinct: false, filter: null, site: null });

/** The expression with every aggregate in it over the rows of one value. */
function filtered(expr: Expr, isValue: Expr): Expr {
  switch (expr.kind) {
    case 'alias':
    case 'cast':
      return { ...expr, child: filtered(expr.child, isValue) };
    case 'udf':
      return { ...expr, args: expr.args.map((arg) => filtered(arg, isValue)) };
    case 'call':
      if (findFunction(expr.fn)?.kind === 'aggregate')
        return { ...expr, filter: expr.filter === null ? isValue : call('and', isValue, expr.filter) };
      return { ...expr, args: expr.args.map((arg) => filtered(arg, isValue)) };
    default:
      return expr;
  }
}

const LISTS: ReadonlySet<string> = new Set(['collect_list', 'collect_set', 'array_agg']);

function makesLists(expr: Expr): boolean {
  const bare = expr.kind === 'alias' ? expr.child : expr;
  return bare.kind === 'call' && LISTS.has(bare.fn.toLowerCase());
}

/** Aggregates that are null of no rows. */
const NULL_OF_NONE: ReadonlySet<string> = new Set(['sum', 'avg', 'min', 'max', 'first', 'last', 'any_value']);

/** A group without rows of the value has null there, whatever the aggregate makes of no rows. */
function nullWithoutRows(expr: Expr, isValue: Expr): Expr {
  const bare = expr.kind === 'alias' ? expr.child : expr;
  if (bare.kind === 'call' && NULL_OF_NONE.has(findFunction(bare.fn)?.name ?? '')) return bare;
  const rows: Expr = {
    kind: 'call',
    fn: 'count',
    args: [{ kind: 'literal', value: 1, type: INT32 }],
    distinct: false,
    filter: isValue,
    site: null,
  };
  return call('case', call('>', rows, { kind: 'literal', value: 0n, type: INT64 }), bare);
}

/** The value as CAST gives it: the name of its column. */
function textOf({ value, type }: Literal, zone: string): string {
  if (value === null) return 'null';
  const cast = evaluatorOf(inZone({ fn: 'cast', args: [{ type, nullable: false, literal: value }], type: STRING }, zone));
  return cast(value as EngineValue) as string;
}
