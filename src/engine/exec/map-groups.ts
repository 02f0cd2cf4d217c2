/**
 * Owns: bringing pairs of one key together: folds before the shuffle, sorted groups after it.
 * Keys are compared as bytes, which is the order of their values (data/element.ts); values are handed over once, in order of arrival.
 */
import type { Batch } from '../../data/batch.js';
import { decodeElement } from '../../data/element.js';
import { BINARY } from '../../data/types.js';
import type { Closure } from '../../frontend/plan/expression.js';
import type { PhysicalOf } from '../../planner/physical/operators.js';
import { udfFailed } from '../codegen/user-function.js';
import { bytesColumn, ElementWriter, infoOf } from './elements.js';
import { BytesTable } from './group-table.js';
import { limitsOf, refusePromise } from './map-elements.js';
import { noteMemory, operatorBudget } from './memory.js';
import type { Run } from './run.js';
import { sort } from './sort.js';

type GroupsOp = PhysicalOf<'mapGroups'>;
type UserFunction = (...args: unknown[]) => unknown;

export function mapGroups(op: GroupsOp, run: Run): AsyncIterable<Batch> {
  return op.side === 'map' ? foldEarly(op, run) : reduceSorted(op, run);
}

/** One row a key, as far as memory reaches: `combine` keeps a running value, a combiner is given the values that were gathered. */
async function* foldEarly(op: GroupsOp, run: Run): AsyncIterable<Batch> {
  const { fn, combiner } = op.map;
  const fold = combiner ?? fn;
  if (fold === null || (op.map.op !== 'combine' && combiner === null)) {
    yield* run.execute(op.child);
    return;
  }
  const call = run.context.closure(fold) as UserFunction;
  const groups = new EarlyGroups(combiner === null ? { kind: 'running', call, fold } : { kind: 'gathered', call, fold });
  const budget = operatorBudget(run.context);
  for await (const batch of run.execute(op.child)) {
    run.context.checkCancelled();
    groups.add(batch);
    noteMemory(run.context, groups.byteSize());
    if (groups.byteSize() > budget) yield groups.take();
  }
  if (groups.size > 0) yield groups.take();
}

interface Fold {
  readonly kind: 'running' | 'gathered';
  readonly call: UserFunction;
  readonly fold: Closure;
}

class EarlyGroups {
  private readonly fold: Fold;
  private table = new BytesTable();
  private values: unknown[] = [];
  private valueBytes = 0;

  constructor(fold: Fold) {
    this.fold = fold;
  }

  get size(): number {
    return this.table.size;
  }

  add(batch: Batch): void {
    const [keys, values] = [bytesColumn(batch, 0), bytesColumn(batch, 1)];
    for (let row = 0; row < batch.length; row++) {
      const group = this.table.insert(keys.data, keys.offsets[row], keys.offsets[row + 1]);
      const value = decodeElement(values.data, values.offsets[row], values.offsets[row + 1]);
      if (this.fold.kind === 'gathered') {
        if (group === this.values.length) this.values.push([value]);
        else (this.values[group] as unknown[]).push(value);
        this.valueBytes += 16 + values.offsets[row + 1] - values.offsets[row];
      } else if (group === this.values.length) {
        this.values.push(value);
        this.valueBytes += 32;
      } else {
        this.values[group] = fold(this.fold, this.values[group], value);
      }
    }
  }

  byteSize(): number {
    return this.table.byteSize() + this.valueBytes;
  }

  take(): Batch {
    const out = new ElementWriter('pair');
    const { size } = this.table;
    for (let group = 0; group < size; group++) {
      const key = decodeElement(this.table.keyOf(group));
      const value = this.values[group];
      out.write([key, this.fold.kind === 'gathered' ? fold(this.fold, key, value) : value]);
    }
    this.table = new BytesTable();
    this.values = [];
    this.valueBytes = 0;
    return out.take();
  }
}

function fold({ call, fold: closure }: Fold, a: unknown, b: unknown): unknown {
  try {
    return call(a, b);
  } catch (thrown) {
    throw udfFailed(closure.name || 'the combining function', closure, [a, b], thrown);
  }
}

/** Sorts the partition by key, then hands each run of equal keys over. */
async function* reduceSorted(op: GroupsOp, run: Run): AsyncIterable<Batch> {
  const key = { kind: 'input' as const, index: 0, type: BINARY, nullable: false };
  const sorted = sort(
    { kind: 'sort', schema: op.child.schema, child: op.child, keys: [{ expr: key, ascending: true, nullsFirst: true }], limit: null },
    run,
  );
  const out = new ElementWriter('pair');
  const limit = limitsOf(run);
  const { fn } = op.map;
  const running: Fold | null =
    op.map.op === 'combine' && fn !== null ? { kind: 'running', call: run.context.closure(fn) as UserFunction, fold: fn } : null;
  const groups = new SortedGroups(sorted[Symbol.asyncIterator](), running);
  const reduce = reducer(op, run, out);
  try {
    while (await groups.next()) {
      run.context.checkCancelled();
      reduce(groups.key, groups.values);
      if (limit.isFull(out)) yield out.take();
    }
    if (out.length > 0) yield out.take();
  } finally {
    await groups.close();
  }
}

function reducer(op: GroupsOp, run: Run, out: ElementWriter): (key: unknown, values: readonly unknown[]) => void {
  const { fn } = op.map;
  if (op.map.op === 'combine') return (key, values) => out.write([key, values[0]]);
  if (op.map.op === 'group' || fn === null) return (key, values) => out.write([key, values]);
  const call = run.context.closure(fn) as UserFunction;
  const info = infoOf(run.context);
  const emit = (key: unknown, value: unknown): void => out.write([key, value]);
  return (key, values) => {
    try {
      refusePromise({ op: 'reduce', fn }, call(key, once(values), emit, info));
    } catch (thrown) {
      throw udfFailed(fn.name || 'reduce', fn, [key, `${values.length} values`], thrown);
    }
  };
}

function* once(values: readonly unknown[]): Iterable<unknown> {
  yield* values;
}

/** Walks sorted batches a key at a time; a key may span batches. */
class SortedGroups {
  key: unknown = null;
  /** All values of the key, or the one that `running` has made of them. */
  values: unknown[] = [];
  private readonly running: Fold | null;
  private readonly batches: AsyncIterator<Batch>;
  private batch: Batch = { length: 0, columns: [] };
  private row = 0;

  constructor(batches: AsyncIterator<Batch>, running: Fold | null) {
    this.batches = batches;
    this.running = running;
  }

  /** False at the end. */
  async next(): Promise<boolean> {
    if (!(await this.fill())) return false;
    const first = bytesColumn(this.batch, 0);
    const keyBytes = first.data.slice(first.offsets[this.row], first.offsets[this.row + 1]);
    this.key = decodeElement(keyBytes);
    this.values = [];
    while ((await this.fill()) && this.takeRun(keyBytes)) {
      // The key goes on in the next batch.
    }
    return true;
  }

  /** Values of the key up to its end or the batch's; whether the batch ended first. */
  private takeRun(key: Uint8Array): boolean {
    const [keys, values] = [bytesColumn(this.batch, 0), bytesColumn(this.batch, 1)];
    for (; this.row < this.batch.length; this.row++) {
      const from = keys.offsets[this.row];
      if (keys.offsets[this.row + 1] - from !== key.length) return false;
      for (let k = 0; k < key.length; k++) if (keys.data[from + k] !== key[k]) return false;
      this.add(decodeElement(values.data, values.offsets[this.row], values.offsets[this.row + 1]));
    }
    return true;
  }

  private add(value: unknown): void {
    if (this.running !== null && this.values.length > 0) this.values[0] = fold(this.running, this.values[0], value);
    else this.values.push(value);
  }

  /** Lets go of what the sorted batches hold, wherever they stand. */
  async close(): Promise<void> {
    await this.batches.return?.();
  }

  private async fill(): Promise<boolean> {
    while (this.row >= this.batch.length) {
      const next = await this.batches.next();
      if (next.done) return false;
      this.batch = next.value;
      this.row = 0;
    }
    return true;
  }
}
