/**
 * Owns: the table of all functions by name. Receives a name in any case, gives its definition; also evaluators with the null rule applied.
 */
import { fatalError } from '../../core/errors.js';
import type { DataType } from '../../data/types.js';
import { BITMAPS } from './aggregate-bitmap.js';
import { BIT_AGGREGATES } from './aggregate-bits.js';
import { COUNTS } from './aggregate-count.js';
import { FREQUENT_ITEMS } from './aggregate-frequent.js';
import { HISTOGRAM } from './aggregate-histogram.js';
import { MOMENTS } from './aggregate-moments.js';
import { PICKS } from './aggregate-pick.js';
import { QUANTILES } from './aggregate-quantiles.js';
import { REGRESSIONS } from './aggregate-regression.js';
import { SUM } from './aggregate-sum.js';
import { LISTAGG } from './aggregate-text.js';
import { TRY_AGGREGATES } from './aggregate-try.js';
import { ARITHMETIC } from './arithmetic.js';
import { ARRAYS } from './arrays.js';
import { BINARY_TEXTS } from './binary-text.js';
import { CASTS } from './cast.js';
import { COMPARISONS } from './comparison.js';
import { CONDITIONALS } from './conditional.js';
import { CSV } from './csv.js';
import type { Call, Evaluator, FunctionDefinition } from './definition.js';
import { ELEMENTS } from './element.js';
import { EXTRACT } from './extract.js';
import { GENERATORS } from './generators.js';
import { GROUPING_MARKERS } from './grouping.js';
import { HASHING } from './hashing.js';
import { HIGHER_ORDER } from './higher-order.js';
import { HIGHER_ORDER_MAPS } from './higher-order-maps.js';
import { INTERVALS } from './intervals.js';
import { JSON_FUNCTIONS } from './json.js';
import { SCHEMAS_OF_TEXT } from './json-schema.js';
import { JSON_TUPLE } from './json-tuple.js';
import { LIKE } from './like.js';
import { LOGIC } from './logic.js';
import { MAPS } from './maps.js';
import { MASKS } from './mask.js';
import { MATH } from './math.js';
import { MISC } from './misc.js';
import { NESTED_ACCESS } from './nested-access.js';
import { NUMBER_BASES } from './number-bases.js';
import { NUMBER_FORMATS } from './number-format.js';
import { NUMBER_TEXTS } from './number-text-format.js';
import { RANDOM } from './random.js';
import { REGEXP } from './regexp.js';
import { ROUNDING } from './rounding.js';
import { SEQUENCE } from './sequence.js';
import { SIMILARITIES } from './similarity.js';
import { SPLIT } from './split.js';
import { STRING_BUILD } from './string-build.js';
import { STRING_CASE } from './string-case.js';
import { STRING_PARTS } from './string-parts.js';
import { STRING_SEARCH } from './string-search.js';
import { STRUCT_FIELDS } from './struct-fields.js';
import { TEMPORAL_CONVERT } from './temporal-convert.js';
import { TEMPORAL_FIELDS } from './temporal-fields.js';
import { TEMPORAL_ZONE } from './temporal-zone.js';
import { TIME_WINDOWS } from './time-window.js';
import { URLS } from './url.js';
import { USER_AGGREGATES } from './user-aggregate.js';
import { WINDOW_FUNCTIONS } from './window-functions.js';

const FAMILIES: readonly (readonly FunctionDefinition[])[] = [
  ARITHMETIC,
  COMPARISONS,
  CONDITIONALS,
  LOGIC,
  CASTS,
  STRING_CASE,
  STRING_PARTS,
  STRING_SEARCH,
  STRING_BUILD,
  SPLIT,
  LIKE,
  REGEXP,
  MATH,
  ROUNDING,
  TEMPORAL_FIELDS,
  [EXTRACT],
  TEMPORAL_CONVERT,
  TEMPORAL_ZONE,
  INTERVALS,
  NESTED_ACCESS,
  STRUCT_FIELDS,
  ARRAYS,
  [SEQUENCE],
  HIGHER_ORDER,
  MAPS,
  HIGHER_ORDER_MAPS,
  HASHING,
  JSON_FUNCTIONS,
  SCHEMAS_OF_TEXT,
  JSON_TUPLE,
  CSV,
  URLS,
  USER_AGGREGATES,
  MASKS,
  NUMBER_BASES,
  NUMBER_FORMATS,
  NUMBER_TEXTS,
  BINARY_TEXTS,
  SIMILARITIES,
  TIME_WINDOWS,
  MISC,
  RANDOM,
  [SUM],
  COUNTS,
  TRY_AGGREGATES,
  PICKS,
  MOMENTS,
  QUANTILES,
  BIT_AGGREGATES,
  BITMAPS,
  REGRESSIONS,
  [HISTOGRAM],
  [FREQUENT_ITEMS],
  [LISTAGG],
  GROUPING_MARKERS,
  GENERATORS,
  ELEMENTS,
  WINDOW_FUNCTIONS,
];

const TABLE: ReadonlyMap<string, FunctionDefinition> = new Map(FAMILIES.flat().map((definition) => [definition.name, definition]));

/** Other names of functions: Spark's synonyms. Plans and wires carry the name on the right. */
const SYNONYMS: Readonly<Record<string, string>> = {
  '==': '=',
  '!=': '<>',
  mod: '%',
  cardinality: 'size',
  position: 'locate',
  sha: 'sha1',
  printf: 'format_string',
  random: 'rand',
  getbit: 'bit_get',
  power: 'pow',
  ceiling: 'ceil',
  signum: 'sign',
  day: 'dayofmonth',
  date_part: 'extract',
  datepart: 'extract',
  dateadd: 'date_add',
  date_diff: 'datediff',
  curdate: 'current_date',
  now: 'current_timestamp',
  to_unix_timestamp: 'unix_timestamp',
  '<<': 'shiftleft',
  '>>': 'shiftright',
  '>>>': 'shiftrightunsigned',
  char_length: 'length',
  character_length: 'length',
  len: 'length',
  substr: 'substring',
  lcase: 'lower',
  ucase: 'upper',
  chr: 'char',
  regexp: 'rlike',
  regexp_like: 'rlike',
  mean: 'avg',
  std: 'stddev_samp',
  stddev: 'stddev_samp',
  variance: 'var_samp',
  every: 'bool_and',
  some: 'bool_or',
  any: 'bool_or',
  first_value: 'first',
  last_value: 'last',
  reduce: 'aggregate',
  array_agg: 'collect_list',
  percentile_approx: 'approx_percentile',
  string_agg: 'listagg',
};

/** The definition under a name or synonym, case ignored; null where there is none. */
export function findFunction(name: string): FunctionDefinition | null {
  const lower = name.toLowerCase();
  return TABLE.get(SYNONYMS[lower] ?? lower) ?? null;
}

/** Every name and synonym, for suggestions. */
export function functionNames(): readonly string[] {
  return [...TABLE.keys(), ...Object.keys(SYNONYMS)];
}

/** The call with the session's time zone, if it depends on that; UTC is what is meant where there is none. */
export function inZone<C extends { readonly fn: string; readonly args: readonly { readonly type: DataType }[]; readonly type: DataType }>(
  call: C,
  zone: string,
): C {
  return zone === 'UTC' || !isZoned(call.fn, call.args, call.type) ? call : { ...call, zone };
}

export function isZoned(fn: string, args: readonly { readonly type: DataType }[], result: DataType): boolean {
  const definition = findFunction(fn);
  if (definition?.kind !== 'scalar' || definition.zoned === undefined) return false;
  return definition.zoned(
    args.map(({ type }) => type),
    result,
  );
}

/** The evaluator of a resolved scalar call with its null rule applied: takes and gives engine values and null. */
export function evaluatorOf(call: Call): Evaluator {
  const definition = findFunction(call.fn);
  if (definition?.kind !== 'scalar') throw fatalError('INTERNAL_ERROR', `${call.fn} is no scalar function.`);
  const evaluate = definition.evaluator(call);
  if (definition.nulls === 'custom') return evaluate;
  return (...args) => (args.includes(null) ? null : evaluate(...args));
}
