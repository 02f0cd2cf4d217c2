/** Owns: the picture of a job's stages: boxes from left to right, an edge for each shuffle, with what it cost. */
import { formatBytes, formatCount, formatDuration } from '../../core/units.js';
import { type JobSummary, type StageSummary, stageMs } from '../../observability/job-summary.js';
import { bytesIn, rowsOut } from '../../observability/metric-sums.js';
import { colour, cutText } from './draw.js';
import { type Html, html } from './html.js';

const BOX = { width: 210, height: 78 };
const GAP = { x: 92, y: 18 };
const LETTERS = 28;

/** Room of an edge that passes a column. */
const PASS = 12;

interface Placed {
  readonly stage: StageSummary;
  readonly x: number;
  readonly y: number;
}

interface Layout {
  readonly boxes: ReadonlyMap<number, Placed>;
  /** `parent stage` → where that edge passes the columns between: left end and height, column by column. */
  readonly passes: ReadonlyMap<string, readonly { readonly x: number; readonly y: number }[]>;
  readonly width: number;
  readonly height: number;
}

/** `colourOf`: which colour a stage has. */
export function stageGraph(job: JobSummary, colourOf: (stage: number) => number): Html {
  const { boxes, passes, width, height } = layOut([...job.stages.values()]);
  const edges = [...boxes.values()].flatMap((to) =>
    to.stage.parents.map((parent) => edge(boxes.get(parent), to, passes.get(`${parent} ${to.stage.stage}`) ?? [])),
  );
  const shapes = [...boxes.values()].map((at) => box(at, colourOf(at.stage.stage)));
  const picture = html`<svg class="graph" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="Stages of ${job.name}">${edges}${shapes}</svg>`;
  return html`<div class="wide" tabindex="0" role="region" aria-label="Stages of ${job.name}">${picture}</div>`;
}

/** In columns by the longest way from a stage without parents, each filled from the top; edges that pass a column get room in it. */
function layOut(stages: readonly StageSummary[]): Layout {
  const depths = new Map<number, number>();
  for (const { stage, parents } of stages) depths.set(stage, Math.max(-1, ...parents.map((parent) => depths.get(parent) ?? -1)) + 1);
  const filled: number[] = Array.from({ length: Math.max(...depths.values()) + 1 }, () => 1);
  const left = (depth: number) => 1 + depth * (BOX.width + GAP.x);
  const take = (depth: number, height: number): number => {
    const y = filled[depth];
    filled[depth] += height + GAP.y;
    return y;
  };
  const boxes = new Map<number, Placed>();
  const passes = new Map<string, { x: number; y: number }[]>();
  for (const stage of stages) {
    const depth = depths.get(stage.stage)!;
    for (const parent of stage.parents) {
      const between = Array.from({ length: Math.max(0, depth - (depths.get(parent) ?? depth) - 1) }, (_, i) => depth - 1 - i).reverse();
      passes.set(
        `${parent} ${stage.stage}`,
        between.map((column) => ({ x: left(column), y: take(column, PASS) + PASS / 2 })),
      );
    }
    boxes.set(stage.stage, { stage, x: left(depth), y: take(depth, BOX.height) });
  }
  return { boxes, passes, width: left(filled.length - 1) + BOX.width + 1, height: Math.max(...filled) - GAP.y + 2 };
}

function edge(from: Placed | undefined, to: Placed, passes: readonly { readonly x: number; readonly y: number }[]): Html | null {
  if (from === undefined) return null;
  const [end, y] = [to.x, to.y + BOX.height / 2];
  let [x, height] = [from.x + BOX.width, from.y + BOX.height / 2];
  let path = `M${x} ${height}`;
  const curve = (toX: number, toY: number): void => {
    const middle = (x + toX) / 2;
    path += `C${middle} ${height} ${middle} ${toY} ${toX} ${toY}`;
    [x, height] = [toX, toY];
  };
  for (const pass of passes) {
    curve(pass.x, pass.y);
    x = pass.x + BOX.width;
    path += `H${x}`;
  }
  const bytes = from.stage.metrics.shuffleWriteBytes || from.stage.metrics.cacheWriteBytes;
  const label = html`<text x="${(x + end) / 2}" y="${(height + y) / 2 - 6}" text-anchor="middle">${bytes > 0 ? formatBytes(bytes) : ''}</text>`;
  curve(end - 6, y);
  return html`<path class="edge" d="${path}"/><path class="arrow" d="M${end} ${y}l-8 -4v8z"/>${label}`;
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
