/**
 * Owns: SQL expressions → Expr: the operators in Spark's order of precedence. Predicates, operands and calls have files of their own.
 * Receives text and the user's place; names, types and functions are the analyzer's business.
 */
import type { CallSite } from '../../core/errors.js';
import type { Expr } from '../plan/expression.js';
import { Cursor, type Grammar } from './cursor.js';
import { numberLiteral } from './literals.js';
import { aliased, call, negated } from './nodes.js';
import { parsePredicate } from './parse-predicate.js';
import { parsePrimary, withSuffixes } from './parse-primary.js';
import { isReserved } from './reserved.js';

/** One expression. Throws PARSE_SYNTAX_ERROR and other user errors, with a caret under the place. */
export function parseExpression(text: string, site: CallSite | null = null): Expr {
  return whole(text, site, (parser) => parser.expression());
}

/** One expression that may have an alias: `price * 2 AS twice`, `*`. Throws as parseExpression does. */
export function parseNamedExpression(text: string, site: CallSite | null = null): Expr {
  return whole(text, site, (parser) => parser.named());
}

function whole(text: string, site: CallSite | null, parse: (parser: Parser) => Expr): Expr {
  const parser = new Parser(new Cursor(text, site));
  const expr = parse(parser);
  parser.cursor.expectEnd();
  return expr;
}

interface Operator {
  readonly fn: string;
  /** Higher binds tighter. */
  readonly level: number;
  readonly negated?: true;
}

/** Every one of them groups to the left. */
const OPERATORS: Readonly<Record<string, Operator>> = {
  '=': { fn: '=', level: 1 },
  '==': { fn: '=', level: 1 },
  '<=>': { fn: '<=>', level: 1 },
  '<>': { fn: '=', level: 1, negated: true },
  '!=': { fn: '=', level: 1, negated: true },
  '<': { fn: '<', level: 1 },
  '<=': { fn: '<=', level: 1 },
  '!>': { fn: '<=', level: 1 },
  '>': { fn: '>', level: 1 },
  '>=': { fn: '>=', level: 1 },
  '!<': { fn: '>=', level: 1 },
  '|': { fn: '|', level: 2 },
  '^': { fn: '^', level: 3 },
  '&': { fn: '&', level: 4 },
  '<<': { fn: '<<', level: 5 },
  '>>': { fn: '>>', level: 5 },
  '>>>': { fn: '>>>', level: 5 },
  '+': { fn: '+', level: 6 },
  '-': { fn: '-', level: 6 },
  '||': { fn: 'concat', level: 6 },
  '*': { fn: '*', level: 7 },
  '/': { fn: '/', level: 7 },
  '%': { fn: '%', level: 7 },
  div: { fn: 'div', level: 7 },
};

const SIGNED: Readonly<Record<string, string>> = { '-': 'negative', '+': 'positive', '~': '~' };

/** More levels than any text means, and fewer than the stack holds. */
const MAX_DEPTH = 500;

class Parser implements Grammar {
  readonly cursor: Cursor;
  private depth = 0;
  /** Parameters of the lambdas around the current place. */
  private variables: ReadonlySet<string> = new Set();

  constructor(cursor: Cursor) {
    this.cursor = cursor;
  }

  expression(): Expr {
    return this.nested(() => this.connected('or', () => this.connected('and', () => this.condition())));
  }

  named(): Expr {
    const expr = this.expression();
    const { cursor } = this;
    const isNamed = cursor.skipWords('as');
    const token = cursor.peek();
    if (token.kind === 'quoted' || (token.kind === 'word' && (isNamed || !isReserved(token.text))))
      return aliased(expr, [cursor.next().text]);
    if (cursor.skipSign('(')) return aliased(expr, this.names());
    if (!isNamed) return expr;
    throw cursor.expected('a name');
  }

  /** `a, b)` */
  private names(): string[] {
    const { cursor } = this;
    const names: string[] = [];
    do {
      if (cursor.peek().kind !== 'word' && cursor.peek().kind !== 'quoted') throw cursor.expected('a name');
      names.push(cursor.next().text);
    } while (cursor.skipSign(','));
    cursor.expectSign(')');
    return names;
  }

  value(level = 1): Expr {
    const { cursor } = this;
    let left = this.signed();
    for (;;) {
      const operator = this.operator();
      if (operator === null || operator.level < level) return left;
      cursor.next();
      left = call(operator.fn, [left, this.value(operator.level + 1)], cursor.site);
      if (operator.negated) left = negated(left, cursor.site);
    }
  }

  lambda(params: readonly string[]): Expr {
    const outer = this.variables;
    this.variables = new Set([...outer, ...params.map((name) => name.toLowerCase())]);
    const body = this.expression();
    this.variables = outer;
    return Object.freeze({ kind: 'lambda', params: Object.freeze([...params]), body, site: this.cursor.site });
  }

  isVariable(name: string): boolean {
    return this.variables.has(name.toLowerCase());
  }

  private connected(word: 'and' | 'or', side: () => Expr): Expr {
    let left = side();
    while (this.cursor.skipWords(word)) left = call(word, [left, side()], this.cursor.site);
    return left;
  }

  private condition(): Expr {
    const { cursor } = this;
    if (cursor.skipWords('not') || cursor.skipSign('!')) return this.nested(() => negated(this.condition(), cursor.site));
    return parsePredicate(this, this.value());
  }

  private operator(): Operator | null {
    const { kind, text } = this.cursor.peek();
    const sign = kind === 'sign' ? text : kind === 'word' ? text.toLowerCase() : '';
    return Object.hasOwn(OPERATORS, sign) ? OPERATORS[sign] : null;
  }

  private signed(): Expr {
    const { cursor } = this;
    const { kind, text } = cursor.peek();
    if (kind !== 'sign' || !Object.hasOwn(SIGNED, text)) return parsePrimary(this);
    cursor.next();
    // The least integer has no positive counterpart, so its sign must belong to it.
    if (text === '-' && cursor.peek().kind === 'number') return withSuffixes(this, numberLiteral(cursor, cursor.next(), true));
    return this.nested(() => call(SIGNED[text], [this.signed()], cursor.site));
  }

  private nested(parse: () => Expr): Expr {
    if (++this.depth > MAX_DEPTH) throw this.cursor.wrong(this.cursor.peek().at, `it nests deeper than ${MAX_DEPTH} levels`);
    const expr = parse();
    this.depth--;
    return expr;
  }
}
