/**
 * Logical plans grown from a recipe of numbers: two tables and two to six steps, each step a choice of operator and the choices inside it.
 * Column names are unique in a plan, so that no reference is ambiguous.
 */
import fc from 'fast-check';
import type { Expr, SortKey } from '../../../src/frontend/plan/expression.js';
import type { JoinType, Plan } from '../../../src/frontend/plan/logical.js';
import { newPlace, type Place } from './files.js';
import { aggregateOf } from './grow-aggregate.js';
import { alias, Choices, call, column, ExpressionGrower, type GrownColumn, literal } from './grow-expression.js';
import { joinOnScan, narrowFilter } from './grow-scan.js';
import { windowOf } from './grow-window.js';
import type { Settings } from './settings.js';
import { storedTable } from './stored.js';
import { KINDS, type Kind, LARGE_TABLES, POOLS, type Table, TYPE_OF, tableArbitrary } from './tables.js';

export interface Recipe {
  /** The first is a large one where `large` says so. */
  readonly tables: readonly [Table, Table];
  readonly large: number;
  /** Where files are read: which stored table comes first, if one does, and what is asked of it; else how small tables lie in files. */
  readonly stored: number;
  readonly scan: readonly number[];
  readonly steps: readonly { readonly operator: number; readonly choices: readonly number[] }[];
}

/** Three in so many plans read a large table. */
const LARGE_SHARE = 80;
/** One in so many plans over files reads a stored table. */
const STORED_SHARE = Number(process.env.RANDOM_STORED ?? 5);

export const recipeArbitrary: fc.Arbitrary<Recipe> = fc.record({
  tables: fc.tuple(tableArbitrary('small'), tableArbitrary('other')),
  large: fc.nat(LARGE_SHARE - 1),
  stored: fc.nat(999),
  scan: fc.array(fc.nat(999), { maxLength: 16, size: 'max' }),
  steps: fc.array(
    fc.record({
      operator: fc.nat(999),
      choices: fc.array(fc.nat(999), { maxLength: 28, size: 'max' }),
    }),
    { minLength: 2, maxLength: 6, size: 'max' },
  ),
});

/** What has been grown so far. `rows` is an upper bound, so that joins of joins stay small. */
export interface Grown {
  readonly plan: Plan;
  readonly columns: readonly GrownColumn[];
  readonly rows: number;
}

export interface GrownPlan {
  readonly plan: Plan;
  readonly tables: readonly Table[];
  /** Where the tables lie, for those that are read from files; `layout` for those that are still to be written. */
  readonly places: readonly Place[];
  readonly operators: readonly string[];
}

const MOST_ROWS = 4000;
const MOST_COLUMNS = 8;
const SORTABLE: readonly Kind[] = KINDS;

function largeTable({ large }: Recipe): Table | undefined {
  return large < LARGE_SHARE - 3 ? undefined : LARGE_TABLES[large % LARGE_TABLES.length];
}

/** Whether the plan reads the table that does not fit 8 MB. */
export function isWide(recipe: Recipe): boolean {
  return largeTable(recipe)?.name === 'wide';
}

export function growPlan(recipe: Recipe, { source, partitions }: Settings): GrownPlan {
  const large = largeTable(recipe);
  const fromFiles = source === 'parquet';
  const stored =
    fromFiles && (large || recipe.stored % STORED_SHARE === 0) ? storedTable(Math.floor(recipe.stored / STORED_SHARE), large) : null;
  const first = stored?.table ?? large ?? recipe.tables[0];
  const tables = [first, recipe.tables[1]] as const;
  const places = fromFiles ? [stored ?? newPlace(first, recipe.scan[0] ?? 0), newPlace(tables[1], recipe.scan[1] ?? 0)] : [];
  const grower = new PlanGrower(tables, places, partitions);
  let grown = grower.leaf(0);
  const operators: string[] = [];
  if (fromFiles && first.isLarge) {
    const choices = new Choices(recipe.scan);
    if (choices.below(4) > 0) {
      operators.push('scan filter');
      grown = { ...grown, plan: { kind: 'filter', child: grown.plan, condition: narrowFilter(grown.columns, choices), site: null } };
    }
    if (choices.below(3) > 0) {
      operators.push('scan join');
      grown = joinOnScan(grown, grower.leaf(1), tables, choices);
    }
  }
  for (const { operator, choices } of recipe.steps) {
    const [name, step] = OPERATORS[operator % OPERATORS.length];
    operators.push(name);
    grown = step(grower, grown, new Choices(choices));
  }
  return { plan: grown.plan, tables, places, operators };
}

type Step = (grower: PlanGrower, from: Grown, choices: Choices) => Grown;

class PlanGrower {
  readonly tables: readonly [Table, Table];
  private readonly places: readonly Place[];
  private readonly partitions: number;
  private names = 0;

  /** `partitions` are those of leaves in memory; without `places` all are. */
  constructor(tables: readonly [Table, Table], places: readonly Place[], partitions: number) {
    this.tables = tables;
    this.places = places;
    this.partitions = partitions;
  }

  fresh(): string {
    return `x${this.names++}`;
  }

  leaf(index: 0 | 1): Grown {
    const { batch, columns, schema } = this.tables[index];
    const place = this.places[index];
    const plan: Plan = place
      ? { kind: 'read', format: 'parquet', paths: [place.path], schema: null, options: {}, site: null }
      : { kind: 'local', schema, batch, partitions: this.partitions };
    const own = columns.map(({ kind }, k): GrownColumn => ({ name: `c${k}`, kind, isExact: true }));
    return this.renamed({ plan, columns: own, rows: batch.length });
  }

  /** The same rows under names that nothing else has. */
  renamed(from: Grown): Grown {
    const columns = from.columns.map((c) => ({ ...c, name: this.fresh() }));
    const exprs = from.columns.map((c, k) => alias(column(c.name), columns[k].name));
    return { plan: { kind: 'select', child: from.plan, exprs, site: null }, columns, rows: from.rows };
  }

  /** An expression as a new column. */
  made(from: Grown, choices: Choices, depth = 2): { readonly expr: Expr; readonly column: GrownColumn } {
    const grower = new ExpressionGrower(from.columns, choices);
    const kind = grower.kind();
    const expr = grower.grow(kind, choices.below(depth + 1));
    const plain = expr.kind === 'column' ? from.columns.find((c) => c.name === expr.name) : undefined;
    return { expr, column: { name: this.fresh(), kind, isExact: kind !== 'double' || plain?.isExact === true } };
  }

  condition(from: Grown, choices: Choices): Expr {
    return new ExpressionGrower(from.columns, choices).grow('boolean', 1 + choices.below(2));
  }

  /** What stands on the right of a join or union: the other table, or the plan itself, perhaps filtered. */
  other(from: Grown, choices: Choices): Grown {
    const base = choices.below(4) === 3 && from.rows <= 60 ? this.renamed(from) : this.leaf(1);
    if (choices.below(3) < 2) return base;
    return { ...base, plan: { kind: 'filter', child: base.plan, condition: this.condition(base, choices), site: null } };
  }
}

const filter: Step = (grower, from, choices) => ({
  ...from,
  plan: { kind: 'filter', child: from.plan, condition: grower.condition(from, choices), site: null },
});

const select: Step = (grower, from, choices) => {
  const made = Array.from({ length: 1 + choices.below(4) }, () => grower.made(from, choices));
  const exprs = made.map((m) => alias(m.expr, m.column.name));
  return { plan: { kind: 'select', child: from.plan, exprs, site: null }, columns: made.map((m) => m.column), rows: from.rows };
};

const withColumn: Step = (grower, from, choices) => {
  const replaced = choices.below(3) === 2 ? from.columns[choices.below(from.columns.length)] : undefined;
  if (replaced === undefined && from.columns.length >= MOST_COLUMNS) return select(grower, from, choices);
  const { expr, column: made } = grower.made(from, choices);
  const name = replaced?.name ?? made.name;
  const columns = replaced ? from.columns.map((c) => (c === replaced ? { ...made, name } : c)) : [...from.columns, made];
  return { ...from, plan: { kind: 'withColumns', child: from.plan, columns: [{ name, expr }], site: null }, columns };
};

const aggregate: Step = (grower, from, choices) => {
  const groupings = Array.from({ length: choices.below(4) }, () => grower.made(from, choices, 1));
  const exprs = groupings.map((g) => alias(g.expr, g.column.name));
  const arity = { groupings: exprs, columns: groupings.map((g) => g.column), rows: from.rows + 1 };
  return aggregated(grower, from, choices, arity);
};

/** ROLLUP and CUBE of columns: each row in every set. */
const groupingSets: Step = (grower, from, choices) => {
  const columns = from.columns.slice(0, 1 + choices.below(3));
  if (from.rows > MOST_ROWS) return aggregate(grower, from, choices);
  const of = (isIn: (i: number) => boolean): Expr[] => columns.filter((_, i) => isIn(i)).map((c) => column(c.name));
  const rollup = Array.from({ length: columns.length + 1 }, (_, n) => of((i) => i < n));
  const cube = Array.from({ length: 2 ** columns.length }, (_, bits) => of((i) => ((bits >> i) & 1) === 1));
  const sets = choices.below(2) === 0 ? rollup : cube;
  return aggregated(grower, from, choices, { groupings: of(() => true), columns, rows: from.rows * sets.length + 1, groupingSets: sets });
};

interface Groups {
  readonly groupings: readonly Expr[];
  readonly groupingSets?: readonly (readonly Expr[])[];
  readonly columns: readonly GrownColumn[];
  readonly rows: number;
}

function aggregated(grower: PlanGrower, from: Grown, choices: Choices, { groupings, groupingSets: sets, columns, rows }: Groups): Grown {
  const aggregates = Array.from({ length: 1 + choices.below(3) }, () => ({ ...aggregateOf(from.columns, choices), name: grower.fresh() }));
  const calls = aggregates.map((a) => alias(a.expr, a.name));
  const plan: Plan = { kind: 'aggregate', child: from.plan, groupings, aggregates: calls, ...(sets && { groupingSets: sets }), site: null };
  return { plan, columns: [...columns, ...aggregates.map(({ name, kind, isExact }) => ({ name, kind, isExact }))], rows };
}

const JOINS: readonly JoinType[] = ['inner', 'left', 'right', 'full', 'semi', 'anti', 'cross'];

const join: Step = (grower, from, choices) => {
  const right = grower.other(from, choices);
  const narrow = from.columns.length + right.columns.length <= MOST_COLUMNS && from.rows * right.rows <= MOST_ROWS;
  const how = choices.of(narrow ? JOINS : (['semi', 'anti'] as const));
  const columns = how === 'semi' || how === 'anti' ? from.columns : [...from.columns, ...right.columns];
  const rows = how === 'semi' || how === 'anti' ? from.rows : from.rows * right.rows + from.rows + right.rows;
  const on = how === 'cross' ? null : joinCondition(grower, from, right, choices);
  return { plan: { kind: 'join', left: from.plan, right: right.plan, how, on, site: null }, columns, rows };
};

/** Mostly equalities of columns of one kind, some with a condition besides, some with nothing but a condition. */
function joinCondition(grower: PlanGrower, left: Grown, right: Grown, choices: Choices): Expr {
  const pairs = left.columns.flatMap((l) => right.columns.filter((r) => r.kind === l.kind).map((r) => [l, r] as const));
  const both = { ...left, columns: [...left.columns, ...right.columns] };
  const loose = (): Expr => grower.condition(both, choices);
  if (pairs.length === 0) return loose();
  const equal = (): Expr => {
    const [l, r] = choices.of(pairs);
    return call(choices.below(5) === 4 ? '<=>' : '=', column(l.name), column(r.name));
  };
  switch (choices.below(5)) {
    case 1:
      return call('and', equal(), equal());
    case 2:
      return call('and', equal(), loose());
    case 3:
      return loose();
    default:
      return equal();
  }
}

/** Columns of the other side that fit by kind, in place of those that do not literals. */
const union: Step = (grower, from, choices) => {
  const right = grower.other(from, choices);
  const expressions = new ExpressionGrower(right.columns, choices);
  const exprs = from.columns.map((c) => alias(expressions.leaf(c.kind), grower.fresh()));
  const side: Plan = { kind: 'select', child: right.plan, exprs, site: null };
  return { ...from, plan: { kind: 'union', children: [from.plan, side], site: null }, rows: from.rows + right.rows };
};

const distinct: Step = (_grower, from) => ({ ...from, plan: { kind: 'distinct', child: from.plan } });

function keysOf(columns: readonly GrownColumn[], choices: Choices): SortKey[] {
  return columns.map((c) => ({ expr: column(c.name), ascending: choices.below(2) === 0, nullsFirst: choices.below(2) === 0 }));
}

const sort: Step = (_grower, from, choices) => {
  const columns = from.columns.filter((c) => SORTABLE.includes(c.kind)).slice(0, 1 + choices.below(3));
  const global = choices.below(4) < 3;
  return { ...from, plan: { kind: 'sort', child: from.plan, keys: keysOf(columns, choices), global, site: null } };
};

/** By all columns, so that it is certain which rows stay. */
const topRows: Step = (_grower, from, choices) => {
  const keys = keysOf(from.columns, choices);
  const sorted: Plan = { kind: 'sort', child: from.plan, keys, global: true, site: null };
  const [limit, offset] = [choices.of([3, 1, 0, 10, 1000]), choices.of([0, 0, 2])];
  return { ...from, plan: { kind: 'limit', child: sorted, limit, offset }, rows: Math.min(from.rows, limit) };
};

const explode: Step = (grower, from, choices) => {
  const lists = from.columns.filter((c) => c.kind === 'ints' || c.kind === 'strings');
  const most = from.rows * 10;
  if (most > MOST_ROWS * 2 || from.columns.length >= MOST_COLUMNS) return withColumn(grower, from, choices);
  const kind = lists.length > 0 ? choices.of(lists).kind : choices.of<Kind>(['ints', 'strings']);
  const list = new ExpressionGrower(from.columns, choices).grow(kind as 'ints' | 'strings', lists.length > 0 ? choices.below(2) : 1);
  const name = grower.fresh();
  const exprs = [{ kind: 'star', qualifier: null } as const, alias(call(choices.of(['explode', 'explode_outer']), list), name)];
  const made: GrownColumn = { name, kind: kind === 'ints' ? 'int' : 'string', isExact: true };
  return { plan: { kind: 'select', child: from.plan, exprs, site: null }, columns: [...from.columns, made], rows: most };
};

const repartition: Step = (grower, from, choices) => {
  const partitions = choices.of([3, 1, 13, null]);
  const exprs = partitions === null || choices.below(2) === 1 ? [grower.made(from, choices, 1).expr] : [];
  return { ...from, plan: { kind: 'repartition', child: from.plan, partitions, exprs, site: null } };
};

const coalesce: Step = (_grower, from, choices) => ({
  ...from,
  plan: { kind: 'coalesce', child: from.plan, partitions: choices.of([1, 2, 5]) },
});

const drop: Step = (_grower, from, choices) => {
  if (from.columns.length < 2) return from;
  const gone = choices.of(from.columns);
  return { ...from, plan: { kind: 'drop', child: from.plan, names: [gone.name] }, columns: from.columns.filter((c) => c !== gone) };
};

/** A naive frame looks at every row for every row. */
const MOST_ROWS_OF_WINDOW = 3000;

const window: Step = (grower, from, choices) => {
  if (from.rows > MOST_ROWS_OF_WINDOW || from.columns.length >= MOST_COLUMNS) return filter(grower, from, choices);
  const made = Array.from({ length: 1 + choices.below(2) }, (_, i) => ({
    ...windowOf(from, choices, i === 0),
    name: grower.fresh(),
  }));
  const exprs = [{ kind: 'star', qualifier: null } as const, ...made.map(({ expr, name }) => alias(expr, name))];
  const columns = [...from.columns, ...made.map(({ name, kind, isExact }) => ({ name, kind, isExact }))];
  return { ...from, plan: { kind: 'select', child: from.plan, exprs, site: null }, columns };
};

const setOperation: Step = (grower, from, choices) => {
  const right = grower.other(from, choices);
  const expressions = new ExpressionGrower(right.columns, choices);
  const exprs = from.columns.map((c) => alias(expressions.leaf(c.kind), grower.fresh()));
  const side: Plan = { kind: 'select', child: right.plan, exprs, site: null };
  const [op, all] = [choices.of(['intersect', 'except'] as const), choices.below(2) === 1];
  return { ...from, plan: { kind: 'setOperation', op, all, left: from.plan, right: side, site: null } };
};

const pivot: Step = (grower, from, choices) => {
  const keys = from.columns.filter((c) => c.kind === 'int' || c.kind === 'boolean');
  if (keys.length === 0) return aggregate(grower, from, choices);
  const { name, kind } = choices.of(keys);
  const values = POOLS[kind].slice(0, 1 + choices.below(3));
  const groupings = from.columns.filter((c) => c.name !== name).slice(0, choices.below(3));
  // Two, so that each column has a name that nothing else has.
  const aggregates = [0, 1].map(() => ({ ...aggregateOf(from.columns, choices), name: grower.fresh() }));
  const plan: Plan = {
    kind: 'pivot',
    child: from.plan,
    groupings: groupings.map((c) => column(c.name)),
    column: column(name),
    values: values.map((value) => literal(value, TYPE_OF[kind]) as Extract<Expr, { kind: 'literal' }>),
    aggregates: aggregates.map((a) => alias(a.expr, a.name)),
    site: null,
  };
  const made = values.flatMap((value) => aggregates.map((a) => ({ ...a, name: `${value}_${a.name}` })));
  return { plan, columns: [...groupings, ...made.map((m) => ({ name: m.name, kind: m.kind, isExact: m.isExact }))], rows: from.rows + 1 };
};

/** The commoner ones stand twice. */
const OPERATORS: readonly (readonly [string, Step])[] = [
  ['filter', filter],
  ['select', select],
  ['aggregate', aggregate],
  ['join', join],
  ['withColumn', withColumn],
  ['union', union],
  ['sort', sort],
  ['limit', topRows],
  ['distinct', distinct],
  ['explode', explode],
  ['repartition', repartition],
  ['coalesce', coalesce],
  ['drop', drop],
  ['groupingSets', groupingSets],
  ['window', window],
  ['setOperation', setOperation],
  ['pivot', pivot],
  ['window', window],
  ['filter', filter],
  ['select', select],
  ['aggregate', aggregate],
  ['join', join],
  ['join', join],
  ['aggregate', aggregate],
  ['sort', sort],
];
