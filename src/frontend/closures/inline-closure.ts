/** Owns: joining the body of a pure function with the values that it captured, so that code generation needs nothing else. */
import { constantOf, type InlineFunction, type PureExpression, withConstants } from '../../core/pure-expression.js';

/** Longer text would travel and be parsed again wherever the code is generated. */
const LONGEST_TEXT = 256;

/** null where a captured value is no primitive, or a long string. */
export function inlineClosure(inline: InlineFunction | null, captures: Readonly<Record<string, unknown>>): InlineFunction | null {
  if (!inline) return null;
  const constants = new Map<string, PureExpression>();
  for (const [name, value] of Object.entries(captures)) {
    const constant = typeof value === 'string' && value.length > LONGEST_TEXT ? null : constantOf(value);
    if (constant) constants.set(name, constant);
  }
  const body = withConstants(inline.body, constants);
  return body && { ...inline, body };
}
