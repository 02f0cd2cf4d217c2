/** Owns: running a plan and turning its batches into the rows and values that users see. */
import type { Config } from '../../core/config.js';
import { userError } from '../../core/errors.js';
import { formatBytes } from '../../core/units.js';
import type { Batch, Column } from '../../data/batch.js';
import { batchBytes } from '../../data/size.js';
import { type DataType, isInterval, type Schema } from '../../data/types.js';
import { type EngineValue, readValue, toApiValue } from '../../data/value.js';
import type { Plan } from '../plan/logical.js';
import type { Backend } from './backend.js';

/** What DataFrames and Datasets hold of their session. `backend` throws SESSION_STOPPED once the session was stopped. */
export interface SessionContext {
  readonly backend: Backend;
  readonly config: Config;
}

export interface Collected {
  readonly schema: Schema;
  readonly batches: readonly Batch[];
}

/** All batches of a plan. Throws a user error RESULT_TOO_LARGE when they pass `driver.maxResultSize`; the execution is then cancelled. */
export async function collectBatches(session: SessionContext, plan: Plan): Promise<Collected> {
  const limit = session.config.get('driver.maxResultSize');
  const execution = await session.backend.execute(plan);
  const batches: Batch[] = [];
  let bytes = 0;
  for await (const batch of execution.batches) {
    bytes += batchBytes(batch);
    if (limit > 0 && bytes > limit) {
      throw userError('RESULT_TOO_LARGE', `The result is larger than driver.maxResultSize (${formatBytes(limit)}).`, {
        hint: 'Write it to files, read it through batches(), take(n) of it, or raise driver.maxResultSize',
      });
    }
    batches.push(batch);
  }
  return { schema: execution.schema, batches };
}

/** Runs a plan that gives no rows. */
export async function runToEnd(session: SessionContext, plan: Plan): Promise<void> {
  const execution = await session.backend.execute(plan);
  for await (const _ of execution.batches);
}

/** The API values of a column. */
export function columnValues(column: Column, type: DataType): unknown[] {
  const convert = needsConversion(type) ? (value: EngineValue) => toApiValue(value, type) : (value: EngineValue): unknown => value;
  const values = new Array<unknown>(column.length);
  if (column.layout === 'dictionary' && column.dictionary.length < column.length && type.kind === 'string') {
    const entries = columnValues(column.dictionary, type);
    const { validity, codes } = column;
    for (let i = 0; i < column.length; i++)
      values[i] = validity === null || (validity[i >> 3] & (1 << (i & 7))) !== 0 ? entries[codes[i]] : null;
    return values;
  }
  for (let i = 0; i < column.length; i++) values[i] = convert(readValue(column, type, i));
  return values;
}

function needsConversion(type: DataType): boolean {
  return ['decimal', 'date', 'timestamp', 'timestamp_ntz', 'array', 'struct', 'map'].includes(type.kind) || isInterval(type);
}

/** One object a row. Throws a user error AMBIGUOUS_COLUMN where two columns have one name. */
export function rowObjects(schema: Schema, batch: Batch): Record<string, unknown>[] {
  const names = schema.fields.map((f) => f.name);
  const repeated = names.find((name, i) => names.indexOf(name) !== i);
  if (repeated !== undefined) {
    throw userError('AMBIGUOUS_COLUMN', `Two columns of the result are named '${repeated}', which an object cannot hold.`, {
      hint: "Give one of them another name with .as('name'), or drop it",
    });
  }
  const columns = schema.fields.map((f, i) => columnValues(batch.columns[i], f.type));
  const rows = new Array<Record<string, unknown>>(batch.length);
  const set = names.includes('__proto__') ? defineField : setField;
  for (let row = 0; row < batch.length; row++) {
    const object: Record<string, unknown> = {};
    for (let i = 0; i < names.length; i++) set(object, names[i], columns[i][row]);
    rows[row] = object;
  }
  return rows;
}

function setField(object: Record<string, unknown>, name: string, value: unknown): void {
  object[name] = value;
}

/** Plain assignment would call the setter of a column named `__proto__`. */
function defineField(object: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
}

/** The single number that an aggregate without groupings gives; 0 from a backend that runs nothing and only explains. */
export async function collectCount(session: SessionContext, plan: Plan): Promise<number> {
  const { schema, batches } = await collectBatches(session, plan);
  const batch = batches.find((b) => b.length > 0);
  return batch ? Number(readValue(batch.columns[0], schema.fields[0].type, 0)) : 0;
}
