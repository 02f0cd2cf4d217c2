/**
 * Owns: `if`, `case` (when, then, when, then, …, else), `coalesce ifnull nvl nvl2 nullif nanvl`, `in`: branches evaluated only when taken.
 */
import { BOOLEAN, type DataType, FLOAT64, INT32 } from '../../data/types.js';
import { type EngineValue, valuesEqual } from '../../data/value.js';
import { zoneOf } from '../../data/zone.js';
import { casterOf } from './cast-values.js';
import { comparisonCode } from './comparison.js';
import type { Argument, Call, ScalarFunction } from './definition.js';
import { branchSlot } from './emit.js';
import type { Emitter, Value } from './generator.js';
import { BOOL, castType, castTypes, checkCount, differingOperands, differingTypes, NUMBER, unify } from './signature.js';
import { commonType, commonTypeOf } from './type-coercion.js';

type Args = readonly (() => Value)[];

/** Conditions at the even places, values at the odd ones and, where the count is odd, the last. */
function caseSignature(name: string, args: readonly Argument[]) {
  const hasElse = args.length % 2 === 1;
  const isCondition = (i: number): boolean => i % 2 === 0 && !(hasElse && i === args.length - 1);
  const values = args.filter((_, i) => !isCondition(i));
  const common = commonTypeOf(values.map((arg) => arg.type));
  if (common === null) throw differingTypes(name, values);
  const types = args.map((arg, i) => (isCondition(i) ? castType(name, arg, BOOL, i) : common));
  return { args: types, result: common, nullable: !hasElse || values.some((arg) => arg.nullable) };
}

const choice = (name: 'if' | 'case'): ScalarFunction => ({
  kind: 'scalar',
  name,
  nulls: 'custom',
  resolve: (args) => {
    checkCount(name, args.length, name === 'if' ? 3 : 2, name === 'if' ? 3 : Number.POSITIVE_INFINITY);
    return caseSignature(name, args);
  },
  evaluator:
    () =>
    (...values) => {
      for (let i = 0; i + 1 < values.length; i += 2) if (values[i] === true) return values[i + 1];
      return values.length % 2 === 1 ? values[values.length - 1] : null;
    },
  generate: (emit, args, call) => {
    const slot = branchSlot(emit, call.type, true);
    chooseCode(emit, args, 0, slot);
    return slot.value;
  },
});

type Slot = ReturnType<typeof branchSlot>;

function chooseCode(emit: Emitter, args: Args, at: number, slot: Slot): void {
  if (at + 1 >= args.length) {
    if (at < args.length) slot.set(args[at]());
    else slot.setNull();
    return;
  }
  const condition = args[at]();
  const code = condition.rep === 'bool' ? condition.code : `${emit.toJs(condition).code} === true`;
  const isTrue = condition.isNull === 'false' ? code : `!(${condition.isNull}) && ${code}`;
  emit.branch(
    isTrue,
    () => slot.set(args[at + 1]()),
    () => chooseCode(emit, args, at + 2, slot),
  );
}

const firstNotNull = (name: string, least: number): ScalarFunction => ({
  kind: 'scalar',
  name,
  nulls: 'custom',
  resolve: (args) => {
    if (name !== 'coalesce') checkCount(name, args.length, 2);
    const { types, common } = unify(name, args, least);
    return { args: types, result: common, nullable: args.every((arg) => arg.nullable) };
  },
  evaluator:
    () =>
    (...values) =>
      values.find((value) => value !== null) ?? null,
  generate: (emit, args, call) => {
    const slot = branchSlot(emit, call.type, true);
    coalesceCode(emit, args, 0, slot);
    return slot.value;
  },
});

function coalesceCode(emit: Emitter, args: Args, at: number, slot: Slot): void {
  if (at === args.length) {
    slot.setNull();
    return;
  }
  const value = args[at]();
  if (value.isNull === 'false') {
    slot.set(value);
    return;
  }
  emit.branch(
    value.isNull,
    () => coalesceCode(emit, args, at + 1, slot),
    () => slot.set({ ...value, isNull: 'false' }),
  );
}

const nvl2: ScalarFunction = {
  kind: 'scalar',
  name: 'nvl2',
  nulls: 'custom',
  resolve: (args) => {
    checkCount('nvl2', args.length, 3);
    const { common } = unify('nvl2', args.slice(1), 2);
    return { args: [args[0].type, common, common], result: common, nullable: args[1].nullable || args[2].nullable };
  },
  evaluator: () => (test, present, absent) => (test === null ? absent : present),
  generate: (emit, [test, present, absent], call) => {
    const slot = branchSlot(emit, call.type, true);
    const { isNull } = test();
    emit.branch(
      isNull,
      () => slot.set(absent()),
      () => slot.set(present()),
    );
    return slot.value;
  },
};

/** Whether a point in time is compared with what a clock shows. */
const isZonedComparison = (a: DataType, b: DataType): boolean => (a.kind === 'timestamp') !== (b.kind === 'timestamp');

const nullif: ScalarFunction = {
  kind: 'scalar',
  name: 'nullif',
  nulls: 'custom',
  resolve: (args) => {
    checkCount('nullif', args.length, 2);
    if (commonType(args[0].type, args[1].type) === null) throw differingOperands('=', args);
    return { args: args.map((arg) => arg.type), result: args[0].type, nullable: true };
  },
  // The first keeps its type: what is compared is cast, what is given is not.
  evaluator: ({ args: [a, b], zone }) => {
    const common = commonType(a.type, b.type)!;
    const shownIn = zone === undefined ? null : zoneOf(zone);
    const [left, right] = [a, b].map(({ type }) => casterOf(type, common, false, shownIn));
    return (x, y) => (x === null || y === null || !valuesEqual(left(x), right(y), common) ? x : null);
  },
  zoned: ([a, b]) => isZonedComparison(a, b),
};

/** Null for zero. */
const nullIfZero: ScalarFunction = {
  kind: 'scalar',
  name: 'nullifzero',
  nulls: 'propagate',
  resolve: (args) => {
    const [type] = castTypes('nullifzero', args, [NUMBER]);
    return { args: [type], result: type, nullable: true };
  },
  // Decimals and bigints are bigints.
  evaluator: () => (value) => (Number(value) === 0 ? null : value),
};

/** Zero for null. */
const zeroIfNull: ScalarFunction = {
  kind: 'scalar',
  name: 'zeroifnull',
  nulls: 'custom',
  resolve: (args) => {
    checkCount('zeroifnull', args.length, 1);
    const { common } = unify('zeroifnull', [args[0], { type: INT32, nullable: false, literal: 0 }], 2);
    return { args: [common], result: common, nullable: false };
  },
  evaluator: ({ type }) => {
    const zero = type.kind === 'int64' || type.kind === 'decimal' ? 0n : 0;
    return (value) => value ?? zero;
  },
};

const nanvl: ScalarFunction = {
  kind: 'scalar',
  name: 'nanvl',
  nulls: 'custom',
  resolve: (args) => {
    checkCount('nanvl', args.length, 2);
    const isFloat32 = args.every((arg) => arg.type.kind === 'float32');
    const type: DataType = isFloat32 ? args[0].type : FLOAT64;
    return { args: [type, type], result: type, nullable: true };
  },
  evaluator: () => (a, b) => (Number.isNaN(a) ? b : a),
};

const isIn: ScalarFunction = {
  kind: 'scalar',
  name: 'in',
  nulls: 'custom',
  resolve: (args) => ({ args: unify('in', args, 2).types, result: BOOLEAN, nullable: args.some((arg) => arg.nullable) }),
  evaluator: (call) => membership(call),
  generate: (emit, args, call) => {
    if (call.args.slice(1).some((arg) => arg.literal === undefined || arg.literal === null)) return null;
    return call.args.length <= 9 ? chainCode(emit, args, call) : setCode(emit, args, call);
  },
};

function membership({ args: [{ type }] }: Call) {
  return (value: EngineValue | null, ...list: readonly (EngineValue | null)[]): EngineValue | null => {
    if (value === null) return null;
    if (list.some((item) => item !== null && valuesEqual(value, item, type))) return true;
    return list.includes(null) ? null : false;
  };
}

/** A short list of literals: one comparison after the other. */
function chainCode(emit: Emitter, args: Args, call: Call): Value | null {
  const value = args[0]();
  const tests = args.slice(1).map((item, i) => comparisonCode(emit, '=', value, item(), [call.args[0], call.args[i + 1]]));
  if (tests.includes(null)) return null;
  return { type: BOOLEAN, rep: 'bool', isNull: value.isNull, code: emit.let('t', tests.map((test) => `(${test})`).join(' || ')) };
}

/** A long list: a set of what JavaScript compares as Spark does; others are left to the evaluator. */
function setCode(emit: Emitter, args: Args, call: Call): Value | null {
  if (['array', 'map', 'struct', 'binary'].includes(call.args[0].type.kind)) return null;
  const set = new Set(call.args.slice(1).map((arg) => arg.literal));
  const value = emit.toJs(args[0]());
  return { type: BOOLEAN, rep: 'bool', isNull: value.isNull, code: emit.let('t', `${emit.constant('list', set)}.has(${value.code})`) };
}

export const CONDITIONALS: readonly ScalarFunction[] = [
  choice('if'),
  choice('case'),
  firstNotNull('coalesce', 1),
  firstNotNull('ifnull', 2),
  firstNotNull('nvl', 2),
  nvl2,
  nullif,
  nullIfZero,
  zeroIfNull,
  nanvl,
  isIn,
];
