/**
 * Owns: the sink that makes batches: appends each row to column builders and hands a batch over when it is full.
 */
import type { Batch } from '../../data/batch.js';
import { type ColumnBuilder, createBuilder } from '../../data/builder.js';
import type { DataType } from '../../data/types.js';
import type { Value } from '../../frontend/functions/generator.js';
import type { CodeEmitter } from './emitter.js';
import type { Sink } from './pipeline.js';
import { isBigType } from './values.js';

/** Most rows after which the bytes of a growing batch are looked at; the first look is sooner, since nothing is known of its rows. */
const CHECK_ROWS = 1024;
const FIRST_ROWS = 16;

export class OutputSink implements Sink {
  private readonly types: readonly DataType[];
  private readonly builders: readonly ColumnBuilder[];
  private readonly maxRows: number;
  private readonly maxBytes: number;
  private full: Batch[] = [];
  /** Rows of the growing batch when `check` was called last. */
  private rows = 0;
  /** Rows that may come until the next `check`; generated code counts `room` down from it. */
  private granted: number;
  private room: number;

  constructor(types: readonly DataType[], maxRows: number, maxBytes: number) {
    this.types = types;
    this.maxRows = maxRows;
    this.maxBytes = maxBytes;
    this.granted = this.room = Math.min(FIRST_ROWS, maxRows);
    this.builders = types.map((type) => createBuilder(type, Math.min(CHECK_ROWS, maxRows)));
  }

  emit(emit: CodeEmitter, row: { column(index: number): Value }): void {
    const sink = emit.constant('output', this);
    const room = emit.fresh('room');
    emit.prologue(`let ${room} = ${sink}.room;`);
    emit.epilogue(`${sink}.room = ${room};`);
    this.types.forEach((type, k) => {
      emitAppend(emit, emit.constant(`col${k}_`, this.builders[k]), type, row.column(k));
    });
    emit.line(`if (--${room} === 0) ${room} = ${sink}.check();`);
  }

  /** Called when `room` is used up: closes the batch where it is full, and gives the next room. */
  check(): number {
    this.rows += this.granted;
    const bytes = this.builders.reduce((sum, b) => sum + b.byteSize(), 0);
    const fitting = Math.ceil((this.maxBytes - bytes) / (bytes / this.rows));
    if (this.rows >= this.maxRows || bytes >= this.maxBytes) {
      this.close(this.rows);
      this.granted = Math.min(FIRST_ROWS, this.maxRows);
    } else {
      this.granted = Math.min(CHECK_ROWS, this.maxRows - this.rows, fitting);
    }
    return this.granted;
  }

  private close(rows: number): void {
    this.full.push({ length: rows, columns: this.builders.map((b) => b.finish()) });
    this.rows = 0;
  }

  /** Batches that are complete. */
  take(): Batch[] {
    const batches = this.full;
    this.full = [];
    return batches;
  }

  /** All that is left; nothing may be appended to a pipeline's row count afterwards. */
  finish(): Batch[] {
    const rows = this.rows + (this.granted - this.room);
    if (rows > 0) this.close(rows);
    this.granted = this.room = Math.min(FIRST_ROWS, this.maxRows);
    return this.take();
  }
}

export function emitAppend(emit: CodeEmitter, builder: string, type: DataType, value: Value): void {
  if (value.isNull === 'true') {
    emit.line(`${builder}.appendNull();`);
    return;
  }
  const append = (): void => emit.line(appendCode(emit, builder, type, value));
  if (value.isNull === 'false') append();
  else emit.branch(value.isNull, () => emit.line(`${builder}.appendNull();`), append);
}

function appendCode(emit: CodeEmitter, builder: string, type: DataType, value: Value): string {
  switch (value.rep) {
    case 'int':
      return isBigType(type) ? `${builder}.appendDouble(${value.code});` : `${builder}.appendNumber(${value.code});`;
    case 'big':
      return `${builder}.appendBig(${value.code});`;
    case 'float':
      return `${builder}.appendNumber(${value.code});`;
    case 'bool':
      return `${builder}.appendBool(${value.code});`;
    case 'bytes':
      return `${builder}.appendSlice(${value.data}, ${value.start}, ${value.end});`;
    case 'each':
    case 'js':
      return `${builder}.append(${emit.toJs(value).code});`;
    default:
      return value satisfies never;
  }
}
