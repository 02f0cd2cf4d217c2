/**
 * What minispark answers to an SQL expression, in the two ways in which it may compute: with its constants folded and compiled in,
 * and with the constants lifted into columns of several rows, some of them null, so that generated code sees them as data.
 */
import { MinisparkError } from '../../src/core/errors.js';
import type { Batch } from '../../src/data/batch.js';
import { columnOf } from '../../src/data/builder.js';
import { type DataType, INT64, STRING, typeName } from '../../src/data/types.js';
import { type EngineValue, readValue } from '../../src/data/value.js';
import { instantOf, zoneOf } from '../../src/data/zone.js';
import { OutputSink } from '../../src/engine/codegen/output-sink.js';
import { Pipeline, projectStep } from '../../src/engine/codegen/pipeline.js';
import type { Expr } from '../../src/frontend/plan/expression.js';
import type { Attribute, ResolvedExpr } from '../../src/frontend/plan/resolved.js';
import { parseExpression } from '../../src/frontend/sql/parse-expression.js';
import { resolveExpr } from '../../src/planner/analyzer/expressions.js';
import { fold } from '../../src/planner/optimizer/fold-constants.js';
import { zoned } from '../../src/planner/optimizer/session-time-zone.js';
import { transformExpr } from '../../src/planner/optimizer/tree.js';
import { bind } from '../../src/planner/physical/bind.js';

/** A type and the value as text, or the condition of the error: how the file of Spark's answers has them. */
export type Answer = { readonly type: string; readonly value: string | null } | { readonly error: string };

export interface Answers {
  readonly constant: Answer;
  /** Null where no constant of the expression can be a column. */
  readonly columns: Answer | null;
}

export function answersTo(sql: string, zone = 'UTC'): Answers {
  let expr: Expr;
  try {
    expr = parseExpression(sql);
  } catch (error) {
    return { constant: { error: conditionOf(error) }, columns: null };
  }
  const constant = attempt(() => {
    const { type, shown } = analyzed(expr, [], zone);
    return { type: typeName(type), value: run(transformExpr(shown, fold), [], [[]])[0] };
  });
  const columns = constantTypeOf(expr, constant);
  return { constant, columns: columns && lifted(expr, columns, constant, zone) };
}

function attempt(answer: () => Answer): Answer {
  try {
    return answer();
  } catch (error) {
    return { error: conditionOf(error) };
  }
}

function conditionOf(error: unknown): string {
  if (error instanceof MinisparkError && error.kind === 'user') return error.condition;
  throw error;
}

/** The type of an expression that has one; null for what the analyzer refuses. */
function constantTypeOf(expr: Expr, constant: Answer): DataType | null {
  try {
    return analyzed(expr, []).type;
  } catch (error) {
    if ('error' in constant && constant.error === conditionOf(error)) return null;
    throw error;
  }
}

const call = (fn: string, ...args: readonly Expr[]): Expr => ({ kind: 'call', fn, args, distinct: false, filter: null, site: null });

/** The expression's type, and the expression that shows its value as text. */
function analyzed(expr: Expr, columns: readonly Attribute[], zone = 'UTC'): { readonly type: DataType; readonly shown: ResolvedExpr } {
  const place = { scope: columns.map((attribute) => ({ attribute, qualifier: null })), site: null, name: 'a test' };
  const { type } = resolveExpr(expr, place);
  // In another time zone, instants are told apart by their microseconds.
  const text = zone !== 'UTC' && type.kind === 'timestamp' ? textOf(call('unix_micros', expr), INT64) : textOf(expr, type);
  const resolved = resolveExpr(text, place);
  return { type, shown: zone === 'UTC' ? resolved : transformExpr(resolved, (part) => zoned(part, zone)) };
}

function textOf(expr: Expr, type: DataType): Expr {
  switch (type.kind) {
    case 'string':
      return expr;
    case 'binary':
      return call('hex', expr);
    case 'array':
    case 'map':
    case 'struct':
      return call('to_json', call('named_struct', { kind: 'literal', value: 'v', type: STRING }, expr));
    default:
      return { kind: 'cast', child: expr, to: STRING, safe: false, site: null };
  }
}

type Row = readonly EngineValue[];

/** One compiled pipeline over a batch of the rows. */
function run(expr: ResolvedExpr, columns: readonly Attribute[], rows: readonly Row[]): (string | null)[] {
  const types = columns.map(({ type }) => type);
  const sink = new OutputSink([STRING], 100, Number.POSITIVE_INFINITY);
  const pipeline = new Pipeline({
    name: 'conformance',
    input: types,
    steps: [projectStep([bind(expr, columns)], () => () => null)],
    sink,
    maxCached: 100,
    partition: 0,
  });
  const batch: Batch = {
    length: rows.length,
    columns: types.map((type, k) =>
      columnOf(
        type,
        rows.map((row) => row[k]),
      ),
    ),
  };
  pipeline.run(batch);
  const [result] = sink.finish();
  return rows.map((_, i) => readValue(result.columns[0], STRING, i) as string | null);
}

interface Constant {
  readonly value: EngineValue | null;
  readonly type: DataType;
}

/** The expression with `pick`ed constants as columns c0, c1, …; a cast of NULL counts as a constant of its type. */
function lift(
  expr: Expr,
  pick: (index: number) => boolean,
  zone: string,
): { readonly expr: Expr; readonly constants: readonly Constant[]; readonly found: number } {
  const constants: Constant[] = [];
  let found = 0;
  const visit = (node: Expr): Expr => {
    const constant =
      node.kind === 'literal'
        ? node
        : node.kind === 'cast' && node.child.kind === 'literal' && node.child.value === null
          ? { value: null, type: node.to }
          : null;
    if (constant !== null) {
      if (constant.type.kind === 'null' || !pick(found++)) return node;
      const isClock = node.kind === 'literal' && node.clock;
      constants.push(isClock ? { ...constant, value: instantOf(node.value as bigint, zoneOf(zone)) } : constant);
      return { kind: 'column', name: `c${constants.length - 1}`, site: null };
    }
    if (node.kind === 'call') return { ...node, args: node.args.map(visit) };
    if (node.kind === 'lambda') return { ...node, body: visit(node.body) };
    if (node.kind === 'cast' || node.kind === 'alias') return { ...node, child: visit(node.child) };
    return node;
  };
  return { expr: visit(expr), constants, found };
}

/** As many constants as columns as the analyzer takes without another type coming out. */
function lifted(expr: Expr, type: DataType, constant: Answer, zone: string): Answer | null {
  const analyze = (pick: (index: number) => boolean) => {
    const candidate = lift(expr, pick, zone);
    const columns = candidate.constants.map((c, id): Attribute => ({ id, name: `c${id}`, type: c.type, nullable: true }));
    try {
      const result = analyzed(candidate.expr, columns, zone);
      return typeName(result.type) === typeName(type) ? { ...candidate, columns, shown: result.shown } : null;
    } catch (error) {
      conditionOf(error);
      return null;
    }
  };
  const { found } = lift(expr, () => false, zone);
  let best = analyze(() => true);
  if (best === null) {
    const picked = new Set<number>();
    for (let i = 0; i < found; i++) {
      const next = analyze((index) => index === i || picked.has(index));
      if (next === null) continue;
      picked.add(i);
      best = next;
    }
  }
  if (best === null || best.constants.length === 0) return null;
  const { columns, shown } = best;
  const row = best.constants.map(({ value }) => value);
  return attempt(() => ({ type: typeName(type), value: amongNulls(shown, columns, row, 'error' in constant) }));
}

/** The answer for `row`, alone where it is an error, else the same in every place among rows with nulls in every column. */
function amongNulls(expr: ResolvedExpr, columns: readonly Attribute[], row: Row, fails: boolean): string | null {
  const [alone] = run(expr, columns, [row]);
  if (fails) return alone;
  const withNull = row.map((_, k) => row.map((value, i) => (i === k ? null : value)));
  const rows = [row, row.map(() => null), row, ...withNull.flatMap((other) => [other, row])];
  const values = unlessNullKey(
    () => run(expr, columns, rows),
    () => run(expr, columns, [row, row, row]),
  );
  const differing = values.filter((value, i) => (rows[i] === row || values.length < rows.length) && value !== alone);
  if (differing.length > 0) throw new Error(`${alone} alone, but ${differing[0]} among others`);
  return alone;
}

/** Maps have no null keys, so a null among their keys is rightly an error. */
function unlessNullKey<T>(withNulls: () => T, without: () => T): T {
  try {
    return withNulls();
  } catch (error) {
    if (conditionOf(error) !== 'NULL_MAP_KEY') throw error;
    return without();
  }
}
