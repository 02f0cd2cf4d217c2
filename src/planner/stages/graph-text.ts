/** Owns: a stage graph as text: each stage with what it reads, its plan and where its rows go. */
import { partitioningText, physicalText, writerText } from '../physical/plan-text.js';
import type { StageGraph } from './graph.js';

export function graphText({ stages }: StageGraph): string {
  return stages
    .map(({ stage, name, plan, output, tasks, parents }) => {
      const after = parents.length === 0 ? '' : `, after ${parents.map((p) => `stage ${p}`).join(', ')}`;
      const to =
        output.kind === 'rows'
          ? 'rows to the driver'
          : `shuffle ${output.shuffle}, ${partitioningText(output.partitioning, plan)}${writerText(output.writer)}`;
      const body = physicalText(plan)
        .split('\n')
        .map((line) => `  ${line}`)
        .join('\n');
      return `Stage ${stage}: ${name} (${tasks.length} ${tasks.length === 1 ? 'task' : 'tasks'}${after})\n  → ${to}\n${body}`;
    })
    .join('\n\n');
}
