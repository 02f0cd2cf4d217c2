/** Owns: SQL text → tokens, as Spark cuts it: words, back-quoted names, strings, numbers, signs; comments and white space fall away. */
import type { CallSite } from '../../core/errors.js';
import { unescaped } from './string-text.js';
import { syntaxError } from './syntax-error.js';

/** `end` stands behind the last one. */
export type TokenKind = 'word' | 'quoted' | 'string' | 'number' | 'sign' | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** The name or the string that it means; else as it is written. */
  readonly text: string;
  /** Where it stands in the text: from `at` up to, but not with, `end`. */
  readonly at: number;
  readonly end: number;
}

const BLANK = /(?:\s|--[^\n]*|\/\*[\s\S]*?\*\/)+/y;
const STRING = /'((?:[^'\\]|\\[\s\S]|'')*)'|"((?:[^"\\]|\\[\s\S]|"")*)"/y;
const RAW_STRING = /[rR](?:'([^']*)'|"([^"]*)")/y;
const QUOTED = /`((?:[^`]|``)*)`/y;
const NUMBER = /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?:BD|[LSYFD])?(?![\p{L}\p{N}_])/iuy;
const WORD = /[\p{L}\p{N}_]+/uy;
const SIGN = />>>|<=>|->|=>|::|<<|>>|<=|>=|<>|!=|==|!<|!>|\|\||[-+*/%&|^~<>=()[\],.:!?;]/y;

/** Throws PARSE_SYNTAX_ERROR where a string or a quoted name has no end, or a character means nothing in SQL. */
export function tokensOf(text: string, site: CallSite | null): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  for (;;) {
    at += matchAt(BLANK, text, at)?.[0].length ?? 0;
    if (at >= text.length) {
      tokens.push({ kind: 'end', text: '', at: text.length, end: text.length });
      return tokens;
    }
    const token = tokenAt(text, at, tokens.at(-1));
    if (token === null) throw unreadable(text, at, site);
    tokens.push(token);
    at = token.end;
  }
}

function tokenAt(text: string, at: number, before: Token | undefined): Token | null {
  const token = (kind: TokenKind, match: RegExpExecArray, value = match[0]): Token => ({
    kind,
    text: value,
    at,
    end: at + match[0].length,
  });
  const raw = matchAt(RAW_STRING, text, at);
  if (raw) return token('string', raw, raw[1] ?? raw[2]);
  const string = matchAt(STRING, text, at);
  if (string) return token('string', string, unescaped(string[1] ?? string[2], text[at]));
  const quoted = matchAt(QUOTED, text, at);
  if (quoted) return token('quoted', quoted, quoted[1].replaceAll('``', '`'));
  const number = matchAt(NUMBER, text, at);
  if (number && !(text[at] === '.' && endsOperand(before, at))) return token('number', number);
  const word = matchAt(WORD, text, at);
  if (word) return token('word', word);
  const sign = matchAt(SIGN, text, at);
  return sign && token('sign', sign);
}

/** `a.1` is a name and its part, `a + .1` is not. */
function endsOperand(before: Token | undefined, at: number): boolean {
  if (before === undefined || before.end !== at) return false;
  return before.kind !== 'sign' || before.text === ')' || before.text === ']';
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

function unreadable(text: string, at: number, site: CallSite | null) {
  const character = String.fromCodePoint(text.codePointAt(at) as number);
  const open = { "'": 'string', '"': 'string', '`': 'quoted name' }[character];
  if (open) return syntaxError(text, at, `this ${open} has no end`, { site, hint: `Close it with ${character}` });
  if (text.startsWith('/*', at)) return syntaxError(text, at, 'this comment has no end', { site, hint: 'Close it with */' });
  return syntaxError(text, at, `'${character}' means nothing here`, { site });
}
