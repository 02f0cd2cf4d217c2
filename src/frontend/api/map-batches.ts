/** Owns: what DataFrame.mapBatches() puts into its plan: the function as it travels, and the schema of what it gives. */
import { callSite } from '../../core/call-site.js';
import { userError } from '../../core/errors.js';
import type { BatchData, BatchView } from '../../data/batch-view.js';
import type { Schema } from '../../data/types.js';
import type { Closure } from '../plan/expression.js';
import type { Backend } from './backend.js';
import type { UserCode } from './pending-closures.js';
import type { TaskInfo } from './task-info.js';
import { schemaOfText } from './type-text.js';

/** From rows of columns S to rows of columns R, a batch at a time. */
export type BatchMapper<S, R> = (batch: BatchView<S>, info: TaskInfo) => BatchData<R> | Iterable<BatchData<R>>;

/** Throws a user error for a schema without columns; CLOSURE_NOT_SHIPPABLE. */
export function batchMap(backend: Backend, fn: unknown, schema: string | Schema): { readonly fn: Closure; readonly schema: Schema } {
  const parsed = schemaOfText(schema);
  if (parsed.fields.length === 0) {
    throw userError('INVALID_PARAMETER_VALUE', 'mapBatches() needs a schema with a column: the length of a batch is that of its columns.', {
      site: callSite() ?? undefined,
    });
  }
  return { fn: backend.encodeClosure(fn as UserCode), schema: parsed };
}
