/** Owns: `extract` (also `date_part`): a part of a date or timestamp by the name of the field, which is a constant. */
import { userError } from '../../core/errors.js';
import { didYouMean } from '../../core/nearest.js';
import { decimal, isInterval, typeName } from '../../data/types.js';
import { clockOf } from '../../data/zone.js';
import type { Argument, Call, ScalarFunction } from './definition.js';
import { intervalPart } from './intervals.js';
import { scalar } from './scalar.js';
import { CLOCK, castType, checkCount, TEXT } from './signature.js';
import { floorMod, TEMPORAL_FIELDS } from './temporal-fields.js';

const MINUTE = 60_000_000n;

/** With its fraction, unlike `second`. */
const exactSecond = scalar('extract second', [CLOCK], decimal(8, 6), (micros: bigint) => floorMod(micros, MINUTE), {
  inZone: (zone) => (micros: bigint) => floorMod(clockOf(micros, zone), MINUTE),
});

const part = (name: string): ScalarFunction => TEMPORAL_FIELDS.find((definition) => definition.name === name) as ScalarFunction;

const NAMES: readonly (readonly [ScalarFunction, readonly string[]])[] = [
  [part('year'), ['YEAR', 'Y', 'YEARS', 'YR', 'YRS']],
  [part('yearofweek'), ['YEAROFWEEK']],
  [part('quarter'), ['QUARTER', 'QTR']],
  [part('month'), ['MONTH', 'MON', 'MONS', 'MONTHS']],
  [part('weekofyear'), ['WEEK', 'W', 'WEEKS']],
  [part('dayofmonth'), ['DAY', 'D', 'DAYS']],
  [part('dayofweek'), ['DAYOFWEEK', 'DOW']],
  [part('dayofweek_iso'), ['DAYOFWEEK_ISO', 'DOW_ISO']],
  [part('dayofyear'), ['DOY']],
  [part('hour'), ['HOUR', 'H', 'HOURS', 'HR', 'HRS']],
  [part('minute'), ['MINUTE', 'M', 'MIN', 'MINS', 'MINUTES']],
  [exactSecond, ['SECOND', 'S', 'SEC', 'SECONDS', 'SECS']],
];
const FIELDS: ReadonlyMap<string, ScalarFunction> = new Map(
  NAMES.flatMap(([definition, names]) => names.map((name) => [name, definition])),
);

/** The fields that intervals have too. */
const NAMES_OF_PARTS = new Map<ScalarFunction, string>([
  ...['year', 'month', 'hour', 'minute'].map((name) => [part(name), name] as const),
  [part('dayofmonth'), 'day'],
  [exactSecond, 'second'],
]);

/** The function that the first argument, a field, stands for. Throws NON_FOLDABLE_ARGUMENT, INVALID_EXTRACT_FIELD. */
function fieldOf([field, { type: of }]: readonly Argument[]): ScalarFunction {
  if (typeof field.literal !== 'string') {
    throw userError('NON_FOLDABLE_ARGUMENT', 'The field that extract takes must be a constant string.');
  }
  const found = FIELDS.get(field.literal.toUpperCase());
  const part = found && isInterval(of) ? intervalPart(NAMES_OF_PARTS.get(found) ?? '', of) : found;
  if (part) return part;
  throw userError('INVALID_EXTRACT_FIELD', `There is no field '${field.literal}' of a ${typeName(of)}.`, {
    hint: didYouMean(field.literal, [...FIELDS.keys()]) || `There are ${NAMES.map(([, names]) => names[0]).join(', ')}`,
  });
}

/** The same call without the field. */
const inner = (call: Call, definition: ScalarFunction): Call => ({ ...call, fn: definition.name, args: call.args.slice(1) });

export const EXTRACT: ScalarFunction = {
  kind: 'scalar',
  name: 'extract',
  nulls: 'propagate',
  resolve: (args) => {
    checkCount('extract', args.length, 2);
    const field = castType('extract', args[0], TEXT, 0);
    const signature = fieldOf(args).resolve(args.slice(1));
    return { ...signature, args: [field, ...signature.args] };
  },
  zoned: ([, of]) => of.kind === 'timestamp',
  evaluator: (call) => {
    const definition = fieldOf(call.args);
    const evaluate = definition.evaluator(inner(call, definition));
    return (_, value) => evaluate(value);
  },
  generate: (emit, args, call) => {
    const definition = fieldOf(call.args);
    return definition.generate?.(emit, args.slice(1), inner(call, definition), []) ?? null;
  },
};
