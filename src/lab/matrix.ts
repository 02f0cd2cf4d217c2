/** Owns: the product of a lab's matrix: one cell for each combination of values, the last key varying fastest, and the order of its runs. */
import type { Lab } from './lab-file.js';

export interface Cell {
  /** From 0, in the order of the matrix. */
  readonly index: number;
  /** Matrix key → value, in the order of the matrix. */
  readonly settings: Readonly<Record<string, string>>;
  /** The values alone, but for those that say nothing without their key: `hash · 200 · adaptive=true`. */
  readonly label: string;
}

/** One run of one cell; `repeat` counts from 1. */
export interface PlannedRun {
  readonly cell: Cell;
  readonly repeat: number;
}

export function cellsOf({ matrix }: Pick<Lab, 'matrix'>): Cell[] {
  let products: [string, string][][] = [[]];
  for (const { key, values } of matrix)
    products = products.flatMap((made) => values.map(({ text }) => [...made, [key, text] as [string, string]]));
  return products.map((pairs, index) => ({
    index,
    settings: Object.fromEntries(pairs),
    label: pairs.map(shortText).join(' · '),
  }));
}

function shortText([key, value]: readonly [string, string]): string {
  return value === 'true' || value === 'false' ? `${key.slice(key.lastIndexOf('.') + 1)}=${value}` : value;
}

/** Every cell once, then every cell again: what drifts with time (heat, caches, other work on the machine) spreads over all of them. */
export function plannedRuns(cells: readonly Cell[], repeat: number): PlannedRun[] {
  return Array.from({ length: repeat }, (_, round) => cells.map((cell) => ({ cell, repeat: round + 1 }))).flat();
}

/** The arguments of `minispark` that run a cell, but for where its event log goes. `input`: the data made for the lab. */
export function submitArguments(lab: Lab, { settings }: Cell, input: string | null, extraConf: Readonly<Record<string, string>>): string[] {
  const conf: Record<string, string> = { ...extraConf, ...texts(lab.conf) };
  const jobArgs = texts(lab.args);
  let master = lab.master;
  const options: string[] = [];
  for (const [key, value] of Object.entries(settings)) {
    if (key === 'master') master = value;
    else if (key === 'kill') options.push(...(value === 'none' ? [] : ['--kill', value]));
    else if (key.startsWith('args.')) jobArgs[key.slice('args.'.length)] = value;
    else conf[key] = value;
  }
  if (input !== null) jobArgs['input'] = input;
  return [
    ...['--master', master, ...options],
    ...Object.entries(conf).flatMap(([key, value]) => ['--conf', `${key}=${value}`]),
    lab.job.text,
    ...Object.entries(jobArgs).map(([key, value]) => `--${key}=${value}`),
  ];
}

const texts = (placed: Lab['args']): Record<string, string> => Object.fromEntries([...placed].map(([key, { text }]) => [key, text]));
