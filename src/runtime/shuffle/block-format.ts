/**
 * Owns: what a shuffle block is: one Arrow IPC stream (schema, record batches, end), its rows a range of a sorted batch.
 * A column stays dictionary-encoded where the batch has it so; the stream's schema says which ones.
 */
import type { Batch, Column } from '../../data/batch.js';
import type { CodecName } from '../../data/codec.js';
import { END_OF_STREAM, encodeBatch, encodeSchema } from '../../data/ipc.js';
import { sliceBatch } from '../../data/slice.js';
import type { Schema } from '../../data/types.js';

export interface EncodeOptions {
  /** Most rows of a record batch. */
  readonly batchRows: number;
  /** Null: bodies are not compressed. */
  readonly codec: CodecName | null;
}

const schemaMessages = new WeakMap<Schema, Map<string, Uint8Array>>();

/** The schema message for columns of which those flagged are dictionaries; made once a schema. */
export function schemaMessage(schema: Schema, dictionaries: readonly boolean[]): Uint8Array {
  let messages = schemaMessages.get(schema);
  if (!messages) {
    messages = new Map();
    schemaMessages.set(schema, messages);
  }
  const key = dictionaries.join();
  let message = messages.get(key);
  if (!message) {
    message = encodeSchema(schema, { dictionaries });
    messages.set(key, message);
  }
  return message;
}

/** Which columns of the batch are dictionaries. */
export function dictionaryFlags(batch: Batch): boolean[] {
  return batch.columns.map((column) => column.layout === 'dictionary');
}

/** Calls `append` with the bytes of the record batches for rows `from` to `to`, none of more than `batchRows` rows. */
export function encodeRows(
  schema: Schema,
  batch: Batch,
  dictionaries: readonly boolean[],
  [from, to]: readonly [number, number],
  { batchRows, codec }: EncodeOptions,
  append: (bytes: Uint8Array) => void,
): void {
  const sent: Column[] = [];
  for (let start = from; start < to; start += batchRows) {
    const rows = sliceBatch(batch, start, Math.min(to, start + batchRows));
    for (const part of encodeBatch(schema, rows, { dictionaries, codec }, sent)) append(part);
  }
}

/** Calls `append` with the bytes of the block for rows `from` to `to`: a whole stream, or nothing where there are no rows. */
export function encodeBlock(
  schema: Schema,
  batch: Batch,
  dictionaries: readonly boolean[],
  range: readonly [number, number],
  options: EncodeOptions,
  append: (bytes: Uint8Array) => void,
): void {
  if (range[0] === range[1]) return;
  append(schemaMessage(schema, dictionaries));
  encodeRows(schema, batch, dictionaries, range, options, append);
  append(END_OF_STREAM);
}
