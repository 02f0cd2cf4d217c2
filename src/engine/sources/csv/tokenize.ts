/**
 * Owns: cutting bytes into CSV records and fields (RFC 4180). Receives a block of whole records, gives, per wanted field, where it starts
 * and ends; nothing is copied or decoded here. Lone line feeds end records; a carriage return before one is dropped.
 */
import { allocBytes, allocInt32, growTo } from '../../../data/alloc.js';
import { CARRIAGE_RETURN, NEWLINE } from '../record-blocks.js';
import type { CsvReadOptions } from './options.js';

/** How a field stood in the file. */
export const PLAIN = 0;
export const QUOTED = 1;
/** Quoted, with escapes inside to be taken out. */
export const ESCAPED = 2;
export const MISSING = 3;

/** One wanted field of every record: data[starts[i], ends[i]) and its form. */
export interface FieldSlices {
  starts: Int32Array;
  ends: Int32Array;
  forms: Uint8Array;
}

export class CsvTokenizer {
  /** By slot; rows 0 to `rows` are of the last call. */
  readonly fields: readonly FieldSlices[];
  recordStarts = allocInt32(1024);
  recordEnds = allocInt32(1024);
  /** Fields that the record had. */
  counts = allocInt32(1024);
  /** 1 where quotes were not closed, or were followed by something else than the end of the field. */
  broken = allocBytes(1024);
  rows = 0;
  private readonly options: CsvReadOptions;
  /** Slot by ordinal in the file, -1 where not wanted. */
  private readonly slots: Int32Array;
  private readonly acrossLines: boolean;
  private capacity = 1024;
  private end = 0;
  private form = PLAIN;
  private fieldStart = 0;
  private fieldEnd = 0;
  private brokenField = false;

  /** `ordinals` are the wanted fields' places in a record, one a slot. */
  constructor(options: CsvReadOptions, ordinals: readonly number[]) {
    this.options = options;
    this.acrossLines = options.multiLine;
    this.slots = new Int32Array(Math.max(0, ...ordinals.map((ordinal) => ordinal + 1))).fill(-1);
    ordinals.forEach((ordinal, slot) => {
      this.slots[ordinal] = slot;
    });
    this.fields = ordinals.map(() => ({ starts: allocInt32(1024), ends: allocInt32(1024), forms: allocBytes(1024) }));
  }

  /** Records of data[start, end), at most `most`; gives where it stopped. Empty lines and comments are left out. */
  tokenize(data: Uint8Array, start: number, end: number, most: number): number {
    this.rows = 0;
    this.end = end;
    let at = start;
    while (at < end && this.rows < most) {
      if (data[at] === NEWLINE) at++;
      else if (data[at] === CARRIAGE_RETURN && data[at + 1] === NEWLINE) at += 2;
      else if (data[at] === this.options.comment) at = lineEnd(data, at, end);
      else at = this.record(data, at);
    }
    return at;
  }

  private record(data: Uint8Array, start: number): number {
    const row = this.rows++;
    if (row === this.capacity) this.grow();
    const { slots, fields, end } = this;
    const { sep, quote } = this.options;
    let at = start;
    let ordinal = 0;
    this.brokenField = false;
    for (;;) {
      let from = at;
      let to: number;
      let form = PLAIN;
      if (at < end && data[at] === quote) {
        at = this.quotedField(data, at);
        from = this.fieldStart;
        to = this.fieldEnd;
        form = this.form;
      } else {
        at = fieldEnd(data, at, end, sep);
        to = withoutReturn(data, from, at, end);
      }
      const slot = ordinal < slots.length ? slots[ordinal] : -1;
      if (slot >= 0) {
        const field = fields[slot];
        field.starts[row] = from;
        field.ends[row] = to;
        field.forms[row] = form;
      }
      ordinal++;
      if (at >= end || data[at] !== sep) break;
      at++;
    }
    for (let i = ordinal; i < slots.length; i++) if (slots[i] >= 0) fields[slots[i]].forms[row] = MISSING;
    this.recordStarts[row] = start;
    this.recordEnds[row] = at > start && data[at - 1] === CARRIAGE_RETURN && at < end ? at - 1 : at;
    this.counts[row] = ordinal;
    this.broken[row] = this.brokenField ? 1 : 0;
    return at < end ? at + 1 : at;
  }

  private quotedField(data: Uint8Array, start: number): number {
    const { end, acrossLines } = this;
    const { quote, escaper, sep } = this.options;
    let form = QUOTED;
    for (let at = start + 1; at < end; at++) {
      const byte = data[at];
      if (byte === NEWLINE && !acrossLines) break;
      const next = at + 1 < end ? data[at + 1] : -1;
      if (byte === escaper && (next === quote || (next === escaper && escaper !== quote))) {
        form = ESCAPED;
        at++;
      } else if (byte === quote) {
        const closes = next === -1 || next === sep || next === NEWLINE || (next === CARRIAGE_RETURN && data[at + 2] === NEWLINE);
        if (!closes) break;
        this.form = form;
        this.fieldStart = start + 1;
        this.fieldEnd = at;
        return next === CARRIAGE_RETURN ? at + 2 : at + 1;
      }
    }
    // Not as the format says: the text as it stands, quotes and all.
    this.brokenField = true;
    const stop = fieldEnd(data, start, end, sep);
    this.form = PLAIN;
    this.fieldStart = start;
    this.fieldEnd = withoutReturn(data, start, stop, end);
    return stop;
  }

  private grow(): void {
    this.capacity *= 2;
    for (const field of this.fields) {
      field.starts = growTo(field.starts, this.capacity);
      field.ends = growTo(field.ends, this.capacity);
      field.forms = growTo(field.forms, this.capacity);
    }
    this.recordStarts = growTo(this.recordStarts, this.capacity);
    this.recordEnds = growTo(this.recordEnds, this.capacity);
    this.counts = growTo(this.counts, this.capacity);
    this.broken = growTo(this.broken, this.capacity);
  }
}

/** Where the unquoted field that begins at `from` ends: at a separator, a line end or `end`. */
function fieldEnd(data: Uint8Array, from: number, end: number, sep: number): number {
  let at = from;
  while (at < end) {
    const byte = data[at];
    if (byte === sep || byte === NEWLINE) break;
    at++;
  }
  return at;
}

/** `stop`, or the place before it where a carriage return ends the line there. */
function withoutReturn(data: Uint8Array, from: number, stop: number, end: number): number {
  return stop < end && stop > from && data[stop] === NEWLINE && data[stop - 1] === CARRIAGE_RETURN ? stop - 1 : stop;
}

function lineEnd(data: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && data[at] !== NEWLINE) at++;
  return Math.min(to, at + 1);
}

/** Where the last record of data[from, to) that surely is whole ends, when quoted fields may hold line ends; -1 if nowhere. */
export function lastQuotedRecordEnd(options: CsvReadOptions): (data: Uint8Array, from: number, to: number) => number {
  const { quote, escaper, sep } = options;
  return (data, from, to) => {
    let last = -1;
    let quoted = false;
    let fieldStart = true;
    // The last byte may be the first half of an escape: what it means is decided when its successor is there.
    for (let at = from; at < to - 1; at++) {
      const byte = data[at];
      if (quoted) {
        if (byte === escaper && (data[at + 1] === quote || (data[at + 1] === escaper && escaper !== quote))) at++;
        else if (byte === quote) quoted = false;
        continue;
      }
      if (byte === quote && fieldStart) quoted = true;
      fieldStart = byte === sep || byte === NEWLINE;
      if (byte === NEWLINE) last = at + 1;
    }
    return last;
  };
}

/** data[start, end) without its escapes, written into `target`, which has room; gives the length. */
export function takeOutEscapes(data: Uint8Array, start: number, end: number, options: CsvReadOptions, target: Uint8Array): number {
  const { quote, escaper } = options;
  let to = 0;
  for (let at = start; at < end; at++) {
    const next = data[at + 1];
    if (data[at] === escaper && at + 1 < end && (next === quote || next === escaper)) at++;
    target[to++] = data[at];
  }
  return to;
}
