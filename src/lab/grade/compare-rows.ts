/**
 * Owns: whether two lists of rows are the same, and a difference that a person can read. Rows are compared as they are ordered, or, unless
 * that was asked for, whatever their order, each as often as it comes. Numbers with a fraction may differ by rounding.
 */
import type { Plain } from './rows.js';

/** Sums of doubles depend on the order of their terms, which is not that of the oracle. */
const TOLERANCE = 1e-9;

export interface Difference {
  /** One sentence. */
  readonly text: string;
  /** Null where there is no such row. */
  readonly expected: Plain | null;
  readonly got: Plain | null;
  readonly expectedRows: number;
  readonly gotRows: number;
}

/** Null where they are the same. */
export function firstDifference(expected: readonly Plain[], got: readonly Plain[], ordered: boolean): Difference | null {
  const order = ordered ? null : orderOf(expected, got);
  const [left, right] = order ? [[...expected].sort(order), [...got].sort(order)] : [expected, got];
  const at = left.findIndex((row, i) => i >= right.length || !same(row, right[i]));
  if (at < 0 && right.length === left.length) return null;
  const counts = { expectedRows: expected.length, gotRows: got.length };
  const [a, b] = at < 0 ? [undefined, right[left.length]] : [left[at], right[at]];
  return { ...describe(a, b, order, ordered ? (at < 0 ? left.length : at) : null), ...counts };
}

type Order = (a: Plain, b: Plain) => number;

function describe(
  a: Plain | undefined,
  b: Plain | undefined,
  order: Order | null,
  at: number | null,
): Omit<Difference, 'expectedRows' | 'gotRows'> {
  if (a !== undefined && b !== undefined && namesOf(a) !== namesOf(b))
    return { text: `expected rows with ${namesOf(a)}, got rows with ${namesOf(b)}`, expected: a, got: b };
  const place = at === null ? '' : ` at row ${at + 1}`;
  // Out of order it is the smaller of the two that the other list lacks, unless both tell of the same thing.
  const pair = a !== undefined && b !== undefined && (order === null || alike(a, b));
  if (pair) return { text: `expected ${shown(a)}${place}, got ${shown(b)}`, expected: a, got: b };
  if (b === undefined || (a !== undefined && order !== null && order(a, b) < 0))
    return { text: `expected ${shown(a!)}${place}, which is missing`, expected: a!, got: null };
  return { text: `got ${shown(b)}${place}, which was not expected`, expected: null, got: b };
}

function namesOf(row: Plain): string {
  if (row === null || typeof row !== 'object') return 'one value';
  return Array.isArray(row) ? `${row.length} values` : `the columns ${Object.keys(row).sort().join(', ')}`;
}

const shown = (row: Plain): string => {
  const text = JSON.stringify(row);
  return text.length <= 300 ? text : `${text.slice(0, 299)}…`;
};

/** Whether two rows differ in numbers only, and have a text in common. */
function alike(a: Plain, b: Plain): boolean {
  const [x, y] = [cellsOf(a), cellsOf(b)];
  const texts = [...x].filter(([, cell]) => typeof cell === 'string');
  return texts.length > 0 && x.size === y.size && texts.every(([name, cell]) => y.get(name) === cell);
}

function same(a: Plain, b: Plain): boolean {
  if (typeof a === 'number' && typeof b === 'number') return a === b || close(a, b);
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return a === b;
  if (Array.isArray(a) || Array.isArray(b))
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item, i) => same(item, b[i] as Plain));
  const [x, y] = [a as Readonly<Record<string, Plain>>, b as Readonly<Record<string, Plain>>];
  const names = Object.keys(x);
  return names.length === Object.keys(y).length && names.every((name) => Object.hasOwn(y, name) && same(x[name], y[name]));
}

function close(a: number, b: number): boolean {
  if (Number.isInteger(a) && Number.isInteger(b)) return false;
  return Math.abs(a - b) <= TOLERANCE * Math.max(Math.abs(a), Math.abs(b));
}

/** A row's cells by name or position; a row that is one value has one. */
function cellsOf(row: Plain): Map<string, Plain> {
  if (row === null || typeof row !== 'object') return new Map([['', row]]);
  return new Map(Object.entries(row));
}

/**
 * An order of rows in which those that are the same stand side by side: by the cells that are compared exactly first, then by those that
 * may be off by rounding. Which these are, the rows of both lists tell.
 */
function orderOf(expected: readonly Plain[], got: readonly Plain[]): Order {
  const names = new Set<string>();
  const inexact = new Set<string>();
  for (const row of [...expected, ...got]) {
    for (const [name, cell] of cellsOf(row)) {
      names.add(name);
      if (typeof cell === 'number' && !Number.isInteger(cell)) inexact.add(name);
    }
  }
  const last = [...names].filter((name) => inexact.has(name)).sort();
  const first = [...names].filter((name) => !inexact.has(name)).sort();
  return (a, b) => {
    const [x, y] = [cellsOf(a), cellsOf(b)];
    for (const name of [...first, ...last]) {
      const by = compareCells(x.get(name), y.get(name));
      if (by !== 0) return by;
    }
    return 0;
  };
}

function compareCells(a: Plain | undefined, b: Plain | undefined): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const [x, y] = [JSON.stringify(rounded(a ?? null)), JSON.stringify(rounded(b ?? null))];
  return x < y ? -1 : x > y ? 1 : 0;
}

/** Names in order, fractions short: nested values that are the same have the same text. */
function rounded(cell: Plain): Plain {
  if (typeof cell === 'number' && !Number.isInteger(cell)) return Number(cell.toPrecision(6));
  if (cell === null || typeof cell !== 'object') return cell;
  if (Array.isArray(cell)) return cell.map(rounded);
  const entries = Object.entries(cell as Readonly<Record<string, Plain>>).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, item]) => [name, rounded(item)]));
}
