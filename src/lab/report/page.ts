/** Owns: the page of a lab's report: its sections in order, in one HTML file that needs nothing else. */
import { formatBytes, formatDuration } from '../../core/units.js';
import { formatMeasure } from '../metrics.js';
import type { ScoredPredictions } from '../predict/predictions.js';
import type { LabOutcome } from '../run-lab.js';
import type { LabStore } from '../store.js';
import { cellNames } from './cell-names.js';
import type { ComparedCell, Comparison } from './comparison.js';
import { colour } from './draw.js';
import { Html, html } from './html.js';
import { metricCard, notPlotted, seriesOf } from './metric-plots.js';
import { SCRIPT, STYLE } from './page-style.js';
import { predictionTable } from './prediction-table.js';
import { runSection } from './run-section.js';

/** What a page is made of; of the directory only event logs and plans. */
export type PageSource = Omit<LabOutcome, 'store'> & {
  readonly store: Pick<LabStore, 'events' | 'plan'>;
  readonly predictions: ScoredPredictions | null;
};

/** Of more cells only the figures are shown: a page should open at once. */
const MOST_INSIDES = 24;

const SECTIONS: readonly (readonly [id: string, title: string])[] = [
  ['results', 'Results'],
  ['plots', 'Plots'],
  ['predictions', 'Predictions'],
  ['inside', 'Inside the runs'],
  ['questions', 'Questions'],
  ['runs', 'Every run'],
  ['environment', 'Environment'],
];

export function reportPage(outcome: PageSource, comparison: Comparison): string {
  const { lab } = outcome;
  const bodies: Readonly<Record<string, Html | null>> = {
    results: resultTable(comparison),
    plots: plots(comparison),
    predictions: outcome.predictions && predictionTable(outcome.predictions),
    inside: insides(outcome, comparison),
    questions: questions(lab.questions),
    runs: runTable(outcome, comparison),
    environment: environment(outcome),
  };
  const shown = SECTIONS.filter(([id]) => bodies[id] !== null);
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>${lab.title}: lab report</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<header><div>
<p class="kind">minispark lab · ${lab.name}</p>
<h1>${lab.title}</h1>
${lab.about === '' ? null : html`<p class="about">${lab.about}</p>`}
${facts(outcome, comparison)}
<nav aria-label="Sections">${shown.map(([id, title]) => html`<a href="#${id}">${title}</a>`)}</nav>
</div></header>
<main>
${shown.map(([id, title]) => html`<section id="${id}"><h2>${title}</h2>${bodies[id]}</section>\n`)}
</main>
<footer>Beside this page: <a href="runs.csv">runs.csv</a> and <a href="runs.json">runs.json</a> with every figure of every run, and the event log of each in runs/.</footer>
<script>${new Html(SCRIPT)}</script>
</body>
</html>
`;
  return page.text;
}

const OUTPUT: Readonly<Record<Comparison['output'], Html | null>> = {
  none: null,
  same: html`<li>all printed <b>the same result</b></li>`,
  'by-arguments': html`<li>runs with equal arguments printed <b>the same result</b></li>`,
  different: html`<li class="bad">runs with equal arguments printed <b>different results</b></li>`,
};

function facts({ results, cells, repeat }: PageSource, { output }: Comparison): Html {
  const failed = results.filter(({ error }) => error !== null).length;
  const date = results.map(({ startedAt }) => startedAt).sort()[0] ?? '';
  return html`<ul class="facts">
<li><b>${cells.length}</b> ${cells.length === 1 ? 'cell' : 'cells'} × <b>${repeat}</b> ${repeat === 1 ? 'run' : 'runs'}</li>
${failed > 0 ? html`<li class="bad"><b>${failed} of ${results.length} runs failed</b></li>` : html`<li><b>all runs succeeded</b></li>`}
${OUTPUT[output]}
<li>${date.replace('T', ' ').slice(0, 16)} UTC</li>
</ul>`;
}

function resultTable({ axes, metrics, cells }: Comparison): Html {
  const walls = cells.map(({ summaries }) => summaries.wall?.mean ?? Number.POSITIVE_INFINITY);
  const fastest = Math.min(...walls);
  const { numbered } = cellNames(cells.map(({ cell }) => cell));
  const number = (text: string, tag: 'th' | 'td'): Html | null => (numbered ? new Html(`<${tag} class="number">${text}</${tag}>`) : null);
  const head = html`${number('Cell', 'th')}${axes.map(({ key }) => html`<th>${key}</th>`)}${metrics.map(({ title, doc }) => html`<th class="number" title="${doc}">${title}</th>`)}`;
  const rows = cells.map((cell) => {
    const place = number(`${cell.cell.index + 1}`, 'td');
    const settings = Object.values(cell.cell.settings).map((value) => html`<td>${value}</td>`);
    if (cell.runs.length > 0 && cell.failed.length === cell.runs.length) {
      return html`<tr>${place}${settings}<td class="bad" colspan="${metrics.length}">${cell.runs.length === 1 ? 'the run' : 'all runs'} failed</td></tr>`;
    }
    const measures = metrics.map((metric) =>
      measureCell(cell, metric, metric.name === 'wall' && cell.summaries.wall?.mean === fastest && cells.length > 1),
    );
    return html`<tr>${place}${settings}${measures}</tr>`;
  });
  return html`<div class="wide frame" tabindex="0" role="region" aria-label="Results"><table><thead><tr>${head}</tr></thead><tbody>${rows}</tbody></table></div>
<p class="none" style="margin-top:8px">Mean ± standard deviation over the runs that succeeded.${cells.length > 1 ? ' The shortest wall time is bold.' : ''}</p>`;
}

function measureCell({ summaries }: ComparedCell, { name, unit }: Comparison['metrics'][number], best: boolean): Html {
  const summary = summaries[name];
  if (summary === null) return html`<td class="number none">not recorded</td>`;
  const deviation = summary.deviation > 0 ? html` <span class="deviation">± ${formatMeasure(summary.deviation, unit)}</span>` : null;
  return html`<td class="number${best ? ' best' : ''}">${formatMeasure(summary.mean, unit)}${deviation}</td>`;
}

function plots(comparison: Comparison): Html {
  const series = seriesOf(comparison);
  const keys =
    series.length > 1
      ? html`<ul class="keys">${series.map((name, i) => html`<li><i style="background:${colour(i)}"></i>${name}</li>`)}</ul>`
      : null;
  const missing = notPlotted(comparison);
  const cards = comparison.metrics.map((metric) => metricCard(comparison, metric));
  return html`${keys}<div class="cards">${cards.filter((card) => card !== null)}</div>
<p class="none" style="margin-top:10px">Lines show the standard deviation, small circles single runs.${missing.length > 0 ? ` Not plotted: ${missing.join('; ')}.` : ''}</p>`;
}

function insides({ store }: PageSource, { cells }: Comparison): Html {
  const shown = cells.slice(0, MOST_INSIDES);
  const folds = shown.map(({ cell, shown: run }, i) => {
    const settings = Object.entries(cell.settings).map(([key, value]) => `${key}=${value}`);
    const note = run === null ? 'all runs failed' : `run ${run.repeat}, ${formatDuration(run.measures.wall ?? 0)}`;
    const events = store.events(cell.index, run?.repeat ?? 1);
    return html`<details class="cell"${i === 0 ? new Html(' open') : null}><summary>${settings.join(', ')}<span>${note}</span></summary><div>${runSection(events, store.plan(cell))}</div></details>`;
  });
  const more =
    cells.length > shown.length
      ? html`<p class="none">and ${cells.length - shown.length} more cells, whose event logs are in runs/</p>`
      : null;
  return html`<p class="quiet">Of each cell the run of median wall time. Wall time has the start and end of the process in it, the timeline has not.</p>${folds}${more}`;
}

function questions(asked: readonly string[]): Html | null {
  if (asked.length === 0) return null;
  const items = asked.map((question, i) => html`<li><label for="q${i}">${question}</label><textarea id="q${i}"></textarea></li>`);
  return html`<ol class="questions">${items}</ol><button type="button" id="save">Save a copy with the answers</button>`;
}

function runTable({ results }: PageSource, { axes, metrics }: Comparison): Html {
  const head = [
    ...axes.map(({ key }) => html`<th>${key}</th>`),
    html`<th class="number">Run</th>`,
    ...metrics.map(({ title }) => html`<th class="number">${title}</th>`),
  ];
  const rows = results.map(({ settings, repeat, measures, error }) => {
    const cells =
      error === null
        ? metrics.map(({ name, unit }) => html`<td class="number">${figure(measures[name], unit)}</td>`)
        : [html`<td class="text bad" colspan="${metrics.length}">${error}</td>`];
    return html`<tr>${Object.values(settings).map((value) => html`<td>${value}</td>`)}<td class="number">${repeat}</td>${cells}</tr>`;
  });
  return html`<div class="wide frame" tabindex="0" role="region" aria-label="Every run"><table><thead><tr>${head}</tr></thead><tbody>${rows}</tbody></table></div>`;
}

const figure = (value: number | null | undefined, unit: Parameters<typeof formatMeasure>[1]): string =>
  value === null || value === undefined ? 'not recorded' : formatMeasure(value, unit);

function environment({ environment, lab }: PageSource): Html {
  const { version, build, commit, node, system, processor, cores, memoryBytes } = environment;
  const rows = [
    ['minispark', `${version}, build ${build}${commit === null ? '' : `, commit ${commit}`}`],
    ['Node', node],
    ['System', system],
    ['Processor', `${processor}, ${cores} ${cores === 1 ? 'core' : 'cores'}`],
    ['Memory', formatBytes(memoryBytes)],
    ['Master', lab.master],
    ...[...lab.args].map(([name, { text }]) => [`Argument ${name}`, text]),
    ...[...lab.conf].map(([name, { text }]) => [name, text]),
    ...(lab.data ? [['Data', `${formatBytes(lab.data.bytes)} of ${lab.data.kind}, seed ${lab.data.seed}, skew ${lab.data.skew}`]] : []),
  ];
  return html`<dl>${rows.map(([name, text]) => html`<dt>${name}</dt><dd>${text}</dd>`)}</dl>`;
}
