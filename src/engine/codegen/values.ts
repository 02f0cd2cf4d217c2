/** Owns: what a type's values look like in generated code: the null of each type, and a JS engine value taken back into its representation. */
import type { DataType } from '../../data/types.js';
import type { Emitter, Value } from '../../frontend/functions/generator.js';

export const NO_BYTES = new Uint8Array(0);

/** Types whose engine value is a bigint. */
export function isBigType(type: DataType): boolean {
  return type.kind === 'int64' || type.kind === 'decimal' || ['timestamp', 'timestamp_ntz', 'day_time_interval'].includes(type.kind);
}

/** A value of this type that is null: in the representation that such values usually have. */
export function nullValue(emit: Emitter, type: DataType): Value {
  const isNull = 'true';
  switch (type.kind) {
    case 'boolean':
      return { type, isNull, rep: 'bool', code: 'false' };
    case 'float32':
    case 'float64':
      return { type, isNull, rep: 'float', code: '0' };
    case 'int8':
    case 'int16':
    case 'int32':
    case 'int64':
    case 'date':
    case 'timestamp':
    case 'timestamp_ntz':
    case 'day_time_interval':
    case 'year_month_interval':
    case 'decimal':
      return { type, isNull, rep: 'int', code: '0', bits: 1 };
    case 'string':
    case 'binary':
      return { type, isNull, rep: 'bytes', data: emit.constant('none', NO_BYTES), start: '0', end: '0' };
    default:
      return { type, isNull, rep: 'js', code: 'null' };
  }
}

/** An engine value in a variable, in the representation of its type. */
export function fromJs(name: string, type: DataType): Value {
  const isNull = `(${name} === null)`;
  if (isBigType(type)) return { type, isNull, rep: 'big', code: name };
  switch (type.kind) {
    case 'boolean':
      return { type, isNull, rep: 'bool', code: name };
    case 'float32':
    case 'float64':
      return { type, isNull, rep: 'float', code: name };
    case 'int8':
    case 'int16':
    case 'int32':
    case 'date':
    case 'year_month_interval':
      return { type, isNull, rep: 'int', code: name, bits: 32 };
    default:
      return { type, isNull, rep: 'js', code: name };
  }
}
