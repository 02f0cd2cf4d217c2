/**
 * Owns: the plot of one metric over all cells: mean, standard deviation and every run. Bars by cell; where an axis of the matrix is numbers,
 * lines along it, one for each combination of the others.
 */
import * as Plot from '@observablehq/plot';
import { parseBytes } from '../../core/config.js';
import type { Axis } from '../lab-file.js';
import { formatMeasure, type MetricName, type Unit } from '../metrics.js';
import { type AxisUnit, axisUnit } from './axis-unit.js';
import { cellNames } from './cell-names.js';
import type { ComparedCell, Comparison } from './comparison.js';
import { colour, draw, textWidth } from './draw.js';
import { type Html, html } from './html.js';

const WIDTH = 348;
/** Fewer points make no line. */
const LEAST_POINTS = 3;

interface Point {
  readonly cell: ComparedCell;
  readonly mean: number;
  readonly low: number;
  readonly high: number;
  readonly most: number;
  readonly runs: readonly number[];
}

/** The axis that lines go along, or null. */
function lineAxis(axes: readonly Axis[]): Axis | null {
  const numeric = axes.filter(({ values }) => values.length >= LEAST_POINTS && values.every(({ text }) => !Number.isNaN(parseBytes(text))));
  return numeric.sort((a, b) => b.values.length - a.values.length)[0] ?? null;
}

/** What the lines are called, in the order of their colours. */
export function seriesOf({ cells, axes }: Comparison): string[] {
  const along = lineAxis(axes);
  return along === null ? [] : [...new Set(cells.map((cell) => seriesName(cell, along)))];
}

function seriesName({ cell }: ComparedCell, along: Axis): string {
  return Object.entries(cell.settings)
    .filter(([key]) => key !== along.key)
    .map(([, value]) => value)
    .join(' · ');
}

/** A card; null where there is nothing to plot. */
export function metricCard(comparison: Comparison, metric: Comparison['metrics'][number]): Html | null {
  const points = pointsOf(comparison.cells, metric.name);
  if (points.length === 0 || points.every(({ most }) => most === 0)) return null;
  const along = lineAxis(comparison.axes);
  const picture = along === null ? bars(comparison, metric, points) : lines(comparison, along, metric, points);
  return html`<figure class="card"><figcaption><h3>${metric.title}</h3><p>${metric.doc}</p></figcaption>${picture}</figure>`;
}

/** Metrics without a plot, and why. */
export function notPlotted({ cells, metrics }: Comparison): string[] {
  return metrics.flatMap(({ name, title }) => {
    const points = pointsOf(cells, name);
    if (points.length === 0) return [`${title}: not recorded`];
    return points.every(({ most }) => most === 0) ? [`${title}: 0 in every run`] : [];
  });
}

function pointsOf(cells: readonly ComparedCell[], name: MetricName): Point[] {
  return cells.flatMap((cell) => {
    const summary = cell.summaries[name];
    if (summary === null) return [];
    const runs = cell.runs.filter(({ error }) => error === null).map(({ measures }) => measures[name] ?? 0);
    const [low, high] = [Math.max(0, summary.mean - summary.deviation), summary.mean + summary.deviation];
    return [{ cell, mean: summary.mean, low, high, most: Math.max(high, summary.max), runs }];
  });
}

interface Titled {
  readonly title: string;
  readonly unit: Unit;
}

function bars({ cells, axes }: Comparison, { title, unit }: Titled, points: readonly Point[]): Html {
  const most = Math.max(...points.map((point) => point.most));
  const scale = axisUnit(unit, most);
  const ticks = tickCount(unit, most);
  const { nameOf } = cellNames(cells.map(({ cell }) => cell));
  const y = ({ cell }: ComparedCell): string => nameOf(cell);
  const [firstAxis] = axes;
  const fill = ({ cell }: Point) =>
    axes.length < 2 ? colour(0) : colour(firstAxis.values.findIndex(({ text }) => text === cell.cell.settings[firstAxis.key]));
  const texts = points.map(({ mean }) => formatMeasure(mean, unit));
  const runs = points.flatMap((point) => point.runs.map((value) => ({ point, value })));
  const marginLeft = Math.max(...cells.map((cell) => textWidth(y(cell)))) + 10;
  return draw(`${title} by cell`, {
    width: WIDTH,
    height: cells.length * 28 + 46,
    marginLeft,
    marginRight: Math.max(...texts.map(textWidth)) + 14,
    marginTop: 6,
    marginBottom: 38,
    x: { label: scale.name || null, ticks, labelArrow: 'none', labelAnchor: 'center' },
    y: { domain: cells.map(y), label: null, tickSize: 0, padding: 0.28 },
    marks: [
      Plot.gridX({ ticks, stroke: 'var(--grid)', strokeOpacity: 1 }),
      Plot.barX(points, {
        x: ({ mean }: Point) => mean / scale.per,
        y: ({ cell }: Point) => y(cell),
        fill: fill as never,
        title: titleOf(unit),
      }),
      Plot.ruleY(points, {
        x1: ({ low }: Point) => low / scale.per,
        x2: ({ high }: Point) => high / scale.per,
        y: ({ cell }: Point) => y(cell),
        stroke: 'var(--text)',
        strokeWidth: 1.5,
      }),
      Plot.dot(runs, {
        x: ({ value }) => value / scale.per,
        y: ({ point }) => y(point.cell),
        r: 2.5,
        fill: 'var(--surface)',
        stroke: 'var(--text)',
        strokeWidth: 1,
      }),
      Plot.text(points, {
        x: ({ most }: Point) => most / scale.per,
        y: ({ cell }: Point) => y(cell),
        text: ({ mean }: Point) => formatMeasure(mean, unit),
        textAnchor: 'start',
        dx: 7,
        fill: 'var(--text)',
      }),
    ],
  });
}

function lines(comparison: Comparison, along: Axis, { title, unit }: Titled, points: readonly Point[]): Html {
  const most = Math.max(...points.map((point) => point.most));
  const scale = axisUnit(unit, most);
  const log = isWide(points);
  const unitName = [scale.name, log ? 'log scale' : ''].filter((text) => text !== '').join(', ');
  const ticks = tickCount(unit, most);
  const marks = seriesOf(comparison).flatMap((name, i) =>
    lineMarks(
      points.filter(({ cell }) => seriesName(cell, along) === name),
      { x: ({ cell }) => cell.cell.settings[along.key], scale, unit, log, series: i },
    ),
  );
  return draw(`${title} along ${along.key}`, {
    width: WIDTH,
    height: 230,
    marginLeft: 46,
    marginRight: 16,
    marginTop: 22,
    marginBottom: 42,
    x: {
      type: 'point',
      domain: along.values.map(({ text }) => text),
      label: along.key,
      labelArrow: 'none',
      labelAnchor: 'center',
      padding: 0.2,
    },
    y: {
      type: log ? 'log' : 'linear',
      label: unitName || null,
      labelArrow: 'none',
      ticks,
      ...(log ? { tickFormat: '~s' } : { zero: true, nice: true }),
    },
    marks: [Plot.gridY({ ticks, stroke: 'var(--grid)', strokeOpacity: 1 }), ...marks],
  });
}

interface LineOptions {
  readonly x: (point: Point) => string;
  readonly scale: AxisUnit;
  readonly unit: Unit;
  readonly log: boolean;
  readonly series: number;
}

/** Lines above others have gaps, so that those below are seen where they coincide. */
const DASHES = ['none', '7 5', '2 4', '9 4 2 4'];

function lineMarks(points: readonly Point[], { x, scale, unit, log, series }: LineOptions): Plot.Markish[] {
  const stroke = colour(series);
  const y = ({ mean }: Point) => mean / scale.per;
  const runs = points.flatMap((point) => point.runs.map((value) => ({ at: x(point), value: value / scale.per })));
  // A logarithm has no place for what reaches down to nothing.
  const y1 = ({ low, mean }: Point) => (log ? Math.max(low, mean / 10) : low) / scale.per;
  return [
    Plot.ruleX(points, { x, y1, y2: ({ high }: Point) => high / scale.per, stroke, strokeWidth: 1.5 }),
    Plot.line(points, { x, y, stroke, strokeWidth: 2, strokeDasharray: DASHES[series % DASHES.length] }),
    Plot.dot(runs, { x: 'at', y: 'value', r: 2, stroke, strokeOpacity: 0.6 }),
    Plot.dot(points, { x, y, fill: stroke, r: 3.5, title: titleOf(unit) }),
  ];
}

/** Counts have no ticks between whole numbers. */
const tickCount = (unit: Unit, most: number): number => (unit === 'count' ? Math.min(4, Math.ceil(most)) : 4);

/** Whether a linear axis would hide the smaller values. */
function isWide(points: readonly Point[]): boolean {
  const means = points.map(({ mean }) => mean);
  return Math.min(...means) > 0 && Math.max(...means) / Math.min(...means) > 50;
}

const titleOf =
  (unit: Unit) =>
  ({ cell, mean, runs, high }: Point): string =>
    `${cell.cell.label}: ${formatMeasure(mean, unit)} ± ${formatMeasure(high - mean, unit)}, ${runs.length} runs`;
