/** Owns: why the physical planner chose as it did: one Decision a choice, with the numbers that made it, for explain('why'). */
import { formatBytes, formatExact } from '../../core/units.js';

export interface Decision {
  /** The operator as a reader finds it in the plan: `HashJoin inner on a_id = b_id`. */
  readonly operator: string;
  /** `broadcast the right side`. */
  readonly chosen: string;
  /** A half sentence after "because": `it is below broadcast.threshold`. */
  readonly because: string;
  /** What was compared, in the order in which it should be read; a name that ends in `bytes` is shown in units. */
  readonly numbers: Readonly<Record<string, number>>;
}

/** One paragraph an operator, its choices in the order in which they were made. */
export function decisionsText(decisions: readonly Decision[]): string {
  const byOperator = new Map<string, string[]>();
  for (const decision of decisions) {
    const lines = byOperator.get(decision.operator) ?? [];
    byOperator.set(decision.operator, lines);
    const line = decisionLine(decision);
    if (!lines.includes(line)) lines.push(line);
  }
  if (byOperator.size === 0) return '(nothing had to be chosen)';
  return [...byOperator].map(([operator, lines]) => [operator, ...lines.map((line) => `  ${line}`)].join('\n')).join('\n');
}

function decisionLine({ chosen, because, numbers }: Decision): string {
  const figures = Object.entries(numbers).map(([name, value]) =>
    name.endsWith('bytes') ? `${name.slice(0, -5).trimEnd()} ${formatBytes(value)}` : `${name} ${formatExact(value)}`,
  );
  return `${chosen}: ${because}${figures.length === 0 ? '' : ` (${figures.join(', ')})`}`;
}
