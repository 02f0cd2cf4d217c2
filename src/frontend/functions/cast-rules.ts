/** Owns: which casts there are (Spark's ANSI table) and the errors of those there are not, or that fail on a value. */
import { userError } from '../../core/errors.js';
import { type DataType, isInteger, isInterval, isNumeric, sameType, typeName } from '../../data/types.js';

/** Throws DATATYPE_MISMATCH.CAST_… where ANSI SQL has no cast from `from` to `to`. */
export function checkCast(from: DataType, to: DataType, safe: boolean): void {
  const refusal = castRefusal(from, to);
  if (refusal === null) return;
  // The remedy of a legacy setting is not offered for try_cast.
  const suggestion = safe && refusal === 'WITH_CONF_SUGGESTION' ? 'WITHOUT_SUGGESTION' : refusal;
  throw userError(`DATATYPE_MISMATCH.CAST_${suggestion}`, `A ${typeName(from)} cannot be cast to ${typeName(to)}.`, {
    hint: hintFor(from, to),
  });
}

type Refusal = 'WITHOUT_SUGGESTION' | 'WITH_CONF_SUGGESTION' | 'WITH_FUNC_SUGGESTION';

function castRefusal(from: DataType, to: DataType): Refusal | null {
  if (from.kind === 'null' || to.kind === 'string' || sameType(from, to)) return null;
  if (from.kind === 'array' && to.kind === 'array') return castRefusal(from.element, to.element);
  if (from.kind === 'map' && to.kind === 'map') return castRefusal(from.key, to.key) ?? castRefusal(from.value, to.value);
  if (from.kind === 'struct' && to.kind === 'struct' && from.fields.length === to.fields.length) {
    return from.fields.reduce<Refusal | null>((found, field, i) => found ?? castRefusal(field.type, to.fields[i].type), null);
  }
  if (from.kind === 'string') return ['array', 'map', 'struct', 'null'].includes(to.kind) ? 'WITHOUT_SUGGESTION' : null;
  if (isInterval(from) || isInterval(to)) return intervalRefusal(from, to);
  return atomRefusal(from, to);
}

/** Numbers stand for the last field of an interval. */
function intervalRefusal(from: DataType, to: DataType): Refusal | null {
  if (isInterval(from) && isInterval(to)) return from.kind === to.kind ? null : 'WITHOUT_SUGGESTION';
  const other = isInterval(from) ? to : from;
  return isInteger(other) || other.kind === 'decimal' ? null : 'WITHOUT_SUGGESTION';
}

function atomRefusal(from: DataType, to: DataType): Refusal | null {
  const isTime = (type: DataType): boolean => type.kind === 'timestamp' || type.kind === 'timestamp_ntz';
  if (isNumeric(from)) {
    if (isNumeric(to) || to.kind === 'boolean' || to.kind === 'timestamp') return null;
    if (to.kind === 'date') return 'WITH_FUNC_SUGGESTION';
    return to.kind === 'binary' && from.kind.startsWith('int') ? 'WITH_CONF_SUGGESTION' : 'WITHOUT_SUGGESTION';
  }
  if (from.kind === 'boolean') return isNumeric(to) ? null : to.kind === 'timestamp' ? 'WITH_CONF_SUGGESTION' : 'WITHOUT_SUGGESTION';
  if (from.kind === 'date') {
    if (isTime(to)) return null;
    return to.kind === 'boolean' ? 'WITH_CONF_SUGGESTION' : isNumeric(to) ? 'WITH_FUNC_SUGGESTION' : 'WITHOUT_SUGGESTION';
  }
  if (isTime(from)) {
    if (isTime(to) || to.kind === 'date') return null;
    if (from.kind === 'timestamp' && isNumeric(to)) return null;
    return from.kind === 'timestamp' && to.kind === 'boolean' ? 'WITH_CONF_SUGGESTION' : 'WITHOUT_SUGGESTION';
  }
  return 'WITHOUT_SUGGESTION';
}

function hintFor(from: DataType, to: DataType): string {
  if (isNumeric(from) && to.kind === 'date') return 'Use date_from_unix_date() for days since 1970-01-01';
  if (from.kind === 'date' && isNumeric(to)) return 'Use unix_date() for days since 1970-01-01';
  return 'Cast through string, or pick another type';
}

/** Whether a cast of a non-null value may give null. */
export function castGivesNull(from: DataType, to: DataType, safe: boolean): boolean {
  return safe || (to.kind === 'decimal' && (from.kind === 'float64' || from.kind === 'float32'));
}

export const invalidInput = (text: string, to: DataType) =>
  userError('CAST_INVALID_INPUT', `'${text}' is not a valid ${typeName(to)}.`, {
    hint: 'Correct the value, or use tryCast (in SQL try_cast) to get null instead',
  });

export const castOverflow = (value: string, to: DataType) =>
  userError('CAST_OVERFLOW', `${value} does not fit ${typeName(to)}.`, {
    hint: 'Cast to a wider type, or use tryCast (in SQL try_cast) to get null instead',
  });
