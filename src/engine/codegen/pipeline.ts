/**
 * Owns: fusing the operators between two pipeline-breakers into one function over a batch: steps nest inside each other's code, the sink is innermost.
 * Receives steps and a sink, gives `Pipeline.run(batch)`, specialised on the shapes of the batches that come.
 */
import type { Batch, Column } from '../../data/batch.js';
import type { DataType } from '../../data/types.js';
import type { Value } from '../../frontend/functions/generator.js';
import { findFunction } from '../../frontend/functions/registry.js';
import { conjuncts } from '../../frontend/plan/conditions.js';
import type { BoundExpr } from '../../frontend/plan/resolved.js';
import { emitColumnRead } from './column-read.js';
import { instantiate } from './compile.js';
import { CodeEmitter } from './emitter.js';
import { type Entry, entriesOf, entryOfColumn } from './entries.js';
import { emitEntryTest, entryOfTest } from './entry-tests.js';
import { emitExpr, emitTest, type Row } from './expression.js';
import { type ColumnShape, shapeKey, shapeOf } from './shape.js';
import type { FindClosure } from './user-function.js';

/** Emits what one operator does with a row, and calls `next` once, inside of it, for each row that it passes on. */
export interface Step {
  emit(emit: CodeEmitter, row: Row, next: (row: Row) => void): void;
}

/** Takes the rows: emits what happens to each; prologue and epilogue code is its own business. */
export interface Sink {
  emit(emit: CodeEmitter, row: Row): void;
}

export interface PipelineSpec {
  /** For the sourceURL and profiles: `scan-text-explode-aggregate`. */
  readonly name: string;
  readonly input: readonly DataType[];
  readonly steps: readonly Step[];
  readonly sink: Sink;
  readonly maxCached: number;
  /** Of the task that runs it, if there is one. */
  readonly partition?: number;
}

type Process = (batch: Batch) => void;

export class Pipeline {
  private readonly spec: PipelineSpec;
  private readonly functions = new Map<string, Process>();
  /** Of functions that go on from row to row, such as rand(): shared by the functions of all shapes. */
  private readonly evaluators = new Map<object, unknown>();

  constructor(spec: PipelineSpec) {
    this.spec = spec;
  }

  run(batch: Batch): void {
    if (batch.length === 0) return;
    const shapes = batch.columns.map((column, k) => shapeOf(column, this.spec.input[k]));
    const key = shapes.map(shapeKey).join();
    let process = this.functions.get(key);
    if (!process) {
      const { text, constants } = this.source(shapes);
      process = instantiate<Process>(text, this.spec.name, constants, this.spec.maxCached);
      this.functions.set(key, process);
    }
    process(alike(batch));
  }

  /** The text for batches of these shapes, and the values of its constants: also what explain('codegen') prints. */
  source(shapes: readonly ColumnShape[]): { readonly text: string; readonly constants: readonly unknown[] } {
    const { input, steps, sink, partition } = this.spec;
    const emit = new CodeEmitter(partition, this.evaluators);
    const row = lazyRow(
      emit,
      (k) => emitColumnRead(emit, `batch.columns[${k}]`, shapes[k], input[k], 'i'),
      (k) => single(entryOfColumn(emit, k, shapes[k])),
    );
    const from = (k: number, current: Row): void => {
      if (k === steps.length) sink.emit(emit, current);
      else steps[k].emit(emit, current, (next) => from(k + 1, next));
    };
    emit.scope(() => from(0, row));
    const text = emit.finish('run', 'batch', { open: 'for (let i = 0, n = batch.length; i < n; i++) {', close: '}' });
    return { text, constants: emit.constants };
  }
}

/**
 * The same batch in objects of one hidden class, whoever made it: to functions that were optimised for another, V8 would have to fall back.
 * (Array.map gives one kind of array before it is optimised itself, another after.)
 */
function alike({ length, columns }: Batch): Batch {
  const own: Column[] = [];
  for (const column of columns) own.push(column);
  return { length, columns: own };
}

const single = (entry: Entry | null): readonly Entry[] | null => entry && [entry];

/** A row whose columns are emitted at their first use in a block and known from there on. */
export function lazyRow(emit: CodeEmitter, make: (index: number) => Value, entries?: Row['entries']): Row {
  const keys: object[] = [];
  const known: (readonly Entry[] | null)[] = [];
  return {
    column(index) {
      keys[index] ??= {};
      return emit.cached(keys[index], () => make(index));
    },
    entries(index) {
      if (known[index] === undefined) known[index] = entries?.(index) ?? null;
      return known[index];
    },
  };
}

/** More tests than these inside each other are too deep for the stack of whoever emits or compiles them. */
const MAX_TESTS = 128;

/** What a row is tested for, one after the other. Of very many the most are left together, as balanced trees. */
export function testsOf(condition: BoundExpr): BoundExpr[] {
  const all = conjuncts(condition);
  if (all.length <= MAX_TESTS) return all;
  const half = (part: BoundExpr, levels: number): BoundExpr[] =>
    levels > 0 && part.kind === 'call' && part.fn === 'and' ? part.args.flatMap((arg) => half(arg, levels - 1)) : [part];
  return half(condition, Math.log2(MAX_TESTS) - 1);
}

export function filterStep(condition: BoundExpr, closures: FindClosure): Step {
  return {
    emit(emit, row, next) {
      for (const conjunct of testsOf(condition).reverse()) {
        const inner = next;
        next = (r) => {
          const test = (): string => emitTest(emit, conjunct, r, closures);
          const entry = entryOfTest(conjunct, r);
          emit.branch(entry ? emitEntryTest(emit, entry, test) : test(), () => inner(r));
        };
      }
      next(row);
    },
  };
}

export function projectStep(exprs: readonly BoundExpr[], closures: FindClosure): Step {
  return {
    emit(emit, row, next) {
      const columns = lazyRow(
        emit,
        (k) => emitExpr(emit, exprs[k], row, closures),
        (k) => entriesOf(exprs[k], row),
      );
      // What counts rows or draws for each is computed here, for all of them, and not where a filter above has left some.
      for (const [k, expr] of exprs.entries()) if (goesOn(expr)) columns.column(k);
      next(columns);
    },
  };
}

/** Whether a value depends on how many rows came before. */
function goesOn(expr: BoundExpr): boolean {
  const definition = expr.kind === 'call' ? findFunction(expr.fn) : null;
  return (definition?.kind === 'scalar' && definition.stateful === true) || ('args' in expr && expr.args.some(goesOn));
}
