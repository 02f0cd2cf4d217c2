/** Owns: the columns that a resolved plan gives, in order. */
import type { Schema } from '../../data/types.js';
import type { Attribute, ResolvedPlan } from './resolved.js';

export function outputOf(plan: ResolvedPlan): readonly Attribute[] {
  switch (plan.kind) {
    case 'scan':
    case 'local':
    case 'range':
    case 'cached':
    case 'union':
    case 'expand':
    case 'mapBatches':
    case 'mapElements':
    case 'mapGroups':
      return plan.output;
    case 'project':
      return plan.exprs.map(({ id, name, expr }) => ({ id, name, type: expr.type, nullable: expr.nullable }));
    case 'aggregate':
      return [
        ...plan.groupings.map(({ id, name, expr }) => ({ id, name, type: expr.type, nullable: expr.nullable })),
        ...plan.aggregates.map(({ id, name, type, nullable }) => ({ id, name, type, nullable })),
      ];
    case 'generate':
      return [...outputOf(plan.child), ...plan.output];
    case 'window':
      return [...outputOf(plan.child), ...plan.calls.map(({ id, name, type, nullable }) => ({ id, name, type, nullable }))];
    case 'join':
      return joinOutput(plan);
    case 'write':
      return [{ id: -1, name: 'commit', type: { kind: 'string' }, nullable: false }];
    default:
      return outputOf(plan.child);
  }
}

function joinOutput({ left, right, how }: Extract<ResolvedPlan, { kind: 'join' }>): Attribute[] {
  const nulled = (attributes: readonly Attribute[], when: boolean) =>
    when ? attributes.map((a) => ({ ...a, nullable: true })) : attributes;
  if (how === 'semi' || how === 'anti') return [...outputOf(left)];
  return [...nulled(outputOf(left), how === 'right' || how === 'full'), ...nulled(outputOf(right), how === 'left' || how === 'full')];
}

export function schemaOf(output: readonly Attribute[]): Schema {
  return { fields: output.map(({ name, type, nullable }) => ({ name, type, nullable })) };
}
