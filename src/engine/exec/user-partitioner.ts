/**
 * Owns: partitions that a function of the user tells: of the values of columns, as generated code, or of a pair's key. What it gives is
 * checked, never wrapped around: a partition that is none ends the job at the function's line.
 */
import { type CallSite, type MinisparkError, userError } from '../../core/errors.js';
import { type Batch, type ColumnOf, isNull } from '../../data/batch.js';
import { decodeDictionary } from '../../data/dictionary.js';
import { decodeElement } from '../../data/element.js';
import { sliceBatch } from '../../data/slice.js';
import type { Schema } from '../../data/types.js';
import { readValue, toApiValue } from '../../data/value.js';
import type { Closure } from '../../frontend/plan/expression.js';
import type { BoundExpr } from '../../frontend/plan/resolved.js';
import type { Partitioning } from '../../planner/physical/operators.js';
import { showArgument, udfFailed } from '../codegen/user-function.js';
import { bytesColumn } from './elements.js';
import type { RowPartitioner } from './row-partitioner.js';
import { Evaluator } from './sort-keys.js';
import type { TaskContext } from './task-context.js';

type ByFunction = Extract<Partitioning, { kind: 'function' }>;

export function userPartitioner(partitioning: ByFunction, schema: Schema, context: TaskContext): RowPartitioner {
  const { expr, ofKey } = partitioning;
  return ofKey === null ? ofColumns(partitioning, schema, context) : ofKeys(partitioning, ofKey, expr, schema, context);
}

/** All calls of a batch are one column of doubles. */
function ofColumns({ expr, partitions }: ByFunction, schema: Schema, context: TaskContext): RowPartitioner {
  const types = schema.fields.map((f) => f.type);
  const evaluator = new Evaluator([expr], types, context);
  return (batch) => {
    const column = decodeDictionary(evaluator.evaluate(batch)[0]) as ColumnOf<'fixed'>;
    const values = column.values as Float64Array;
    const result = new Int32Array(batch.length);
    for (let row = 0; row < batch.length; row++) {
      const value = values[row];
      if (!isPartition(value, partitions) || isNull(column, row)) {
        throw notAPartition(
          functionOf(expr),
          isNull(column, row) ? null : value,
          argumentsOf(expr, sliceBatch(batch, row, row + 1), schema, context),
          partitions,
        );
      }
      result[row] = value;
    }
    return result;
  };
}

function ofKeys({ partitions }: ByFunction, closure: Closure, key: BoundExpr, schema: Schema, context: TaskContext): RowPartitioner {
  const call = context.closure(closure) as (key: unknown, partitions: number) => unknown;
  const evaluator = new Evaluator(
    [key],
    schema.fields.map((f) => f.type),
    context,
  );
  const partitionOf = (of: unknown): unknown => {
    try {
      return call(of, partitions);
    } catch (thrown) {
      throw udfFailed(closure.name || 'the partitioner', closure, [of, partitions], thrown);
    }
  };
  return (batch) => {
    const { data, offsets } = bytesColumn({ length: batch.length, columns: evaluator.evaluate(batch) }, 0);
    const result = new Int32Array(batch.length);
    for (let row = 0; row < batch.length; row++) {
      const of = decodeElement(data, offsets[row], offsets[row + 1]);
      const value = partitionOf(of);
      if (!isPartition(value, partitions)) throw notAPartition(closure, value, [of], partitions);
      result[row] = value;
    }
    return result;
  };
}

const isPartition = (value: unknown, partitions: number): value is number =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) < partitions;

type Named = Pick<Closure, 'name' | 'site'>;

function functionOf(expr: BoundExpr): Named {
  return expr.kind === 'udf' ? { name: expr.udf.name, site: expr.udf.closure.site } : { name: '', site: null };
}

/** What the function was given for the one row of a batch. */
function argumentsOf(expr: BoundExpr, row: Batch, schema: Schema, context: TaskContext): unknown[] {
  const args = expr.kind === 'udf' ? expr.args : [];
  const evaluator = new Evaluator(
    args,
    schema.fields.map((f) => f.type),
    context,
  );
  return evaluator.evaluate(row).map((column, k) => toApiValue(readValue(column, args[k].type, 0), args[k].type));
}

function notAPartition({ name, site }: Named, value: unknown, args: readonly unknown[], partitions: number): MinisparkError {
  const given = value === null || value === undefined ? 'nothing' : typeof value === 'string' ? `'${value}'` : showArgument(value);
  return userError(
    'INVALID_PARTITION',
    `${name || 'the partitioner'} gave ${typeof value === 'number' ? value : given}, but partitions are whole numbers from 0 to ${partitions - 1}.\n  input: ${args.map(showArgument).join(', ')}`,
    { hint: 'Take the remainder yourself where that is meant: ((x % n) + n) % n', ...siteOf(site) },
  );
}

const siteOf = (site: CallSite | null) => (site === null ? {} : { site });
