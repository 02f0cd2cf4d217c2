/** Owns: the inside of one cell of a lab, as its run of median wall time shows it: timeline, stages, decisions, partitions, blocks, plan. */

import type { Event, EventOf } from '../../core/events.js';
import { formatBytes, formatExact } from '../../core/units.js';
import { summarize } from '../../observability/job-summary.js';
import { blockBytes, type ShuffleFacts, shufflesOf } from '../shuffle-facts.js';
import { timelineOf } from '../timeline.js';
import { blockMap } from './block-map.js';
import { type Html, html } from './html.js';
import { partitionPlots } from './partition-plots.js';
import { planAsRun, planNote } from './plan-as-run.js';
import { stageGraph } from './stage-graph.js';
import { timelinePlot } from './timeline-plot.js';

/** Of more, those with the most bytes. */
const MOST_SHUFFLES = 3;
const MOST_JOBS = 6;

/** `plan`: its text, or null where it was not asked for. */
export function runSection(events: readonly Event[], plan: string | null): Html {
  const jobs = [...summarize(events).jobs.values()];
  const offsets = jobs.map((_, i) => jobs.slice(0, i).reduce((sum, { stages }) => sum + stages.size, 0));
  const several = jobs.length > 1;
  const graphs = jobs
    .slice(0, MOST_JOBS)
    .map((job, i) => html`${several ? html`<h5>Job ${i + 1}</h5>` : null}${stageGraph(job, (stage) => offsets[i] + stage)}`);
  const more =
    jobs.length > MOST_JOBS
      ? html`<p class="none">and ${jobs.length - MOST_JOBS} more jobs</p>`
      : jobs.length === 0
        ? html`<p class="none">No job was submitted.</p>`
        : null;
  return html`<section><h4>Timeline</h4>${timelinePlot(timelineOf(events), (job, stage) => offsets[job] + stage)}</section>
<section><h4>Stages</h4>${graphs}${more}</section>
<section><h4>Adaptive decisions</h4>${decisions(events)}</section>
${shuffles(events)}
${plan === null ? null : planSection(plan, events)}`;
}

function planSection(plans: string, events: readonly Event[]): Html {
  const { text, changed } = planAsRun(plans, events);
  return html`<section><h4>Plan</h4><p class="none">${planNote(changed)}</p><pre tabindex="0">${text}</pre></section>`;
}

function decisions(events: readonly Event[]): Html {
  const made = events.filter((event) => event.kind === 'plan-adapted');
  if (made.length === 0) return html`<p class="none">None: every stage ran as it was planned.</p>`;
  const rows = made.map(
    ({ stage, decision, text, numbers }) =>
      html`<tr><td class="number">${stage}</td><td><span class="badge">${decision}</span></td><td>${text}</td><td class="text">${numberList(numbers)}</td></tr>`,
  );
  return html`<div class="wide" tabindex="0" role="region" aria-label="Adaptive decisions"><table><thead><tr><th class="number">Stage</th><th>Decision</th><th>What was done</th><th>What was compared</th></tr></thead><tbody>${rows}</tbody></table></div>`;
}

function numberList(numbers: EventOf<'plan-adapted'>['numbers']): string {
  return Object.entries(numbers)
    .map(
      ([name, value]) =>
        `${name} ${/bytes$/i.test(name) ? formatBytes(value) : Number.isInteger(value) ? formatExact(value) : value.toFixed(2)}`,
    )
    .join(', ');
}

function shuffles(events: readonly Event[]): Html {
  const bytesOf = ({ bytes }: ShuffleFacts) => bytes.reduce((sum, value) => sum + value, 0);
  const all = shufflesOf(events).filter(({ partitions }) => partitions > 1);
  if (all.length === 0)
    return html`<section><h4>Partitions and blocks</h4><p class="none">No shuffle with more than one partition was recorded.</p></section>`;
  const shown = all.toSorted((a, b) => bytesOf(b) - bytesOf(a)).slice(0, MOST_SHUFFLES);
  const sections = shown.map((facts) => {
    const blocks = blockBytes(events, facts);
    return html`<section><h4>Shuffle ${facts.shuffle}: what stage ${facts.stage} wrote</h4>
<p>${facts.maps} map tasks × ${facts.partitions} reduce partitions, ${facts.writer} writer, ${formatBytes(bytesOf(facts))}</p>
${partitionPlots(facts)}<h5>Block sizes</h5>${blocks.length > 0 ? blockMap(blocks) : html`<p class="none">Not recorded: events.blocks was false.</p>`}</section>`;
  });
  const left = all.length - shown.length;
  return html`${sections}${left > 0 ? html`<p class="none">and ${left} smaller ${left === 1 ? 'shuffle' : 'shuffles'}</p>` : null}`;
}
