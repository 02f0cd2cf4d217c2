/** Owns: a JavaScript value that stands for an engine value in Map and Set: equal exactly when the engine values are (NaN, -0 and nested ones too). */
import type { EngineValue } from '../../data/value.js';

/** Null, booleans, numbers, bigints and strings stand for themselves (Map treats NaN as equal and -0 as 0); others become text. */
export function valueKey(value: EngineValue | null): null | boolean | number | bigint | string {
  if (value === null || typeof value !== 'object') return value;
  return nestedKey(value);
}

function nestedKey(value: EngineValue | null): string {
  if (value === null) return 'n';
  switch (typeof value) {
    case 'number':
      return `d${value + 0};`;
    case 'bigint':
      return `l${value};`;
    case 'boolean':
      return value ? 't' : 'f';
    case 'string':
      return `s${value.length}:${value}`;
    default:
      if (value instanceof Uint8Array) return `b${Buffer.from(value).toString('hex')};`;
      return `[${value.map(nestedKey).join('')}]`;
  }
}
