/**
 * Owns: the order of the rules. Receives an analysed plan, gives one with the same rows and columns.
 * First the session's time zone enters and the clock is read, once a query; then a group of rules runs until nothing changes (at most MAX_ROUNDS times), another once.
 */
import type { ResolvedPlan } from '../../frontend/plan/resolved.js';
import { collapseProjects } from './collapse-projects.js';
import { combineFilters } from './combine-filters.js';
import { currentTime } from './current-time.js';
import { filterScans } from './filter-scans.js';
import { foldConstants } from './fold-constants.js';
import { outerJoins } from './outer-joins.js';
import { pruneColumns } from './prune-columns.js';
import { prunePartitions } from './prune-partitions.js';
import { pushDownFilters } from './push-down-filters.js';
import { pushDownLimits } from './push-down-limits.js';
import { removeEmpty } from './remove-empty.js';
import { removeRedundant } from './remove-redundant.js';
import { reorderJoins } from './reorder-joins.js';
import type { Rule } from './rule.js';
import { sessionTimeZone } from './session-time-zone.js';
import { simplifyConditions } from './simplify-conditions.js';

const REPEATED: readonly Rule[] = [
  foldConstants,
  simplifyConditions,
  removeRedundant,
  removeEmpty,
  combineFilters,
  outerJoins,
  pushDownFilters,
  collapseProjects,
  pushDownLimits,
];
const ONCE: readonly Rule[] = [prunePartitions, reorderJoins, pruneColumns, collapseProjects, removeRedundant, filterScans];

const MAX_ROUNDS = 20;

/** Called after each application of a rule that changed the plan; explain() prints it. */
export type Trace = (rule: string, plan: ResolvedPlan) => void;

/** `zone`: the session's. */
export function optimize(plan: ResolvedPlan, zone = 'UTC', trace: Trace = () => {}): ResolvedPlan {
  let current = plan;
  const run = (rule: Rule): void => {
    const next = rule.apply(current);
    if (next !== current) trace(rule.name, next);
    current = next;
  };
  run(sessionTimeZone(zone));
  run(currentTime);
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const before = current;
    REPEATED.forEach(run);
    if (current === before) break;
  }
  ONCE.forEach(run);
  return current;
}
