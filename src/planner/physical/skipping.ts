/** Owns: what explain('why') says of a scan's filters: what its reader may pass over by them. */
import { resolvedText } from '../../frontend/plan/expression-text.js';
import type { ResolvedOf } from '../../frontend/plan/resolved.js';
import type { Decision } from './decision.js';

/** What tells is in the files, and found by whoever reads them. */
export function skippingDecision({ scan, output, filters, rows }: ResolvedOf<'scan'>): Decision {
  const conditions = filters.map((filter) => resolvedText(filter).replace(/#\d+/g, ''));
  return {
    operator: `Scan ${scan.format} [${output.map((a) => a.name).join(', ')}]`,
    chosen: `passes over row groups and pages without a row of ${conditions.join(' AND ')}`,
    because: 'statistics, bloom filters, dictionaries and page indexes tell where no row can pass',
    numbers: rows === null ? {} : { rows },
  };
}
