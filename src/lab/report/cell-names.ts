/** Owns: what cells are called beside the bars of a plot: as much of their settings as there is room for, so that no two are called alike. */
import type { Cell } from '../matrix.js';
import { cutText } from './draw.js';

/** Letters that leave room for the bars. */
const LONGEST = 24;

const lastPart = (key: string): string => key.slice(key.lastIndexOf('.') + 1);

/** `skew=20`; words speak for themselves. */
const named = ([key, value]: [string, string]): string =>
  /^(\d.*|true|false|none)$/.test(value) ? `${lastPart(key)}=${value}` : shortMaster([key, value]);

/** Of `local-cluster[2,1]` what differs between the masters of a lab. */
const shortMaster = ([key, value]: [string, string]): string => (key === 'master' ? (/\[.*\]$/.exec(value)?.[0] ?? value) : value);

export interface CellNames {
  readonly nameOf: (cell: Cell) => string;
  /** No name was short enough: cells go by their number, from 1. */
  readonly numbered: boolean;
}

export function cellNames(cells: readonly Cell[]): CellNames {
  const wordings: ((cell: Cell) => string)[] = [
    ({ settings }) => Object.entries(settings).map(named).join(' · '),
    ({ label }) => label,
    ({ settings }) => Object.entries(settings).map(shortMaster).join(' · '),
  ];
  const fits = wordings.find((name) => cells.every((cell) => [...name(cell)].length <= LONGEST) && areDifferent(cells, name));
  if (fits) return { nameOf: fits, numbered: false };
  const cut = (cell: Cell): string => cutText(cell.label, LONGEST);
  return areDifferent(cells, cut) ? { nameOf: cut, numbered: false } : { nameOf: ({ index }) => `${index + 1}`, numbered: true };
}

const areDifferent = (cells: readonly Cell[], name: (cell: Cell) => string): boolean => new Set(cells.map(name)).size === cells.length;
