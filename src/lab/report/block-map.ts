/**
 * Owns: the heat map of a shuffle: a row for each map task, a column for each reduce partition, the darker the larger the block.
 * Large shuffles are drawn in bins of several maps or partitions. One path a step of colour: thousands of cells stay a small picture.
 */
import { formatBytes } from '../../core/units.js';
import { draw, svgElement } from './draw.js';
import { type Html, html } from './html.js';

const WIDTH = 1080;
const MOST_ROWS = 64;
const MOST_COLUMNS = 128;
const STEPS = 7;

interface Bins {
  /** Mean bytes of the blocks in each bin, by row and column; NaN where none was recorded. */
  readonly cells: readonly (readonly number[])[];
  readonly maps: number;
  readonly partitions: number;
}

/** `blocks[map][partition]` in bytes. */
export function blockMap(blocks: readonly (readonly number[])[]): Html {
  const bins = binsOf(blocks);
  const values = bins.cells.flat().filter((value) => value > 0);
  if (values.length === 0) return html`<p class="none">All blocks are empty.</p>`;
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const thresholds = stepsBetween(low, high);
  const step = (bytes: number) => thresholds.filter((from) => bytes >= from).length - 1;
  const rows = bins.cells.length;
  const height = Math.min(360, Math.max(90, rows * 14)) + 62;
  const picture = draw('Sizes of shuffle blocks', {
    width: WIDTH,
    height,
    marginLeft: 58,
    marginRight: 12,
    marginTop: 6,
    marginBottom: 42,
    x: {
      type: 'linear',
      domain: [0, bins.partitions],
      label: 'reduce partition',
      labelArrow: 'none',
      labelAnchor: 'center',
      ticks: Math.min(10, bins.partitions),
      tickFormat: whole,
    },
    y: {
      type: 'linear',
      domain: [bins.maps, 0],
      label: 'map task',
      labelArrow: 'none',
      labelAnchor: 'center',
      ticks: Math.min(8, bins.maps),
      tickFormat: whole,
    },
    marks: [
      (_index, scales) => {
        const group = svgElement('g', { 'aria-label': 'blocks' });
        for (const [level, path] of pathsOf(bins, step, scales as never).entries())
          if (path) group.appendChild(svgElement('path', { class: `h${level}`, d: path }));
        return group as never;
      },
    ],
  });
  const binned = bins.cells.length < bins.maps || (bins.cells[0]?.length ?? 0) < bins.partitions;
  return html`<div class="wide" tabindex="0" role="region" aria-label="Sizes of shuffle blocks">${picture}</div>${legend(thresholds, high, binned)}`;
}

function binsOf(blocks: readonly (readonly number[])[]): Bins {
  const maps = blocks.length;
  const partitions = Math.max(...blocks.map(({ length }) => length));
  const [rows, columns] = [Math.min(maps, MOST_ROWS), Math.min(partitions, MOST_COLUMNS)];
  const sums = Array.from({ length: rows }, () => new Float64Array(columns));
  const counts = Array.from({ length: rows }, () => new Float64Array(columns));
  blocks.forEach((sizes, map) => {
    const row = Math.floor((map * rows) / maps);
    sizes.forEach((bytes, partition) => {
      const column = Math.floor((partition * columns) / partitions);
      sums[row][column] += bytes;
      counts[row][column]++;
    });
  });
  return { cells: sums.map((row, r) => Array.from(row, (sum, c) => sum / counts[r][c])), maps, partitions };
}

/** Where each step of colour begins: evenly from nothing, so that blocks of much the same size look so, or by factors where sizes lie far apart. */
function stepsBetween(low: number, high: number): number[] {
  const byFactor = high / low > 20;
  return Array.from({ length: STEPS }, (_, i) => (byFactor ? low * (high / low) ** (i / STEPS) : (high * i) / STEPS));
}

type Scales = { readonly x: (value: number) => number; readonly y: (value: number) => number };

function pathsOf({ cells, maps, partitions }: Bins, step: (bytes: number) => number, { x, y }: Scales): string[] {
  const paths: string[] = Array.from({ length: STEPS }, () => '');
  const edge = (value: number) => Math.round(value * 10) / 10;
  cells.forEach((row, r) => {
    const [top, bottom] = [edge(y((r * maps) / cells.length)), edge(y(((r + 1) * maps) / cells.length))];
    row.forEach((bytes, c) => {
      if (!(bytes > 0)) return;
      const [left, right] = [edge(x((c * partitions) / row.length)), edge(x(((c + 1) * partitions) / row.length))];
      paths[step(bytes)] += `M${left} ${top}H${right}V${bottom}H${left}z`;
    });
  });
  return paths;
}

function legend(thresholds: readonly number[], high: number, binned: boolean): Html {
  const items = thresholds.map(
    (from, i) =>
      html`<li><svg class="swatch" aria-hidden="true"><rect width="14" height="14" class="h${i}"/></svg>${formatBytes(from)}</li>`,
  );
  const note = binned ? html`<p class="none">Neighbouring blocks are drawn together, in the colour of their mean.</p>` : null;
  return html`<ul class="legend"><li>from</li>${items}<li>up to ${formatBytes(high)}; blank: empty</li></ul>${note}`;
}

const whole = (value: number): string => (Number.isInteger(value) ? String(value) : '');
