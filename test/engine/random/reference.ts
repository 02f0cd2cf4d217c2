/**
 * The reference: runs an analysed plan row by row, with nothing of the engine but its types. It knows no partitions, memory, batches,
 * optimizer or generated code: the answer of a plan does not depend on them. Functions that it does not know are an error of the test.
 */
import type { Batch } from '../../../src/data/batch.js';
import { readValue } from '../../../src/data/value.js';
import { outputOf } from '../../../src/frontend/plan/output.js';
import type { Attribute, ResolvedExpr, ResolvedOf, ResolvedPlan } from '../../../src/frontend/plan/resolved.js';
import { tableOfScan } from './files.js';
import { AGGREGATES, distinctValues, LENIENT, STRICT } from './reference-functions.js';
import { orderOf, textOf, type Value } from './reference-values.js';
import { windowRows } from './reference-window.js';

export type Row = readonly Value[];
type Evaluate = (row: Row) => Value;

/** Rows in the order that a single thread would meet them in. Throws SqlError where any row has no answer. */
export function runReference(plan: ResolvedPlan): Row[] {
  switch (plan.kind) {
    case 'local':
      return rowsOf(plan.batch, plan.output);
    case 'scan': {
      const { columns, rows } = tableOfScan(plan);
      const places = plan.output.map(({ name }) => columns.findIndex((_, k) => `c${k}` === name));
      return rows.map((row) => places.map((k) => row[k]));
    }
    case 'project': {
      const exprs = evaluators(
        plan.exprs.map((e) => e.expr),
        plan.child,
      );
      return runReference(plan.child).map((row) => exprs.map((e) => e(row)));
    }
    case 'filter': {
      const [condition] = evaluators([plan.condition], plan.child);
      return runReference(plan.child).filter((row) => condition(row) === true);
    }
    case 'generate':
      return generate(plan);
    case 'expand': {
      const projections = plan.projections.map((exprs) => evaluators(exprs, plan.child));
      return runReference(plan.child).flatMap((row) => projections.map((exprs) => exprs.map((e) => e(row))));
    }
    case 'aggregate':
      return aggregate(plan);
    case 'window':
      return windowRows(plan);
    case 'join':
      return join(plan);
    case 'union':
      return plan.children.flatMap(runReference);
    case 'sort':
      return sort(plan);
    case 'limit':
      return runReference(plan.child).slice(plan.offset, plan.offset + plan.limit);
    case 'repartition': {
      // They may fail, and have no other meaning here.
      const exprs = evaluators(plan.exprs, plan.child);
      const rows = runReference(plan.child);
      for (const row of rows) for (const e of exprs) e(row);
      return rows;
    }
    case 'coalesce':
      return runReference(plan.child);
  }
  throw new Error(`The reference does not know the operator ${plan.kind}.`);
}

function rowsOf(batch: Batch, output: readonly Attribute[]): Row[] {
  return Array.from({ length: batch.length }, (_, i) => output.map((a, k) => readValue(batch.columns[k], a.type, i)));
}

/** Expressions over the rows of a plan. */
export function evaluators(exprs: readonly ResolvedExpr[], child: ResolvedPlan): Evaluate[] {
  return exprs.map((e) => evaluator(e, outputOf(child)));
}

function evaluator(expr: ResolvedExpr, input: readonly Attribute[]): Evaluate {
  switch (expr.kind) {
    case 'attribute': {
      const index = input.findIndex((a) => a.id === expr.id);
      if (index < 0) throw new Error(`The plan has no attribute ${expr.name}#${expr.id} here.`);
      return (row) => row[index];
    }
    case 'literal':
      return () => expr.value;
    case 'call':
      return callEvaluator(
        expr,
        expr.args.map((arg) => evaluator(arg, input)),
      );
    default:
      throw new Error('The reference has no functions of users.');
  }
}

function callEvaluator(expr: Extract<ResolvedExpr, { kind: 'call' }>, args: readonly Evaluate[]): Evaluate {
  const lazy = LAZY[expr.fn];
  if (lazy) return (row) => lazy(args, row);
  const lenient = LENIENT[expr.fn];
  if (lenient)
    return (row) =>
      lenient(
        args.map((arg) => arg(row)),
        expr,
      );
  const strict = STRICT[expr.fn];
  if (!strict) throw new Error(`The reference does not know the function ${expr.fn}.`);
  return (row) => {
    const values = args.map((arg) => arg(row));
    return values.includes(null) ? null : strict(values, expr);
  };
}

/** Arguments are evaluated only where they matter. */
const LAZY: Readonly<Record<string, (args: readonly Evaluate[], row: Row) => Value>> = {
  if: ([test, then, otherwise], row) => (test(row) === true ? then(row) : otherwise(row)),
  case: (args, row) => {
    for (let i = 0; i + 1 < args.length; i += 2) if (args[i](row) === true) return args[i + 1](row);
    return args.length % 2 === 1 ? args[args.length - 1](row) : null;
  },
  coalesce: (args, row) => {
    for (const arg of args) {
      const value = arg(row);
      if (value !== null) return value;
    }
    return null;
  },
  and: ([a, b], row) => {
    const left = a(row);
    if (left === false) return false;
    const right = b(row);
    return right === false ? false : left === null || right === null ? null : true;
  },
  or: ([a, b], row) => {
    const left = a(row);
    if (left === true) return true;
    const right = b(row);
    return right === true ? true : left === null || right === null ? null : false;
  },
};

function generate(plan: ResolvedOf<'generate'>): Row[] {
  if (plan.generator.kind !== 'call' || plan.generator.fn !== 'explode') throw new Error('The reference only explodes.');
  const [list] = evaluators([plan.generator.args[0]], plan.child);
  return runReference(plan.child).flatMap((row) => {
    const elements = (list(row) ?? []) as readonly Value[];
    const shown = elements.length === 0 && plan.outer ? [null] : elements;
    return shown.map((element) => [...row, element]);
  });
}

function aggregate(plan: ResolvedOf<'aggregate'>): Row[] {
  const keys = evaluators(
    plan.groupings.map((g) => g.expr),
    plan.child,
  );
  const groups = new Map<string, { readonly key: Row; readonly rows: Row[] }>();
  if (keys.length === 0) groups.set('', { key: [], rows: [] });
  for (const row of runReference(plan.child)) {
    const key = keys.map((k) => k(row));
    const name = key.map(textOf).join();
    const group = groups.get(name);
    if (group) group.rows.push(row);
    else groups.set(name, { key, rows: [row] });
  }
  const aggregates = plan.aggregates.map((call) => {
    const args = evaluators(call.args, plan.child);
    const [filter] = call.filter ? evaluators([call.filter], plan.child) : [null];
    const ofGroup = AGGREGATES[call.fn];
    if (!ofGroup) throw new Error(`The reference does not know the aggregate ${call.fn}.`);
    return (rows: readonly Row[]): Value => {
      const values = rows
        .filter((row) => filter === null || filter(row) === true)
        .map((row) => args[0](row))
        .filter((v) => v !== null);
      return ofGroup(call.distinct ? distinctValues(values) : values, call);
    };
  });
  return [...groups.values()].map(({ key, rows }) => [...key, ...aggregates.map((of) => of(rows))]);
}

function join(plan: ResolvedOf<'join'>): Row[] {
  const [left, right] = [runReference(plan.left), runReference(plan.right)];
  const both = [...outputOf(plan.left), ...outputOf(plan.right)];
  const condition = plan.condition ? evaluator(plan.condition, both) : () => true;
  for (const [side, rows] of [[outputOf(plan.left), left] as const, [outputOf(plan.right), right] as const]) {
    const own = plan.condition ? ownParts(plan.condition, side).map((part) => evaluator(part, side)) : [];
    for (const row of rows) for (const part of own) part(row);
  }
  const found = new Set<Row>();
  const ofLeft = left.map((l) => {
    const partners = right.filter((r) => condition([...l, ...r]) === true);
    for (const r of partners) found.add(r);
    return { l, partners };
  });
  const nulls = (of: ResolvedPlan): Row => outputOf(of).map(() => null);
  const matched = ofLeft.flatMap(({ l, partners }) => partners.map((r) => [...l, ...r]));
  const lonelyLeft = ofLeft.filter(({ partners }) => partners.length === 0).map(({ l }) => l);
  const lonelyRight = right.filter((r) => !found.has(r)).map((r) => [...nulls(plan.left), ...r]);
  const padded = (): Row[] => lonelyLeft.map((l) => [...l, ...nulls(plan.right)]);
  switch (plan.how) {
    case 'inner':
    case 'cross':
      return matched;
    case 'left':
      return [...matched, ...padded()];
    case 'right':
      return [...matched, ...lonelyRight];
    case 'full':
      return [...matched, ...padded(), ...lonelyRight];
    case 'semi':
      return ofLeft.filter(({ partners }) => partners.length > 0).map(({ l }) => l);
    case 'anti':
      return lonelyLeft;
    default:
      return plan.how satisfies never;
  }
}

/**
 * Parts of a join's condition that one side answers alone, and keys: every row of the side may meet them, whether or not it has a partner, as in
 * Spark, which filters that side by the former and hashes it by the latter. Should one fail, the join may.
 */
function ownParts(condition: ResolvedExpr, side: readonly Attribute[]): ResolvedExpr[] {
  if (condition.kind === 'call' && condition.fn === 'and') return condition.args.flatMap((part) => ownParts(part, side));
  if (reads(condition, side)) return [condition];
  const isKey = condition.kind === 'call' && (condition.fn === '=' || condition.fn === '<=>');
  return isKey ? condition.args.filter((key) => reads(key, side)) : [];
}

function reads(expr: ResolvedExpr, side: readonly Attribute[]): boolean {
  if (expr.kind === 'attribute') return side.some(({ id }) => id === expr.id);
  return !('args' in expr) || expr.args.every((arg) => reads(arg, side));
}

function sort(plan: ResolvedOf<'sort'>): Row[] {
  const rows = runReference(plan.child);
  return plan.global
    ? rows
        .map((row) => ({ row, keys: sortKeysOf(plan)(row) }))
        .sort((a, b) => orderOfKeys(a.keys, b.keys, plan))
        .map(({ row }) => row)
    : rows;
}

/** The values that a sort goes by. */
export function sortKeysOf(plan: ResolvedOf<'sort'>): (row: Row) => Row {
  const keys = evaluators(
    plan.keys.map((k) => k.expr),
    plan.child,
  );
  return (row) => keys.map((k) => k(row));
}

function orderOfKeys(a: Row, b: Row, plan: ResolvedOf<'sort'>): number {
  for (const [i, { ascending, nullsFirst }] of plan.keys.entries()) {
    const [x, y] = [a[i], b[i]];
    if (x === null && y === null) continue;
    if (x === null || y === null) return (x === null) === nullsFirst ? -1 : 1;
    const order = orderOf(x, y);
    if (order !== 0) return ascending ? order : -order;
  }
  return 0;
}
