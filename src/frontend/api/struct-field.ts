/** Owns: the expressions of Column.withField and dropFields: a path such as `a.b` opens the structs on its way and puts them together again. */
import { callSite } from '../../core/call-site.js';
import { userError } from '../../core/errors.js';
import type { Expr } from '../plan/expression.js';
import { call, text } from '../sql/nodes.js';

/** The parts of a path; back-quoted ones may hold dots. Throws a user error INVALID_ARGUMENT. */
function pathOf(path: string): string[] {
  const parts = /^(?:`(?:[^`]|``)+`|[^.`]+)(?:\.(?:`(?:[^`]|``)+`|[^.`]+))*$/.test(path) ? path.match(/`(?:[^`]|``)+`|[^.`]+/g) : null;
  if (parts !== null) return parts.map((part) => (part.startsWith('`') ? part.slice(1, -1).replaceAll('``', '`') : part));
  throw userError('INVALID_ARGUMENT', `'${path}' names no field of a struct.`, {
    hint: "A field is named like 'name' or 'person.name'; back-quotes go around names with dots",
    site: callSite() ?? undefined,
  });
}

/** `change` is applied to the struct that holds the last part. */
function within(struct: Expr, parts: readonly string[], change: (struct: Expr, name: string) => Expr): Expr {
  const [name, ...rest] = parts;
  if (rest.length === 0) return change(struct, name);
  const inner = within(call('getfield', [struct, text(name)], callSite()), rest, change);
  return call('with_field', [struct, text(name), inner], callSite());
}

export function fieldSet(struct: Expr, path: string, value: Expr): Expr {
  return within(struct, pathOf(path), (parent, name) => call('with_field', [parent, text(name), value], callSite()));
}

export function fieldsDropped(struct: Expr, paths: readonly string[]): Expr {
  const drop = (from: Expr, path: string): Expr =>
    within(from, pathOf(path), (parent, name) => call('drop_fields', [parent, text(name)], callSite()));
  return paths.reduce(drop, struct);
}
