/** Owns: what the rules of the analyzer share: fresh attribute ids, and the answer for one node. */

import type { Expr } from '../../frontend/plan/expression.js';
import { partsOf } from '../../frontend/plan/expression-parts.js';
import type { Attribute, Named, ResolvedExpr, ResolvedPlan } from '../../frontend/plan/resolved.js';
import { refTo } from './build.js';
import type { Place } from './expressions.js';
import type { Scope } from './scope.js';

export class Ids {
  /** The session's time zone. */
  readonly zone: string;
  private next = 0;

  constructor(zone = 'UTC') {
    this.zone = zone;
  }

  /** An id that no other attribute of this query has. */
  fresh(): number {
    return this.next++;
  }
}

export interface Analyzed {
  readonly plan: ResolvedPlan;
  /** What nodes above may name, in the order of the plan's output. */
  readonly scope: Scope;
  /** Columns of the node below that a sort or filter right above may still name, as in Spark. */
  readonly hidden?: Hidden;
}

export interface Hidden {
  readonly scope: Scope;
  /** Above an aggregation: makes one more aggregate of it. */
  readonly aggregate?: Place['aggregate'];
  /** Above an aggregation: an expression over `scope` in terms of its groups. Throws MISSING_AGGREGATION. */
  readonly settle?: (expr: ResolvedExpr, source: Expr) => ResolvedExpr;
  /** The same node with more attributes among its output, at the end. */
  extend(extra: readonly Attribute[]): ResolvedPlan;
}

/** A column that goes through a project as it is, perhaps under another name. */
export const passed = (attribute: Attribute, name = attribute.name): Named => ({ id: attribute.id, name, expr: refTo(attribute) });

/** `expr` as a column: attributes keep their ids, so that what they are stays known. */
export function named(ids: Ids, expr: ResolvedExpr, name: string): Named {
  return expr.kind === 'attribute' ? { id: expr.id, name, expr: refTo(expr) } : { id: ids.fresh(), name, expr };
}

/** Where an attribute stands twice, the later ones become attributes of their own: grouping sets, for one, treat them each in its way. */
export function apart<C extends Named>(columns: readonly C[], ids: Ids): C[] {
  const seen = new Set<number>();
  return columns.map((column) => {
    const own = seen.has(column.id) ? { ...column, id: ids.fresh() } : column;
    seen.add(own.id);
    return own;
  });
}

export const attributeOf = ({ id, name, expr }: Named): Attribute => ({ id, name, type: expr.type, nullable: expr.nullable });

/** The node with the sides' own copies of USING columns among its columns, where an expression names one by its relation. */
export function withOwnKeys(child: Analyzed, exprs: readonly Expr[]): Analyzed {
  const own = child.hidden?.scope.filter(({ byRelation }) => byRelation) ?? [];
  const names = new Set(own.map(({ qualifier }) => `${qualifier}`.toLowerCase()));
  const open = own.length === 0 ? [] : [...exprs];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const relation = at.kind === 'star' ? at.qualifier : at.kind === 'column' ? at.name.replace(/\..*$/s, '').replaceAll('`', '') : null;
    if (relation !== null && names.has(relation.toLowerCase())) {
      return { plan: child.hidden!.extend(own.map(({ attribute }) => attribute)), scope: [...child.scope, ...own] };
    }
    open.push(...partsOf(at));
  }
  return child;
}
