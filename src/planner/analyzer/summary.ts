/**
 * Owns: describe() and summary(): one aggregation over all rows, then an expand that gives a row for each statistic. Values are text, as in Spark;
 * text columns count as the numbers that they can be read as, where a statistic needs numbers.
 */
import { type CallSite, userError } from '../../core/errors.js';
import { didYouMean } from '../../core/nearest.js';
import { FLOAT64, INT32, INT64, isNumeric, STRING } from '../../data/types.js';
import type { AggregateFunction } from '../../frontend/functions/definition.js';
import { findFunction } from '../../frontend/functions/registry.js';
import type { DerivationOf } from '../../frontend/plan/derivation.js';
import type { Aggregated, Attribute, ResolvedExpr, ResolvedPlan } from '../../frontend/plan/resolved.js';
import { argumentOf, castTo, literalOf, refTo } from './build.js';
import { columnsOf } from './distinct.js';
import { scopeOf } from './scope.js';
import type { Analyzed, Ids } from './state.js';

interface Statistic {
  readonly fn: string;
  readonly distinct?: boolean;
  /** Takes numbers: text is read as double, and what is none is left out. */
  readonly ofNumbers?: boolean;
  readonly share?: number;
}

const STATISTICS: Readonly<Record<string, Statistic>> = {
  count: { fn: 'count' },
  count_distinct: { fn: 'count', distinct: true },
  approx_count_distinct: { fn: 'approx_count_distinct' },
  mean: { fn: 'avg', ofNumbers: true },
  stddev: { fn: 'stddev_samp', ofNumbers: true },
  min: { fn: 'min' },
  max: { fn: 'max' },
};

/** Throws INVALID_ARGUMENT for a statistic that there is not, UNRESOLVED_COLUMN. */
export function analyzeSummary(
  { statistics, columns }: DerivationOf<'summary'>,
  site: CallSite | null,
  child: Analyzed,
  ids: Ids,
): Analyzed {
  const named = columns === null ? child.scope : columns.flatMap((name) => columnsOf(child.scope, [name], site));
  // Columns of other types have no statistics, not even where they are named.
  const described = named.map(({ attribute }) => attribute).filter(({ type }) => isNumeric(type) || type.kind === 'string');
  const parsed = statistics.map((name) => statisticOf(name, site));
  const calls = parsed.map((statistic) => described.map((attribute) => aggregated(statistic, attribute, ids)));
  const text = (name: string): Attribute => ({ id: ids.fresh(), name, type: STRING, nullable: true });
  const output = [{ ...text('summary'), nullable: false }, ...described.map(({ name }) => text(name))];
  const projections = statistics.map((name, i) => [literalOf(name, STRING), ...calls[i].map((call) => castTo(refTo(call), STRING))]);
  const all = calls.flat();
  const aggregates = all.length > 0 ? all : [rowCount(ids)];
  const source: ResolvedPlan = { kind: 'aggregate', child: child.plan, groupings: [], aggregates };
  return { plan: { kind: 'expand', child: source, projections, output }, scope: scopeOf(output) };
}

function statisticOf(name: string, site: CallSite | null): Statistic {
  const lower = name.toLowerCase();
  if (Object.hasOwn(STATISTICS, lower)) return STATISTICS[lower];
  const share = /^(\d+(?:\.\d+)?)%$/.exec(name);
  if (share && Number(share[1]) <= 100) return { fn: 'approx_percentile', ofNumbers: true, share: Number(share[1]) / 100 };
  throw userError('INVALID_ARGUMENT', `There is no statistic '${name}'.`, {
    hint: didYouMean(name, Object.keys(STATISTICS)) || `There are ${Object.keys(STATISTICS).join(', ')}, and percentiles such as '25%'`,
    site: site ?? undefined,
  });
}

function aggregated({ fn, distinct = false, ofNumbers = false, share }: Statistic, attribute: Attribute, ids: Ids): Aggregated {
  const definition = findFunction(fn) as AggregateFunction;
  const ref = refTo(attribute);
  // Spark takes percentiles of decimals as doubles.
  const isDouble = !isNumeric(attribute.type) || (share !== undefined && attribute.type.kind === 'decimal');
  const value = ofNumbers && isDouble ? castTo(ref, FLOAT64, null, true) : ref;
  const given: ResolvedExpr[] = share === undefined ? [value] : [value, literalOf(share, FLOAT64)];
  const signature = definition.resolve(given.map(argumentOf));
  const args = given.map((arg, i) => castTo(arg, signature.args[i]));
  return {
    id: ids.fresh(),
    name: `${fn}(${attribute.name})`,
    fn: definition.name,
    args,
    distinct,
    filter: null,
    type: signature.result,
    nullable: signature.nullable ?? true,
    site: null,
  };
}

function rowCount(ids: Ids): Aggregated {
  const args = [literalOf(1, INT32)];
  return { id: ids.fresh(), name: 'rows', fn: 'count', args, distinct: false, filter: null, type: INT64, nullable: false, site: null };
}
