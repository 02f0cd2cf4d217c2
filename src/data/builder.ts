/**
 * Owns: which builder a type takes. The classes are in builder-fixed.ts (FixedBuilder, WideBuilder, BitsBuilder),
 * builder-bytes.ts (BytesBuilder) and builder-nested.ts (ListBuilder, MapBuilder, StructBuilder, NullBuilder).
 */
import { type Column, plainLayout } from './batch.js';
import type { ColumnBuilder } from './builder-base.js';
import { BitsBuilder } from './builder-bits.js';
import { BytesBuilder } from './builder-bytes.js';
import { createFixedBuilder } from './builder-fixed.js';
import { ListBuilder, MapBuilder, NullBuilder, StructBuilder } from './builder-nested.js';
import { WideBuilder } from './builder-wide.js';
import type { DataType } from './types.js';
import type { EngineValue } from './value.js';

export type { ColumnBuilder } from './builder-base.js';

/**
 * A builder for columns of `type`, with room for `capacity` rows at its first growth; buffers are made at the first append.
 * It yields the plain layout of the type, never a dictionary.
 */
export function createBuilder(type: DataType, capacity: number): ColumnBuilder {
  switch (type.kind) {
    case 'null':
      return new NullBuilder();
    case 'boolean':
      return new BitsBuilder(type, capacity);
    case 'string':
    case 'binary':
      return new BytesBuilder(type, capacity);
    case 'array':
      return new ListBuilder(type, capacity, createBuilder(type.element, capacity));
    case 'map':
      return new MapBuilder(type, capacity, createBuilder(type.key, capacity), createBuilder(type.value, capacity));
    case 'struct':
      return new StructBuilder(
        type,
        capacity,
        type.fields.map((f) => createBuilder(f.type, capacity)),
      );
    default:
      return plainLayout(type) === 'wide' ? new WideBuilder(type, capacity) : createFixedBuilder(type, capacity);
  }
}

/** A column of the given engine values. */
export function columnOf(type: DataType, values: readonly EngineValue[]): Column {
  const builder = createBuilder(type, values.length);
  for (const value of values) builder.append(value);
  return builder.finish();
}
