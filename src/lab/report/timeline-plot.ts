/** Owns: the picture of when each task ran, by worker and slot, with faults and decisions marked and told below. */
import * as Plot from '@observablehq/plot';
import { formatDuration } from '../../core/units.js';
import type { Mark, Span, Timeline } from '../timeline.js';
import { colour, draw, textWidth } from './draw.js';
import { type Html, html } from './html.js';

const WIDTH = 1080;
const LANE = 22;
/** Narrower attempts are drawn together with their neighbours. */
const LEAST_PIXELS = 1.5;
/** Marks told one by one; those of a stage alike are many where every task fails. */
const MOST_MARKS = 40;

/** `colourOf`: which colour a stage has, the same as in the stage graph. */
export function timelinePlot({ lanes, spans, marks, ms }: Timeline, colourOf: (job: number, stage: number) => number): Html {
  if (spans.length === 0) return html`<p class="none">No task ran.</p>`;
  const told = marks.slice(0, MOST_MARKS);
  const marginLeft = Math.max(...lanes.map(textWidth)) + 12;
  const perMs = (WIDTH - marginLeft - 20) / ms;
  const drawn = joinNarrow(spans, LEAST_PIXELS / perMs);
  const picture = draw('Timeline of tasks', {
    width: WIDTH,
    height: lanes.length * LANE + (told.length > 0 ? 66 : 50),
    marginLeft,
    marginRight: 20,
    marginTop: told.length > 0 ? 24 : 8,
    marginBottom: 40,
    x: { domain: [0, ms / 1000], label: 'seconds', labelArrow: 'none', labelAnchor: 'center' },
    y: {
      domain: lanes.map((_, lane) => lane),
      tickFormat: (lane: number) => lanes[lane],
      label: null,
      tickSize: 0,
      padding: 0.12,
      type: 'band',
    },
    marks: [
      Plot.gridX({ stroke: 'var(--grid)', strokeOpacity: 1 }),
      Plot.barX(drawn, {
        x1: ({ from }: Span) => from / 1000,
        x2: ({ to }: Span) => Math.max(to / 1000, (to + 0.5 / perMs) / 1000),
        y: 'lane',
        fill: ((span: Span) => colour(colourOf(span.job, span.stage))) as never,
        fillOpacity: ({ end }: Span) => (end === 'finished' ? 1 : 0.35),
        stroke: (({ end }: Span) => (end === 'finished' ? 'var(--surface)' : 'var(--fault)')) as never,
        strokeWidth: 0.5,
        title: 'title',
      }),
      Plot.ruleX(told, {
        x: ({ at }: Mark) => at / 1000,
        stroke: markColour as never,
        strokeWidth: 1.5,
        strokeDasharray: '4 3',
        title: 'text',
      }),
      Plot.text(labels(told, 40 / perMs), {
        x: ({ at }) => at / 1000,
        text: 'label',
        frameAnchor: 'top',
        dy: -20,
        fill: 'colour' as never,
        fontWeight: 'bold',
      }),
    ],
  });
  return html`<div class="wide" tabindex="0" role="region" aria-label="Timeline of tasks">${picture}</div>${markList(told, marks.length)}`;
}

/** Neighbours in a lane, of one stage and alike in their end, of which each would be thinner than a line. */
function joinNarrow(spans: readonly Span[], least: number): Span[] {
  const lanes: Span[][] = Array.from({ length: Math.max(...spans.map(({ lane }) => lane)) + 1 }, () => []);
  for (const span of spans) lanes[span.lane].push(span);
  return lanes.flatMap((lane) => {
    const joined: (Span & { tasks: number })[] = [];
    for (const span of lane.toSorted((a, b) => a.from - b.from)) {
      const last = joined[joined.length - 1];
      const alike = last && last.job === span.job && last.stage === span.stage && last.end === span.end;
      if (alike && span.to - span.from < least && span.from - last.to < least) {
        const tasks = last.tasks + 1;
        joined[joined.length - 1] = {
          ...last,
          to: Math.max(last.to, span.to),
          tasks,
          title: `${tasks} tasks of stage ${span.stage}: ${span.end}`,
        };
      } else joined.push({ ...span, tasks: 1 });
    }
    return joined;
  });
}

const markColour = ({ kind }: Mark): string => (kind === 'fault' ? 'var(--fault)' : 'var(--accent)');

/** Numbers above the picture; those too close to each other share a place: `2–5`. */
function labels(marks: readonly Mark[], near: number): { at: number; label: string; colour: string }[] {
  const found: { at: number; last: number; from: number; to: number; colour: string }[] = [];
  marks.forEach((mark, i) => {
    const last = found[found.length - 1];
    if (last && mark.at - last.last < near) {
      last.to = i + 1;
      last.last = mark.at;
      if (mark.kind === 'fault') last.colour = markColour(mark);
    } else found.push({ at: mark.at, last: mark.at, from: i + 1, to: i + 1, colour: markColour(mark) });
  });
  return found.map(({ at, from, to, colour }) => ({ at, label: from === to ? String(from) : `${from}–${to}`, colour }));
}

function markList(marks: readonly Mark[], total: number): Html | null {
  if (marks.length === 0) return null;
  const items = marks.map(({ at, kind, text }) => html`<li class="${kind}"><span class="at">${formatDuration(at)}</span> ${text}</li>`);
  const more = total > marks.length ? html`<p class="none">and ${total - marks.length} more: see the event log</p>` : null;
  return html`<ol class="marks">${items}</ol>${more}`;
}
