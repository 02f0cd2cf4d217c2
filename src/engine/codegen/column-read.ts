/**
 * Owns: reading row `i` of a column in generated code: from a shape to a Value over hoisted typed arrays.
 */
import { allocFloat64, allocInt32 } from '../../data/alloc.js';
import type { Column, ColumnOf } from '../../data/batch.js';
import type { DataType } from '../../data/types.js';
import { readValue } from '../../data/value.js';
import { anyNull } from '../../frontend/functions/emit.js';
import type { Value } from '../../frontend/functions/generator.js';
import type { CodeEmitter } from './emitter.js';
import type { ColumnShape } from './shape.js';
import { isBigType, nullValue } from './values.js';

/**
 * `column` is an expression of a data/batch.ts Column of this shape; `row` an expression of the row's index, a simple name.
 * Where the condition `absent` holds there is no such row, and the value is null.
 */
export function emitColumnRead(
  emit: CodeEmitter,
  column: string,
  shape: ColumnShape,
  type: DataType,
  row: string,
  absent = 'false',
): Value {
  const isNull = anyNull(absent, shape.layout !== 'null' && shape.nullable ? nullTest(emit, column, row) : 'false');
  switch (shape.layout) {
    case 'null':
      return nullValue(emit, type);
    case 'dictionary': {
      const codes = emit.hoist('codes', `${column}.codes`);
      const dictionary = emit.hoist('dict', `${column}.dictionary`);
      const code = emit.let('code', `${codes}[${row}]`);
      const value = readEntry(emit, dictionary, shape.inner as ColumnShape, type, code, absent);
      return { ...value, isNull: anyNull(isNull, value.isNull), entry: { code, dictionary } };
    }
    case 'fixed':
      return readFixed(emit, column, shape, type, row, isNull);
    case 'bits': {
      const bits = emit.hoist('bits', `${column}.bits`);
      return { type, isNull, rep: 'bool', code: `(((${bits}[${row} >> 3] >> (${row} & 7)) & 1) === 1)` };
    }
    case 'bytes': {
      const data = emit.hoist('data', `${column}.data`);
      const offsets = emit.hoist('offs', `${column}.offsets`);
      return { type, isNull, rep: 'bytes', data, start: `${offsets}[${row}]`, end: `${offsets}[${row} + 1]` };
    }
    case 'wide':
      if (shape.bits > 0 && shape.bits <= 53) {
        const values = emit.hoist('vals', `${column}.values`);
        return lanesValue(emit, values, 4, shape.bits, type, row, isNull);
      }
      return readWhole(emit, column, type, row, absent, 'big');
    default:
      return readWhole(emit, column, type, row, absent, 'js');
  }
}

/** Row by row, by a function. */
function readWhole(emit: CodeEmitter, column: string, type: DataType, row: string, absent: string, rep: 'big' | 'js'): Value {
  const whole = emit.hoist('col', column);
  const read = emit.constant('readValue', readValue);
  const of = emit.constant('type', type);
  const name = emit.let('v', `${absent === 'false' ? '' : `${absent} ? null : `}${read}(${whole}, ${of}, ${row})`);
  return { type, isNull: `(${name} === null)`, rep, code: name };
}

/** A whole number of at most 53 bits, `width` lanes of 32 bits a row. */
function lanesValue(emit: CodeEmitter, values: string, width: number, bits: number, type: DataType, row: string, isNull: string): Value {
  const lanes = emit.hoist('lanes', `new Int32Array(${values}.buffer, ${values}.byteOffset, ${values}.length * 2)`);
  if (bits <= 31) return { type, isNull, rep: 'int', code: `${lanes}[${width} * ${row}]`, bits };
  const code = emit.let('n', `${lanes}[${width} * ${row} + 1] * 4294967296 + (${lanes}[${width} * ${row}] >>> 0)`);
  return { type, isNull, rep: 'int', code, bits };
}

/** Integers of 64 bits are read from a copy of the dictionary in numbers, where numbers hold them. */
function readEntry(emit: CodeEmitter, dictionary: string, shape: ColumnShape, type: DataType, code: string, absent: string): Value {
  if (shape.layout !== 'fixed' || shape.nullable || !isBigType(type) || shape.bits > 53) {
    return emitColumnRead(emit, dictionary, shape, type, code, absent);
  }
  const numbers = emit.hoist('numbers', `${emit.constant('numbersOf', numbersOf)}(${dictionary}, ${shape.bits <= 31})`);
  return { type, isNull: absent, rep: 'int', code: `${numbers}[${code}]`, bits: shape.bits };
}

const copies = new WeakMap<Column, Int32Array | Float64Array>();

/** The entries of a dictionary of 64-bit integers, which fit 32 bits where they are `small`, else 53. Made once a dictionary. */
function numbersOf(dictionary: ColumnOf<'fixed'>, small: boolean): Int32Array | Float64Array {
  let numbers = copies.get(dictionary);
  if (numbers === undefined) {
    const { values, length } = dictionary;
    const lanes = new Int32Array(values.buffer, values.byteOffset, length * 2);
    numbers = small ? allocInt32(length) : allocFloat64(length);
    if (small) for (let i = 0; i < length; i++) numbers[i] = lanes[2 * i];
    else for (let i = 0; i < length; i++) numbers[i] = lanes[2 * i + 1] * 4294967296 + (lanes[2 * i] >>> 0);
    copies.set(dictionary, numbers);
  }
  return numbers;
}

function nullTest(emit: CodeEmitter, column: string, row: string): string {
  const validity = emit.hoist('valid', `${column}.validity`);
  return `(((${validity}[${row} >> 3] >> (${row} & 7)) & 1) === 0)`;
}

function readFixed(emit: CodeEmitter, column: string, shape: ColumnShape, type: DataType, row: string, isNull: string): Value {
  const values = emit.hoist('vals', `${column}.values`);
  switch (type.kind) {
    case 'float32':
    case 'float64':
      return { type, isNull, rep: 'float', code: `${values}[${row}]` };
    case 'int8':
    case 'int16':
    case 'int32':
    case 'date':
    case 'year_month_interval':
      return { type, isNull, rep: 'int', code: `${values}[${row}]`, bits: shape.bits };
    default:
      if (shape.bits > 53) return { type, isNull, rep: 'big', code: `${values}[${row}]` };
      return lanesValue(emit, values, 2, shape.bits, type, row, isNull);
  }
}
