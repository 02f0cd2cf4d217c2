/**
 * Owns: signatures of functions that exist only over a window: `row_number rank dense_rank percent_rank cume_dist ntile lag lead nth_value`.
 * engine/exec/window computes them by name; every aggregate is a window function too.
 */
import { userError } from '../../core/errors.js';
import { FLOAT64, INT32, typeName } from '../../data/types.js';
import type { Argument, Signature, WindowFunction } from './definition.js';
import { ANY, BOOL, castTypes, INT } from './signature.js';
import { canCastImplicitly } from './type-coercion.js';

const ranking = (name: string, result: Signature['result'], frame: WindowFunction['frame'] = 'rows'): WindowFunction => ({
  kind: 'window',
  name,
  frame,
  resolve: (args) => ({ args: castTypes(name, args, []), result, nullable: false }),
});

const ntile: WindowFunction = {
  ...ranking('ntile', INT32),
  resolve: (args) => {
    const types = castTypes('ntile', args, [INT], 0);
    if (args.length === 1) checkPositive('ntile', constantOf('ntile', args, 0));
    return { args: types, result: INT32, nullable: false };
  },
};

/** lag and lead: value, offset (1), default (null), whether only rows with a value count (false). */
const shifted = (name: string): WindowFunction => ({
  kind: 'window',
  name,
  frame: 'none',
  resolve: (args) => {
    const types = castTypes(name, args, [ANY, INT, ANY, BOOL], 1);
    if (args.length > 1) constantOf(name, args, 1);
    if (args.length > 3) constantOf(name, args, 3);
    const fallback = args[2];
    if (fallback && !canCastImplicitly(fallback.type, types[0])) {
      throw userError(
        'DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE',
        `The default of ${name} is ${typeName(fallback.type)}, but its value is ${typeName(types[0])}.`,
        { hint: 'Cast one of them' },
      );
    }
    const cast = types.map((type, i) => (i === 2 ? types[0] : type));
    return { args: cast, result: types[0], nullable: fallback === undefined || fallback.nullable || args[0].nullable };
  },
});

const nthValue: WindowFunction = {
  kind: 'window',
  name: 'nth_value',
  frame: 'any',
  resolve: (args) => {
    const types = castTypes('nth_value', args, [ANY, INT, BOOL], 2);
    checkPositive('nth_value', constantOf('nth_value', args, 1));
    if (args.length > 2) constantOf('nth_value', args, 2);
    return { args: types, result: types[0], nullable: true };
  },
};

function constantOf(name: string, args: readonly Argument[], i: number): Exclude<Argument['literal'], undefined | null> {
  const value = args[i].literal;
  if (value !== undefined && value !== null) return value;
  throw userError('DATATYPE_MISMATCH.NON_FOLDABLE_INPUT', `Argument ${i + 1} of ${name} must be a constant that is not null.`, {
    hint: 'Give a literal',
  });
}

function checkPositive(name: string, value: ReturnType<typeof constantOf>): void {
  if (Number(value) >= 1) return;
  throw userError('DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE', `${name} needs a number of 1 or more, but was given ${String(value)}.`);
}

export const WINDOW_FUNCTIONS: readonly WindowFunction[] = [
  ranking('row_number', INT32),
  ranking('rank', INT32),
  ranking('dense_rank', INT32),
  ranking('percent_rank', FLOAT64),
  ranking('cume_dist', FLOAT64, 'range'),
  ntile,
  shifted('lag'),
  shifted('lead'),
  nthValue,
];
