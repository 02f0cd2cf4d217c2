/** Owns: what may follow a value and makes a condition of it: IS …, BETWEEN, IN, LIKE and its relatives, each with NOT. */
import { BOOLEAN } from '../../data/types.js';
import type { Expr } from '../plan/expression.js';
import type { Grammar } from './cursor.js';
import { call, literal, negated, text } from './nodes.js';

/** The value alone, or its predicate; there is at most one. */
export function parsePredicate(grammar: Grammar, value: Expr): Expr {
  const { cursor } = grammar;
  if (cursor.skipWords('is')) {
    const isNegated = cursor.skipWords('not');
    return isPredicate(grammar, value, isNegated);
  }
  const hasNot = cursor.isWord('not') || cursor.isSign('!');
  const word = cursor.peek(hasNot ? 1 : 0);
  const name = word.text.toLowerCase();
  if (word.kind !== 'word' || !Object.hasOwn(PREDICATES, name)) return value;
  if (hasNot) cursor.next();
  cursor.next();
  return PREDICATES[name](grammar, value, hasNot);
}

type Predicate = (grammar: Grammar, value: Expr, isNegated: boolean) => Expr;

const PREDICATES: Readonly<Record<string, Predicate>> = {
  between: (grammar, value, isNegated) => {
    const { cursor } = grammar;
    const low = grammar.value();
    cursor.expectWord('and');
    const high = grammar.value();
    const both = call('and', [call('>=', [value, low], cursor.site), call('<=', [value, high], cursor.site)], cursor.site);
    return unless(grammar, isNegated, both);
  },
  in: (grammar, value, isNegated) => unless(grammar, isNegated, call('in', [value, ...list(grammar)], grammar.cursor.site)),
  like: (grammar, value, isNegated) => like(grammar, 'like', value, isNegated),
  ilike: (grammar, value, isNegated) => like(grammar, 'ilike', value, isNegated),
  rlike: (grammar, value, isNegated) => unless(grammar, isNegated, call('rlike', [value, grammar.value()], grammar.cursor.site)),
  regexp: (grammar, value, isNegated) => unless(grammar, isNegated, call('rlike', [value, grammar.value()], grammar.cursor.site)),
};

const unless = ({ cursor }: Grammar, isNegated: boolean, expr: Expr): Expr => (isNegated ? negated(expr, cursor.site) : expr);

function isPredicate(grammar: Grammar, value: Expr, isNegated: boolean): Expr {
  const { cursor } = grammar;
  const same = (other: Expr): Expr => call('<=>', [value, other], cursor.site);
  if (cursor.skipWords('null') || cursor.skipWords('unknown')) return call(isNegated ? 'isnotnull' : 'isnull', [value], cursor.site);
  if (cursor.skipWords('true')) return unless(grammar, isNegated, same(literal(true, BOOLEAN)));
  if (cursor.skipWords('false')) return unless(grammar, isNegated, same(literal(false, BOOLEAN)));
  if (cursor.skipWords('distinct', 'from')) return unless(grammar, !isNegated, same(grammar.value()));
  throw cursor.expected('NULL, TRUE, FALSE, UNKNOWN or DISTINCT FROM');
}

/** `(a, b, …)`, at least one. */
function list(grammar: Grammar): Expr[] {
  const { cursor } = grammar;
  cursor.expectSign('(');
  if (cursor.isWord('select') || cursor.isWord('with')) throw cursor.unsupported(cursor.peek().at, 'queries inside expressions are');
  const items: Expr[] = [];
  do items.push(grammar.expression());
  while (cursor.skipSign(','));
  cursor.expectSign(')');
  return items;
}

/** LIKE, LIKE ANY (…), LIKE ALL (…): of several patterns each is tried alone. */
function like(grammar: Grammar, fn: string, value: Expr, isNegated: boolean): Expr {
  const { cursor } = grammar;
  const one = (args: readonly Expr[]): Expr => unless(grammar, isNegated, call(fn, [value, ...args], cursor.site));
  for (const [word, joined] of QUANTIFIERS) {
    if (!cursor.isWord(word) || !cursor.isSign('(', 1)) continue;
    cursor.next();
    return list(grammar)
      .map((pattern) => one([pattern]))
      .reduce((left, right) => call(joined, [left, right], cursor.site));
  }
  const pattern = grammar.value();
  if (!cursor.skipWords('escape')) return one([pattern]);
  const mark = cursor.peek();
  if (mark.kind !== 'string') throw cursor.expected('a string of one character');
  if ([...mark.text].length !== 1) {
    throw cursor.wrong(mark.at, `'${mark.text}' is not one character`, { condition: 'INVALID_ESCAPE_CHAR' });
  }
  cursor.next();
  return one([pattern, text(mark.text)]);
}

const QUANTIFIERS = [
  ['any', 'or'],
  ['some', 'or'],
  ['all', 'and'],
] as const;
