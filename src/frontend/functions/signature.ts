/**
 * Owns: checking a call's arguments against what a function accepts: the count, the kinds, the implicit casts.
 * Receives arguments, gives the types they are cast to or throws a user error that names the argument.
 */
import { userError } from '../../core/errors.js';
import {
  BOOLEAN,
  DATE,
  type DataType,
  FLOAT64,
  INT32,
  INT64,
  isInteger,
  isInterval,
  isNumeric,
  STRING,
  TIMESTAMP,
  typeName,
} from '../../data/types.js';
import type { Argument, Signature } from './definition.js';
import { canCastImplicitly, commonTypeOf } from './type-coercion.js';

/** What one parameter takes: `cast` answers the type that the argument becomes, or null when it is refused. */
export interface Accept {
  readonly label: string;
  cast(type: DataType): DataType | null;
}

/** Exactly this type, after an implicit cast. */
export const accept = (type: DataType): Accept => ({
  label: typeName(type),
  cast: (from) => (canCastImplicitly(from, type) ? type : null),
});

export const TEXT: Accept = accept(STRING);
/** Of functions that cast nothing: exactly this type, or NULL. */
export const only = (type: DataType): Accept => ({
  label: typeName(type),
  cast: (from) => (from.kind === type.kind || from.kind === 'null' ? type : null),
});
export const ONLY_TEXT: Accept = only(STRING);
export const INT: Accept = accept(INT32);
export const LONG: Accept = accept(INT64);
export const DOUBLE: Accept = accept(FLOAT64);
export const BOOL: Accept = accept(BOOLEAN);
export const DAY: Accept = accept(DATE);
export const INSTANT: Accept = accept(TIMESTAMP);
export const ANY: Accept = { label: 'any type', cast: (type) => type };

/** Numbers as they are; strings become double, as in ANSI arithmetic. */
export const NUMBER: Accept = {
  label: 'a number',
  cast: (type) => (isNumeric(type) ? type : type.kind === 'string' || type.kind === 'null' ? FLOAT64 : null),
};
/** As NUMBER, and intervals as they are. */
export const NUMBER_OR_INTERVAL: Accept = {
  label: 'a number or an interval',
  cast: (type) => (isInterval(type) ? type : NUMBER.cast(type)),
};
export const WHOLE: Accept = {
  label: 'a whole number',
  cast: (type) => (isInteger(type) ? type : type.kind === 'string' ? INT64 : type.kind === 'null' ? INT32 : null),
};
/** Any whole number, as bigint; nothing else. */
export const ONLY_WHOLE: Accept = { label: 'a whole number', cast: (type) => (isInteger(type) || type.kind === 'null' ? INT64 : null) };
export const TEXT_OR_BINARY: Accept = { label: 'string or binary', cast: (type) => (type.kind === 'binary' ? type : TEXT.cast(type)) };
/** Dates and timestamps as they are; strings become timestamps. */
export const DAY_OR_INSTANT: Accept = {
  label: 'date or timestamp',
  cast: (type) => (['date', 'timestamp', 'timestamp_ntz'].includes(type.kind) ? type : INSTANT.cast(type)),
};
/** Timestamps with and without a zone as they are; dates and strings become the former. */
export const CLOCK: Accept = { label: 'timestamp', cast: (type) => (type.kind === 'timestamp_ntz' ? type : INSTANT.cast(type)) };
/** Timestamps, those without a zone cast to those with one; nothing else. */
export const ONLY_CLOCK: Accept = {
  label: 'timestamp',
  cast: (type) => (['timestamp', 'timestamp_ntz', 'null'].includes(type.kind) ? TIMESTAMP : null),
};
export const ARRAY: Accept = { label: 'an array', cast: (type) => (type.kind === 'array' ? type : null) };
export const MAP: Accept = { label: 'a map', cast: (type) => (type.kind === 'map' ? type : null) };

/** Throws WRONG_NUM_ARGS unless `least` ≤ count ≤ `most`. */
export function checkCount(name: string, count: number, least: number, most = least): void {
  if (count >= least && count <= most) return;
  const wanted = least === most ? `${least}` : most === Number.POSITIVE_INFINITY ? `at least ${least}` : `${least} to ${most}`;
  const noun = least === 1 && most === 1 ? 'argument' : 'arguments';
  throw userError('WRONG_NUM_ARGS.WITHOUT_SUGGESTION', `${name} takes ${wanted} ${noun}, but was given ${count}.`);
}

/** The types that arguments are cast to. Parameters past `required` may be left out. Throws WRONG_NUM_ARGS and DATATYPE_MISMATCH. */
export function castTypes(name: string, args: readonly Argument[], accepts: readonly Accept[], required = accepts.length): DataType[] {
  checkCount(name, args.length, required, accepts.length);
  return args.map((arg, i) => castType(name, arg, accepts[i], i));
}

/** The type that argument `i` of `name` is cast to. Throws DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE. */
export function castType(name: string, arg: Argument, accepts: Accept, i: number): DataType {
  const type = accepts.cast(arg.type);
  if (type === null) throw wrongArgument(name, i, accepts.label, arg.type);
  return type;
}

export function wrongArgument(name: string, i: number, wanted: string, got: DataType) {
  return userError(
    'DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE',
    `Argument ${i + 1} of ${name} must be ${wanted}, but it is ${typeName(got)}.`,
    { hint: `Cast it, or give ${name} another column` },
  );
}

/** Whether a type is, or holds, points in time. */
export function holdsInstant(type: DataType): boolean {
  switch (type.kind) {
    case 'array':
      return holdsInstant(type.element);
    case 'map':
      return holdsInstant(type.key) || holdsInstant(type.value);
    case 'struct':
      return type.fields.some((field) => holdsInstant(field.type));
    default:
      return type.kind === 'timestamp';
  }
}

/** All arguments cast to their common type. Throws DATATYPE_MISMATCH.DATA_DIFF_TYPES where there is none. */
export function unify(name: string, args: readonly Argument[], least: number): { readonly types: DataType[]; readonly common: DataType } {
  checkCount(name, args.length, least, Number.POSITIVE_INFINITY);
  const common = commonTypeOf(args.map((arg) => arg.type));
  if (common === null) throw differingTypes(name, args);
  return { types: args.map(() => common), common };
}

export function differingTypes(name: string, args: readonly Argument[]) {
  const types = [...new Set(args.map((arg) => typeName(arg.type)))].join(', ');
  return userError('DATATYPE_MISMATCH.DATA_DIFF_TYPES', `The arguments of ${name} must have one type, but they are ${types}.`, {
    hint: 'Cast them to one type',
  });
}

/** Of an operator whose operands have no type in common. */
export function differingOperands(operator: string, [a, b]: readonly Argument[]) {
  return userError(
    'DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES',
    `The operator ${operator} takes two values of one type, not ${typeName(a.type)} and ${typeName(b.type)}.`,
    { hint: 'Cast one of them to the type of the other' },
  );
}

/** A `resolve` for a function with fixed parameters and one result type. */
export function fixedSignature(
  name: string,
  accepts: readonly Accept[],
  result: DataType | ((types: readonly DataType[]) => DataType),
  options: { readonly required?: number; readonly nullable?: boolean } = {},
): (args: readonly Argument[]) => Signature {
  return (args) => {
    const types = castTypes(name, args, accepts, options.required);
    return { args: types, result: typeof result === 'function' ? result(types) : result, nullable: options.nullable };
  };
}
