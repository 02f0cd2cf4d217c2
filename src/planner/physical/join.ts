/**
 * Owns: putting a join's operator together: its keys, the exchanges of its sides (none where rows lie right already), and what its output is
 * hashed by.
 */
import { toJson } from '../../core/json.js';
import { resolvedText } from '../../frontend/plan/expression-text.js';
import { type JoinKeys, joinKeys } from '../../frontend/plan/join-keys.js';
import { outputOf, schemaOf } from '../../frontend/plan/output.js';
import type { BoundExpr, ResolvedOf } from '../../frontend/plan/resolved.js';
import { estimate } from '../statistics/estimate.js';
import { bind } from './bind.js';
import { type Hashed, hashedKeys, withEqual } from './distribution.js';
import { chooseJoin, type JoinChoice, type JoinSizes, type Side, unfollowedHint } from './join-strategy.js';
import type { PhysicalOp } from './operators.js';
import type { NodePlanner, Planned } from './planned.js';

type JoinPlan = ResolvedOf<'join'>;

interface Sides {
  readonly left: Planned;
  readonly right: Planned;
}

export function planJoin(planner: NodePlanner, plan: JoinPlan): Planned {
  const sides: Sides = { left: planner.plan(plan.left), right: planner.plan(plan.right) };
  const keys = joinKeys(plan.condition, sides.left.output, sides.right.output);
  const bytes = { left: estimate(plan.left).bytes, right: estimate(plan.right).bytes };
  const choice = chooseJoin(plan, keys.leftKeys.length > 0, bytes, planner.context);
  explainChoice(planner, plan, choice, bytes);
  const unfollowed = unfollowedHint(plan, choice);
  if (unfollowed !== null) planner.context.warn?.(unfollowed);
  const placed = place(planner, joinName(plan), sides, keys, choice);
  const output = outputOf(plan);
  const both = [...sides.left.output, ...sides.right.output];
  const spec = {
    schema: schemaOf(output),
    how: plan.how,
    leftKeys: keys.leftKeys.map((k) => bind(k, sides.left.output)),
    rightKeys: keys.rightKeys.map((k) => bind(k, sides.right.output)),
    nullSafe: keys.nullSafe,
    condition: keys.rest === null ? null : bind(keys.rest, both),
  };
  const op: PhysicalOp =
    choice.kind === 'merge'
      ? { ...spec, kind: 'mergeJoin', left: sorted(placed.left.op, spec.leftKeys), right: sorted(placed.right.op, spec.rightKeys) }
      : { ...spec, kind: 'hashJoin', left: placed.left.op, right: placed.right.op, build: choice.build, ...mayBroadcast(choice) };
  const partitions = isBroadcast(placed.left.op) ? placed.right.partitions : placed.left.partitions;
  return { op, output, partitions, hashed: hashedAfter(plan, placed, keys) };
}

function explainChoice(planner: NodePlanner, plan: JoinPlan, { kind, build, because }: JoinChoice, bytes: JoinSizes): void {
  const chosen = {
    broadcast: `broadcast the ${build} side`,
    shuffle: `build the ${build} side of rows exchanged by key`,
    merge: 'sort both sides and merge them',
  };
  const numbers = {
    'left bytes': bytes.left,
    'right bytes': bytes.right,
    'broadcast.threshold bytes': planner.context.config.get('broadcast.threshold'),
  };
  planner.decide({ operator: joinName(plan), chosen: chosen[kind], because, numbers });
}

/** `HashJoin inner on a_id = b_id`. */
function joinName({ how, condition }: JoinPlan): string {
  return `HashJoin ${how}${condition === null ? '' : ` on ${resolvedText(condition).replace(/#\d+/g, '')}`}`;
}

const mayBroadcast = ({ mayBroadcast: sides = [] }: JoinChoice): Pick<JoinChoice, 'mayBroadcast'> =>
  sides.length > 0 ? { mayBroadcast: sides } : {};

const isBroadcast = (op: PhysicalOp): boolean => op.kind === 'exchange' && op.partitioning.kind === 'broadcast';

/** In the order that merging asks for; a side that the plan sorts so already stays. */
function sorted(op: PhysicalOp, keys: readonly BoundExpr[]): PhysicalOp {
  const order = keys.map((expr) => ({ expr, ascending: true, nullsFirst: true }));
  if (op.kind === 'sort' && op.limit === null && toJson(op.keys.slice(0, keys.length)) === toJson(order)) return op;
  return { kind: 'sort', schema: op.schema, child: op, keys: order, limit: null };
}

/** The sides in partitions that can be joined one by one. */
function place(planner: NodePlanner, name: string, sides: Sides, keys: JoinKeys, { kind, build }: JoinChoice): Sides {
  const { left, right } = sides;
  const exchanged = (chosen: string, because: string): void => planner.decide({ operator: name, chosen, because, numbers: {} });
  if (left.partitions === 1 && right.partitions === 1) {
    exchanged('no exchange', 'both sides are one partition');
    return sides;
  }
  if (kind === 'broadcast') return { ...sides, [build]: planner.exchange(sides[build], { kind: 'broadcast' }) };
  if (keys.leftKeys.length === 0) return { left: single(planner, left), right: single(planner, right) };
  const [leftOrder, rightOrder] = [hashedKeys(left, keys.leftKeys), hashedKeys(right, keys.rightKeys)];
  if (leftOrder !== null || rightOrder !== null) exchanged('no exchange of what lies right', 'rows are hashed by these keys already');
  if (leftOrder !== null && left.partitions === right.partitions && leftOrder.join() === rightOrder?.join()) return sides;
  if (leftOrder !== null) return { left, right: hash(planner, sides, keys, 'right', leftOrder, left.partitions) };
  if (rightOrder !== null) return { left: hash(planner, sides, keys, 'left', rightOrder, right.partitions), right };
  const order = keys.leftKeys.map((_, i) => i);
  return {
    left: hash(planner, sides, keys, 'left', order, planner.shufflePartitions),
    right: hash(planner, sides, keys, 'right', order, planner.shufflePartitions),
  };
}

const single = (planner: NodePlanner, of: Planned): Planned => (of.partitions === 1 ? of : planner.exchange(of, { kind: 'single' }));

/** One side by hash of its keys in this order. */
function hash(planner: NodePlanner, sides: Sides, keys: JoinKeys, side: Side, order: readonly number[], partitions: number): Planned {
  const exprs = side === 'left' ? keys.leftKeys : keys.rightKeys;
  return planner.exchange(sides[side], { kind: 'hash', exprs: order.map((i) => bind(exprs[i], sides[side].output)), partitions });
}

/** A side whose columns may come out as nulls tells nothing of where rows lie. */
function hashedAfter({ how }: JoinPlan, { left, right }: Sides, keys: JoinKeys): Hashed | undefined {
  const ofLeft = isBroadcast(left.op) ? undefined : left.hashed;
  const ofRight = isBroadcast(right.op) ? undefined : right.hashed;
  switch (how) {
    case 'inner':
      return withEqual(ofLeft, keys.leftKeys, keys.rightKeys) ?? withEqual(ofRight, keys.rightKeys, keys.leftKeys);
    case 'left':
    case 'semi':
    case 'anti':
      return ofLeft;
    case 'right':
      return ofRight;
    default:
      return undefined;
  }
}
