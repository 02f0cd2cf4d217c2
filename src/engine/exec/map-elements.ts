/**
 * Owns: map, flatMap, filter, mapPartitions and their kin over elements: calls the user's function once an element (or partition), batch by batch.
 */
import { type MinisparkError, userError } from '../../core/errors.js';
import type { Batch } from '../../data/batch.js';
import { takeBatch } from '../../data/take.js';
import type { Closure } from '../../frontend/plan/expression.js';
import type { ElementMap } from '../../frontend/plan/logical.js';
import type { PhysicalOf } from '../../planner/physical/operators.js';
import { udfFailed } from '../codegen/user-function.js';
import { type ElementInfo, ElementWriter, elementReader, infoOf } from './elements.js';
import type { Run } from './run.js';

type UserFunction = (...args: unknown[]) => unknown;

export function mapElements(op: PhysicalOf<'mapElements'>, run: Run): AsyncIterable<Batch> {
  const fn = run.context.closure(op.map.fn) as UserFunction;
  switch (op.map.op) {
    case 'mapPartitions':
      return mapPartition(op, run, fn);
    case 'filter':
      return filterElements(op, run, fn);
    case 'flatMap':
      return flatMapElements(op, run, fn);
    default:
      return eachElement(op, run, fn);
  }
}

async function* filterElements(op: PhysicalOf<'mapElements'>, run: Run, fn: UserFunction): AsyncIterable<Batch> {
  const info = infoOf(run.context);
  for await (const batch of run.execute(op.child)) {
    run.context.checkCancelled();
    const read = elementReader(batch, op.child.schema, op.map.from, info);
    const kept = new Int32Array(batch.length);
    let count = 0;
    for (let row = 0; row < batch.length; row++) {
      const keeps = call(op.map, fn, read(row), info);
      refusePromise(op.map, keeps);
      if (keeps) kept[count++] = row;
    }
    if (count > 0) yield count === batch.length ? batch : takeBatch(batch, kept, count);
  }
}

async function* eachElement(op: PhysicalOf<'mapElements'>, run: Run, fn: UserFunction): AsyncIterable<Batch> {
  const info = infoOf(run.context);
  const out = new ElementWriter(op.map.to);
  const limit = limitsOf(run);
  for await (const batch of run.execute(op.child)) {
    run.context.checkCancelled();
    const read = elementReader(batch, op.child.schema, op.map.from, info);
    const write = elementMapper(op.map, fn, out, info);
    for (let row = 0; row < batch.length; row++) {
      write(read(row));
      if (limit.isFull(out)) yield out.take();
    }
    if (out.length > 0) yield out.take();
  }
}

/** One element may become many: a batch is handed on as soon as it is full. */
async function* flatMapElements(op: PhysicalOf<'mapElements'>, run: Run, fn: UserFunction): AsyncIterable<Batch> {
  const { map } = op;
  const info = infoOf(run.context);
  const out = new ElementWriter(map.to);
  const limit = limitsOf(run);
  for await (const batch of run.execute(op.child)) {
    run.context.checkCancelled();
    const read = elementReader(batch, op.child.schema, map.from, info);
    for (let row = 0; row < batch.length; row++) {
      const element = read(row);
      const made = iterableOf(map, call(map, fn, element, info));
      for (const result of Array.isArray(made) ? made : guarded(map, element, made)) {
        out.write(pairOf(map, result));
        if (!limit.isFull(out)) continue;
        run.context.checkCancelled();
        yield out.take();
      }
    }
    if (out.length > 0) yield out.take();
  }
}

/** What one element becomes: calls `out.write` for each result. */
function elementMapper(map: ElementMap, fn: UserFunction, out: ElementWriter, info: ElementInfo): (element: unknown) => void {
  switch (map.op) {
    case 'emit': {
      const emit = (key: unknown, value: unknown): void => out.write([key, value]);
      return (element) => {
        try {
          refusePromise(map, fn(element, emit, info));
        } catch (thrown) {
          throw failed(map, element, thrown);
        }
      };
    }
    case 'keyBy':
      return (element) => out.write([call(map, fn, element, info), element]);
    case 'mapValues':
      return (element) => {
        const [key, value] = element as [unknown, unknown];
        out.write([key, call(map, fn, value, info)]);
      };
    default:
      return (element) => out.write(pairOf(map, call(map, fn, element, info)));
  }
}

function call(map: ElementMap, fn: UserFunction, element: unknown, info: ElementInfo): unknown {
  try {
    return fn(element, info);
  } catch (thrown) {
    throw failed(map, element, thrown);
  }
}

const failed = (map: ElementMap, element: unknown, thrown: unknown): MinisparkError =>
  udfFailed(map.fn.name || `the function of ${map.op}`, map.fn, [element], thrown);

/** What an async function gives says nothing yet, and what it does later is lost. */
export function refusePromise(map: { readonly op: string; readonly fn: Closure | null }, value: unknown): void {
  if (typeof value !== 'object' || value === null || !('then' in value)) return;
  throw userError('INVALID_ELEMENT', `The function of ${map.op} gave a Promise.`, {
    hint: 'Functions of a Dataset cannot be async',
    site: map.fn?.site ?? undefined,
  });
}

function iterableOf(map: ElementMap, value: unknown): Iterable<unknown> {
  if (typeof value === 'object' && value !== null && Symbol.iterator in value) return value as Iterable<unknown>;
  throw userError(
    'NOT_ITERABLE',
    `The function of ${map.op} gave ${value === null ? 'null' : typeof value}; it must give an array or another iterable.`,
    {
      site: map.fn.site ?? undefined,
    },
  );
}

function pairOf(map: ElementMap, value: unknown): unknown {
  if (map.to !== 'pair' || (Array.isArray(value) && value.length === 2)) return value;
  throw userError('NOT_A_PAIR', `The function of ${map.op} must give [key, value] pairs here.`, { site: map.fn.site ?? undefined });
}

async function* mapPartition(op: PhysicalOf<'mapElements'>, run: Run, fn: UserFunction): AsyncIterable<Batch> {
  const info = infoOf(run.context);
  const elements: unknown[] = [];
  for await (const batch of run.execute(op.child)) {
    run.context.checkCancelled();
    const read = elementReader(batch, op.child.schema, op.map.from, info);
    for (let row = 0; row < batch.length; row++) elements.push(read(row));
  }
  const out = new ElementWriter(op.map.to);
  const limit = limitsOf(run);
  const results = iterableOf(op.map, callPartition(op.map, fn, elements, info));
  for (const result of guarded(op.map, 'a partition', results)) {
    out.write(pairOf(op.map, result));
    if (!limit.isFull(out)) continue;
    run.context.checkCancelled();
    yield out.take();
  }
  if (out.length > 0) yield out.take();
}

function callPartition(map: ElementMap, fn: UserFunction, elements: readonly unknown[], info: ElementInfo): unknown {
  try {
    return fn(elements, info);
  } catch (thrown) {
    throw failed(map, `${elements.length} elements`, thrown);
  }
}

/** The function may be a generator: then it fails while its results are taken. */
function* guarded(map: ElementMap, input: unknown, results: Iterable<unknown>): Iterable<unknown> {
  try {
    yield* results;
  } catch (thrown) {
    throw failed(map, input, thrown);
  }
}

/** When a growing batch is full. */
export function limitsOf(run: Run): { isFull(out: ElementWriter): boolean } {
  const rows = run.context.config.get('batch.rows');
  const bytes = run.context.config.get('batch.bytes');
  return { isFull: (out) => out.length >= rows || out.bytes >= bytes };
}
