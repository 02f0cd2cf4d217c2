/** Owns: how windows run: rows of one partition are brought to one task and sorted by partition and order. What is so already is not done again. */
import type { SortKey } from '../../frontend/plan/expression.js';
import { outputOf, schemaOf } from '../../frontend/plan/output.js';
import type { BoundExpr, ResolvedOf } from '../../frontend/plan/resolved.js';
import { bind, bindKeys } from './bind.js';
import { isClustered } from './distribution.js';
import type { PhysicalOp } from './operators.js';
import type { NodePlanner, Planned } from './planned.js';

export function planWindow(planner: NodePlanner, plan: ResolvedOf<'window'>): Planned {
  const output = outputOf(plan);
  const child = planner.plan(plan.child);
  const partitionBy = plan.partitionBy.map((key) => bind(key, child.output));
  const orderBy = bindKeys(plan.orderBy, child.output);
  const gathered = gather(planner, plan, child, partitionBy);
  const sorted = sort(gathered, [...partitionBy.map(ascending), ...orderBy]);
  const calls = plan.calls.map((call) => ({ ...call, args: call.args.map((arg) => bind(arg, child.output)) }));
  const op: PhysicalOp = { kind: 'window', schema: schemaOf(output), child: sorted.op, partitionBy, orderBy, calls };
  return { ...sorted, op, output };
}

const ascending = (expr: BoundExpr): SortKey<BoundExpr> => ({ expr, ascending: true, nullsFirst: true });

function gather(planner: NodePlanner, plan: ResolvedOf<'window'>, child: Planned, keys: readonly BoundExpr[]): Planned {
  const decide = (chosen: string, because: string): void => {
    const operator = `Window ${plan.calls.map((call) => call.name).join(', ')}`;
    planner.decide({ operator, chosen, because, numbers: { 'input partitions': child.partitions } });
  };
  if (child.partitions === 1 || (keys.length > 0 && isClustered(child, plan.partitionBy))) {
    decide('at once', child.partitions === 1 ? 'its input is one partition' : 'the rows of a partition lie together already');
    return child;
  }
  if (keys.length === 0) {
    decide('in one task', 'it is not partitioned: every row may need every other');
    return planner.exchange(child, { kind: 'single' });
  }
  return planner.exchange(child, { kind: 'hash', exprs: keys, partitions: planner.shufflePartitions });
}

function sort(child: Planned, keys: readonly SortKey<BoundExpr>[]): Planned {
  if (keys.length === 0 || isSorted(child.op, keys)) return child;
  return { ...child, op: { kind: 'sort', schema: child.op.schema, child: child.op, keys, limit: null } };
}

/** Whether a sort below, whose keys begin with these, has put the rows in order; windows keep it. */
function isSorted(op: PhysicalOp, keys: readonly SortKey<BoundExpr>[]): boolean {
  switch (op.kind) {
    case 'sort':
      return op.limit === null && keys.every((key, i) => op.keys[i] !== undefined && sameKey(op.keys[i], key));
    case 'window':
    case 'filter':
      return isSorted(op.child, keys);
    case 'project': {
      const below = keys.map((key) => beneath(key.expr, op.exprs));
      return (
        below.every((key) => key !== null) &&
        isSorted(
          op.child,
          keys.map((key, i) => ({ ...key, expr: below[i]! })),
        )
      );
    }
    default:
      return false;
  }
}

/** The column of a project's child that a column of the project is; null where it is computed. A window's child keeps its places. */
function beneath(key: BoundExpr, exprs: readonly BoundExpr[]): BoundExpr | null {
  if (key.kind !== 'input') return null;
  const below = exprs[key.index];
  return below.kind === 'input' ? below : null;
}

const sameKey = (a: SortKey<BoundExpr>, b: SortKey<BoundExpr>): boolean =>
  a.ascending === b.ascending &&
  a.nullsFirst === b.nullsFirst &&
  a.expr.kind === 'input' &&
  b.expr.kind === 'input' &&
  a.expr.index === b.expr.index;
