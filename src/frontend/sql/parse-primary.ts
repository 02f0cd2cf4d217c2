/** Owns: operands: constants, names, brackets, CASE, and what hangs on behind them: `.field`, `[index]`, `::type`. */
import { BOOLEAN, NULL } from '../../data/types.js';
import type { Expr } from '../plan/expression.js';
import type { Cursor, Grammar } from './cursor.js';
import { intervalLiteral, isInterval } from './interval-literal.js';
import { numberLiteral, typedLiteral } from './literals.js';
import { call, columnOf, literal, text } from './nodes.js';
import { parseCall } from './parse-call.js';
import { isOperatorWord } from './reserved.js';
import { typeName } from './type-name.js';

/** One operand with its suffixes. Throws PARSE_SYNTAX_ERROR, UNSUPPORTED_FEATURE. */
export function parsePrimary(grammar: Grammar): Expr {
  return withSuffixes(grammar, operand(grammar));
}

export function withSuffixes(grammar: Grammar, base: Expr): Expr {
  const { cursor } = grammar;
  const { site } = cursor;
  let expr = base;
  for (;;) {
    if (cursor.skipSign('::')) {
      expr = Object.freeze({ kind: 'cast', child: expr, to: typeName(cursor), safe: false, site });
    } else if (cursor.skipSign('[')) {
      expr = call('getitem', [expr, grammar.value()], site);
      cursor.expectSign(']');
    } else if (cursor.isSign('.') && isName(cursor, 1)) {
      cursor.next();
      expr = call('getfield', [expr, text(cursor.next().text)], site);
    } else return expr;
  }
}

const isName = (cursor: Cursor, ahead = 0): boolean => ['word', 'quoted'].includes(cursor.peek(ahead).kind);

function operand(grammar: Grammar): Expr {
  const { cursor } = grammar;
  const token = cursor.peek();
  switch (token.kind) {
    case 'number':
      return numberLiteral(cursor, cursor.next(), false);
    case 'string':
      return strings(cursor);
    case 'quoted':
      return cursor.isSign('->', 1) ? bareLambda(grammar) : named(grammar);
    case 'word':
      return word(grammar);
    case 'sign':
      if (token.text === '(') return brackets(grammar);
      if (token.text === '*') {
        cursor.next();
        return Object.freeze({ kind: 'star', qualifier: null });
      }
      if (token.text === '?' || token.text === ':')
        throw cursor.unsupported(token.at, 'parameters are', 'Build the expression with lit(value)');
      throw cursor.expected('an expression');
    case 'end':
      throw cursor.expected('an expression');
    default:
      return token.kind satisfies never;
  }
}

/** Strings side by side are one. */
function strings(cursor: Cursor): Expr {
  let whole = '';
  while (cursor.peek().kind === 'string') whole += cursor.next().text;
  return text(whole);
}

function brackets(grammar: Grammar): Expr {
  const { cursor } = grammar;
  if (isLambda(cursor)) return bracketedLambda(grammar);
  cursor.expectSign('(');
  if (cursor.isWord('select') || cursor.isWord('with')) throw cursor.unsupported(cursor.peek().at, 'queries inside expressions are');
  const parts = [grammar.named()];
  while (cursor.skipSign(',')) parts.push(grammar.named());
  cursor.expectSign(')');
  if (parts.length > 1) return call('struct', parts, cursor.site);
  const [only] = parts;
  return only;
}

/** `(x, y) ->`, seen from the bracket. */
function isLambda(cursor: Cursor): boolean {
  let ahead = 1;
  while (isName(cursor, ahead) && cursor.isSign(',', ahead + 1)) ahead += 2;
  return isName(cursor, ahead) && cursor.isSign(')', ahead + 1) && cursor.isSign('->', ahead + 2);
}

function bracketedLambda(grammar: Grammar): Expr {
  const { cursor } = grammar;
  const params: string[] = [];
  do {
    cursor.next();
    params.push(cursor.next().text);
  } while (cursor.isSign(','));
  cursor.expectSign(')');
  cursor.expectSign('->');
  return grammar.lambda(params);
}

function bareLambda(grammar: Grammar): Expr {
  const { text: param } = grammar.cursor.next();
  grammar.cursor.expectSign('->');
  return grammar.lambda([param]);
}

const CONSTANTS: Readonly<Record<string, Expr>> = {
  null: literal(null, NULL),
  true: literal(true, BOOLEAN),
  false: literal(false, BOOLEAN),
};

/** Functions that SQL lets one call without brackets. Columns of these names are written in back-quotes. */
const BARE_CALLS = new Set(['current_date', 'current_timestamp']);

function word(grammar: Grammar): Expr {
  const { cursor } = grammar;
  const token = cursor.peek();
  const name = token.text.toLowerCase();
  if (name === 'interval' && isInterval(cursor)) return intervalLiteral(cursor);
  if (cursor.peek(1).kind === 'string' && !isOperatorWord(name) && !Object.hasOwn(CONSTANTS, name)) return typedLiteral(cursor);
  if (Object.hasOwn(CONSTANTS, name) && !cursor.isSign('(', 1) && !cursor.isSign('.', 1)) {
    cursor.next();
    return CONSTANTS[name];
  }
  if (name === 'case') return parseCase(grammar);
  if (isOperatorWord(name)) throw cursor.expected('an expression', `A column of that name is written \`${token.text}\``);
  if (cursor.isSign('->', 1)) return bareLambda(grammar);
  if (cursor.isSign('(', 1)) return parseCall(grammar);
  if (BARE_CALLS.has(name) && !cursor.isSign('.', 1)) {
    cursor.next();
    return call(name, [], cursor.site);
  }
  return named(grammar);
}

/** `a`, `a.b.c`, `t.*`. */
function named(grammar: Grammar): Expr {
  const { cursor } = grammar;
  const parts = [cursor.next().text];
  while (cursor.isSign('.') && isName(cursor, 1)) {
    cursor.next();
    parts.push(cursor.next().text);
  }
  if (cursor.isSign('.') && cursor.isSign('*', 1)) {
    cursor.next();
    cursor.next();
    return Object.freeze({ kind: 'star', qualifier: parts.join('.') });
  }
  if (!grammar.isVariable(parts[0])) return columnOf(parts, cursor.site);
  const variable: Expr = Object.freeze({ kind: 'variable', name: parts[0], site: cursor.site });
  return parts.slice(1).reduce<Expr>((parent, field) => call('getfield', [parent, text(field)], cursor.site), variable);
}

/** CASE WHEN c THEN v … and CASE x WHEN v THEN …, which compares. */
function parseCase(grammar: Grammar): Expr {
  const { cursor } = grammar;
  cursor.expectWord('case');
  const subject = cursor.isWord('when') ? null : grammar.expression();
  const branches: Expr[] = [];
  do {
    cursor.expectWord('when');
    const condition = grammar.expression();
    branches.push(subject === null ? condition : call('=', [subject, condition], cursor.site));
    cursor.expectWord('then');
    branches.push(grammar.expression());
  } while (cursor.isWord('when'));
  if (cursor.skipWords('else')) branches.push(grammar.expression());
  cursor.expectWord('end');
  return call('case', branches, cursor.site);
}
