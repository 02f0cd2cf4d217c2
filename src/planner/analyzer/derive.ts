/** Owns: derivations in terms of other nodes: which file writes which; and the short ones, of names and samples. */
import { type CallSite, userError } from '../../core/errors.js';
import { BOOLEAN, FLOAT64, INT64, isOrderable } from '../../data/types.js';
import type { DerivationOf } from '../../frontend/plan/derivation.js';
import type { PlanOf } from '../../frontend/plan/logical.js';
import type { Attribute, ResolvedExpr, ResolvedPlan } from '../../frontend/plan/resolved.js';
import { callOf, literalOf, refTo } from './build.js';
import { analyzeDropMissing, analyzeFillMissing, analyzeReplace } from './missing-values.js';
import { sameName } from './scope.js';
import { projectedOver } from './select.js';
import { type Analyzed, type Ids, passed } from './state.js';
import { analyzeSummary } from './summary.js';
import { analyzeUnpivot } from './unpivot.js';

export function analyzeDerivation({ derivation, site }: PlanOf<'derive'>, child: Analyzed, ids: Ids): Analyzed {
  switch (derivation.op) {
    case 'toDF':
      return renamed(child, namesFor(derivation, child, site));
    case 'renameAll':
      return renamed(
        child,
        // One after the other, as in Spark: what was renamed can be renamed again.
        child.scope.map(({ attribute }) =>
          derivation.names.reduce((name, [from, to]) => (sameName(from, name) ? to : name), attribute.name),
        ),
      );
    case 'dropMissing':
      return analyzeDropMissing(derivation, site, child);
    case 'fillMissing':
      return analyzeFillMissing(derivation, site, child, ids);
    case 'replace':
      return analyzeReplace(derivation, site, child, ids);
    case 'sample':
      return sampled(derivation, child, ids);
    case 'resample':
      return resampled(derivation, child, ids);
    case 'summary':
      return analyzeSummary(derivation, site, child, ids);
    case 'unpivot':
      return analyzeUnpivot(derivation, site, child, ids);
    default:
      return derivation satisfies never;
  }
}

function namesFor({ names }: DerivationOf<'toDF'>, { scope }: Analyzed, site: CallSite | null): readonly string[] {
  if (names.length === scope.length) return names;
  throw userError('ASSIGNMENT_ARITY_MISMATCH', `toDF() was given ${names.length} names for ${scope.length} columns.`, {
    hint: `The columns are ${scope.map(({ attribute }) => attribute.name).join(', ')}`,
    site: site ?? undefined,
  });
}

const renamed = (child: Analyzed, names: readonly string[]): Analyzed =>
  projectedOver(
    child,
    child.scope.map(({ attribute }, i) => passed(attribute, names[i])),
    child.scope,
  );

function sampled({ from, to, seed, ordered }: DerivationOf<'sample'>, child: Analyzed, ids: Ids): Analyzed {
  const sortable = child.scope.filter(({ attribute }) => isOrderable(attribute.type));
  const keys = sortable.map(({ attribute }) => ({ expr: refTo(attribute), ascending: true, nullsFirst: true }));
  const source: ResolvedPlan = ordered && keys.length > 0 ? { kind: 'sort', child: child.plan, keys, global: false } : child.plan;
  const drawn: Attribute = { id: ids.fresh(), name: 'drawn', type: FLOAT64, nullable: false };
  const draw = { id: drawn.id, name: drawn.name, expr: callOf('rand', literalOf(seed, INT64)) };
  const columns = child.scope.map(({ attribute }) => passed(attribute));
  const withDraw: ResolvedPlan = { kind: 'project', child: source, exprs: [...columns, draw] };
  const low = callOf('>=', refTo(drawn), literalOf(from, FLOAT64));
  const high = callOf('<', refTo(drawn), literalOf(to, FLOAT64));
  const chosen: ResolvedPlan = { kind: 'filter', child: withDraw, condition: from === 0 ? high : callOf('and', low, high) };
  return { plan: { kind: 'project', child: chosen, exprs: columns }, scope: child.scope };
}

function resampled({ mean, seed }: DerivationOf<'resample'>, child: Analyzed, ids: Ids): Analyzed {
  const repeats = callOf('array_repeat', literalOf(true, BOOLEAN), callOf('poisson', literalOf(mean, FLOAT64), literalOf(seed, INT64)));
  const generator: ResolvedExpr = { kind: 'call', fn: 'explode', args: [repeats], type: repeats.type, nullable: false, site: null };
  const copy: Attribute = { id: ids.fresh(), name: 'copy', type: BOOLEAN, nullable: false };
  const generate: ResolvedPlan = { kind: 'generate', child: child.plan, generator, outer: false, output: [copy] };
  return { plan: { kind: 'project', child: generate, exprs: child.scope.map(({ attribute }) => passed(attribute)) }, scope: child.scope };
}
