/**
 * Owns: aggregates whose filters ask whether one value is equal to one constant each, as those of a pivot do: found by one look-up a row
 * instead of by asking for every constant.
 */
import type { DataType } from '../../data/types.js';
import type { EngineValue } from '../../data/value.js';
import type { BoundExpr } from '../../frontend/plan/resolved.js';

/** What is only done for rows in which `value` equals one of the constants. */
export interface FilterCases<A> {
  readonly value: BoundExpr;
  /** By constant; null stands for null. */
  readonly cases: ReadonlyMap<EngineValue | null, readonly CaseOf<A>[]>;
}

export interface CaseOf<A> {
  readonly aggregate: A;
  /** What is left of the filter. */
  readonly rest: BoundExpr | null;
}

/** Fewer constants are asked for faster than they are looked up. */
const LEAST_CASES = 8;

/** Types whose values are equal where Map says so: numbers with NaN and -0 as well, bigints and texts. */
const LOOKED_UP: ReadonlySet<DataType['kind']> = new Set<DataType['kind']>([
  'boolean',
  'int8',
  'int16',
  'int32',
  'int64',
  'float32',
  'float64',
  'decimal',
  'string',
  'date',
  'timestamp',
  'timestamp_ntz',
]);

/** The aggregates that go by cases, and all others. `filterOf` tells the filter that a row must pass. */
export function filterCases<A>(
  aggregates: readonly A[],
  filterOf: (aggregate: A) => BoundExpr | null,
): { readonly byCase: readonly FilterCases<A>[]; readonly others: readonly A[] } {
  const found = new Map<string, { value: BoundExpr; cases: Map<EngineValue | null, CaseOf<A>[]>; aggregates: Set<A> }>();
  for (const aggregate of aggregates) {
    const test = caseOf(filterOf(aggregate));
    if (test === null) continue;
    const key = keyOf(test.value);
    const set = found.get(key) ?? { value: test.value, cases: new Map(), aggregates: new Set<A>() };
    found.set(key, set);
    const known = set.cases.get(test.constant);
    if (known) known.push({ aggregate, rest: test.rest });
    else set.cases.set(test.constant, [{ aggregate, rest: test.rest }]);
    set.aggregates.add(aggregate);
  }
  const byCase = [...found.values()].filter(({ cases }) => cases.size >= LEAST_CASES);
  return { byCase, others: aggregates.filter((aggregate) => !byCase.some((set) => set.aggregates.has(aggregate))) };
}

const keyOf = (expr: BoundExpr): string => JSON.stringify(expr, (_, part) => (typeof part === 'bigint' ? `${part}n` : part));

interface CaseTest {
  readonly value: BoundExpr;
  readonly constant: EngineValue | null;
  readonly rest: BoundExpr | null;
}

function caseOf(filter: BoundExpr | null): CaseTest | null {
  if (filter?.kind !== 'call') return null;
  if (filter.fn === 'and') {
    const [first, second] = filter.args;
    const test = caseOf(first);
    return test && { ...test, rest: test.rest === null ? second : { ...filter, args: [test.rest, second] } };
  }
  const [value, constant] = filter.args;
  if (filter.fn === 'isnull' && isPlain(value)) return { value, constant: null, rest: null };
  if (filter.fn !== '<=>' && filter.fn !== '=') return null;
  if (constant.kind !== 'literal' || !isPlain(value) || (filter.fn === '=' && constant.value === null)) return null;
  return { value, constant: constant.value, rest: null };
}

/** A column as it is: looking it up computes nothing that another filter would have spared. */
const isPlain = (expr: BoundExpr): boolean => expr.kind === 'input' && LOOKED_UP.has(expr.type.kind);
