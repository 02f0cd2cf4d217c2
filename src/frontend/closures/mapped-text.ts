/**
 * Owns: writing text that remembers where each copied piece came from.
 * Receives JavaScript and the map from it to the user's file; gives longer JavaScript whose map leads straight to the user's file.
 */
import { decode, encode, type SourceMapMappings, type SourceMapSegment } from '@jridgewell/sourcemap-codec';
import type { Position } from './function-info.js';

export class MappedText {
  private readonly code: string;
  private readonly mappings: SourceMapMappings;
  private readonly lineStarts: number[] = [0];
  private readonly rows: SourceMapSegment[][] = [[]];
  private readonly parts: string[] = [];
  private column = 0;

  constructor(code: string, mappings: string) {
    this.code = code;
    this.mappings = decode(mappings);
    for (let i = code.indexOf('\n'); i >= 0; i = code.indexOf('\n', i + 1)) this.lineStarts.push(i + 1);
  }

  /** Where in the user's file the character at `offset` of the input was written. */
  original(offset: number): Position {
    const line = this.lineAt(offset);
    const column = offset - this.lineStarts[line];
    const segment = segmentAt(this.mappings[line] ?? [], column);
    return segment ? { line: segment[2] + 1, column: segment[3] + 1 } : { line: 1, column: 1 };
  }

  /** Appends text that the user did not write. */
  add(text: string): void {
    this.append(text, null);
  }

  /** Appends the input from `from` to `to`. */
  copy(from: number, to: number): void {
    let at = from;
    for (let line = this.lineAt(from); at < to; line++) {
      const start = this.lineStarts[line];
      const end = Math.min(to, this.lineStarts[line + 1] ?? this.code.length);
      const segments = this.mappings[line] ?? [];
      let current = segmentAt(segments, at - start);
      for (const next of segments) {
        const cut = start + next[0];
        if (cut <= at || cut >= end) continue;
        this.append(this.code.slice(at, cut), current);
        at = cut;
        current = next.length > 1 ? (next as MappedSegment) : null;
      }
      this.append(this.code.slice(at, end), current);
      at = end;
    }
  }

  finish(): { code: string; mappings: string } {
    return { code: this.parts.join(''), mappings: encode(this.rows) };
  }

  private append(text: string, origin: MappedSegment | null): void {
    this.rows[this.rows.length - 1].push(origin ? [this.column, 0, origin[2], origin[3]] : [this.column]);
    this.parts.push(text);
    let lineStart = 0;
    for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', lineStart)) {
      this.rows.push([]);
      this.column = 0;
      lineStart = i + 1;
    }
    this.column += text.length - lineStart;
  }

  private lineAt(offset: number): number {
    let low = 0;
    let high = this.lineStarts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.lineStarts[middle] <= offset) low = middle;
      else high = middle;
    }
    return low;
  }
}

export type MappedSegment = Exclude<SourceMapSegment, [number]>;

/** The last segment of the line that starts at or before `column`, if it leads anywhere. */
export function segmentAt(segments: readonly SourceMapSegment[], column: number): MappedSegment | null {
  let low = 0;
  let high = segments.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (segments[middle][0] <= column) low = middle + 1;
    else high = middle;
  }
  const segment = segments[low - 1];
  return segment !== undefined && segment.length > 1 ? (segment as MappedSegment) : null;
}
