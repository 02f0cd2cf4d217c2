/** Owns: the error of SQL text that cannot be read, with the line it stands in and a caret under the place. */
import { type CallSite, type MinisparkError, userError } from '../../core/errors.js';

export interface SyntaxDetails {
  readonly site: CallSite | null;
  readonly hint?: string;
  /** Spark's condition, where it is not a plain PARSE_SYNTAX_ERROR. */
  readonly condition?: string;
}

/** `what` continues the sentence “The SQL is wrong at character 7: …”. `at` counts UTF-16 units from 0. */
export function syntaxError(text: string, at: number, what: string, { site, hint, condition }: SyntaxDetails): MinisparkError {
  const before = text.slice(0, at).split('\n');
  const column = before[before.length - 1];
  const place = before.length === 1 ? `character ${at + 1}` : `line ${before.length}, character ${column.length + 1}`;
  const line = text.split('\n')[before.length - 1];
  // A tab stays a tab, so that the caret lands below its character.
  const caret = `${column.replace(/[^\t]/g, ' ')}^`;
  return userError(condition ?? 'PARSE_SYNTAX_ERROR', `The SQL is wrong at ${place}: ${what}.\n  ${line}\n  ${caret}`, {
    hint,
    site: site ?? undefined,
  });
}
