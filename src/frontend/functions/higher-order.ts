/**
 * Owns: functions of arrays that take a lambda: `transform filter exists forall aggregate zip_with array_sort`.
 * Each is a loop in generated code whose body is the lambda's own code; the evaluators are the same with JavaScript functions.
 */
import { userError } from '../../core/errors.js';
import { arrayOf, BOOLEAN, type DataType, INT32, sameType, typeName } from '../../data/types.js';
import { compareValues, type EngineValue } from '../../data/value.js';
import type { Argument, Call, LambdaParameters, ScalarFunction, Signature } from './definition.js';
import { branchSlot, intValue } from './emit.js';
import type { Emitter, Lambda, Value } from './generator.js';
import { BOOL, castType, checkCount, wrongArgument } from './signature.js';

type ArrayType = Extract<DataType, { kind: 'array' }>;
type List = readonly (EngineValue | null)[];
/** A lambda as evaluators get it. */
type Fn = (...values: readonly (EngineValue | null)[]) => EngineValue | null;
type Args = readonly (() => Value)[];

function arrayType(name: string, arg: Argument, i = 0): ArrayType {
  if (arg.type.kind === 'array') return arg.type;
  if (arg.type.kind === 'null') return arrayOf(arg.type) as ArrayType;
  throw wrongArgument(name, i, 'an array', arg.type);
}

const elementOf = (type: ArrayType) => ({ type: type.element, nullable: type.containsNull });

/** An array and a lambda of one element, which may also take its index. */
const overElements = (
  name: string,
  result: (list: ArrayType, body: Argument) => Partial<Signature> & Pick<Signature, 'result'>,
  { isTest = false, withIndex = true } = {},
) => ({
  kind: 'scalar' as const,
  name,
  nulls: 'propagate' as const,
  lambda: (args: readonly Argument[], index: number): LambdaParameters | null => {
    if (index !== 1) return null;
    const element = elementOf(arrayType(name, args[0]));
    return { types: withIndex ? [element, { type: INT32, nullable: false }] : [element], least: 1 };
  },
  resolve: (args: readonly Argument[]): Signature => {
    checkCount(name, args.length, 2);
    const type = arrayType(name, args[0]);
    return { args: [type, isTest ? castType(name, args[1], BOOL, 1) : args[1].type], ...result(type, args[1]) };
  },
});

/** A loop over the elements with the lambda's value of each; the index is counted where the lambda names it. */
function eachResult(emit: Emitter, list: Value, fn: Lambda, body: (result: Value, element: Value) => void): void {
  const index = fn.params > 1 ? emit.fresh('at') : null;
  if (index !== null) emit.line(`let ${index} = -1;`);
  emit.each(list, (element) => {
    if (index !== null) emit.line(`${index}++;`);
    body(fn.body([element, intValue(INT32, index ?? '0', 32)]), element);
  });
}

/** A boolean as a test: null counts as false. */
function testOf(emit: Emitter, value: Value): string {
  if (value.isNull === 'true') return 'false';
  const code = value.rep === 'bool' ? value.code : `${emit.toJs(value).code} === true`;
  return value.isNull === 'false' ? code : `!(${value.isNull}) && ${code}`;
}

const transform: ScalarFunction = {
  ...overElements('transform', (_, body) => ({ result: arrayOf(body.type, body.nullable) })),
  evaluator: () => ((list: List, fn: Fn) => list.map((value, i) => fn(value, i))) as never,
  generate: (emit, [list], call, [fn]) => {
    const source = list();
    return { type: call.type, isNull: 'false', rep: 'each', loop: (body) => eachResult(emit, source, fn, body) };
  },
};

const filter: ScalarFunction = {
  ...overElements('filter', (type) => ({ result: type }), { isTest: true }),
  evaluator: () => ((list: List, fn: Fn) => list.filter((value, i) => fn(value, i) === true)) as never,
  generate: (emit, [list], call, [fn]) => {
    const source = list();
    const loop = (body: (element: Value) => void): void =>
      eachResult(emit, source, fn, (test, element) => emit.branch(testOf(emit, test), () => body(element)));
    return { type: call.type, isNull: 'false', rep: 'each', loop };
  },
};

/** `exists` is decided by a true, `forall` by a false; undecided it is null where a null was met. */
const quantifier = (name: string, decisive: boolean): ScalarFunction => ({
  ...overElements(name, (_, body) => ({ result: BOOLEAN, nullable: body.nullable }), { isTest: true, withIndex: false }),
  evaluator: () =>
    ((list: List, fn: Fn) => {
      let answer: boolean | null = !decisive;
      for (const value of list) {
        const test = fn(value);
        if (test === decisive) return decisive;
        if (test === null) answer = null;
      }
      return answer;
    }) as never,
  generate: (emit, [list], _, [fn]) => {
    const source = list();
    const [answer, hasNull, done] = [emit.fresh('answer'), emit.fresh('hasNull'), emit.fresh('done')];
    emit.line(`let ${answer} = ${!decisive}, ${hasNull} = false;`);
    emit.loop(`${done}:`, () =>
      eachResult(emit, source, fn, (test) => {
        const code = test.rep === 'bool' ? test.code : `(${emit.toJs(test).code} === true)`;
        const decide = () =>
          emit.branch(decisive ? code : `!${code}`, () => emit.line(`${answer} = ${decisive}; ${hasNull} = false; break ${done};`));
        if (test.isNull === 'false') decide();
        else emit.branch(test.isNull, () => emit.line(`${hasNull} = true;`), decide);
      }),
    );
    return { type: BOOLEAN, isNull: hasNull, rep: 'bool', code: answer };
  },
});

const aggregate: ScalarFunction = {
  kind: 'scalar',
  name: 'aggregate',
  nulls: 'custom',
  lambda: (args, index) => {
    if (index === 2) return { types: [{ type: args[1].type, nullable: true }, elementOf(arrayType('aggregate', args[0]))], least: 2 };
    return index === 3 ? { types: [{ type: args[1].type, nullable: true }], least: 1 } : null;
  },
  resolve: (args) => {
    checkCount('aggregate', args.length, 3, 4);
    const [list, start, merged, finished = { type: start.type, nullable: true }] = args;
    if (!sameType(start.type, merged.type)) throw wrongArgument('aggregate', 2, `${typeName(start.type)}, as the start is`, merged.type);
    const types = args.map((arg) => arg.type);
    return { args: [arrayType('aggregate', list), ...types.slice(1)], result: finished.type, nullable: list.nullable || finished.nullable };
  },
  evaluator: () =>
    ((list: List | null, start: EngineValue, merge: Fn, finish: Fn = (state) => state) =>
      list === null ? null : finish(list.reduce((state, value) => merge(state, value), start))) as never,
  generate: (emit, args, call, lambdas) => aggregateCode(emit, args, call, lambdas),
};

function aggregateCode(emit: Emitter, [list, start]: Args, call: Call, [merge, finish]: readonly Lambda[]): Value {
  const source = list();
  const result = branchSlot(emit, call.type, true);
  emit.branch(source.isNull === 'false' ? 'true' : `!(${source.isNull})`, () => {
    const state = branchSlot(emit, call.args[1].type, true);
    state.set(start());
    emit.each({ ...source, isNull: 'false' }, (element) => state.set(merge.body([held(emit, state.value), element])));
    result.set(finish ? finish.body([state.value]) : state.value);
  });
  return result.value;
}

/** The value now, in names of its own: what is computed of it stays right while the variables that held it change. */
function held(emit: Emitter, value: Value): Value {
  const isNull = /^(true|false)$/.test(value.isNull) ? value.isNull : emit.let('none', value.isNull);
  switch (value.rep) {
    case 'each':
      return value;
    case 'bytes':
      return { ...value, isNull, data: emit.let('data', value.data), start: emit.let('from', value.start), end: emit.let('to', value.end) };
    default:
      return { ...value, isNull, code: emit.let('state', value.code) };
  }
}

const zipWith: ScalarFunction = {
  kind: 'scalar',
  name: 'zip_with',
  nulls: 'propagate',
  lambda: (args, index) => {
    if (index !== 2) return null;
    const types = args.map((arg, i) => ({ type: arrayType('zip_with', arg, i).element, nullable: true }));
    return { types, least: 2 };
  },
  resolve: (args) => {
    checkCount('zip_with', args.length, 3);
    const [a, b, body] = args;
    return { args: [arrayType('zip_with', a), arrayType('zip_with', b, 1), body.type], result: arrayOf(body.type, body.nullable) };
  },
  evaluator: () =>
    ((a: List, b: List, fn: Fn) => Array.from({ length: Math.max(a.length, b.length) }, (_, i) => fn(a[i] ?? null, b[i] ?? null))) as never,
  generate: (emit, [left, right], call, [fn]) => {
    const lists = [left(), right()].map((list) => {
      const { element } = list.type as ArrayType;
      return { name: emit.let('list', emit.toJs(list).code), element };
    });
    const loop = (body: (element: Value) => void): void => {
      const i = emit.fresh('at');
      const [a, b] = lists.map(({ name }) => name);
      emit.loop(`for (let ${i} = 0, n = Math.max(${a}.length, ${b}.length); ${i} < n; ${i}++)`, () =>
        body(
          fn.body(lists.map(({ name, element }) => emit.fromJs(emit.let('item', `${i} < ${name}.length ? ${name}[${i}] : null`), element))),
        ),
      );
    };
    return { type: call.type, isNull: 'false', rep: 'each', loop };
  },
};

/** Sorted copy; nulls last. */
function sorted(list: List, type: DataType): EngineValue {
  const values = list.filter((value): value is EngineValue => value !== null).sort((a, b) => compareValues(a, b, type));
  return [...values, ...Array.from({ length: list.length - values.length }, () => null)];
}

/** By a lambda that gives a negative, zero or positive int. Throws COMPARATOR_RETURNS_NULL. */
function sortedBy(list: List, compare: Fn): EngineValue {
  return [...list].sort((a, b) => {
    const order = compare(a, b);
    if (order !== null) return order as number;
    throw userError('COMPARATOR_RETURNS_NULL', 'The comparator of array_sort gave null.', {
      hint: 'Give -1, 0 or 1 whatever the elements are, null among them',
    });
  });
}

const arraySort: ScalarFunction = {
  kind: 'scalar',
  name: 'array_sort',
  nulls: 'propagate',
  lambda: (args, index) => {
    if (index !== 1) return null;
    const element = elementOf(arrayType('array_sort', args[0]));
    return { types: [element, element], least: 2 };
  },
  resolve: (args) => {
    checkCount('array_sort', args.length, 1, 2);
    const type = arrayType('array_sort', args[0]);
    if (args.length === 1) return { args: [type], result: type };
    if (args[1].type.kind !== 'int32') {
      throw userError(
        'DATATYPE_MISMATCH.UNEXPECTED_RETURN_TYPE',
        `The comparator of array_sort must give int, but it gives ${typeName(args[1].type)}.`,
        {
          hint: 'Give -1, 0 or 1',
        },
      );
    }
    return { args: [type, INT32], result: type };
  },
  evaluator: ({ args: [{ type }] }) =>
    ((list: List, compare?: Fn) => (compare === undefined ? sorted(list, (type as ArrayType).element) : sortedBy(list, compare))) as never,
};

export const HIGHER_ORDER: readonly ScalarFunction[] = [
  transform,
  filter,
  quantifier('exists', true),
  quantifier('forall', false),
  aggregate,
  zipWith,
  arraySort,
];
