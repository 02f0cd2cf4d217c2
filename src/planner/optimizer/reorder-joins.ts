/**
 * Owns: the order of inner joins: those that lie right under each other, with projects of plain columns between them, are taken apart into
 * relations and conditions and put together in the order that the fewest rows pass through. Runs once, after filters have been pushed down.
 */
import { sameType } from '../../data/types.js';
import { conjunction, conjuncts } from '../../frontend/plan/conditions.js';
import { outputOf } from '../../frontend/plan/output.js';
import type { Attribute, AttributeRef, ResolvedExpr, ResolvedOf, ResolvedPlan } from '../../frontend/plan/resolved.js';
import { estimate } from '../statistics/estimate.js';
import type { Rule } from './rule.js';
import { collectIds, filtered, isDeterministic, mapChildren } from './tree.js';

export const reorderJoins: Rule = {
  name: 'reorder joins',
  apply: reorder,
};

/** All orders of so many relations are tried; of more, the best next pair is joined each time. */
const MOST_TRIED = 8;

/** A new order must be this much cheaper than the one written, or that stays: estimates are rough. */
const GAIN = 0.9;

function reorder(plan: ResolvedPlan): ResolvedPlan {
  const parts = partsOf(plan);
  if (parts === null || parts.relations.length < 3) return mapChildren(plan, reorder);
  const relations = parts.relations.map(reorder);
  const unchanged = relations.every((relation, i) => relation === parts.relations[i]) ? plan : null;
  const best = cheapest(relations, parts.conditions);
  const written = costOf(plan, new Set(parts.relations));
  if (best === null || best.cost > written * GAIN) return unchanged ?? rebuilt(plan, parts.relations, relations);
  return inOrder(best.plan, outputOf(plan));
}

interface Parts {
  readonly relations: readonly ResolvedPlan[];
  readonly conditions: readonly ResolvedExpr[];
}

/** Null of what is no inner join, or has a hint, or a condition that must be evaluated where it stands. */
function partsOf(plan: ResolvedPlan): Parts | null {
  if (isPlainProject(plan)) return partsOf(plan.child);
  if (plan.kind !== 'join' || (plan.how !== 'inner' && plan.how !== 'cross') || plan.hints) return null;
  const own = plan.condition === null ? [] : conjuncts(plan.condition);
  if (!own.every(isDeterministic)) return null;
  const sides = [plan.left, plan.right].map((side) => partsOf(side) ?? { relations: [side], conditions: [] });
  return { relations: sides.flatMap((s) => s.relations), conditions: [...sides.flatMap((s) => s.conditions), ...own] };
}

function isPlainProject(plan: ResolvedPlan): plan is ResolvedOf<'project'> {
  return plan.kind === 'project' && plan.exprs.every(({ id, expr }) => expr.kind === 'attribute' && expr.id === id);
}

/** The plan as it was over relations that have changed inside. */
function rebuilt(plan: ResolvedPlan, from: readonly ResolvedPlan[], to: readonly ResolvedPlan[]): ResolvedPlan {
  const at = from.indexOf(plan);
  return at >= 0 ? to[at] : mapChildren(plan, (child) => rebuilt(child, from, to));
}

/** Rows that come out of joins and that go into their tables, over the joins of the tree whose leaves are `relations`. */
function costOf(plan: ResolvedPlan, relations: ReadonlySet<ResolvedPlan>): number {
  if (relations.has(plan)) return 0;
  if (plan.kind !== 'join') return 'child' in plan ? costOf(plan.child, relations) : 0;
  return costOf(plan.left, relations) + costOf(plan.right, relations) + joinCost(plan.left, plan.right, plan);
}

/** A row of the smaller side is put into a table, one of the larger side is looked up, and one of the result is passed on. */
const BUILD_COST = 2;
const PROBE_COST = 0.5;

function joinCost(left: ResolvedPlan, right: ResolvedPlan, joined: ResolvedPlan): number {
  const [a, b] = [estimate(left).rows, estimate(right).rows];
  return estimate(joined).rows + Math.min(a, b) * BUILD_COST + Math.max(a, b) * PROBE_COST;
}

interface Candidate {
  readonly plan: ResolvedPlan;
  readonly cost: number;
  /** Bits of the relations in it. */
  readonly set: number;
}

/** A condition and the relations, as bits, that it reads. */
interface Placed {
  readonly expr: ResolvedExpr;
  readonly set: number;
}

type Equality = Extract<ResolvedExpr, { kind: 'call' }>;

/** Columns that are all equal, each of another relation: any two of them make a condition, and one between two sides is enough. */
interface EqualColumns {
  readonly members: readonly { readonly ref: AttributeRef; readonly set: number }[];
  readonly like: Equality;
}

class Search {
  private readonly relations: readonly ReadonlySet<number>[];
  private readonly conditions: readonly Placed[];
  private readonly classes: readonly EqualColumns[];

  constructor(relations: readonly ResolvedPlan[], conditions: readonly ResolvedExpr[]) {
    this.relations = relations.map((relation) => new Set(outputOf(relation).map((a) => a.id)));
    const { classes, rest } = this.equalColumns(relations, conditions);
    this.classes = classes;
    this.conditions = rest.map((expr) => ({ expr, set: this.setOf(expr) }));
  }

  private setOf(expr: ResolvedExpr): number {
    const read = [...collectIds(expr)];
    return this.relations.reduce((set, own, i) => (read.some((id) => own.has(id)) ? set | (1 << i) : set), 0);
  }

  private equalColumns(
    relations: readonly ResolvedPlan[],
    conditions: readonly ResolvedExpr[],
  ): { readonly classes: EqualColumns[]; readonly rest: ResolvedExpr[] } {
    const plain = conditions.filter(isColumnEquality);
    const groups: Equality[][] = [];
    const idsOf = (equalities: readonly Equality[]): Set<number> => new Set(equalities.flatMap((e) => [...collectIds(e)]));
    for (const equality of plain) {
      const [a, b] = [...collectIds(equality)];
      const touched = groups.filter((group) => idsOf(group).has(a) || idsOf(group).has(b));
      for (const group of touched) groups.splice(groups.indexOf(group), 1);
      groups.push([...touched.flat(), equality]);
    }
    const classes: EqualColumns[] = [];
    const kept = new Set<ResolvedExpr>();
    for (const group of groups) {
      const refs = new Map(group.flatMap(({ args }) => (args as AttributeRef[]).map((ref) => [ref.id, ref])));
      // The column of the largest table first: with other keys it is more likely part of one reference.
      const members = [...refs.values()]
        .map((ref) => ({ ref, set: this.setOf(ref) }))
        .sort((x, y) => tableRows(relations, y.ref) - tableRows(relations, x.ref));
      // Two columns of one relation would have to be held equal within it.
      if (new Set(members.map((m) => m.set)).size < members.length) for (const equality of group) kept.add(equality);
      else classes.push({ members, like: group[0] });
    }
    return { classes, rest: conditions.filter((c) => !isColumnEquality(c) || kept.has(c)) };
  }

  /** Both under the conditions that read from both and from nothing else; null where there is none. */
  join(a: Candidate, b: Candidate): Candidate | null {
    const set = a.set | b.set;
    const equal = this.classes.flatMap(({ members, like }): ResolvedExpr[] => {
      const [one, other] = [members.find((m) => (m.set & a.set) !== 0), members.find((m) => (m.set & b.set) !== 0)];
      return one && other ? [{ ...like, args: [one.ref, other.ref], nullable: one.ref.nullable || other.ref.nullable }] : [];
    });
    const own = this.conditions.filter((c) => (c.set & ~set) === 0 && (c.set & a.set) !== 0 && (c.set & b.set) !== 0);
    const condition = conjunction([...equal, ...own.map((c) => c.expr)]);
    if (condition === null) return null;
    const plan: ResolvedPlan = { kind: 'join', left: a.plan, right: b.plan, how: 'inner', condition };
    return { plan, cost: a.cost + b.cost + joinCost(a.plan, b.plan, plan), set };
  }

  /** Conditions that read from fewer than two relations stay above. */
  rest(): ResolvedExpr[] {
    return this.conditions.filter(({ set }) => (set & (set - 1)) === 0).map(({ expr }) => expr);
  }
}

function tableRows(relations: readonly ResolvedPlan[], { id }: AttributeRef): number {
  return Math.max(0, ...relations.map((relation) => estimate(relation).columns.get(id)?.table.rows ?? 0));
}

function isColumnEquality(expr: ResolvedExpr): expr is Equality {
  if (expr.kind !== 'call' || expr.fn !== '=') return false;
  const [a, b] = expr.args;
  return a.kind === 'attribute' && b.kind === 'attribute' && a.id !== b.id && sameType(a.type, b.type);
}

function cheapest(relations: readonly ResolvedPlan[], conditions: readonly ResolvedExpr[]): Candidate | null {
  if (relations.length > 30) return null;
  const search = new Search(relations, conditions);
  const single = relations.map((plan, i): Candidate => ({ plan, cost: 0, set: 1 << i }));
  const best = relations.length <= MOST_TRIED ? tryAll(search, single) : joinGreedily(search, single);
  if (best === null) return null;
  const rest = search.rest();
  return rest.length === 0 ? best : { ...best, plan: filtered(best.plan, rest) };
}

/** The best plan of every set of relations from those of its halves. Null where they do not hang together: cross joins stay as written. */
function tryAll(search: Search, single: readonly Candidate[]): Candidate | null {
  const all = 2 ** single.length - 1;
  const best: (Candidate | null)[] = new Array(all + 1).fill(null);
  for (const candidate of single) best[candidate.set] = candidate;
  for (let set = 1; set <= all; set++) {
    if (best[set] !== null) continue;
    const lowest = set & -set;
    // Halves with the lowest relation in the first: each pair once.
    for (let half = (set - 1) & set; half > 0; half = (half - 1) & set) {
      const [a, b] = [best[half], best[set ^ half]];
      if ((half & lowest) === 0 || a === null || b === null) continue;
      const joined = search.join(a, b);
      if (joined !== null && (best[set] === null || joined.cost < (best[set] as Candidate).cost)) best[set] = joined;
    }
  }
  return best[all];
}

function joinGreedily(search: Search, single: readonly Candidate[]): Candidate | null {
  let left = [...single];
  while (left.length > 1) {
    let best: { joined: Candidate; a: Candidate; b: Candidate } | null = null;
    for (const [i, a] of left.entries()) {
      for (const b of left.slice(i + 1)) {
        const joined = search.join(a, b);
        if (joined !== null && (best === null || joined.cost - a.cost - b.cost < best.joined.cost - best.a.cost - best.b.cost))
          best = { joined, a, b };
      }
    }
    if (best === null) return null;
    const { joined, a, b } = best;
    left = [...left.filter((c) => c !== a && c !== b), joined];
  }
  return left[0];
}

/** The columns of the plan as written. */
function inOrder(plan: ResolvedPlan, output: readonly Attribute[]): ResolvedPlan {
  const own = outputOf(plan);
  if (own.length === output.length && own.every((a, i) => a.id === output[i].id && a.name === output[i].name)) return plan;
  return { kind: 'project', child: plan, exprs: output.map((a) => ({ id: a.id, name: a.name, expr: { kind: 'attribute', ...a } })) };
}
