/** Owns: calls: functions with their arguments, DISTINCT and FILTER, and the forms that SQL writes with words between the arguments. */

import type { CallSite } from '../../core/errors.js';
import { userError } from '../../core/errors.js';
import { parseType } from '../../data/schema-parse.js';
import { BOOLEAN, INT32, NULL } from '../../data/types.js';
import type { Expr, SortKey } from '../plan/expression.js';
import type { Grammar } from './cursor.js';
import { type Aggregation, call, literal, text } from './nodes.js';
import { parseOver, sortKeys } from './parse-window.js';
import { stackCall } from './stack-call.js';
import { typeName } from './type-name.js';

/** At a name and a bracket. Throws PARSE_SYNTAX_ERROR, UNSUPPORTED_FEATURE. */
export function parseCall(grammar: Grammar): Expr {
  const { cursor } = grammar;
  const name = cursor.next().text.toLowerCase();
  cursor.expectSign('(');
  const expr = Object.hasOwn(FORMS, name) ? FORMS[name](grammar, name) : settled(plainCall(grammar, name), name);
  return parseOver(grammar, expr);
}

type Form = (grammar: Grammar, name: string) => Expr;

const FORMS: Readonly<Record<string, Form>> = {
  cast: (grammar) => castForm(grammar, false),
  try_cast: (grammar) => castForm(grammar, true),
  extract: extractForm,
  substring: substringForm,
  substr: substringForm,
  trim: trimForm,
  position: positionForm,
  overlay: overlayForm,
};

const CASTS = 'boolean tinyint smallint int bigint float double decimal date timestamp binary string'.split(' ');

/** With a unit, which is a word, before the two arguments that they take otherwise. */
const IN_UNITS: Readonly<Record<string, string>> = {
  timestampadd: 'timestampadd',
  dateadd: 'timestampadd',
  date_add: 'timestampadd',
  timestampdiff: 'timestampdiff',
  datediff: 'timestampdiff',
  date_diff: 'timestampdiff',
};

/** The name of a type as a function is a cast: `int('5')`. Throws WRONG_NUM_ARGS.WITHOUT_SUGGESTION. */
function settled(expr: Expr, name: string): Expr {
  if (expr.kind !== 'call') return expr;
  if (name === 'stack') return stackCall(expr);
  if (name === 'decode' && expr.args.length > 2) return decoded(expr.args, expr.site);
  if (Object.hasOwn(IN_UNITS, name) && expr.args.length === 3 && expr.args[0].kind === 'column')
    return call(IN_UNITS[name], [text(expr.args[0].name), ...expr.args.slice(1)], expr.site);
  if (!CASTS.includes(name)) return expr;
  if (expr.args.length !== 1) {
    throw userError('WRONG_NUM_ARGS.WITHOUT_SUGGESTION', `${name} takes 1 argument, but was given ${expr.args.length}.`, {
      site: expr.site ?? undefined,
    });
  }
  return Object.freeze({ kind: 'cast', child: expr.args[0], to: parseType(name), safe: false, site: expr.site });
}

/** decode(value, search, result, search, result, …, default): the result of the first search that is equal, nulls being equal. */
function decoded([value, ...rest]: readonly Expr[], site: CallSite | null): Expr {
  const cases = rest.map((part, i) => (i % 2 === 0 && i + 1 < rest.length ? call('<=>', [value, part], site) : part));
  return call('case', cases, site);
}

/** `a, b, …)` and what may follow: the opening bracket is passed. */
function plainCall(grammar: Grammar, name: string, first: readonly Expr[] = []): Expr {
  const { cursor } = grammar;
  const args = [...first];
  const distinct = args.length === 0 && cursor.skipWords('distinct');
  if (!distinct && args.length === 0 && cursor.isWord('all') && !cursor.isSign(',', 1) && !cursor.isSign(')', 1)) cursor.next();
  const more = args.length === 0 ? !cursor.isSign(')') : cursor.skipSign(',');
  if (more) {
    do args.push(argument(grammar, name));
    while (cursor.skipSign(','));
  }
  let ignoring = ignoresNulls(grammar);
  cursor.expectSign(')');
  ignoring = ignoresNulls(grammar) || ignoring;
  if (ignoring) args.push(...defaultsOf(name).slice(Math.max(0, args.length - 1)), literal(true, BOOLEAN));
  const within = withinOf(grammar);
  return call(name, args, cursor.site, { distinct, within, filter: filterOf(grammar) } satisfies Aggregation);
}

function argument(grammar: Grammar, name: string): Expr {
  const { cursor } = grammar;
  if (cursor.isSign('=>', 1)) throw cursor.unsupported(cursor.peek().at, 'named arguments are', 'Give the arguments in their order');
  return name === 'struct' ? grammar.named() : grammar.expression();
}

/** `IGNORE NULLS`, in or behind the brackets of first, last and their like; `RESPECT NULLS` is what they do anyway. */
function ignoresNulls({ cursor }: Grammar): boolean {
  if (cursor.skipWords('respect', 'nulls')) return false;
  return cursor.skipWords('ignore', 'nulls');
}

/** What lag and lead take between their first argument and whether nulls count: offset and default. */
const defaultsOf = (name: string): readonly Expr[] => (name === 'lag' || name === 'lead' ? [literal(1, INT32), literal(null, NULL)] : []);

function withinOf(grammar: Grammar): readonly SortKey[] | undefined {
  const { cursor } = grammar;
  if (!cursor.skipWords('within', 'group')) return undefined;
  cursor.expectSign('(');
  cursor.expectWord('order');
  cursor.expectWord('by');
  const keys = sortKeys(grammar);
  cursor.expectSign(')');
  return Object.freeze(keys);
}

function filterOf(grammar: Grammar): Expr | null {
  const { cursor } = grammar;
  if (!cursor.isWord('filter') || !cursor.isSign('(', 1)) return null;
  cursor.next();
  cursor.next();
  cursor.expectWord('where');
  const filter = grammar.expression();
  cursor.expectSign(')');
  return filter;
}

function castForm(grammar: Grammar, safe: boolean): Expr {
  const { cursor } = grammar;
  const child = grammar.expression();
  cursor.expectWord('as');
  const to = typeName(cursor);
  cursor.expectSign(')');
  return Object.freeze({ kind: 'cast', child, to, safe, site: cursor.site });
}

/** EXTRACT(YEAR FROM d) is date_part('YEAR', d). */
function extractForm(grammar: Grammar): Expr {
  const { cursor } = grammar;
  const field = cursor.peek();
  if (field.kind !== 'word') throw cursor.expected('a field such as YEAR');
  cursor.next();
  cursor.expectWord('from');
  return closed(grammar, 'extract', [text(field.text), grammar.value()]);
}

function substringForm(grammar: Grammar, name: string): Expr {
  const { cursor } = grammar;
  const string = grammar.expression();
  if (!cursor.skipWords('from')) return plainCall(grammar, name, [string]);
  const args = [string, grammar.value()];
  if (cursor.skipWords('for')) args.push(grammar.value());
  return closed(grammar, name, args);
}

/** TRIM([BOTH | LEADING | TRAILING] [characters] FROM s), or the function of one argument. */
function trimForm(grammar: Grammar): Expr {
  const { cursor } = grammar;
  const side = Object.keys(TRIMS).find((word) => cursor.isWord(word) && !cursor.isSign(',', 1) && !cursor.isSign(')', 1));
  if (side !== undefined) cursor.next();
  const fn = TRIMS[side ?? 'both'];
  const characters = side !== undefined && cursor.isWord('from') ? null : grammar.expression();
  if (characters !== null && side === undefined && !cursor.isWord('from')) return plainCall(grammar, 'trim', [characters]);
  cursor.expectWord('from');
  const string = grammar.value();
  return closed(grammar, fn, characters === null ? [string] : [characters, string]);
}

const TRIMS: Readonly<Record<string, string>> = { both: 'trim', leading: 'ltrim', trailing: 'rtrim' };

function positionForm(grammar: Grammar): Expr {
  const { cursor } = grammar;
  const part = grammar.value();
  return cursor.skipWords('in') ? closed(grammar, 'position', [part, grammar.value()]) : plainCall(grammar, 'position', [part]);
}

function overlayForm(grammar: Grammar): Expr {
  const { cursor } = grammar;
  const string = grammar.expression();
  if (!cursor.skipWords('placing')) return plainCall(grammar, 'overlay', [string]);
  const args = [string, grammar.value()];
  cursor.expectWord('from');
  args.push(grammar.value());
  if (cursor.skipWords('for')) args.push(grammar.value());
  return closed(grammar, 'overlay', args);
}

function closed({ cursor }: Grammar, fn: string, args: readonly Expr[]): Expr {
  cursor.expectSign(')');
  return call(fn, args, cursor.site);
}
