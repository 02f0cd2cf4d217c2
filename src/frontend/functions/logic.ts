/** Owns: `and or not`, `isnull isnotnull isnan` and the boolean tests: three-valued logic, the right side evaluated only where it matters. */
import { BOOLEAN, FLOAT64 } from '../../data/types.js';
import type { ScalarFunction } from './definition.js';
import { anyNull, boolValue } from './emit.js';
import type { Emitter, Value } from './generator.js';
import { BOOL, checkCount, fixedSignature } from './signature.js';

/** `and` ends at a false, `or` at a true: `decisive` is that value. */
const connective = (name: 'and' | 'or', decisive: boolean): ScalarFunction => ({
  kind: 'scalar',
  name,
  nulls: 'custom',
  resolve: (args) => ({ ...fixedSignature(name, [BOOL, BOOL], BOOLEAN)(args), nullable: args.some((arg) => arg.nullable) }),
  evaluator: () => (a, b) => (a === decisive || b === decisive ? decisive : a === null || b === null ? null : !decisive),
  generate: (emit, args) => connectiveCode(emit, args, decisive),
});

function connectiveCode(emit: Emitter, args: readonly (() => Value)[], decisive: boolean): Value {
  const a = args[0]();
  const aCode = asBool(emit, a);
  const slot = emit.slot(BOOLEAN, 'bool', true);
  const isOpen = decisive ? `!${aCode}` : aCode;
  emit.branch(
    a.isNull === 'false' ? isOpen : `${a.isNull} || ${isOpen}`,
    () => {
      const b = args[1]();
      const bCode = asBool(emit, b);
      // A null left side leaves null, unless the right side decides.
      const undecided = a.isNull === 'false' ? 'false' : `(${a.isNull} && ${decisive ? `!${bCode}` : bCode})`;
      slot.assign({ ...boolValue(bCode), isNull: anyNull(b.isNull, undecided) });
    },
    () => slot.assign(boolValue(String(decisive))),
  );
  return slot.value;
}

/** The code of a boolean in whatever form it comes. */
function asBool(emit: Emitter, value: Value): string {
  return value.rep === 'bool' ? value.code : `(${emit.toJs(value).code} === true)`;
}

const not: ScalarFunction = {
  kind: 'scalar',
  name: 'not',
  nulls: 'propagate',
  resolve: fixedSignature('not', [BOOL], BOOLEAN),
  evaluator: () => (a) => !a,
  generate: (emit, args) => boolValue(`!${asBool(emit, args[0]())}`),
};

const nullTest = (name: string, wanted: boolean): ScalarFunction => ({
  kind: 'scalar',
  name,
  nulls: 'custom',
  resolve: (args) => {
    checkCount(name, args.length, 1);
    return { args: [args[0].type], result: BOOLEAN, nullable: false };
  },
  evaluator: () => (a) => (a === null) === wanted,
  generate: (_, args) => {
    const { isNull } = args[0]();
    return boolValue(wanted ? isNull : isNull === 'false' ? 'true' : isNull === 'true' ? 'false' : `!(${isNull})`);
  },
});

const isNan: ScalarFunction = {
  kind: 'scalar',
  name: 'isnan',
  nulls: 'custom',
  resolve: (args) => {
    checkCount('isnan', args.length, 1);
    return { args: [args[0].type.kind === 'float32' ? args[0].type : FLOAT64], result: BOOLEAN, nullable: false };
  },
  evaluator: () => (a) => Number.isNaN(a),
  generate: (emit, args) => {
    const value = emit.toFloat(args[0]());
    const differs = `${value.code} !== ${value.code}`;
    return boolValue(value.isNull === 'false' ? `(${differs})` : `(!(${value.isNull}) && ${differs})`);
  },
};

export const LOGIC: readonly ScalarFunction[] = [
  connective('and', false),
  connective('or', true),
  not,
  nullTest('isnull', true),
  nullTest('isnotnull', false),
  isNan,
];
