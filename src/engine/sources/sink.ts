/**
 * Owns: the output of one task: its files, by partition directory where asked, and the commit message that names them.
 * Format writers know rows only; where files lie and when they count is decided here and in commit.ts.
 */
import { statSync } from 'node:fs';
import { userError } from '../../core/errors.js';
import { type Batch, type Column, isNull } from '../../data/batch.js';
import { take } from '../../data/take.js';
import { type Field, type Schema, typeName } from '../../data/types.js';
import { readValue } from '../../data/value.js';
import type { Zone } from '../../data/zone.js';
import type { WriteSpec } from '../../frontend/plan/logical.js';
import { attemptDirectory, replacesPartitions, type WriteTask } from './commit.js';
import { removeTree } from './fs.js';
import { zoneOption } from './options.js';
import { checkPartitionType, partitionDirectory } from './partitions.js';
import { writerOf } from './registry.js';
import type { CommitMessage, FormatWriter, Sink, WriterFactory } from './source.js';

/** Files open at once; beyond it the one that was used longest ago is closed, and a later row for it begins another file. */
const MOST_OPEN_FILES = 100;

/** Driver side: whether rows of `schema` can be written so. Throws WRONG_SCHEMA, UNKNOWN_FORMAT, UNKNOWN_OPTION and INVALID_OPTION. */
export function checkWrite(write: WriteSpec, schema: Schema): void {
  const { data, partitions } = splitSchema(write, schema);
  for (const field of partitions) checkPartitionType(field.name, field.type, write.site);
  if (data.length === 0) {
    throw userError('WRONG_SCHEMA', 'Every column is a partition column: nothing is left to write into the files.', {
      site: write.site ?? undefined,
    });
  }
  writerOf(write, { fields: data });
  replacesPartitions(write);
}

/** Rows of `schema` go to new files of this attempt; nothing is visible before the driver commits the message. */
export function openSink(write: WriteSpec, schema: Schema, task: WriteTask): Sink {
  checkWrite(write, schema);
  return write.partitionBy.length === 0 ? new FlatSink(write, schema, task) : new PartitionedSink(write, schema, task);
}

function splitSchema(write: WriteSpec, schema: Schema): { data: Field[]; partitions: Field[] } {
  const names = write.partitionBy.map((name) => name.toLowerCase());
  const partitions = names.map((name, i) => {
    const field = schema.fields.find((f) => f.name.toLowerCase() === name);
    if (field === undefined) {
      const hint = `Columns: ${schema.fields.map((f) => `${f.name} ${typeName(f.type)}`).join(', ')}`;
      throw userError('WRONG_SCHEMA', `There is no column '${write.partitionBy[i]}' to partition the files by.`, {
        hint,
        site: write.site ?? undefined,
      });
    }
    return field;
  });
  return { data: schema.fields.filter((f) => !names.includes(f.name.toLowerCase())), partitions };
}

/** The files of one attempt: opens them in its directory and lists them at the end. */
class AttemptFiles {
  private readonly base: string;
  private readonly name: string;
  private readonly factory: WriterFactory;
  private readonly task: WriteTask;
  private readonly files: { from: string; to: string; path: string; rows: number }[] = [];

  constructor(write: WriteSpec, data: Schema, task: WriteTask) {
    ({ base: this.base, name: this.name } = attemptDirectory(write, task));
    this.factory = writerOf(write, data);
    this.task = task;
  }

  /** A new file in `directory` below the output path ('' for the path itself). */
  open(directory: string): OpenFile {
    const number = String(this.task.partition).padStart(5, '0');
    const part = `${directory}part-${number}-${this.task.query}-c${String(this.files.length).padStart(3, '0')}${this.factory.extension}`;
    const file = { from: `${this.name}/${part}`, to: part, path: `${this.base}/${this.name}/${part}`, rows: 0 };
    const writer = this.factory.open(file.path);
    this.files.push(file);
    return {
      write(batch) {
        writer.writeBatch(batch);
        file.rows += batch.length;
      },
      writer,
    };
  }

  message(): CommitMessage {
    return { files: this.files.map(({ from, to, path, rows }) => ({ from, to, rows, bytes: statSync(path).size })) };
  }

  remove(): void {
    removeTree(`${this.base}/${this.name}`);
  }
}

interface OpenFile {
  write(batch: Batch): void;
  readonly writer: FormatWriter;
}

class FlatSink implements Sink {
  private readonly files: AttemptFiles;
  private file: OpenFile | null = null;
  private readonly isFirst: boolean;

  constructor(write: WriteSpec, schema: Schema, task: WriteTask) {
    this.files = new AttemptFiles(write, schema, task);
    this.isFirst = task.partition === 0;
  }

  writeBatch(batch: Batch): void {
    if (batch.length === 0) return;
    this.file ??= this.files.open('');
    this.file.write(batch);
  }

  finish(): CommitMessage {
    // Of an output without rows one file must remain, which carries the schema.
    if (this.isFirst) this.file ??= this.files.open('');
    this.file?.writer.finish();
    return this.files.message();
  }

  abort(): void {
    this.file?.writer.close();
    this.files.remove();
  }
}

class PartitionedSink implements Sink {
  private readonly files: AttemptFiles;
  private readonly keys: readonly { readonly index: number; readonly field: Field }[];
  private readonly dataIndexes: readonly number[];
  private readonly zone: Zone | null;
  /** Open files by directory, the one used last at the end. */
  private readonly open = new Map<string, OpenFile>();

  constructor(write: WriteSpec, schema: Schema, task: WriteTask) {
    const { data, partitions } = splitSchema(write, schema);
    this.files = new AttemptFiles(write, { fields: data }, task);
    this.zone = zoneOption(write.options['timeZone']);
    this.keys = partitions.map((field) => ({ field, index: schema.fields.indexOf(field) }));
    this.dataIndexes = data.map((field) => schema.fields.indexOf(field));
  }

  writeBatch(batch: Batch): void {
    const columns = this.dataIndexes.map((i) => batch.columns[i]);
    for (const [directory, rows] of this.rowsByDirectory(batch)) {
      const whole = rows.length === batch.length;
      const indexes = Int32Array.from(rows);
      this.fileOf(directory).write({
        length: rows.length,
        columns: whole ? columns : columns.map((column) => take(column, indexes, indexes.length)),
      });
    }
  }

  finish(): CommitMessage {
    for (const { writer } of this.open.values()) writer.finish();
    return this.files.message();
  }

  abort(): void {
    for (const { writer } of this.open.values()) writer.close();
    this.files.remove();
  }

  private rowsByDirectory(batch: Batch): Map<string, number[]> {
    const names = this.keys.map(({ index, field }) => new DirectoryNames(batch.columns[index], field, this.zone));
    const groups = new Map<string, number[]>();
    for (let row = 0; row < batch.length; row++) {
      let directory = '';
      for (const column of names) directory += column.at(row);
      const rows = groups.get(directory);
      if (rows === undefined) groups.set(directory, [row]);
      else rows.push(row);
    }
    return groups;
  }

  private fileOf(directory: string): OpenFile {
    let file = this.open.get(directory);
    if (file === undefined) {
      if (this.open.size >= MOST_OPEN_FILES) {
        const [oldest, { writer }] = this.open.entries().next().value as [string, OpenFile];
        writer.finish();
        this.open.delete(oldest);
      }
      file = this.files.open(directory);
    }
    this.open.delete(directory);
    this.open.set(directory, file);
    return file;
  }
}

/** `key=value/` of each row; made once for each entry of a dictionary. */
class DirectoryNames {
  private readonly column: Column;
  private readonly field: Field;
  private readonly zone: Zone | null;
  private readonly known: string[] = [];

  constructor(column: Column, field: Field, zone: Zone | null) {
    this.zone = zone;
    this.column = column;
    this.field = field;
  }

  at(row: number): string {
    const { column, field, zone } = this;
    const code = column.layout === 'dictionary' && !isNull(column, row) ? column.codes[row] : -1;
    if (code < 0) return this.name(row);
    this.known[code] ??= `${partitionDirectory(field.name, readValue(column, field.type, row), field.type, zone)}/`;
    return this.known[code];
  }

  private name(row: number): string {
    return `${partitionDirectory(this.field.name, readValue(this.column, this.field.type, row), this.field.type, this.zone)}/`;
  }
}
