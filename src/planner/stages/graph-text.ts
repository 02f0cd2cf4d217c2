/** Owns: a stage graph as text: each stage with what it reads, its plan and where its rows go. */

import { writerText } from '../../frontend/plan/plan-text.js';
import type { PhysicalOp } from '../physical/operators.js';
import { partitioningText, physicalText } from '../physical/plan-text.js';
import type { StageGraph, StageOutput } from './graph.js';

export function graphText({ stages }: StageGraph): string {
  return stages
    .map(({ stage, name, plan, output, tasks, parents }) => {
      const after = parents.length === 0 ? '' : `, after ${parents.map((p) => `stage ${p}`).join(', ')}`;
      const to = outputText(output, plan);
      const body = physicalText(plan)
        .split('\n')
        .map((line) => `  ${line}`)
        .join('\n');
      return `Stage ${stage}: ${name} (${tasks.length} ${tasks.length === 1 ? 'task' : 'tasks'}${after})\n  → ${to}\n${body}`;
    })
    .join('\n\n');
}

function outputText(output: StageOutput, plan: PhysicalOp): string {
  if (output.kind === 'rows') return 'rows to the driver';
  if (output.keep) return `kept as ${output.keep.cache}, ${output.keep.level}`;
  return `shuffle ${output.shuffle}, ${partitioningText(output.partitioning, plan)}${writerText(output.writer)}`;
}
