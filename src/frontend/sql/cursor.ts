/** Owns: walking over the tokens of one SQL text: looking ahead, passing what is wanted, saying what was wanted and not found. */
import type { CallSite, MinisparkError } from '../../core/errors.js';
import type { Expr } from '../plan/expression.js';
import { type SyntaxDetails, syntaxError } from './syntax-error.js';
import { type Token, tokensOf } from './tokens.js';

/** What the rules of the grammar hand each other. */
export interface Grammar {
  readonly cursor: Cursor;
  /** Anything, down to OR. */
  expression(): Expr;
  /** An expression with an alias, as a list of columns holds them. */
  named(): Expr;
  /** What stands on either side of a predicate: no AND, OR, NOT, BETWEEN, …. */
  value(): Expr;
  /** `params -> body`, at the body. */
  lambda(params: readonly string[]): Expr;
  /** Whether a lambda around this place has a parameter of the name. */
  isVariable(name: string): boolean;
}

export class Cursor {
  readonly text: string;
  /** The user's place that every expression of this text comes from. */
  readonly site: CallSite | null;
  private readonly tokens: readonly Token[];
  private position = 0;

  /** Throws PARSE_SYNTAX_ERROR. */
  constructor(text: string, site: CallSite | null) {
    this.text = text;
    this.site = site;
    this.tokens = tokensOf(text, site);
  }

  /** The token `ahead` places from here; past the last one, the end. */
  peek(ahead = 0): Token {
    return this.tokens[Math.min(this.position + ahead, this.tokens.length - 1)];
  }

  next(): Token {
    const token = this.peek();
    if (token.kind !== 'end') this.position++;
    return token;
  }

  isSign(sign: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.kind === 'sign' && token.text === sign;
  }

  isWord(word: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.kind === 'word' && token.text.toLowerCase() === word;
  }

  /** Whether the next token is this sign, which is then passed. */
  skipSign(sign: string): boolean {
    const found = this.isSign(sign);
    if (found) this.position++;
    return found;
  }

  /** Whether the next tokens are these words, which are then passed. */
  skipWords(...words: readonly string[]): boolean {
    const found = words.every((word, i) => this.isWord(word, i));
    if (found) this.position += words.length;
    return found;
  }

  expectSign(sign: string): void {
    if (!this.skipSign(sign)) throw this.expected(`'${sign}'`);
  }

  expectWord(word: string): void {
    if (!this.skipWords(word)) throw this.expected(word.toUpperCase());
  }

  expectEnd(): void {
    if (this.peek().kind !== 'end') throw this.expected('the end');
  }

  /** PARSE_SYNTAX_ERROR at the next token: `wanted` was expected there. */
  expected(wanted: string, hint?: string): MinisparkError {
    const token = this.peek();
    const found = token.kind === 'end' ? 'the end' : `'${this.text.slice(token.at, token.end)}'`;
    return this.wrong(token.at, `expected ${wanted}, found ${found}`, { hint });
  }

  wrong(at: number, what: string, details: Omit<SyntaxDetails, 'site'> = {}): MinisparkError {
    return syntaxError(this.text, at, what, { ...details, site: this.site });
  }

  unsupported(at: number, what: string, hint?: string): MinisparkError {
    return this.wrong(at, `${what} not supported yet`, { condition: 'UNSUPPORTED_FEATURE', hint });
  }
}
