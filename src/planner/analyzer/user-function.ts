/** Owns: whether the columns that a user's function is given are what its parameters' TypeScript types say: told before anything runs. */

import type { CallSite } from '../../core/errors.js';
import { userError } from '../../core/errors.js';
import { type DataType, typeName } from '../../data/types.js';
import type { Closure } from '../../frontend/plan/expression.js';
import type { ResolvedExpr } from '../../frontend/plan/resolved.js';

/**
 * `types` are those of the parameters (Closure.parameterTypes), `shown` the arguments as the user wrote them.
 * Throws DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE.
 */
export function checkParameters(
  name: string,
  types: Closure['parameterTypes'],
  args: readonly ResolvedExpr[],
  shown: (index: number) => string,
  site: CallSite | null,
): void {
  args.forEach(({ type }, i) => {
    const wanted = types?.[i];
    const given = javascriptType(type);
    if (!wanted || given === null || wanted.includes(given)) return;
    throw userError(
      'DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE',
      `Parameter ${i + 1} of ${name || 'the function'} is of type ${wanted.join(' | ')}, but ${shown(i)} is ${typeName(type)}: a function sees ${given}.`,
      { hint: hintFor(wanted), site: site ?? undefined },
    );
  });
}

/** What a function sees of a column; null for what is never anything but null. */
function javascriptType(type: DataType): string | null {
  switch (type.kind) {
    case 'null':
      return null;
    case 'boolean':
      return 'boolean';
    case 'int8':
    case 'int16':
    case 'int32':
    case 'float32':
    case 'float64':
      return 'number';
    case 'int64':
      return 'bigint';
    case 'string':
      return 'string';
    case 'decimal':
      return 'Decimal';
    case 'date':
      return 'LocalDate';
    case 'timestamp':
      return 'Timestamp';
    case 'timestamp_ntz':
      return 'LocalDateTime';
    case 'binary':
      return 'Uint8Array';
    case 'array':
      return 'an array';
    case 'map':
      return 'a Map';
    default:
      return 'an object';
  }
}

function hintFor(wanted: readonly string[]): string {
  const to = (
    [
      ['number', 'double'],
      ['bigint', 'bigint'],
      ['string', 'string'],
      ['boolean', 'boolean'],
    ] as const
  ).find(([name]) => wanted.includes(name));
  return `Change the parameter's type${to ? `, or cast the column to ${to[1]}` : ''}`;
}
