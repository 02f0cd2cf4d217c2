/** Owns: text in columns for a terminal: padding, alignment and cutting of cells that may hold colours. */

const ESCAPE = '\x1b';
/** Colour codes take no place on the screen. */
const COLOUR = new RegExp(`${ESCAPE}\\[\\d+m`, 'g');
const COLOUR_OR_LETTER = new RegExp(`(${ESCAPE}\\[\\d+m)|[^${ESCAPE}]`, 'gu');

/** Cells of a line; one column a cell. */
export type Cells = readonly string[];

export function visibleWidth(text: string): number {
  return [...text.replace(COLOUR, '')].length;
}

/** Plain text of at most `width` characters, its end replaced by `…` where it is longer. */
export function cut(text: string, width: number): string {
  const letters = [...text];
  return letters.length <= width ? text : `${letters.slice(0, Math.max(0, width - 1)).join('')}…`;
}

/** The same for text with colours, which are ended at the cut. */
export function cutColoured(text: string, width: number): string {
  if (visibleWidth(text) <= width) return text;
  let room = width - 1;
  let kept = '';
  for (const [piece, colour] of text.matchAll(COLOUR_OR_LETTER)) {
    if (colour === undefined && room-- <= 0) continue;
    kept += piece;
  }
  return `${kept}…`;
}

/** Lines with each column as wide as its widest cell, `right[column]` telling which stand at the right. A column with nothing under its head is left out. */
export function alignColumns(head: Cells, rows: readonly Cells[], right: readonly boolean[], gap = '  '): string[] {
  const kept = head.map((_, column) => column).filter((column) => rows.some((row) => row[column] !== ''));
  const widths = kept.map((column) => Math.max(...[head, ...rows].map((row) => visibleWidth(row[column]))));
  return [head, ...rows].map((row) =>
    kept
      .map((column, i) => pad(row[column], widths[i], right[column]))
      .join(gap)
      .trimEnd(),
  );
}

export function pad(text: string, width: number, right: boolean): string {
  const space = ' '.repeat(Math.max(0, width - visibleWidth(text)));
  return right ? space + text : text + space;
}
