/** Owns: the page of a lab's report: its sections in order, in one HTML file that needs nothing else. */
import { formatMeasure } from '../metrics.js';
import type { LabOutcome } from '../run-lab.js';
import type { Comparison } from './comparison.js';
import { escapeHtml } from './html.js';

export function reportPage({ lab }: LabOutcome, { axes, metrics, cells }: Comparison): string {
  const head = [...axes.map(({ key }) => key), ...metrics.map(({ title }) => title)];
  const rows = cells.map(({ cell, summaries }) => [
    ...Object.values(cell.settings),
    ...metrics.map(({ name, unit }) => {
      const summary = summaries[name];
      return summary ? `${formatMeasure(summary.mean, unit)} ± ${formatMeasure(summary.deviation, unit)}` : 'not recorded';
    }),
  ]);
  const tr = (values: readonly string[], tag: string) =>
    `<tr>${values.map((text) => `<${tag}>${escapeHtml(text)}</${tag}>`).join('')}</tr>`;
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>${escapeHtml(lab.title)}</title>
<h1>${escapeHtml(lab.title)}</h1><table>${tr(head, 'th')}${rows.map((row) => tr(row, 'td')).join('')}</table></html>\n`;
}
