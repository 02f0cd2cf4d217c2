/**
 * Owns: window expressions leave their select and become columns of window nodes, one node for each partition and order.
 * Receives them one after the other (`Place.window`), gives references; `over` puts the nodes above what the select reads.
 */
import { type CallSite, userError } from '../../core/errors.js';
import { isOrderable, mapOrHolder } from '../../data/types.js';
import type { AggregateFunction, WindowFunction } from '../../frontend/functions/definition.js';
import { isGroupingMarker } from '../../frontend/functions/grouping.js';
import type { Expr, SortKey } from '../../frontend/plan/expression.js';
import { columnName, expressionText } from '../../frontend/plan/expression-text.js';
import { outputOf } from '../../frontend/plan/output.js';
import type { Named, ResolvedExpr, ResolvedPlan, Windowed } from '../../frontend/plan/resolved.js';
import type { ResolvedFrame } from '../../frontend/plan/window.js';
import { aggregateArgs, aggregateSignature } from './aggregate-call.js';
import { about, castTo, refTo } from './build.js';
import { constantOf } from './constant.js';
import { type CallExpr, definitionOf, type Place, resolveExpr, type WindowExpr } from './expressions.js';
import { sameExpr, sameExprs } from './same-expr.js';
import { attributeOf, type Ids, passed } from './state.js';
import { resolveFrame } from './window-frame.js';
import { withOrderArgs } from './within-group.js';

interface WindowNode {
  readonly partitionBy: readonly ResolvedExpr[];
  readonly orderBy: readonly SortKey<ResolvedExpr>[];
  readonly calls: Windowed[];
}

/** An expression inside a window in terms of the columns below the window nodes: of groups, above an aggregation. */
type Settle = (expr: ResolvedExpr, source: Expr) => ResolvedExpr;

export class Windows {
  private readonly ids: Ids;
  private readonly settle: Settle;
  private readonly nodes: WindowNode[] = [];
  /** Keys and arguments that are computed below the nodes. */
  private readonly computed: Named[] = [];

  constructor(ids: Ids, settle: Settle = (expr) => expr) {
    this.ids = ids;
    this.settle = settle;
  }

  /** The results so far: what expressions above the nodes may refer to. */
  get made(): readonly Windowed[] {
    return this.nodes.flatMap((node) => node.calls);
  }

  /** As `Place.window` wants it. Throws DATATYPE_MISMATCH.…, UNSUPPORTED_EXPR_FOR_WINDOW, DISTINCT_WINDOW_FUNCTION_UNSUPPORTED and others. */
  readonly resolve = (expr: WindowExpr, outer: Place): ResolvedExpr => {
    const place: Place = { ...outer, window: undefined, variables: undefined, name: 'a window expression' };
    const site = expr.site ?? outer.site;
    const { call, definition } = windowCall(expr, site);
    return about(
      () => expressionText(expr),
      site,
      () => {
        const partitionBy = expr.spec.partitionBy.map((key) => this.partitionKey(key, place)).filter((key) => key.kind !== 'literal');
        const orderBy = expr.spec.orderBy.map((key) => ({ ...key, expr: this.orderKey(key.expr, place) }));
        const frame = resolveFrame(expr.spec, definition, orderBy, place, this.ids.zone);
        const made = this.windowed(call, definition, frame, place);
        return refTo(this.add(partitionBy, orderBy, made));
      },
    );
  };

  private windowed(
    written: CallExpr,
    definition: AggregateFunction | WindowFunction,
    frame: ResolvedFrame,
    place: Place,
  ): Omit<Windowed, 'id' | 'name'> {
    const call = definition.kind === 'aggregate' ? withOrderArgs(written, definition, place) : written;
    const given = aggregateArgs(call, definition, place).map((arg) => constantOf(this.settle(arg, call), this.ids.zone));
    const signature = aggregateSignature(call, definition, given);
    const args = given.map((arg, i) => this.plain(constantOf(castTo(arg, signature.args[i]), this.ids.zone)));
    return {
      fn: definition.name,
      args,
      frame,
      type: signature.result,
      nullable: signature.nullable ?? true,
      ...(call.user && { user: call.user }),
      site: call.site,
    };
  }

  private partitionKey(key: Expr, place: Place): ResolvedExpr {
    const expr = this.plain(this.settle(resolveExpr(key, place), key));
    if (isOrderable(expr.type)) return expr;
    throw userError(
      'EXPRESSION_TYPE_IS_NOT_ORDERABLE',
      `A window cannot be partitioned by ${expressionText(key)}, which ${mapOrHolder(expr.type)}.`,
      {
        hint: 'Partition by map_entries() of it',
      },
    );
  }

  private orderKey(key: Expr, place: Place): ResolvedExpr {
    const expr = this.plain(this.settle(resolveExpr(key, place), key));
    if (isOrderable(expr.type)) return expr;
    throw userError(
      'DATATYPE_MISMATCH.INVALID_ORDERING_TYPE',
      `A window cannot be ordered by ${expressionText(key)}, which ${mapOrHolder(expr.type)}.`,
      {
        hint: 'Order by a key or value of it',
      },
    );
  }

  /** A column or a constant: what is neither is computed below the nodes, once. */
  private plain(expr: ResolvedExpr): ResolvedExpr {
    if (expr.kind === 'attribute' || expr.kind === 'literal') return expr;
    const known = this.computed.find((column) => sameExpr(column.expr, expr));
    if (known) return refTo(attributeOf(known));
    const column: Named = { id: this.ids.fresh(), name: `_w${this.computed.length}`, expr };
    this.computed.push(column);
    return refTo(attributeOf(column));
  }

  private add(
    partitionBy: readonly ResolvedExpr[],
    orderBy: readonly SortKey<ResolvedExpr>[],
    made: Omit<Windowed, 'id' | 'name'>,
  ): Windowed {
    let node = this.nodes.find((other) => sameExprs(other.partitionBy, partitionBy) && sameOrder(other.orderBy, orderBy));
    if (node === undefined) {
      node = { partitionBy, orderBy, calls: [] };
      this.nodes.push(node);
    }
    const known = node.calls.find(
      (call) => call.fn === made.fn && call.user === made.user && sameExprs(call.args, made.args) && sameFrame(call.frame, made.frame),
    );
    if (known) return known;
    const call = { ...made, id: this.ids.fresh(), name: made.fn };
    node.calls.push(call);
    return call;
  }

  /** The child with the window nodes above it; those of one partitioning follow each other, the longest order first: it serves others too. Results take the names in `columns`. */
  over(child: ResolvedPlan, columns: readonly Named[]): ResolvedPlan {
    if (this.nodes.length === 0) return child;
    const names = new Map(columns.flatMap(({ name, expr }) => (expr.kind === 'attribute' ? [[expr.id, name] as const] : [])));
    const source: ResolvedPlan =
      this.computed.length === 0
        ? child
        : { kind: 'project', child, exprs: [...outputOf(child).map((attribute) => passed(attribute)), ...this.computed] };
    return inGroups(this.nodes).reduce<ResolvedPlan>((below, { partitionBy, orderBy, calls }) => {
      const called = calls.map((call) => ({ ...call, name: names.get(call.id) ?? call.name }));
      return { kind: 'window', child: below, partitionBy, orderBy, calls: called };
    }, source);
  }
}

function inGroups(nodes: readonly WindowNode[]): readonly WindowNode[] {
  const firstOf = (node: WindowNode): number => nodes.findIndex((other) => sameExprs(other.partitionBy, node.partitionBy));
  return [...nodes].sort((a, b) => firstOf(a) - firstOf(b) || b.orderBy.length - a.orderBy.length);
}

const sameOrder = (a: readonly SortKey<ResolvedExpr>[], b: readonly SortKey<ResolvedExpr>[]): boolean =>
  a.length === b.length &&
  a.every((key, i) => key.ascending === b[i].ascending && key.nullsFirst === b[i].nullsFirst && sameExpr(key.expr, b[i].expr));

function sameFrame(a: ResolvedFrame, b: ResolvedFrame): boolean {
  const same = (x: ResolvedFrame['lower'], y: ResolvedFrame['lower']): boolean =>
    typeof x === 'string' || typeof y === 'string' ? x === y : x.offset === y.offset && x.by === y.by;
  return a.unit === b.unit && same(a.lower, b.lower) && same(a.upper, b.upper);
}

/** grouping() and grouping_id() are of a group, not of rows. */
const isMarker = (definition: AggregateFunction | WindowFunction): boolean =>
  definition.kind === 'aggregate' && isGroupingMarker(definition);

/** What may stand before OVER: an aggregate, neither DISTINCT nor filtered, or a window function. */
function windowCall(
  expr: WindowExpr,
  site: CallSite | null,
): { readonly call: CallExpr; readonly definition: AggregateFunction | WindowFunction } {
  const { fn: call } = expr;
  const options = { site: site ?? undefined };
  const unsupported = () =>
    userError(
      'UNSUPPORTED_EXPR_FOR_WINDOW',
      `${columnName(call)} is neither an aggregate nor a window function, so it cannot be over a window.`,
      {
        ...options,
        hint: 'Put .over() right after the function: sum("x").over(window).plus(1)',
      },
    );
  if (call.kind !== 'call') throw unsupported();
  const definition = definitionOf(call, site);
  if ((definition.kind !== 'aggregate' && definition.kind !== 'window') || isMarker(definition)) throw unsupported();
  if (call.distinct) {
    throw userError('DISTINCT_WINDOW_FUNCTION_UNSUPPORTED', `DISTINCT is not possible over a window: ${expressionText(expr)}.`, {
      ...options,
      hint: 'Take size(collect_set(…)) over the window',
    });
  }
  if (call.filter !== null) {
    throw userError('UNSUPPORTED_FEATURE.WINDOW_FILTER', `FILTER is not possible over a window: ${expressionText(expr)}.`, {
      ...options,
      hint: 'Aggregate CASE WHEN condition THEN value END instead',
    });
  }
  if (definition.kind === 'window' && call.within) {
    throw userError('INVALID_SQL_SYNTAX.FUNCTION_WITH_UNSUPPORTED_SYNTAX', `${call.fn} takes no WITHIN GROUP (ORDER BY …).`, options);
  }
  if (definition.kind === 'window' && expr.spec.orderBy.length === 0) {
    throw userError('WINDOW_FUNCTION_FRAME_NOT_ORDERED', `The window of ${columnName(call)} has no order: ${expressionText(expr)}.`, {
      ...options,
      hint: 'Add orderBy(…), in SQL OVER (… ORDER BY …)',
    });
  }
  return { call, definition };
}
