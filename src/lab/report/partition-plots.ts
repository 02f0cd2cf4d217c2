/** Owns: the pictures of how a shuffle's rows and bytes spread over its reduce partitions: how uneven they are is seen at a glance. */
import * as Plot from '@observablehq/plot';
import type { Unit } from '../metrics.js';
import type { ShuffleFacts } from '../shuffle-facts.js';
import { axisUnit } from './axis-unit.js';
import { draw } from './draw.js';
import { type Html, html } from './html.js';

const WIDTH = 348;
/** More partitions are drawn as a curve, from the largest to the smallest. */
const MOST_BARS = 160;

export function partitionPlots({ rows, bytes }: ShuffleFacts): Html {
  return html`<div class="cards">${[plotOf('Rows by reduce partition', rows, 'count'), plotOf('Bytes by reduce partition', bytes, 'bytes')]}</div>`;
}

function plotOf(title: string, values: readonly number[], unit: Unit): Html {
  const most = Math.max(...values, 0);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const empty = values.filter((value) => value === 0).length;
  const ratio = mean > 0 ? `The largest has ${(most / mean).toFixed(2)} times the mean` : 'All are empty';
  const note = empty > 0 && mean > 0 ? `${ratio}; ${empty} of ${values.length} are empty.` : `${ratio}.`;
  return html`<figure class="card"><figcaption><h5>${title}</h5><p>${note}</p></figcaption>${most > 0 ? picture(title, values, unit, mean) : null}</figure>`;
}

function picture(title: string, values: readonly number[], unit: Unit, mean: number): Html {
  const scale = axisUnit(unit, Math.max(...values));
  const many = values.length > MOST_BARS;
  const data = (many ? values.toSorted((a, b) => b - a) : values).map((value, i) => ({ i, value: value / scale.per }));
  const x = {
    domain: [0, values.length],
    label: many ? 'partitions, the largest first' : 'partition',
    labelArrow: 'none',
    labelAnchor: 'center',
    ticks: Math.min(5, values.length),
  } as const;
  return draw(title, {
    width: WIDTH,
    height: 180,
    marginLeft: 46,
    marginRight: 12,
    marginTop: 22,
    marginBottom: 40,
    x: { ...x, tickFormat: (value: number) => (Number.isInteger(value) ? String(value) : '') },
    y: { label: scale.name || null, labelArrow: 'none', zero: true, nice: true, ticks: 4 },
    marks: [
      Plot.gridY({ ticks: 4, stroke: 'var(--grid)', strokeOpacity: 1 }),
      many
        ? Plot.areaY(data, { x: 'i', y: 'value', curve: 'step-after', fill: 'var(--c0)' })
        : Plot.rectY(data, {
            x1: ({ i }) => i + 0.06,
            x2: ({ i }) => i + 0.94,
            y: 'value',
            fill: 'var(--c0)',
            title: ({ i, value }) => `partition ${i}: ${round(value)} ${scale.name}`,
          }),
      Plot.ruleY([mean / scale.per], { stroke: 'var(--text)', strokeDasharray: '4 3' }),
      Plot.text([mean / scale.per], {
        y: (value: number) => value,
        text: () => 'mean',
        frameAnchor: 'right',
        dy: -8,
        fill: 'var(--text)',
        stroke: 'var(--surface)',
        strokeWidth: 3,
      }),
    ],
  });
}

const round = (value: number): string => String(Math.round(value * 100) / 100);
