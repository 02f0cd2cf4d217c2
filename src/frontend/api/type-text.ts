/** Owns: types and schemas as users hand them in: DDL text or the thing itself. */
import { parseSchema, parseType } from '../../data/schema-text.js';
import type { DataType, Schema } from '../../data/types.js';

/** Throws the parser's user error for text that is no type. */
export function typeOfText(type: string | DataType): DataType {
  return typeof type === 'string' ? parseType(type) : type;
}

/** Throws the parser's user error for text that is no schema. */
export function schemaOfText(schema: string | Schema): Schema {
  return typeof schema === 'string' ? parseSchema(schema) : schema;
}
