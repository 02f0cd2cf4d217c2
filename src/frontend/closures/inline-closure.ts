/** Owns: joining the text of a pure function with the values that it captured, so that code generation needs nothing else. */
import type { InlineClosure } from './closure-bytes.js';
import type { InlineBody } from './function-info.js';

/** Longer text would be parsed again wherever the code is generated. */
const LONGEST_LITERAL = 256;

/** null where a captured value is no primitive, or a long string. */
export function inlineClosure(inline: InlineBody | null, captures: Readonly<Record<string, unknown>>): InlineClosure | null {
  if (!inline) return null;
  const constants: Record<string, string> = { ...inline.constants };
  for (const name of inline.freeNames) {
    const text = literalOf(captures[name]);
    if (text === null) return null;
    constants[name] = text;
  }
  return { params: inline.params, body: inline.body, constants };
}

function literalOf(value: unknown): string | null {
  switch (typeof value) {
    case 'string':
      return value.length <= LONGEST_LITERAL ? JSON.stringify(value) : null;
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value);
    case 'bigint':
      return `${value}n`;
    case 'boolean':
      return String(value);
    case 'undefined':
      return 'undefined';
    default:
      return value === null ? 'null' : null;
  }
}
