/**
 * Owns: `like` and `ilike` with their escape character. Patterns of `%` and literal text alone are matched on bytes, piece after piece;
 * `_` and other letter cases go through a regular expression.
 */
import { userError } from '../../core/errors.js';
import { BOOLEAN } from '../../data/types.js';
import { equalsLiteral, sameBytes } from './comparison.js';
import type { Call, ScalarFunction } from './definition.js';
import { boolValue, span } from './emit.js';
import type { Emitter, Value } from './generator.js';
import { fixedSignature, TEXT } from './signature.js';
import { indexOfBytes } from './string-search.js';

type Token = { readonly kind: 'any' } | { readonly kind: 'one' } | { readonly kind: 'text'; readonly text: string };

/** Throws INVALID_FORMAT for an escape at the end or before an ordinary character. */
function tokensOf(pattern: string, escapeMark: string): Token[] {
  const tokens: Token[] = [];
  const points = [...pattern];
  for (let i = 0; i < points.length; i++) {
    let text = points[i];
    if (text === escapeMark) {
      text = points[++i];
      if (text !== '%' && text !== '_' && text !== escapeMark) throw badEscape(pattern, escapeMark, text === undefined);
    } else if (text === '%' || text === '_') {
      tokens.push({ kind: text === '%' ? 'any' : 'one' });
      continue;
    }
    const before = tokens.at(-1);
    if (before?.kind === 'text') tokens[tokens.length - 1] = { kind: 'text', text: before.text + text };
    else tokens.push({ kind: 'text', text });
  }
  return tokens;
}

function badEscape(pattern: string, escapeMark: string, isLast: boolean) {
  const condition = isLast ? 'INVALID_FORMAT.ESC_AT_THE_END' : 'INVALID_FORMAT.ESC_IN_THE_MIDDLE';
  const fault = isLast ? 'ends with its escape character' : 'has its escape character before an ordinary one';
  return userError(condition, `The LIKE pattern '${pattern}' ${fault}.`, { hint: `Escape only %, _ and ${escapeMark} itself` });
}

function likeRegex(pattern: string, escapeMark: string, flags: string): RegExp {
  const source = tokensOf(pattern, escapeMark).map((token) => {
    if (token.kind === 'any') return '[\\s\\S]*';
    return token.kind === 'one' ? '[\\s\\S]' : token.text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  });
  return new RegExp(`^${source.join('')}$`, flags);
}

const pattern = (name: 'like' | 'ilike', flags: string): ScalarFunction => ({
  kind: 'scalar',
  name,
  nulls: 'propagate',
  resolve: fixedSignature(name, [TEXT, TEXT, TEXT], BOOLEAN, { required: 2 }),
  evaluator: ({ args }) => {
    const compile = (text: string, escapeMark: string): RegExp => likeRegex(text, escapeMark, flags);
    const literal = args[1].literal;
    if (typeof literal === 'string' && (args.length < 3 || typeof args[2].literal === 'string')) {
      const regex = compile(literal, (args[2]?.literal as string | undefined) ?? '\\');
      return (text) => regex.test(text as string);
    }
    return (text, like, escapeMark = '\\') => compile(like as string, escapeMark as string).test(text as string);
  },
  generate: (emit, args, call) => (name === 'like' ? likeCode(emit, args[0], call) : null),
});

function likeCode(emit: Emitter, text: () => Value, { args }: Call): Value | null {
  if (args.length > 2 || typeof args[1].literal !== 'string') return null;
  const tokens = tokensOf(args[1].literal, '\\');
  if (tokens.some((token) => token.kind === 'one')) return null;
  const value = emit.toBytes(text());
  const literals = tokens.filter((token) => token.kind === 'text');
  if (tokens.length === 0) return boolValue(`${value.start} === ${value.end}`);
  if (tokens.length === 1 && literals.length === 1) return boolValue(emit.let('t', equalsLiteral(emit, value, literals[0].text)));
  const bytes = (token: Token | undefined): Uint8Array => new TextEncoder().encode(token?.kind === 'text' ? token.text : '');
  const [prefix, suffix] = [bytes(tokens[0]), bytes(tokens.at(-1))];
  const middle = literals.filter((token) => token !== tokens[0] && token !== tokens.at(-1)).map(bytes);
  const pieces = [emit.constant('prefix', prefix), emit.constant('middle', middle), emit.constant('suffix', suffix)];
  return boolValue(emit.let('t', `${emit.constant('matchPieces', matchPieces)}(${span(value)}, ${pieces.join(', ')})`));
}

/** Whether data[start, end) is prefix, then the middle pieces in order with anything between, then suffix. */
function matchPieces(
  data: Uint8Array,
  start: number,
  end: number,
  prefix: Uint8Array,
  middle: readonly Uint8Array[],
  suffix: Uint8Array,
): boolean {
  if (end - start < prefix.length + suffix.length) return false;
  let from = start + prefix.length;
  const to = end - suffix.length;
  if (!sameBytes(data, start, from, prefix, 0) || !sameBytes(data, to, end, suffix, 0)) return false;
  for (let i = 0; i < middle.length; i++) {
    const at = indexOfBytes(data, from, to, middle[i], 0, middle[i].length);
    if (at < 0) return false;
    from = at + middle[i].length;
  }
  return true;
}

export const LIKE: readonly ScalarFunction[] = [pattern('like', 'us'), pattern('ilike', 'ius')];
