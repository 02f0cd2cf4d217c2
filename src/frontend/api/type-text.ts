/** Owns: types and schemas as users hand them in: DDL text or the thing itself. */
import { callSite } from '../../core/call-site.js';
import { asMinisparkError } from '../../core/errors.js';
import { parseSchema, parseType } from '../../data/schema-text.js';
import type { DataType, Schema } from '../../data/types.js';

/** Throws the parser's user error for text that is no type. */
export function typeOfText(type: string | DataType): DataType {
  return typeof type === 'string' ? atCall(() => parseType(type)) : type;
}

/** Throws the parser's user error for text that is no schema. */
export function schemaOfText(schema: string | Schema): Schema {
  return typeof schema === 'string' ? atCall(() => parseSchema(schema)) : schema;
}

function atCall<T>(parse: () => T): T {
  try {
    return parse();
  } catch (thrown) {
    throw asMinisparkError(thrown).with({ site: callSite() ?? undefined });
  }
}
