/** Owns: types and schemas as users hand them in: DDL text or the thing itself. */
import { callSite } from '../../core/call-site.js';
import { asMinisparkError, type MinisparkError, userError } from '../../core/errors.js';
import { parseSchema, parseType } from '../../data/schema-text.js';
import type { DataType, Schema } from '../../data/types.js';

/** Throws the parser's user error for text that is no type. */
export function typeOfText(type: string | DataType): DataType {
  if (typeof type === 'string') return atCall(() => parseType(type));
  if (typeof type?.kind === 'string') return type;
  throw invalid('type', "'bigint' or 'array<string>'");
}

/** Throws the parser's user error for text that is no schema. */
export function schemaOfText(schema: string | Schema): Schema {
  if (typeof schema === 'string') return atCall(() => parseSchema(schema));
  if (Array.isArray(schema?.fields)) return schema;
  throw invalid('schema', "'id bigint, name string'");
}

/** Plain JavaScript may leave it out. */
function invalid(what: string, example: string): MinisparkError {
  const hint = `Write it as text, such as ${example}`;
  return userError('INVALID_ARGUMENT', `A ${what} was wanted, which is text or a ${what} object.`, { hint, site: callSite() ?? undefined });
}

function atCall<T>(parse: () => T): T {
  try {
    return parse();
  } catch (thrown) {
    throw asMinisparkError(thrown).with({ site: callSite() ?? undefined });
  }
}
