/**
 * Owns: names → attributes: which columns an expression may name, by which qualifiers, case ignored.
 * Receives a name as written (`t.person.name`, back-quoted parts may hold dots); gives the attribute and the fields below it, or a user error.
 */
import { type CallSite, userError } from '../../core/errors.js';
import { didYouMean } from '../../core/nearest.js';
import type { DataType } from '../../data/types.js';
import { compileRegex } from '../../frontend/functions/regex.js';
import type { Expr } from '../../frontend/plan/expression.js';
import type { Attribute } from '../../frontend/plan/resolved.js';

export interface ScopedColumn {
  readonly attribute: Attribute;
  /** The alias of the relation that it comes from. */
  readonly qualifier: string | null;
  /** A side's own copy of a USING column: it is meant only where its relation is named. */
  readonly byRelation?: true;
}

export type Scope = readonly ScopedColumn[];

export interface FoundColumn {
  readonly attribute: Attribute;
  /** The last part as the user wrote it: the name of the column when it is selected. */
  readonly name: string;
  /** Struct fields below the attribute, outermost first. */
  readonly fields: readonly string[];
}

export const scopeOf = (output: readonly Attribute[], qualifier: string | null = null): Scope =>
  output.map((attribute) => ({ attribute, qualifier }));

const same = (a: string, b: string): boolean => a === b || a.toLowerCase() === b.toLowerCase();

/** Parts of a name: dots separate, back-quotes protect. Throws INVALID_ATTRIBUTE_NAME_SYNTAX. */
export function nameParts(name: string, site: CallSite | null): string[] {
  const parts: string[] = [];
  const part = /`((?:[^`]|``)+)`|([^.`]+)/y;
  for (let at = 0; ; at = part.lastIndex + 1) {
    part.lastIndex = at;
    const match = part.exec(name);
    const end = match === null ? -1 : part.lastIndex;
    if (match === null || (end < name.length && name[end] !== '.')) {
      throw userError('INVALID_ATTRIBUTE_NAME_SYNTAX', `'${name}' is not the name of a column.`, {
        hint: 'Put a name with dots or back-quotes in it between back-quotes',
        site: site ?? undefined,
      });
    }
    parts.push(match[1] === undefined ? match[2] : match[1].replaceAll('``', '`'));
    if (end === name.length) return parts;
  }
}

/** The column that a name means; null where there is none. Throws AMBIGUOUS_REFERENCE. */
export function findColumn(scope: Scope, name: string, site: CallSite | null): FoundColumn | null {
  const whole = scope.filter((column) => column.attribute.name === name && !column.byRelation);
  if (whole.length > 0 && name.includes('.')) return pick(whole, name, name, [], site);
  const parts = nameParts(name, site);
  if (parts.length > 1) {
    const qualified = scope.filter(
      ({ attribute, qualifier }) => qualifier !== null && same(qualifier, parts[0]) && same(attribute.name, parts[1]),
    );
    if (qualified.length > 0) return pick(qualified, name, parts[1], parts.slice(2), site);
  }
  const plain = scope.filter(({ attribute, byRelation }) => same(attribute.name, parts[0]) && !byRelation);
  return plain.length === 0 ? null : pick(plain, name, parts[0], parts.slice(1), site);
}

function pick(found: Scope, name: string, last: string, fields: readonly string[], site: CallSite | null): FoundColumn {
  const ids = new Set(found.map(({ attribute }) => attribute.id));
  if (ids.size > 1) throw ambiguous(found, name, site);
  return { attribute: found[0].attribute, name: last, fields };
}

function ambiguous(found: Scope, name: string, site: CallSite | null) {
  const qualified = found.map(({ attribute, qualifier }) => (qualifier === null ? attribute.name : `${qualifier}.${attribute.name}`));
  const areNamed = new Set(qualified).size === found.length && found.every(({ qualifier }) => qualifier !== null);
  return userError('AMBIGUOUS_REFERENCE', `The name '${name}' means ${found.length} columns.`, {
    hint: areNamed
      ? `Write ${qualified.join(' or ')}`
      : 'Name the sides with .alias() and qualify the column, or rename one before the join',
    site: site ?? undefined,
  });
}

/** Most names that a message lists. */
const LISTED_NAMES = 20;

/** UNRESOLVED_COLUMN with the names that are near and those there are. */
export function unresolvedColumn(scope: Scope, name: string, site: CallSite | null) {
  const known = [...new Set(scope.map(({ attribute }) => attribute.name))];
  const qualified = scope.flatMap(({ attribute, qualifier }) => (qualifier === null ? [] : [`${qualifier}.${attribute.name}`]));
  const listed =
    known.length > LISTED_NAMES ? `${known.slice(0, LISTED_NAMES).join(', ')} and ${known.length - LISTED_NAMES} more` : known.join(', ');
  const suggestion = didYouMean(name, name.includes('.') ? [...known, ...qualified] : known);
  const columns = known.length === 0 ? 'There are no columns here' : `Columns here: ${listed}`;
  return userError('UNRESOLVED_COLUMN', `There is no column '${name}'.`, {
    hint: suggestion === '' ? columns : `${suggestion} ${columns}`,
    site: site ?? undefined,
  });
}

/** `person.*`, where no relation but a struct has that name, as its fields one by one; all else as it is. */
export function openStructs(exprs: readonly Expr[], scope: Scope): readonly Expr[] {
  return exprs.flatMap((expr) => {
    const isRelation = ({ qualifier }: ScopedColumn) => expr.kind === 'star' && qualifier !== null && same(qualifier, expr.qualifier ?? '');
    if (expr.kind !== 'star' || expr.qualifier === null || expr.pattern !== undefined || scope.some(isRelation)) return [expr];
    const { qualifier } = expr;
    const found = findColumn(scope, qualifier, null);
    const type = found?.fields.reduce<DataType | undefined>(
      (struct, name) => (struct?.kind === 'struct' ? struct.fields.find((field) => same(field.name, name))?.type : undefined),
      found.attribute.type,
    );
    if (type?.kind !== 'struct') return [expr];
    return type.fields.map(({ name }): Expr => ({ kind: 'column', name: `${qualifier}.\`${name.replaceAll('`', '``')}\``, site: null }));
  });
}

/** The columns of `*` or `qualifier.*`, or those of them whose names match a pattern. Throws CANNOT_RESOLVE_STAR_EXPAND. */
export function starColumns(scope: Scope, { qualifier, pattern }: Extract<Expr, { kind: 'star' }>): Scope {
  const columns = relationColumns(scope, qualifier);
  if (pattern === undefined) return columns;
  const regex = compileRegex(`(?i)\\A(?:${pattern})\\z`);
  return columns.filter(({ attribute }) => attribute.name.search(regex) >= 0);
}

function relationColumns(scope: Scope, qualifier: string | null): Scope {
  if (qualifier === null) return scope.filter((column) => !column.byRelation);
  const named = scope.filter((column) => column.qualifier !== null && same(column.qualifier, qualifier));
  // As Spark lists them: keys that a join has taken away come first.
  const columns = [...named.filter((column) => column.byRelation), ...named.filter((column) => !column.byRelation)];
  if (columns.length > 0) return columns;
  const known = [...new Set(scope.flatMap((column) => column.qualifier ?? []))];
  const structs = scope.flatMap(({ attribute }) => (attribute.type.kind === 'struct' ? [attribute.name] : []));
  throw userError('CANNOT_RESOLVE_STAR_EXPAND', `There is no relation or struct '${qualifier}' whose columns ${qualifier}.* could be.`, {
    hint:
      didYouMean(qualifier, [...known, ...structs]) || (known.length > 0 ? `Relations here: ${known.join(', ')}` : 'Name it with .alias()'),
  });
}

export { same as sameName };
