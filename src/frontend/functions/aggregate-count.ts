/** Owns: `count` (rows whose arguments are all present), `count_if`, and `avg` over the sums of aggregate-sum.ts. */
import { type DataType, dayTimeInterval, FLOAT64, INT64, isInterval, yearMonthInterval } from '../../data/types.js';
import type { EngineValue } from '../../data/value.js';
import { addWhole, checkSum, ifPresent, sumState, sumType, WHOLE_SLOTS, wholeCode, wholeResult, wholeTotal } from './aggregate-sum.js';
import { checkPrecision, divideHalfUp } from './arithmetic-decimal.js';
import type { Accumulator, AggregateFunction, Call, GeneratedAggregate } from './definition.js';
import { anyNull, bigValue, floatValue, intValue } from './emit.js';
import type { Emitter, Value } from './generator.js';
import { BOOL, castTypes, checkCount, fixedSignature, NUMBER_OR_INTERVAL } from './signature.js';
import type { DecimalType } from './type-coercion.js';

type Counts = (args: readonly (EngineValue | null)[]) => boolean;

const counting = (counts: Counts): Accumulator<number> => ({
  init: () => 0,
  update: (state, args) => (counts(args) ? state + 1 : state),
  merge: (state, [partial]) => state + Number(partial),
  partial: (state) => [BigInt(state)],
  finish: (state) => BigInt(state),
});

/** Counts in a double: exact to 2^53 rows. */
function generatedCount(condition: (emit: Emitter, args: readonly Value[]) => string): GeneratedAggregate {
  const result = (_: Emitter, [count]: readonly string[], group: string): Value => intValue(INT64, `${count}[${group}]`, 53);
  return {
    slots: ['f64'],
    update: (emit, [count], group, args) => {
      const counts = condition(emit, args);
      if (counts === 'true') emit.line(`${count}[${group}]++;`);
      else emit.branch(counts, () => emit.line(`${count}[${group}]++;`));
    },
    merge: (emit, [count], group, [partial]) => {
      const code = partial.rep === 'int' ? partial.code : `Number(${emit.toBig(partial).code})`;
      emit.line(`${count}[${group}] += ${code};`);
    },
    partial: (...args) => [result(...args)],
    finish: result,
  };
}

const isPresent = (args: readonly Value[]): string => {
  const nulls = anyNull(...args.map((arg) => arg.isNull));
  return nulls === 'false' ? 'true' : `!${nulls.startsWith('(') ? nulls : `(${nulls})`}`;
};

const COUNT: AggregateFunction = {
  kind: 'aggregate',
  name: 'count',
  resolve: (args) => {
    checkCount('count', args.length, 1, Number.POSITIVE_INFINITY);
    return { args: args.map((arg) => arg.type), result: INT64, nullable: false };
  },
  partialTypes: () => [INT64],
  accumulator: () => counting((args) => !args.includes(null)) as Accumulator,
  generate: () => generatedCount((_, args) => isPresent(args)),
};

const COUNT_IF: AggregateFunction = {
  kind: 'aggregate',
  name: 'count_if',
  resolve: (args) => ({ ...fixedSignature('count_if', [BOOL], INT64)(args), nullable: false }),
  partialTypes: () => [INT64],
  accumulator: () => counting(([value]) => value === true) as Accumulator,
  generate: () =>
    generatedCount((emit, [value]) => {
      const code = value.rep === 'bool' ? value.code : `${emit.toJs(value).code} === true`;
      return value.isNull === 'false' ? code : `!(${value.isNull}) && ${code}`;
    }),
};

interface Mean {
  sum: number | bigint;
  count: number;
}

/** Sums of whole numbers go through doubles, as Spark's do; decimals and intervals stay exact. */
const averageSum = (type: DataType): DataType => (isExact(type) ? sumState(sumType(type)) : FLOAT64);
const isExact = (type: DataType): boolean => type.kind === 'decimal' || isInterval(type);

export const AVG: AggregateFunction = {
  kind: 'aggregate',
  name: 'avg',
  resolve: (args) => {
    const types = castTypes('avg', args, [NUMBER_OR_INTERVAL]);
    const [type] = types;
    if (isInterval(type)) {
      return { args: types, result: type.kind === 'day_time_interval' ? dayTimeInterval() : yearMonthInterval(), nullable: true };
    }
    if (type.kind !== 'decimal') return { args: types, result: FLOAT64, nullable: true };
    return {
      args: types,
      result: { kind: 'decimal', precision: Math.min(38, type.precision + 4), scale: Math.min(38, type.scale + 4) },
      nullable: true,
    };
  },
  partialTypes: ({ args }) => [averageSum(args[0].type), INT64],
  accumulator: (call) => {
    const isDecimal = isExact(call.type);
    const add = (state: Mean, value: EngineValue, count: number): Mean => ({
      sum: (isDecimal ? (state.sum as bigint) + BigInt(value as bigint) : (state.sum as number) + Number(value)) as number,
      count: state.count + count,
    });
    const accumulator: Accumulator<Mean> = {
      init: () => ({ sum: isDecimal ? 0n : 0, count: 0 }),
      update: (state, [value]) => (value === null ? state : add(state, value, 1)),
      merge: (state, [sum, count]) => (sum === null ? state : add(state, sum, Number(count))),
      partial: (state) => [isDecimal ? checkSum(state.sum as bigint, averageSum(call.args[0].type)) : state.sum, BigInt(state.count)],
      finish: (state) => {
        if (state.count === 0) return null;
        return isDecimal ? exactMean(call)(state.sum as bigint, state.count) : (state.sum as number) / state.count;
      },
    };
    return accumulator as Accumulator;
  },
  generate: (call) => (isExact(call.type) ? generatedExactMean(call) : generatedMean(call)),
};

/** sum / count at the result's scale, rounded half up. */
export function exactMean({ args, type }: Call): (sum: bigint, count: number) => bigint | number {
  if (isInterval(type)) return (sum, count) => wholeResult(divideHalfUp(sum, BigInt(count)), type);
  const shift = 10n ** BigInt((type as DecimalType).scale - (args[0].type as DecimalType).scale);
  return (sum, count) => checkPrecision(divideHalfUp(sum * shift, BigInt(count)), type as DecimalType);
}

const countCode = (emit: Emitter, value: Value): string => (value.rep === 'int' ? value.code : `Number(${emit.toBig(value).code})`);

function generatedMean({ type }: Call): GeneratedAggregate {
  return {
    slots: ['f64', 'f64'],
    update: (emit, [sum, count], group, [value]) =>
      ifPresent(emit, value, () => {
        const code = value.rep === 'big' ? `Number(${value.code})` : emit.toFloat(value).code;
        emit.line(`${sum}[${group}] += ${code};`);
        emit.line(`${count}[${group}]++;`);
      }),
    merge: (emit, [sum, count], group, [partial, rows]) =>
      ifPresent(emit, partial, () => {
        emit.line(`${sum}[${group}] += ${emit.toFloat(partial).code};`);
        emit.line(`${count}[${group}] += ${countCode(emit, rows)};`);
      }),
    partial: (_, [sum, count], group) => [floatValue(FLOAT64, `${sum}[${group}]`), intValue(INT64, `${count}[${group}]`, 53)],
    finish: (_, [sum, count], group) => ({
      ...floatValue(type, `(${sum}[${group}] / ${count}[${group}])`),
      isNull: `(${count}[${group}] === 0)`,
    }),
  };
}

function generatedExactMean(call: Call): GeneratedAggregate {
  const partialType = averageSum(call.args[0].type);
  const total = (emit: Emitter, slots: readonly string[], group: string): string =>
    `${emit.constant('wholeTotal', wholeTotal)}(${slots.slice(0, 3).join(', ')}, ${group})`;
  return {
    slots: [...WHOLE_SLOTS, 'f64'],
    update: (emit, slots, group, [value]) =>
      ifPresent(emit, value, () => {
        addWhole(emit, slots, group, value);
        emit.line(`${slots[3]}[${group}]++;`);
      }),
    merge: (emit, slots, group, [partial, rows]) =>
      ifPresent(emit, partial, () => {
        addWhole(emit, slots, group, partial);
        emit.line(`${slots[3]}[${group}] += ${countCode(emit, rows)};`);
      }),
    partial: (emit, slots, group) => {
      const checked = `${emit.constant('checkSum', emit.located(checkSum))}(${total(emit, slots, group)}, ${emit.constant('type', partialType)})`;
      return [bigValue(partialType, emit.let('sum', checked)), intValue(INT64, `${slots[3]}[${group}]`, 53)];
    },
    finish: (emit, slots, group) => {
      const count = `${slots[3]}[${group}]`;
      const mean = `${emit.constant('mean', exactMean(call))}(${total(emit, slots, group)}, ${count})`;
      return { ...wholeCode(emit, 'avg', `${count} === 0 ? 0n : ${mean}`, call.type), isNull: `(${count} === 0)` };
    },
  };
}

export const COUNTS: readonly AggregateFunction[] = [COUNT, COUNT_IF, AVG];
