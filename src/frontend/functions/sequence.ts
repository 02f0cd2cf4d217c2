/** Owns: `sequence`: whole numbers, dates and timestamps from a start to an end, by steps that are numbers or intervals. */
import { userError } from '../../core/errors.js';
import { FIELD_UNIT } from '../../data/interval.js';
import { arrayOf, type DataType, dayTimeInterval, isInteger, isInterval } from '../../data/types.js';
import type { EngineValue } from '../../data/value.js';
import type { Argument, Call, ScalarFunction, Signature } from './definition.js';
import { intervalOperation, isMoment } from './interval-arithmetic.js';
import { touchesInstant } from './scalar.js';
import { checkCount, unify } from './signature.js';
import { daysOf } from './temporal-fields.js';
import { commonTypeOf } from './type-coercion.js';

const LONGEST_ARRAY = 2 ** 24;

/** Throws COLLECTION_SIZE_LIMIT_EXCEEDED. */
export function checkLength(name: string, length: number): void {
  if (length <= LONGEST_ARRAY) return;
  throw userError('COLLECTION_SIZE_LIMIT_EXCEEDED', `${name} would make an array of ${length} elements; ${LONGEST_ARRAY} is the most.`, {
    hint: 'Use spark.range() for rows',
  });
}

function resolve(args: readonly Argument[]): Signature {
  checkCount('sequence', args.length, 2, 3);
  const bounds = commonTypeOf(args.slice(0, 2).map((arg) => arg.type));
  if (bounds !== null && isMoment(bounds)) {
    const step = args[2]?.type ?? dayTimeInterval();
    if (!isInterval(step) && step.kind !== 'null') throw wrongInput(`The step from one ${bounds.kind} to the next must be an interval.`);
    return { args: [bounds, bounds, step].slice(0, args.length), result: arrayOf(bounds, false) };
  }
  const { types, common } = unify('sequence', args, 2);
  if (!isInteger(common)) throw wrongInput('sequence takes whole numbers, dates or timestamps.');
  return { args: types, result: arrayOf(common, false) };
}

const wrongInput = (message: string) =>
  userError('DATATYPE_MISMATCH.SEQUENCE_WRONG_INPUT_TYPES', message, { hint: 'Cast the arguments, or write the step as INTERVAL 1 DAY' });

const neverEnds = (what: string) =>
  userError('ILLEGAL_SEQUENCE_BOUNDARIES', `A sequence ${what} never ends.`, { hint: 'Give a step toward the end' });

function numbers(start: number | bigint, end: number | bigint, step?: number | bigint): EngineValue {
  const isBig = typeof start === 'bigint';
  const [from, to] = [BigInt(start), BigInt(end)];
  const by = step === undefined ? (to >= from ? 1n : -1n) : BigInt(step);
  if (from !== to && (by === 0n || by > 0n !== to > from)) throw neverEnds(`from ${start} to ${end} by steps of ${by}`);
  const count = from === to ? 1 : Number((to - from) / by) + 1;
  checkLength('sequence', count);
  return Array.from({ length: count }, (_, i) => (isBig ? from + by * BigInt(i) : Number(from + by * BigInt(i))));
}

/** Element i is start + i × step, so that months of unequal length do not add up. */
function moments(
  type: DataType,
  stepType: DataType,
  zone: string | undefined,
): (start: EngineValue, end: EngineValue, step?: EngineValue) => EngineValue {
  const isDate = type.kind === 'date';
  const args = [type, stepType].map((of): Argument => ({ type: of, nullable: false, literal: undefined }));
  const add = intervalOperation('+', { fn: '+', args, type, zone });
  const isDayTime = stepType.kind === 'day_time_interval';
  const position = (value: EngineValue): bigint => BigInt(value as number | bigint);
  // Days of the step are those of the clock; hours pass, be they ever so many.
  const plusDayTime = (start: EngineValue, step: bigint, i: bigint): EngineValue => {
    const days = step / FIELD_UNIT.day;
    return (add(start, days * FIELD_UNIT.day * i) as bigint) + (step - days * FIELD_UNIT.day) * i;
  };
  return (start, end, given) => {
    const forward = position(end) >= position(start);
    const step = given === undefined ? (forward ? FIELD_UNIT.day : -FIELD_UNIT.day) : position(given);
    if (isDate && stepType.kind === 'day_time_interval' && step % FIELD_UNIT.day !== 0n)
      throw userError('INVALID_PARAMETER_VALUE', 'The step from one date to the next must be whole days.', {
        hint: 'Cast the dates to timestamp',
      });
    if (position(start) !== position(end) && (step === 0n || step > 0n !== forward)) throw neverEnds('of such a step');
    checkLength('sequence', steps(position(start), position(end), step, isDate, stepType));
    const made: EngineValue[] = [];
    for (let i = 0n; ; i++) {
      const next = isDayTime && !isDate ? plusDayTime(start, step, i) : add(start, isDayTime ? step * i : Number(step * i));
      if (forward ? position(next) > position(end) : position(next) < position(end)) return made;
      made.push(next);
      if (position(next) === position(end)) return made;
    }
  };
}

/** About how many elements there will be. */
function steps(start: bigint, end: bigint, step: bigint, isDate: boolean, stepType: DataType): number {
  if (step === 0n) return 1;
  const days = (value: bigint): number => (isDate ? Number(value) : daysOf(value));
  if (stepType.kind === 'year_month_interval') return Math.abs(days(end) - days(start)) / 31 / Math.abs(Number(step));
  const micros = (end - start) * (isDate ? FIELD_UNIT.day : 1n);
  return Math.abs(Number(micros / step));
}

function evaluator({ args, zone }: Call) {
  const [{ type }] = args;
  return (isMoment(type) ? moments(type, args[2]?.type ?? dayTimeInterval(), zone) : numbers) as never;
}

export const SEQUENCE: ScalarFunction = { kind: 'scalar', name: 'sequence', nulls: 'propagate', resolve, zoned: touchesInstant, evaluator };
