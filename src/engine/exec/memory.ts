/** Owns: a task's memory budget: what an operator holds is told here, and beyond the budget it must spill. */
import type { TaskContext } from './task-context.js';

/** The share of the budget that one operator of a task may hold, in bytes. */
export function operatorBudget(context: TaskContext): number {
  return Math.floor(context.config.get('memory') / 2);
}

export function noteMemory(context: TaskContext, bytes: number): void {
  if (bytes > context.metrics.peakMemoryBytes) context.metrics.peakMemoryBytes = bytes;
}
