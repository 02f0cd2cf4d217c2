/**
 * Owns: what an aggregation is given: its rows, keys and calls; and rows with no more than it needs, for where they travel or are sorted
 * before they become groups. Keys are computed there, once: of rand() each further evaluation would be another value.
 */
import { BOOLEAN, field } from '../../data/types.js';
import type { Aggregated, BoundExpr, ResolvedOf } from '../../frontend/plan/resolved.js';
import { inputRef } from './bind.js';
import type { Planned } from './planned.js';

export interface AggregateInput {
  readonly child: Planned;
  readonly keys: readonly BoundExpr[];
  readonly aggregates: readonly Aggregated<BoundExpr>[];
}

const ANY_VALUE: BoundExpr = { kind: 'literal', value: true, type: BOOLEAN, nullable: false };

/** The keys, then the columns that arguments and filters read; a column of no meaning where those are none at all. */
export function narrowed(input: AggregateInput, { groupings }: ResolvedOf<'aggregate'>): AggregateInput {
  const { child, keys, aggregates } = input;
  const { fields } = child.op.schema;
  const read = new Set<number>();
  for (const { args, filter } of aggregates) for (const expr of filter ? [...args, filter] : args) collectInputs(expr, read);
  const columns = [...read].sort((a, b) => a - b);
  if (keys.every((key) => key.kind === 'input') && new Set([...keys.map(indexOf), ...columns]).size === fields.length && fields.length > 0)
    return input;
  const exprs = [...keys, ...columns.map((index) => inputRef(index, fields[index]))];
  const names = [...groupings.map((g) => g.name), ...columns.map((index) => fields[index].name)];
  if (exprs.length === 0) {
    exprs.push(ANY_VALUE);
    names.push('row');
  }
  const place = new Map(columns.map((index, i) => [index, keys.length + i]));
  const moved = (expr: BoundExpr): BoundExpr => moveInputs(expr, place);
  const schema = { fields: exprs.map((expr, i) => field(names[i], expr.type, expr.nullable)) };
  return {
    child: { ...child, op: { kind: 'project', schema, child: child.op, exprs }, output: [] },
    keys: keys.map((key, i) => inputRef(i, key)),
    aggregates: aggregates.map((a) => ({ ...a, args: a.args.map(moved), filter: a.filter && moved(a.filter) })),
  };
}

const indexOf = (key: BoundExpr): number => (key.kind === 'input' ? key.index : -1);

function collectInputs(expr: BoundExpr, into: Set<number>): void {
  if (expr.kind === 'input') into.add(expr.index);
  else if ('args' in expr) for (const arg of expr.args) collectInputs(arg, into);
}

function moveInputs(expr: BoundExpr, place: ReadonlyMap<number, number>): BoundExpr {
  if (expr.kind === 'input') return { ...expr, index: place.get(expr.index) as number };
  return 'args' in expr ? { ...expr, args: expr.args.map((arg) => moveInputs(arg, place)) } : expr;
}
