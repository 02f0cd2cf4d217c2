/** Owns: a task's memory budget: what an operator holds is told here, and beyond the budget it must spill. */
import type { TaskContext } from './task-context.js';

/** The share of the budget that one operator of a task may hold, in bytes. */
export function operatorBudget(context: TaskContext): number {
  return Math.floor(context.config.get('memory') / 2);
}

export function noteMemory(context: TaskContext, bytes: number): void {
  if (bytes > context.metrics.peakMemoryBytes) context.metrics.peakMemoryBytes = bytes;
}

/** Bytes that the join tables of a task hold, which live side by side until its end; of a coalesce, until that of each partition. */
const tables = new WeakMap<TaskContext, number>();

/** A table may be so large however many there are. */
const LEAST_SHARE = 16;

/** What one more join table of a task may take. */
export function tableBudget(context: TaskContext): number {
  const least = Math.floor(context.config.get('memory') / LEAST_SHARE);
  return Math.max(least, operatorBudget(context) - heldTables(context));
}

export function heldTables(context: TaskContext): number {
  return tables.get(context) ?? 0;
}

/** A part of the task is through whose joins came after those that hold `held` bytes. */
export function releaseTables(context: TaskContext, held: number): void {
  tables.set(context, held);
}

export function holdTable(context: TaskContext, bytes: number): void {
  const held = heldTables(context) + bytes;
  tables.set(context, held);
  noteMemory(context, held);
}
