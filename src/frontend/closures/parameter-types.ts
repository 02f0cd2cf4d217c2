/**
 * Owns: the types that a function's parameters have in the user's own source, where they are primitives: what a column that is handed to it is
 * held against before anything runs. Reads just the list of parameters; whatever else stands there is no type that is known.
 */

/** Of each parameter the alternatives of its type (`number`, `null`, …); null where it has none, or one that is not made of primitives. */
export type ParameterTypes = readonly (readonly string[] | null)[];

const PRIMITIVES = new Set(['number', 'bigint', 'string', 'boolean', 'null', 'undefined']);

/** Up to the bracket of the parameters: an arrow, `function name`, the name of a method; perhaps type parameters. */
const HEAD = /(?:async\s+)?(?:function\s*\*?\s*)?[\w$]*\s*(?:<[^<>()]*>\s*)?\(/y;
const PARAMETER = /\s*[\w$]+\s*(\?)?\s*(?::\s*([^,()=<>{}[\]]+?))?\s*(,|\))/y;

/** `line` and `column` of the function's start count from 1. */
export function parameterTypes(source: string, line: number, column: number): ParameterTypes {
  let start = 0;
  for (let i = 1; i < line; i++) start = source.indexOf('\n', start) + 1;
  HEAD.lastIndex = start + column - 1;
  if (!HEAD.test(source)) return [];
  const types: (readonly string[] | null)[] = [];
  PARAMETER.lastIndex = HEAD.lastIndex;
  for (let match = PARAMETER.exec(source); match; match = PARAMETER.exec(source)) {
    const parts = (match[2] ?? '').split('|').map((part) => part.trim());
    types.push(parts.every((part) => PRIMITIVES.has(part)) ? [...parts, ...(match[1] ? ['undefined'] : [])] : null);
    if (match[3] === ')') break;
  }
  return types;
}
