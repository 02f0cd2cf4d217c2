/**
 * Owns: a scan's filters as readers ask them: whether one of the values that a column has in some part of a file may pass. Each filter is
 * generated code, as it is in the operator above the scan, which asks it again.
 */
import { MinisparkError } from '../../core/errors.js';
import type { Batch, Column } from '../../data/batch.js';
import type { Schema } from '../../data/types.js';
import type { BoundExpr } from '../../frontend/plan/resolved.js';
import type { CodeEmitter } from '../codegen/emitter.js';
import { filterStep, Pipeline, type Sink } from '../codegen/pipeline.js';
import type { TaskContext } from './task-context.js';

/** Counts rows; `passed` is added to by generated code. */
class Passed implements Sink {
  passed = 0;

  emit(emit: CodeEmitter): void {
    emit.line(`${emit.constant('count', this)}.passed++;`);
  }
}

/** As ReadRequest's `mayPass`, for the filters of one scan, over columns of `schema`. */
export function passTest(
  schema: Schema,
  context: TaskContext,
): (filters: readonly BoundExpr[], index: number, values: Column, orNull: boolean) => boolean {
  const tests = new Map<number, { readonly pipeline: Pipeline; readonly count: Passed }>();
  const types = schema.fields.map((f) => f.type);
  const testOf = (filters: readonly BoundExpr[]) => {
    const count = new Passed();
    const steps = filters.map((filter) => filterStep(filter, context.closure.bind(context)));
    const maxCached = context.config.get('codegen.maxCachedFunctions');
    return { count, pipeline: new Pipeline({ name: 'scan-filter', input: types, steps, sink: count, maxCached }) };
  };
  /** Rows of which one column is known. */
  const only = (index: number, values: Column): Batch => ({
    length: values.length,
    columns: types.map((_, k) => (k === index ? values : { layout: 'null', length: values.length })),
  });
  return (filters, index, values, orNull) => {
    const { pipeline, count } = tests.get(index) ?? testOf(filters);
    tests.set(index, { pipeline, count });
    count.passed = 0;
    try {
      pipeline.run(only(index, values));
      if (orNull) pipeline.run(only(index, { layout: 'null', length: 1 }));
    } catch (thrown) {
      // An entry may be of no row that comes so far: where the filter fails for one that does, it does so above the scan.
      if (thrown instanceof MinisparkError) return true;
      throw thrown;
    }
    return count.passed > 0;
  };
}
