/**
 * Owns: the step of explode and its relatives: a row once per element of an array or map, straight from a loop value where there is one.
 */
import { fatalError } from '../../core/errors.js';
import type { DataType } from '../../data/types.js';
import { anyNull } from '../../frontend/functions/emit.js';
import type { Value } from '../../frontend/functions/generator.js';
import type { BoundExpr } from '../../frontend/plan/resolved.js';
import type { CodeEmitter } from './emitter.js';
import { emitExpr, type Row } from './expression.js';
import type { Step } from './pipeline.js';
import type { FindClosure } from './user-function.js';
import { fromJs, nullValue } from './values.js';

export interface GenerateSpec {
  /** A call of explode, posexplode or inline. */
  readonly generator: BoundExpr;
  /** Keep rows without elements, with nulls. */
  readonly outer: boolean;
  /** Columns of the input that stay, before the generator's. */
  readonly keep: readonly number[];
  /** The generator's columns. */
  readonly types: readonly DataType[];
}

export function generateStep(spec: GenerateSpec, closures: FindClosure): Step {
  const { generator, outer, keep, types } = spec;
  if (generator.kind !== 'call') throw fatalError('INTERNAL_ERROR', 'A generator must be a call.');
  const { fn, args } = generator;
  return {
    emit(emit, row, next) {
      const input = emitExpr(emit, args[0], row, closures);
      if (outer) {
        eachOuter(emit, input, fn, types, (made) => next(joinRow(row, keep, made)));
        return;
      }
      const run = () =>
        eachElement(emit, input, args[0].type, (element, position) =>
          next(joinRow(row, keep, columnsOf(emit, fn, element, position, types))),
        );
      if (input.isNull === 'false') emit.scope(run);
      else if (input.isNull !== 'true') emit.branch(`!(${input.isNull})`, run);
    },
  };
}

function joinRow(row: Row, keep: readonly number[], made: readonly Value[]): Row {
  return { column: (index) => (index < keep.length ? row.column(keep[index]) : made[index - keep.length]) };
}

/** Emits `body` once, inside of a loop over the elements. */
function eachElement(emit: CodeEmitter, input: Value, type: DataType, body: (element: Value, position: string) => void): void {
  const position = emit.fresh('pos');
  emit.line(`let ${position} = -1;`);
  const step = (element: Value): void => {
    emit.line(`${position}++;`);
    emit.scope(() => body(element, position));
  };
  if (input.rep === 'each') {
    input.loop(step);
    return;
  }
  const item = emit.fresh('item');
  emit.loop(`for (const ${item} of ${emit.toJs(input).code})`, () => step(fromJs(item, elementType(type))));
}

/** The body is emitted once, over a built array that has a null where there was nothing. */
function eachOuter(emit: CodeEmitter, input: Value, fn: string, types: readonly DataType[], body: (made: readonly Value[]) => void): void {
  const list = emit.let('list', emit.nullable(input));
  const item = emit.fresh('item');
  const empty = emit.let('empty', `${list} === null || ${list}.length === 0`);
  const position = emit.fresh('pos');
  emit.line(`let ${position} = -1;`);
  emit.loop(`for (const ${item} of ${empty} ? [null] : ${list})`, () => {
    emit.line(`${position}++;`);
    const made = columnsOf(emit, fn, fromJs(item, elementType(input.type)), position, types);
    body(made.map((value) => ({ ...value, isNull: anyNull(empty, value.isNull) })));
  });
}

/** Elements of a map are [key, value] pairs, as structs are. */
function elementType(type: DataType): DataType {
  switch (type.kind) {
    case 'array':
      return type.element;
    case 'map':
      return {
        kind: 'struct',
        fields: [
          { name: 'key', type: type.key, nullable: false },
          { name: 'value', type: type.value, nullable: type.valueContainsNull },
        ],
      };
    default:
      throw fatalError('INTERNAL_ERROR', `There are no elements in a ${type.kind}.`);
  }
}

function columnsOf(emit: CodeEmitter, fn: string, element: Value, position: string, types: readonly DataType[]): Value[] {
  const index: Value[] = fn.startsWith('posexplode') ? [{ type: types[0], isNull: 'false', rep: 'int', code: position, bits: 32 }] : [];
  const rest = types.slice(index.length);
  if (rest.length === 1 && fn !== 'inline') return [...index, element];
  const row = emit.let('parts', emit.nullable(element));
  const parts = rest.map((type, k) => {
    if (element.isNull === 'true') return nullValue(emit, type);
    return fromJs(emit.let('part', `${row} === null ? null : ${row}[${k}]`), type);
  });
  return [...index, ...parts];
}
