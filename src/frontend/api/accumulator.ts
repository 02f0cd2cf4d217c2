/**
 * Owns: Accumulator<T>, a sum that tasks add to and the driver reads. What a task adds travels with its success: attempts that fail, and
 * further attempts at a partition that has succeeded, add nothing.
 */
import { callSite } from '../../core/call-site.js';
import { userError } from '../../core/errors.js';
import type { AccumulatorKind } from '../../core/events.js';
import { PACK } from './pack.js';

/** What is added up: numbers, exact whole numbers, or any values as a list. */
export type Accumulated = number | bigint | readonly unknown[];

export interface AccumulatorIdentity {
  readonly id: string;
  readonly name: string | null;
  readonly kind: AccumulatorKind;
}

/** Sums of one task: what its accumulators were given. */
export class TaskSums {
  readonly sums = new Map<string, TaskSum>();

  add({ id, name, kind }: AccumulatorIdentity, value: unknown): void {
    const sum = this.sums.get(id);
    if (!sum) this.sums.set(id, { name, kind, value: kind === 'collection' ? [value] : (value as number | bigint) });
    else if (Array.isArray(sum.value)) sum.value.push(value);
    else sum.value = plus(sum.value as number | bigint, value as number | bigint);
  }
}

export interface TaskSum {
  readonly name: string | null;
  readonly kind: AccumulatorKind;
  value: number | bigint | unknown[];
}

/** The sums of the task that calls; null on the driver. The worker says which. */
let currentSums: () => TaskSums | null = () => null;

export function installTaskSums(current: () => TaskSums | null): void {
  currentSums = current;
}

/** `In` is what add() takes, `Out` what `value` gives. */
export class Accumulator<In, Out = In> {
  readonly id: string;
  readonly name: string | null;
  readonly kind: AccumulatorKind;
  private sum: number | bigint | unknown[];

  constructor({ id, name, kind }: AccumulatorIdentity, initial: Accumulated) {
    this.id = id;
    this.name = name;
    this.kind = kind;
    this.sum = typeof initial === 'object' ? [...initial] : initial;
  }

  /** In a task and on the driver. Throws a user error INVALID_ACCUMULATOR_VALUE. */
  add(value: In): void {
    const checked = this.checked(value);
    const sums = currentSums();
    if (sums) sums.add(this, checked);
    else if (Array.isArray(this.sum)) this.sum.push(checked);
    else this.sum = plus(this.sum, checked as number | bigint);
  }

  /** The sum so far, of all tasks that have succeeded; on the driver alone. Throws a user error ACCUMULATOR_READ_IN_TASK. */
  get value(): Out {
    if (currentSums()) {
      throw userError('ACCUMULATOR_READ_IN_TASK', `The value of ${this.title} can be read on the driver only, not inside a task.`, {
        hint: 'Tasks add; read it after the action. What tasks must know goes into a broadcast variable or the data',
      });
    }
    return (Array.isArray(this.sum) ? [...this.sum] : this.sum) as Out;
  }

  /** Back to where counting begins: 0, 0n or no values. On the driver alone. */
  reset(): void {
    if (currentSums()) throw userError('ACCUMULATOR_READ_IN_TASK', `${this.title} can be reset on the driver only, not inside a task.`);
    const zero = zeroOf(this.kind);
    this.sum = typeof zero === 'object' ? [] : zero;
  }

  /** Takes what a successful task added. */
  merge(value: Accumulated): void {
    if (Array.isArray(this.sum)) for (const item of value as readonly unknown[]) this.sum.push(item);
    else this.sum = plus(this.sum, value as number | bigint);
  }

  [PACK](): { kind: string; data: AccumulatorIdentity } {
    return { kind: 'accumulator', data: { id: this.id, name: this.name, kind: this.kind } };
  }

  private get title(): string {
    return this.name === null ? 'an accumulator' : `the accumulator '${this.name}'`;
  }

  private checked(value: unknown): unknown {
    if (this.kind === 'collection') return value;
    if (this.kind === 'double' && (typeof value === 'number' || typeof value === 'bigint')) return Number(value);
    if (this.kind === 'long' && (typeof value === 'bigint' || Number.isSafeInteger(value))) return BigInt(value as bigint | number);
    throw userError('INVALID_ACCUMULATOR_VALUE', `${String(value)} cannot be added to ${this.title}.`, {
      hint: this.kind === 'long' ? 'It takes whole numbers' : 'It takes numbers',
      site: callSite() ?? undefined,
    });
  }
}

export function zeroOf(kind: AccumulatorKind): Accumulated {
  return kind === 'collection' ? [] : kind === 'long' ? 0n : 0;
}

const plus = (a: number | bigint, b: number | bigint): number | bigint => (a as number) + (b as number);
