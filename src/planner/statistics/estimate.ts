/**
 * Owns: how many rows and bytes a plan will give, as far as can be known before anything runs: rows and ranges of values from file footers,
 * guesses for conditions. Join order, build sides, broadcasts and partition counts go by it; no answer does.
 */
import type { DataType } from '../../data/types.js';
import { conjuncts } from '../../frontend/plan/conditions.js';
import { joinKeys } from '../../frontend/plan/join-keys.js';
import { outputOf } from '../../frontend/plan/output.js';
import type { Attribute, ColumnRange, ResolvedExpr, ResolvedOf, ResolvedPlan } from '../../frontend/plan/resolved.js';
import { narrowed, selectivity } from './selectivity.js';
import { type Spread, spreadOf } from './spread.js';

export interface ColumnEstimate {
  /** Different values in the table that it comes from: at most, of numbers; filters on other columns do not lessen it. */
  readonly distinct: number;
  readonly range: ColumnRange | null;
  /** Bytes a row in memory. */
  readonly width: number;
  /** Rows of the table that it comes from, and which one: columns of one table have the same object. */
  readonly table: { readonly rows: number };
  /** How its values lie, where that follows from what they are made of: sums and counts of groups. */
  readonly spread?: Spread;
}

export interface Estimate {
  readonly rows: number;
  readonly columns: ReadonlyMap<number, ColumnEstimate>;
  /** Of all columns of the output. */
  readonly bytes: number;
}

/** More rows than any plan has. */
const MAX_ROWS = 1e18;

const known = new WeakMap<ResolvedPlan, Estimate>();

export function estimate(plan: ResolvedPlan): Estimate {
  let found = known.get(plan);
  if (!found) {
    const { rows: wanted, columns } = estimated(plan);
    // Crosses of crosses must not come to infinity, of which no share can be told.
    const rows = Math.min(wanted, MAX_ROWS);
    const width = outputOf(plan).reduce((sum, a) => sum + (columns.get(a.id)?.width ?? typeWidth(a.type)), 0);
    found = { rows, columns, bytes: rows * width };
    known.set(plan, found);
  }
  return found;
}

/** The most bytes that any node of the plan gives. Rows with what a generator made them of are not held: what is not read is dropped at once. */
export function peakBytes(plan: ResolvedPlan): number {
  if (plan.kind === 'generate') return peakBytes(plan.child);
  const children = 'children' in plan ? plan.children : 'left' in plan ? [plan.left, plan.right] : 'child' in plan ? [plan.child] : [];
  return Math.max(estimate(plan).bytes, ...children.map(peakBytes));
}

type Rows = Omit<Estimate, 'bytes'>;

function estimated(plan: ResolvedPlan): Rows {
  switch (plan.kind) {
    case 'scan':
      return scanned(plan);
    case 'local':
      return leaf(plan.output, plan.batch.length, () => null);
    case 'range': {
      const rows = Math.max(0, Number((plan.end - plan.start) / plan.step));
      return leaf(plan.output, rows, () => ({ min: Number(plan.start), max: Number(plan.end), width: 8 }));
    }
    case 'cached': {
      const ranges = new Map(plan.output.map(({ id }, i) => [id, plan.kept.ranges[plan.columns[i]]]));
      return leaf(plan.output, plan.kept.rows, ({ id }) => ranges.get(id) ?? null);
    }
    case 'filter':
      return filtered(estimate(plan.child), plan.condition);
    case 'project':
      return projected(plan);
    case 'aggregate':
      return aggregated(plan);
    case 'join':
      return joined(plan);
    case 'limit': {
      const { rows, columns } = estimate(plan.child);
      return { rows: Math.min(rows, plan.limit), columns };
    }
    case 'expand':
      return made(plan.output, estimate(plan.child).rows * plan.projections.length);
    case 'union':
      return made(
        plan.output,
        plan.children.reduce((sum, child) => sum + estimate(child).rows, 0),
      );
    case 'generate': {
      const { rows, columns, bytes } = estimate(plan.child);
      const more = rows * ELEMENTS;
      // Elements are parts of a row: together they are not longer than it.
      const widest = Math.max(1, bytes / Math.max(1, more));
      const elements = [...made(plan.output, more).columns].map(([id, c]) => [id, { ...c, width: Math.min(c.width, widest) }] as const);
      return { rows: more, columns: new Map([...columns, ...elements]) };
    }
    default: {
      const { rows, columns } = estimate(plan.child);
      const fresh = outputOf(plan).filter((a) => !columns.has(a.id));
      return { rows, columns: fresh.length === 0 ? columns : new Map([...columns, ...made(fresh, rows).columns]) };
    }
  }
}

/** Guess: elements of an array that becomes rows. */
const ELEMENTS = 3;

/** Guess: bytes of a text. */
const TEXT_BYTES = 16;

function typeWidth(type: DataType): number {
  switch (type.kind) {
    case 'boolean':
    case 'int8':
    case 'null':
      return 1;
    case 'int16':
      return 2;
    case 'int32':
    case 'float32':
    case 'date':
      return 4;
    case 'string':
    case 'binary':
      return TEXT_BYTES;
    case 'decimal':
      return type.precision <= 18 ? 8 : 16;
    case 'array':
    case 'map':
      return 4 * TEXT_BYTES;
    case 'struct':
      return type.fields.reduce((sum, f) => sum + typeWidth(f.type), 0);
    default:
      return 8;
  }
}

/** Rows where the format does not know them: by the width of a row of the files. */
function scanned(plan: ResolvedOf<'scan'>): Rows {
  const { scan, rows, output, ranges } = plan;
  const bytes = scan.files.reduce((sum, file) => sum + file.bytes, 0);
  const width = scan.fileSchema.fields.reduce((sum, f) => sum + typeWidth(f.type), 0);
  return leaf(output, rows ?? Math.ceil(bytes / Math.max(1, width)), ({ name }) => ranges?.[name] ?? null);
}

function leaf(output: readonly Attribute[], rows: number, rangeOf: (column: Attribute) => ColumnRange | null): Rows {
  const table = { rows };
  const columns = output.map(({ id, name, type, nullable }): [number, ColumnEstimate] => {
    const range = rangeOf({ id, name, type, nullable });
    const values = range?.min !== undefined && range.max !== undefined ? range.max - range.min + 1 : rows;
    return [id, { distinct: Math.max(1, Math.min(rows, values)), range, width: range?.width ?? typeWidth(type), table }];
  });
  return { rows, columns: new Map(columns) };
}

/** Columns of which nothing is known. */
function made(output: readonly Attribute[], rows: number): Rows {
  return leaf(output, rows, () => null);
}

function filtered(child: Estimate, condition: ResolvedExpr): Rows {
  const all = conjuncts(condition);
  return { rows: child.rows * selectivity(all, child.columns), columns: narrowed(all, child.columns) };
}

function projected({ child, exprs }: ResolvedOf<'project'>): Rows {
  const { rows, columns } = estimate(child);
  const table = { rows };
  const next = exprs.map(({ id, expr }): [number, ColumnEstimate] => {
    const own = expr.kind === 'attribute' ? columns.get(expr.id) : undefined;
    return [id, own ?? { distinct: Math.max(1, rows), range: null, width: typeWidth(expr.type), table }];
  });
  return { rows, columns: new Map(next) };
}

function aggregated(plan: ResolvedOf<'aggregate'>): Rows {
  const { rows, columns } = estimate(plan.child);
  const distinct = plan.groupings.map(({ expr }) => {
    const values = distinctOf(expr, columns);
    return values === null || (values >= rows && !hasRange(expr, columns)) ? rows ** RECURRING : Math.min(rows, values);
  });
  const groups = Math.min(
    rows,
    distinct.reduce((product, each) => product * each, 1),
  );
  const table = { rows: groups };
  const keys = plan.groupings.map(({ id, expr }, i): [number, ColumnEstimate] => {
    const own = expr.kind === 'attribute' ? columns.get(expr.id) : undefined;
    const width = own?.width ?? typeWidth(expr.type);
    return [id, { distinct: Math.max(1, Math.min(groups, distinct[i])), range: own?.range ?? null, width, table }];
  });
  const results = made(
    plan.aggregates.map(({ id, name, type, nullable }) => ({ id, name, type, nullable })),
    groups,
  );
  const spread = plan.aggregates.flatMap((call): [number, ColumnEstimate][] => {
    const own = results.columns.get(call.id);
    const found = spreadOf(call, columns, rows / Math.max(1, groups));
    return own && found ? [[call.id, { ...own, spread: found }]] : [];
  });
  return { rows: groups, columns: new Map([...results.columns, ...spread, ...keys]) };
}

/** Guess: rows that are grouped by keys of which nothing is known have this power of their number as groups. */
const RECURRING = 0.75;

/** Whether the footers of files, or the plan, say what values there are. */
function hasRange(expr: ResolvedExpr, columns: Rows['columns']): boolean {
  return expr.kind === 'attribute' && columns.get(expr.id)?.range?.min !== undefined;
}

/** Different values of an expression: as many as its columns have together at most. */
function distinctOf(expr: ResolvedExpr, columns: Rows['columns']): number | null {
  if (expr.kind === 'literal') return 1;
  if (expr.kind === 'attribute') return columns.get(expr.id)?.distinct ?? null;
  if (expr.kind !== 'call') return null;
  if (FEW_VALUES[expr.fn] !== undefined) return FEW_VALUES[expr.fn];
  const args = expr.args.map((arg) => distinctOf(arg, columns));
  return args.includes(null) ? null : (args as number[]).reduce((product, each) => product * each, 1);
}

/** Guesses and facts: parts of dates. */
const FEW_VALUES: Readonly<Record<string, number>> = {
  year: 50,
  month: 12,
  quarter: 4,
  day: 31,
  dayofmonth: 31,
  dayofweek: 7,
  hour: 24,
  minute: 60,
};

/** Guess: of the rows that a semi join might let go, so many have no partner at least. */
const ANTI_SHARE = 0.1;

function joined(plan: ResolvedOf<'join'>): Rows {
  const [left, right] = [estimate(plan.left), estimate(plan.right)];
  const columns = new Map([...left.columns, ...right.columns]);
  const { leftKeys, rightKeys, rest } = joinKeys(plan.condition, outputOf(plan.left), outputOf(plan.right));
  const values = keyValues(leftKeys, rightKeys, left, right);
  const passing = rest === null ? 1 : selectivity(conjuncts(rest), columns);
  const pairs = ((left.rows * right.rows) / values) * passing;
  switch (plan.how) {
    case 'left':
      return { rows: Math.max(left.rows, pairs), columns };
    case 'right':
      return { rows: Math.max(right.rows, pairs), columns };
    case 'full':
      return { rows: Math.max(left.rows, right.rows, pairs), columns };
    case 'semi':
      return { rows: left.rows * Math.min(1, right.rows / values), columns: left.columns };
    case 'anti':
      return { rows: left.rows * Math.max(ANTI_SHARE, 1 - right.rows / values), columns: left.columns };
    default:
      return { rows: pairs, columns };
  }
}

/**
 * One pair of rows in so many has equal keys. A key has as many values as the side with fewer of them: the other refers to it, and what is
 * said of numbers is the width of their range. Keys of one table each are a reference together, of no more values than a table has rows.
 */
function keyValues(leftKeys: readonly ResolvedExpr[], rightKeys: readonly ResolvedExpr[], left: Estimate, right: Estimate): number {
  const sides = [leftKeys.map((key) => columnOf(key, left)), rightKeys.map((key) => columnOf(key, right))];
  const product = leftKeys.reduce((all, _, i) => all * Math.min(sides[0][i].distinct, sides[1][i].distinct), 1);
  const tables = sides.map((side) => [...new Set(side.map(({ table }) => table))]);
  const bound = tables.every((each) => each.length === 1) ? Math.min(...tables.map(([table]) => table.rows)) : Number.POSITIVE_INFINITY;
  return Math.max(1, Math.min(product, bound));
}

function columnOf(key: ResolvedExpr, { rows, columns }: Estimate): ColumnEstimate {
  const own = key.kind === 'attribute' ? columns.get(key.id) : undefined;
  return own ?? { distinct: Math.max(1, rows), range: null, width: 8, table: { rows } };
}
