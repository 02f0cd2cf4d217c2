/**
 * Owns: putting the columns that a request names in order: some come from the file, some are the same for the whole split
 * (partition values, the file's name). Receives the file's columns batch by batch, gives batches.
 */
import { fatalError } from '../../core/errors.js';
import { allocBytes, allocInt32 } from '../../data/alloc.js';
import type { Batch, Column } from '../../data/batch.js';
import { columnOf } from '../../data/builder.js';
import { type DataType, type Field, STRING } from '../../data/types.js';
import type { EngineValue } from '../../data/value.js';
import { METADATA_FILE, METADATA_OFFSET, type ReadRequest, type Split } from './source.js';

type Slot =
  | { readonly from: 'file'; readonly index: number }
  | { readonly from: 'offset' }
  | { readonly from: 'constant'; readonly value: Constant };

export class Projection {
  /** Wanted columns of the file, in the order in which `batch` takes them. */
  readonly fields: readonly Field[];
  /** Whether byte offsets of rows are wanted. */
  readonly wantsOffset: boolean;
  private readonly slots: readonly Slot[];

  constructor(split: Split, request: ReadRequest) {
    const fields: Field[] = [];
    this.slots = request.columns.fields.map(({ name }): Slot => {
      const inFile = request.fileSchema.fields.find((f) => f.name === name);
      if (inFile !== undefined) {
        const known = fields.indexOf(inFile);
        return { from: 'file', index: known >= 0 ? known : fields.push(inFile) - 1 };
      }
      const partition = request.partitionSchema.fields.findIndex((f) => f.name === name);
      if (partition >= 0) {
        return { from: 'constant', value: new Constant(request.partitionSchema.fields[partition].type, split.values[partition]) };
      }
      if (name === METADATA_FILE) return { from: 'constant', value: new Constant(STRING, split.uri) };
      if (name === METADATA_OFFSET) return { from: 'offset' };
      throw fatalError('INTERNAL_ERROR', `A scan of '${split.uri}' asks for the column '${name}', which is not in its schema.`);
    });
    this.fields = fields;
    this.wantsOffset = this.slots.some((slot) => slot.from === 'offset');
  }

  /** Of which `fields` the columns of the request at `places` are; some are of none. */
  indexesOf(places: readonly number[]): number[] {
    return places.flatMap((place) => {
      const slot = this.slots[place];
      return slot.from === 'file' ? [slot.index] : [];
    });
  }

  /** `columns` are those of `fields`; `offsets` must be there where they are wanted. */
  batch(columns: readonly Column[], length: number, offsets: Column | null = null): Batch {
    return {
      length,
      columns: this.slots.map((slot) => {
        switch (slot.from) {
          case 'file':
            return columns[slot.index];
          case 'constant':
            return slot.value.column(length);
          case 'offset':
            if (offsets === null) throw fatalError('INTERNAL_ERROR', `Only text files know ${METADATA_OFFSET}.`);
            return offsets;
          default:
            return slot satisfies never;
        }
      }),
    };
  }
}

/** One value for every row: a dictionary of one entry, whose codes are shared between batches. */
class Constant {
  private readonly dictionary: Column;
  private readonly isNull: boolean;
  private codes = allocInt32(0);
  private noBits = allocBytes(0);

  constructor(type: DataType, value: EngineValue) {
    this.isNull = value === null;
    this.dictionary = columnOf(type, this.isNull ? [] : [value]);
  }

  column(length: number): Column {
    if (this.codes.length < length) {
      this.codes = allocInt32(length);
      this.noBits = allocBytes((length + 7) >> 3);
    }
    return {
      layout: 'dictionary',
      length,
      validity: this.isNull ? this.noBits.subarray(0, (length + 7) >> 3) : null,
      codes: this.codes.subarray(0, length),
      dictionary: this.dictionary,
    };
  }
}
