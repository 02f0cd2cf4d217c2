/**
 * Owns: how a join runs: which equalities are hash keys, which side is built, whether it is broadcast or both sides are shuffled.
 * Right joins run as left ones with the sides exchanged; full ones as a left join and the right rows that it left over.
 */
import { conjunction, conjuncts } from '../../frontend/plan/conditions.js';
import { resolvedText } from '../../frontend/plan/expression-text.js';
import { outputOf, schemaOf } from '../../frontend/plan/output.js';
import type { Attribute, ResolvedExpr, ResolvedOf } from '../../frontend/plan/resolved.js';
import { bind, inputRef } from './bind.js';
import type { PhysicalOp } from './operators.js';
import type { NodePlanner, Planned } from './planned.js';
import { estimateBytes } from './statistics.js';

type JoinPlan = ResolvedOf<'join'>;

export function planJoin(planner: NodePlanner, plan: JoinPlan): Planned {
  switch (plan.how) {
    case 'right':
      return reorder(planJoin(planner, { ...plan, how: 'left', left: plan.right, right: plan.left }), outputOf(plan));
    case 'full':
      return planFull(planner, plan);
    default:
      return planHashJoin(planner, plan);
  }
}

/** The same rows with their columns in the order of `output`. */
function reorder(of: Planned, output: readonly Attribute[]): Planned {
  const exprs = output.map((a) =>
    inputRef(
      of.output.findIndex((b) => b.id === a.id),
      a,
    ),
  );
  return { op: { kind: 'project', schema: schemaOf(output), child: of.op, exprs }, output, partitions: of.partitions };
}

function planFull(planner: NodePlanner, plan: JoinPlan): Planned {
  const output = outputOf(plan);
  const left = planJoin(planner, { ...plan, how: 'left' });
  const rest = planJoin(planner, { ...plan, how: 'anti', left: plan.right, right: plan.left });
  const exprs = output.map((a) => {
    const index = rest.output.findIndex((b) => b.id === a.id);
    return index < 0 ? ({ kind: 'literal', value: null, type: a.type, nullable: true } as const) : inputRef(index, a);
  });
  const schema = schemaOf(output);
  const padded: PhysicalOp = { kind: 'project', schema, child: rest.op, exprs };
  return { op: { kind: 'union', schema, children: [left.op, padded] }, output, partitions: left.partitions + rest.partitions };
}

function planHashJoin(planner: NodePlanner, plan: JoinPlan): Planned {
  const output = outputOf(plan);
  const left = planner.plan(plan.left);
  const right = planner.plan(plan.right);
  const { leftKeys, rightKeys, rest } = equalities(plan, left.output, right.output);
  const leftBytes = estimateBytes(plan.left);
  const rightBytes = estimateBytes(plan.right);
  const build = plan.how === 'inner' && leftBytes < rightBytes ? 'left' : 'right';
  const buildBytes = build === 'left' ? leftBytes : rightBytes;
  const both = [...left.output, ...right.output];
  const boundLeft = leftKeys.map((k) => bind(k, left.output));
  const boundRight = rightKeys.map((k) => bind(k, right.output));
  const shape = {
    kind: 'hashJoin' as const,
    schema: schemaOf(output),
    how: plan.how,
    build: build as 'left' | 'right',
    leftKeys: boundLeft,
    rightKeys: boundRight,
    condition: rest === null ? null : bind(rest, both),
  };
  const threshold = planner.context.config.get('broadcast.threshold');
  const operator = joinName(plan);
  const numbers = { 'left bytes': leftBytes, 'right bytes': rightBytes };
  planner.decide({
    operator,
    chosen: `build the ${build} side`,
    because: plan.how === 'inner' ? 'it is the smaller one' : `only the right one may be built in a join of kind ${plan.how}`,
    numbers,
  });
  const decide = (chosen: string, because: string, more: Readonly<Record<string, number>> = {}): void =>
    planner.decide({ operator, chosen, because, numbers: more });
  if (left.partitions === 1 && right.partitions === 1) {
    decide('no exchange', 'both sides are one partition');
    return { op: { ...shape, left: left.op, right: right.op }, output, partitions: 1 };
  }
  if (leftKeys.length === 0 || buildBytes <= threshold) {
    const because = leftKeys.length === 0 ? 'no equality makes keys to exchange by' : 'it is not above broadcast.threshold';
    decide(`broadcast the ${build} side`, because, { [`${build} bytes`]: buildBytes, 'broadcast.threshold bytes': threshold });
    const sent = planner.exchange(build === 'left' ? left : right, { kind: 'broadcast' });
    const stays = build === 'left' ? right : left;
    const sides = build === 'left' ? { left: sent.op, right: stays.op } : { left: stays.op, right: sent.op };
    return { op: { ...shape, ...sides }, output, partitions: stays.partitions };
  }
  const partitions = planner.shufflePartitions;
  decide('exchange both sides by key', 'the side to build is above broadcast.threshold', {
    [`${build} bytes`]: buildBytes,
    'broadcast.threshold bytes': threshold,
    partitions,
  });
  const shuffledLeft = planner.exchange(left, { kind: 'hash', exprs: boundLeft, partitions });
  const shuffledRight = planner.exchange(right, { kind: 'hash', exprs: boundRight, partitions });
  return { op: { ...shape, left: shuffledLeft.op, right: shuffledRight.op }, output, partitions };
}

/** `HashJoin inner on a_id = b_id`. */
function joinName({ how, condition }: JoinPlan): string {
  return `HashJoin ${how}${condition === null ? '' : ` on ${resolvedText(condition).replace(/#\d+/g, '')}`}`;
}

/** `a = b` with one side's columns on each side becomes a key pair; everything else stays a condition. */
function equalities(plan: JoinPlan, left: readonly Attribute[], right: readonly Attribute[]) {
  const leftKeys: ResolvedExpr[] = [];
  const rightKeys: ResolvedExpr[] = [];
  const rest: ResolvedExpr[] = [];
  const within = (expr: ResolvedExpr, side: readonly Attribute[]): boolean => {
    const ids = attributeIds(expr);
    return ids.length > 0 && ids.every((id) => side.some((a) => a.id === id));
  };
  for (const conjunct of plan.condition ? conjuncts(plan.condition) : []) {
    const [a, b] = conjunct.kind === 'call' && conjunct.fn === '=' ? conjunct.args : [];
    if (a && b && within(a, left) && within(b, right)) {
      leftKeys.push(a);
      rightKeys.push(b);
    } else if (a && b && within(a, right) && within(b, left)) {
      leftKeys.push(b);
      rightKeys.push(a);
    } else {
      rest.push(conjunct);
    }
  }
  return { leftKeys, rightKeys, rest: conjunction(rest) };
}

function attributeIds(expr: ResolvedExpr): number[] {
  switch (expr.kind) {
    case 'attribute':
      return [expr.id];
    case 'literal':
    case 'variable':
      return [];
    default:
      return expr.args.flatMap(attributeIds);
  }
}
