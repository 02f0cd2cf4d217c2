/**
 * Owns: elements of functional datasets in and out of columns: each row as the value that a user's function sees, each result as a row.
 */
import { fatalError } from '../../core/errors.js';
import type { Batch, ColumnOf } from '../../data/batch.js';
import { type ColumnBuilder, createBuilder } from '../../data/builder.js';
import { decodeDictionary } from '../../data/dictionary.js';
import { decodeElement, ElementEncoder } from '../../data/element.js';
import { BINARY, type Schema } from '../../data/types.js';
import { readValue, toApiValue } from '../../data/value.js';
import type { ElementForm } from '../../frontend/plan/logical.js';
import { METADATA_FILE, METADATA_OFFSET } from '../sources/source.js';
import type { TaskContext } from './task-context.js';

/** What a user's function may ask about where it runs. */
export interface ElementInfo {
  readonly partition: number;
  readonly attempt: number;
  /** Of a text file's line, where the plan reads them: URI of the file and byte at which the line starts. */
  fileName?: string;
  offset?: number;
}

export function infoOf(context: TaskContext): ElementInfo {
  return { partition: context.key.partition, attempt: context.key.attempt };
}

type ReadElement = (row: number) => unknown;

/** How to read the elements of a batch. Metadata columns are not part of an element: they are written to `info` as each row is read. */
export function elementReader(batch: Batch, schema: Schema, form: ElementForm, info: ElementInfo): ReadElement {
  switch (form) {
    case 'element': {
      const { data, offsets } = bytesColumn(batch, 0);
      return (row) => decodeElement(data, offsets[row], offsets[row + 1]);
    }
    case 'pair': {
      const [keys, values] = [bytesColumn(batch, 0), bytesColumn(batch, 1)];
      return (row) => [
        decodeElement(keys.data, keys.offsets[row], keys.offsets[row + 1]),
        decodeElement(values.data, values.offsets[row], values.offsets[row + 1]),
      ];
    }
    case 'value':
    case 'row': {
      const fields = schema.fields
        .map((field, k) => ({ ...field, k }))
        .filter(({ name }) => name !== METADATA_FILE && name !== METADATA_OFFSET);
      const value = (k: number, row: number) => toApiValue(readValue(batch.columns[k], schema.fields[k].type, row), schema.fields[k].type);
      const note = metadataReader(batch, schema, info);
      if (form === 'value') {
        const { k } = fields[0];
        return (row) => {
          note?.(row);
          return value(k, row);
        };
      }
      return (row) => {
        note?.(row);
        return Object.fromEntries(fields.map(({ name, k }) => [name, value(k, row)]));
      };
    }
    default:
      return form satisfies never;
  }
}

function metadataReader(batch: Batch, schema: Schema, info: ElementInfo): ((row: number) => void) | null {
  const [file, offset] = [METADATA_FILE, METADATA_OFFSET].map((name) => schema.fields.findIndex((f) => f.name === name));
  if (file < 0 || offset < 0) return null;
  return (row) => {
    info.fileName = readValue(batch.columns[file], schema.fields[file].type, row) as string;
    info.offset = Number(readValue(batch.columns[offset], schema.fields[offset].type, row));
  };
}

export function bytesColumn(batch: Batch, k: number): ColumnOf<'bytes'> {
  const column = decodeDictionary(batch.columns[k]);
  if (column.layout !== 'bytes') throw fatalError('INTERNAL_ERROR', `Elements lie in a ${column.layout} column.`);
  return column;
}

/** Makes batches of `element` or `pair` rows. */
export class ElementWriter {
  private readonly builders: readonly ColumnBuilder[];
  private readonly encoder = new ElementEncoder();
  private readonly form: ElementForm;
  length = 0;
  /** Bytes of the elements so far. */
  bytes = 0;

  constructor(form: ElementForm) {
    this.form = form;
    this.builders = Array.from({ length: form === 'pair' ? 2 : 1 }, () => createBuilder(BINARY, 1024));
  }

  /** Throws user errors INVALID_KEY and INVALID_ELEMENT, and NOT_A_PAIR where a pair is wanted. */
  write(element: unknown): void {
    if (this.form !== 'pair') {
      this.put(0, element, false);
    } else {
      const [key, value] = element as [unknown, unknown];
      this.put(0, key, true);
      this.put(1, value, false);
    }
    this.length++;
  }

  private put(k: number, value: unknown, isKey: boolean): void {
    const { encoder } = this;
    encoder.length = 0;
    if (isKey) encoder.writeKey(value);
    else encoder.write(value);
    this.builders[k].append(encoder.data.subarray(0, encoder.length));
    this.bytes += encoder.length;
  }

  take(): Batch {
    const batch = { length: this.length, columns: this.builders.map((b) => b.finish()) };
    this.length = this.bytes = 0;
    return batch;
  }
}
