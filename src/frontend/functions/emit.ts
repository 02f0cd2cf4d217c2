/**
 * Owns: small building blocks of code generators: making Values and choosing how a type is held where branches must agree.
 * Receives an Emitter and code fragments; runs nothing.
 */
import type { DataType } from '../../data/types.js';
import type { Emitter, Value, ValueOf } from './generator.js';

export const intValue = (type: DataType, code: string, bits: number): ValueOf<'int'> => ({ type, isNull: 'false', rep: 'int', code, bits });
export const bigValue = (type: DataType, code: string): ValueOf<'big'> => ({ type, isNull: 'false', rep: 'big', code });
export const floatValue = (type: DataType, code: string): ValueOf<'float'> => ({ type, isNull: 'false', rep: 'float', code });
export const boolValue = (code: string): ValueOf<'bool'> => ({ type: { kind: 'boolean' }, isNull: 'false', rep: 'bool', code });
export const jsValue = (type: DataType, code: string): ValueOf<'js'> => ({ type, isNull: 'false', rep: 'js', code });
export const bytesValue = (type: DataType, data: string, start: string, end: string): ValueOf<'bytes'> => ({
  type,
  isNull: 'false',
  rep: 'bytes',
  data,
  start,
  end,
});

/** The three strings by which a runtime function takes a bytes value. */
export const span = (value: ValueOf<'bytes'>): string => `${value.data}, ${value.start}, ${value.end}`;

/** Most bits that |v| of a decimal with so many digits takes. */
export const digitBits = (digits: number): number => Math.ceil(digits * Math.log2(10));

/** Bits within which every value of an integer-backed type lies; more than 53 where a double may not hold it. */
export function typeBits(type: DataType): number {
  switch (type.kind) {
    case 'int8':
      return 8;
    case 'int16':
      return 16;
    case 'int32':
    case 'date':
    case 'year_month_interval':
      return 32;
    case 'decimal':
      return digitBits(type.precision);
    default:
      return 64;
  }
}

/** How a value of `type` is held whatever expression made it. */
export function commonRep(type: DataType): Exclude<Value['rep'], 'each'> {
  switch (type.kind) {
    case 'boolean':
      return 'bool';
    case 'float32':
    case 'float64':
      return 'float';
    case 'string':
    case 'binary':
      return 'bytes';
    case 'int8':
    case 'int16':
    case 'int32':
    case 'date':
    case 'int64':
    case 'timestamp':
    case 'timestamp_ntz':
    case 'day_time_interval':
    case 'year_month_interval':
    case 'decimal':
      return typeBits(type) <= 53 ? 'int' : 'big';
    default:
      return 'js';
  }
}

/** `value` in the representation `commonRep(type)`. */
export function toCommonRep(emit: Emitter, value: Value, type: DataType): Value {
  const rep = commonRep(type);
  if (value.rep === rep) return value;
  switch (rep) {
    case 'big':
      return emit.toBig(value);
    case 'float':
      return emit.toFloat(value);
    case 'bytes':
      return emit.toBytes(value);
    case 'int': {
      // The type proves that the BigInt is below 2^53, so Number() is exact.
      const code = value.rep === 'big' ? value.code : emit.toJs(value).code;
      return { type, isNull: value.isNull, rep: 'int', code: `Number(${code})`, bits: typeBits(type) };
    }
    case 'bool':
    case 'js':
      return rep === 'js' ? emit.toJs(value) : { type, isNull: value.isNull, rep: 'bool', code: emit.toJs(value).code };
    default:
      return rep satisfies never;
  }
}

/** A variable that several branches assign; `set` takes whatever representation the branch came to. */
export function branchSlot(
  emit: Emitter,
  type: DataType,
  nullable: boolean,
): { readonly value: Value; set(from: Value): void; setNull(): void } {
  const slot = emit.slot(type, commonRep(type), nullable, Math.min(53, typeBits(type)));
  return {
    value: slot.value,
    set: (from) => (from.isNull === 'true' ? slot.assignNull() : slot.assign(toCommonRep(emit, from, type))),
    setNull: () => slot.assignNull(),
  };
}

/** A disjunction of null conditions without the constants. */
export function anyNull(...conditions: readonly string[]): string {
  if (conditions.includes('true')) return 'true';
  const open = [...new Set(conditions)].filter((condition) => condition !== 'false');
  return open.length === 0 ? 'false' : open.length === 1 ? open[0] : `(${open.join(' || ')})`;
}
