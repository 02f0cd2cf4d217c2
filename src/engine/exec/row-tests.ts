/**
 * Owns: the leading steps of a fused pipeline as tests that a scan asks before it has read all columns of a batch: a row that does not come
 * through them need not be read further. What is left runs through the whole pipeline, these steps again.
 */
import { fatalError, MinisparkError } from '../../core/errors.js';
import { allocInt32 } from '../../data/alloc.js';
import type { Batch } from '../../data/batch.js';
import type { DataType, Field, Schema } from '../../data/types.js';
import { findFunction } from '../../frontend/functions/registry.js';
import type { BoundExpr } from '../../frontend/plan/resolved.js';
import type { CodeEmitter } from '../codegen/emitter.js';
import { givesTheSame } from '../codegen/expression.js';
import { Pipeline, type PipelineSpec, type Sink, type Step } from '../codegen/pipeline.js';
import { assumedShape } from '../codegen/shape.js';
import type { RowTest } from '../sources/source.js';
import type { Run } from './run.js';

/** Where more than this part of a batch is left, all its rows are read: picking and testing again would cost as much as they save. */
const MOST_LEFT = 1 / 8;
/** Batches after such a one that are not tested. */
const PAUSE = 15;

export interface LeadingSteps {
  readonly steps: readonly Step[];
  /** How many of them those of each operator and of those below it are. */
  readonly ends: readonly number[];
  /** Whether they are all steps of the pipeline so far. */
  readonly isAll: boolean;
}

/** Some of what a step does, which comes of `exprs`. */
export interface Part {
  readonly step: Step;
  readonly exprs: readonly BoundExpr[];
}

/** With those of the next step's parts that may be asked about a row twice, up to the first that may not. */
export function leadingSteps(before: LeadingSteps, parts: readonly Part[]): LeadingSteps {
  if (!before.isAll) return before;
  const end = parts.findIndex(({ exprs }) => !exprs.every(mayRepeat));
  const more = end < 0 ? parts : parts.slice(0, end);
  const steps = [...before.steps, ...more.map(({ step }) => step)];
  return { steps, ends: [...before.ends, steps.length], isAll: end < 0 && parts.length > 0 };
}

/**
 * Not what draws or counts, nor functions of the user's, of which nobody knows what they do besides; nor what is called row by row in place of
 * code in the loop: that costs more, for the rows that are left, than reading columns for those that are not.
 */
function mayRepeat(expr: BoundExpr): boolean {
  if (expr.kind === 'udf') return false;
  if (expr.kind === 'call') {
    const definition = findFunction(expr.fn);
    if (definition?.kind !== 'scalar' || definition.generate === undefined || !givesTheSame(expr)) return false;
  }
  return !('args' in expr) || expr.args.every(mayRepeat);
}

/** Tests of growing numbers of `steps`: as many as look at what the first looks at, then all up to the end of each operator. */
export function rowTests({ steps, ends }: LeadingSteps, { fields }: Schema, { context, partition }: Run): readonly StepsTest[] {
  const columns = columnsOf(steps, fields);
  const maxCached = context.config.get('codegen.maxCachedFunctions');
  const least = columns.find((own) => own.length > 0)?.length;
  const first = columns.findLastIndex((own) => own.length === least) + 1;
  const counts = [...new Set([first, ...ends.filter((end) => end > first)])];
  return counts.flatMap((count, k) => {
    const own = columns[count - 1] ?? [];
    // Where nothing is left to read, there is nothing to save; and where the next test reads the same, it can do this one's work.
    if (own.length === 0 || own.length === fields.length || own.length === columns[counts[k + 1] - 1]?.length) return [];
    return [new StepsTest(own, { name: 'scan-test', input: typesOf(fields), steps: steps.slice(0, count), maxCached, partition })];
  });
}

const typesOf = (fields: readonly Field[]): DataType[] => fields.map((f) => f.type);

/** For each step the columns that it and those before it look at. */
function columnsOf(steps: readonly Step[], fields: readonly Field[]): number[][] {
  const seen = new Set<number>();
  const found: number[][] = [];
  const noted = steps.flatMap((step, k): Step[] => [
    step,
    passing(() => {
      found[k] = [...seen];
    }),
  ]);
  const sink = { emit() {} };
  const spec = { name: '', input: typesOf(fields), steps: [watching((k) => seen.add(k)), ...noted], sink, maxCached: 0 };
  new Pipeline(spec).source(fields.map((f) => assumedShape(f.type, f.nullable)));
  return found;
}

const passing = (when: () => void): Step => ({
  emit(_, row, next) {
    when();
    next(row);
  },
});

/** Tells which columns the steps after it look at. */
const watching = (looked: (index: number) => void): Step => ({
  emit(_, row, next) {
    const at = (index: number): number => {
      looked(index);
      return index;
    };
    next({ column: (index) => row.column(at(index)), entries: (index) => row.entries?.(at(index)) ?? null });
  },
});

export class StepsTest implements RowTest {
  readonly columns: readonly number[];
  readonly pipeline: Pipeline;
  private readonly passed = new Passed();
  private pause = 0;

  constructor(columns: readonly number[], spec: Omit<PipelineSpec, 'sink'>) {
    this.columns = columns;
    const guard = watching((index) => {
      if (!columns.includes(index)) throw fatalError('INTERNAL_ERROR', `A test looks at column ${index}, which is not read yet.`);
    });
    this.pipeline = new Pipeline({ ...spec, steps: [guard, ...spec.steps], sink: this.passed });
  }

  isDue(): boolean {
    if (this.pause === 0) return true;
    this.pause--;
    return false;
  }

  rowsOf(batch: Batch): Int32Array | null {
    const { passed } = this;
    if (passed.rows.length < batch.length) passed.rows = allocInt32(batch.length);
    try {
      this.pipeline.run(batch);
    } catch (thrown) {
      // The row for which it fails comes through the whole pipeline too, and fails there.
      if (!(thrown instanceof MinisparkError) || thrown.kind !== 'user') throw thrown;
      passed.count = batch.length;
    }
    if (passed.count <= batch.length * MOST_LEFT) return passed.rows.subarray(0, passed.count);
    this.pause = PAUSE;
    return null;
  }
}

/** Takes down the rows that come. */
class Passed implements Sink {
  rows = allocInt32(0);
  count = 0;

  emit(emit: CodeEmitter): void {
    const self = emit.constant('passed', this);
    const [rows, count, last] = [emit.hoist('rows', `${self}.rows`), emit.fresh('count'), emit.fresh('last')];
    emit.prologue(`let ${count} = 0, ${last} = -1;`);
    // A row may come more than once.
    emit.line(`if (${last} !== i) ${rows}[${count}++] = ${last} = i;`);
    emit.epilogue(`${self}.count = ${count};`);
  }
}
