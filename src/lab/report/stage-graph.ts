/** Owns: the picture of a job's stages: boxes from left to right, an edge for each shuffle, with what it cost. */
import { formatBytes, formatCount, formatDuration } from '../../core/units.js';
import { bytesIn, type JobSummary, rowsOut, type StageSummary, stageMs } from '../../observability/job-summary.js';
import { colour, cutText } from './draw.js';
import { type Html, html } from './html.js';

const BOX = { width: 210, height: 78 };
const GAP = { x: 92, y: 18 };
const LETTERS = 28;

interface Placed {
  readonly stage: StageSummary;
  readonly x: number;
  readonly y: number;
}

/** `colourOf`: which colour a stage has. */
export function stageGraph(job: JobSummary, colourOf: (stage: number) => number): Html {
  const placed = place([...job.stages.values()]);
  const width = Math.max(...[...placed.values()].map(({ x }) => x)) + BOX.width + 2;
  const height = Math.max(...[...placed.values()].map(({ y }) => y)) + BOX.height + 2;
  const edges = [...placed.values()].flatMap((to) => to.stage.parents.map((parent) => edge(placed.get(parent), to)));
  const boxes = [...placed.values()].map((at) => box(at, colourOf(at.stage.stage)));
  const picture = html`<svg class="graph" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="Stages of ${job.name}">${edges}${boxes}</svg>`;
  return html`<div class="wide" tabindex="0" role="region" aria-label="Stages of ${job.name}">${picture}</div>`;
}

/** In columns by the longest way from a stage without parents, each column from the top. */
function place(stages: readonly StageSummary[]): Map<number, Placed> {
  const depths = new Map<number, number>();
  for (const { stage, parents } of stages) depths.set(stage, Math.max(-1, ...parents.map((parent) => depths.get(parent) ?? -1)) + 1);
  const filled = new Map<number, number>();
  const placed = new Map<number, Placed>();
  for (const stage of stages) {
    const depth = depths.get(stage.stage)!;
    const row = filled.get(depth) ?? 0;
    filled.set(depth, row + 1);
    placed.set(stage.stage, { stage, x: 1 + depth * (BOX.width + GAP.x), y: 1 + row * (BOX.height + GAP.y) });
  }
  return placed;
}

function edge(from: Placed | undefined, to: Placed): Html | null {
  if (from === undefined) return null;
  const [x1, y1, x2, y2] = [from.x + BOX.width, from.y + BOX.height / 2, to.x, to.y + BOX.height / 2];
  const middle = (x1 + x2) / 2;
  const bytes = from.stage.metrics.shuffleWriteBytes || from.stage.metrics.cacheWriteBytes;
  const label =
    bytes > 0 ? html`<text x="${x2 - GAP.x / 2}" y="${(y1 + y2) / 2 - 6}" text-anchor="middle">${formatBytes(bytes)}</text>` : null;
  return html`<path class="edge" d="M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2 - 6} ${y2}"/><path class="arrow" d="M${x2} ${y2}l-8 -4v8z"/>${label}`;
}

function box({ stage, x, y }: Placed, index: number): Html {
  const { name, tasks, metrics } = stage;
  const lines = stage.skipped
    ? ['skipped: its output is kept', '']
    : [
        `${tasks} ${tasks === 1 ? 'task' : 'tasks'} · ${formatDuration(stageMs(stage, stage.finishedAt ?? 0))}${stage.reran > 0 ? ` · ${stage.reran} again` : ''}`,
        `${formatBytes(bytesIn(metrics))} in · ${formatCount(rowsOut(metrics))} rows out`,
      ];
  return html`<g class="stage${stage.skipped ? ' skipped' : ''}" transform="translate(${x} ${y})"><title>stage ${stage.stage}: ${name}</title>
<rect width="${BOX.width}" height="${BOX.height}" rx="6"/><rect class="bar" width="5" height="${BOX.height - 16}" x="8" y="8" rx="2" style="fill:${colour(index)}"/>
<text x="22" y="21" class="name">Stage ${stage.stage}</text><text x="22" y="38">${cutText(name, LETTERS)}</text><text x="22" y="54" class="quiet">${lines[0]}</text><text x="22" y="69" class="quiet">${lines[1]}</text></g>`;
}
