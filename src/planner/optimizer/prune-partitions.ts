/** Owns: files of `key=value` directories of which a condition says that no row passes are not read. The conditions are still evaluated above. */
import { conjuncts } from '../../frontend/plan/conditions.js';
import type { ResolvedExpr, ResolvedOf, ResolvedPlan, ScanFile } from '../../frontend/plan/resolved.js';
import { fold } from './fold-constants.js';
import type { Rule } from './rule.js';
import { simplify } from './simplify-conditions.js';
import { collectIds, hasUserFunction, isDeterministic, transformExpr, transformUp } from './tree.js';

export const prunePartitions: Rule = {
  name: 'prune partitions',
  apply: (plan) =>
    transformUp(plan, (node): ResolvedPlan => {
      if (node.kind !== 'filter' || node.child.kind !== 'scan' || node.child.scan.partitionSchema.fields.length === 0) return node;
      const child = pruned(node.child, conjuncts(node.condition));
      return child === node.child ? node : { ...node, child };
    }),
};

function pruned(plan: ResolvedOf<'scan'>, conditions: readonly ResolvedExpr[]): ResolvedOf<'scan'> {
  const { scan, output } = plan;
  const places = new Map(output.map(({ id, name }) => [id, scan.partitionSchema.fields.findIndex((f) => f.name === name)]));
  const known = conditions.filter((condition) => {
    const ids = [...collectIds(condition)];
    return ids.length > 0 && ids.every((id) => (places.get(id) ?? -1) >= 0) && isDeterministic(condition) && !hasUserFunction(condition);
  });
  if (known.length === 0) return plan;
  const files = scan.files.filter((file) => known.every((condition) => mayPass(condition, file, places)));
  if (files.length === scan.files.length) return plan;
  const rows = plan.rows === null ? null : Math.ceil((plan.rows * files.length) / scan.files.length);
  const skippedFiles = (scan.skippedFiles ?? 0) + scan.files.length - files.length;
  return { ...plan, scan: { ...scan, files, skippedFiles }, rows };
}

/** Whether the condition may be true for rows of the file; one that fails is left to fail. */
function mayPass(condition: ResolvedExpr, { values }: ScanFile, places: ReadonlyMap<number, number>): boolean {
  const found = transformExpr(condition, (expr) => {
    if (expr.kind !== 'attribute') return simplify(fold(expr));
    const value = values[places.get(expr.id) as number];
    return { kind: 'literal', value, type: expr.type, nullable: value === null };
  });
  return found.kind !== 'literal' || found.value === true;
}
