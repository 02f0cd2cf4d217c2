/**
 * Owns: Java regular expressions as JavaScript ones: what both mean alike is translated, what only Java has is refused by name.
 * Receives a pattern, gives a RegExp that matches whole code points (flag u); compiled patterns are kept.
 */
import { userError } from '../../core/errors.js';

const KEPT_PATTERNS = 256;
const compiled = new Map<string, RegExp>();

/** A RegExp with flags `u` and `g` (use lastIndex with care: it is shared). Throws INVALID_PARAMETER_VALUE.PATTERN and UNSUPPORTED_REGEX. */
export function compileRegex(pattern: string): RegExp {
  const known = compiled.get(pattern);
  if (known) return known;
  const { source, flags } = translateRegex(pattern);
  const regex = build(pattern, source, `${flags}ug`);
  if (compiled.size >= KEPT_PATTERNS) compiled.delete(compiled.keys().next().value as string);
  compiled.set(pattern, regex);
  return regex;
}

function build(pattern: string, source: string, flags: string): RegExp {
  try {
    return new RegExp(source, flags);
  } catch (cause) {
    const reason = (cause as Error).message.replace(/^Invalid regular expression: (\/.*\/\w*: )?/s, '');
    throw userError('INVALID_PARAMETER_VALUE.PATTERN', `'${pattern}' is not a valid regular expression: ${reason}.`, { cause });
  }
}

const invalid = (pattern: string, what: string) =>
  userError('INVALID_PARAMETER_VALUE.PATTERN', `'${pattern}' is not a valid regular expression: it has ${what}.`);

const unsupported = (pattern: string, what: string) =>
  userError('UNSUPPORTED_REGEX', `The regular expression '${pattern}' uses ${what}, which minispark does not support.`, {
    hint: 'Rewrite the pattern without it',
  });

const LINE_END = '\\n\\r\\u0085\\u2028\\u2029';
/** Escapes of Java that JavaScript lacks or reads differently, outside of classes; the part inside a class is in CLASS_ESCAPES. */
const ESCAPES: Readonly<Record<string, string>> = {
  A: '(?<![\\s\\S])',
  z: '(?![\\s\\S])',
  Z: `(?=(?:\\r\\n|[${LINE_END}])?(?![\\s\\S]))`,
  R: `(?:\\r\\n|[\\n\\v\\f\\r\\u0085\\u2028\\u2029])`,
  b: '\\b',
  B: '\\B',
};
const SPACE = ' \\t\\n\\v\\f\\r';
const BLANK = ' \\t\\u00a0\\u1680\\u180e\\u2000-\\u200a\\u202f\\u205f\\u3000';
const CLASS_ESCAPES: Readonly<Record<string, string>> = { s: SPACE, h: BLANK, v: '\\n\\v\\f\\r\\u0085\\u2028\\u2029' };
const NEGATED_ESCAPES: Readonly<Record<string, string>> = { S: SPACE, H: BLANK, V: CLASS_ESCAPES.v };
const SAME_ESCAPES = 'dDwWtnrf';
const CONTROL: Readonly<Record<string, string>> = { a: '\\x07', e: '\\x1b' };
/** Java's POSIX classes, ASCII only. */
const POSIX: Readonly<Record<string, string>> = {
  Lower: 'a-z',
  Upper: 'A-Z',
  ASCII: '\\x00-\\x7f',
  Alpha: 'a-zA-Z',
  Digit: '0-9',
  Alnum: 'a-zA-Z0-9',
  Punct: '!-\\/:-@\\[-`\\{-~',
  Graph: '!-~',
  Print: ' -~',
  Blank: ' \\t',
  Cntrl: '\\x00-\\x1f\\x7f',
  XDigit: '0-9a-fA-F',
  Space: SPACE,
};

/** How many characters of the pattern were read, and what stands for them. */
type Piece = readonly [consumed: number, text: string];

class Translation {
  readonly pattern: string;
  private at = 0;
  private out = '';
  flags = '';
  private dotAll = false;
  private multiline = false;

  constructor(pattern: string) {
    this.pattern = pattern;
  }

  run(): string {
    this.leadingFlags();
    while (this.at < this.pattern.length) this.step();
    return this.out;
  }

  private leadingFlags(): void {
    const match = /^\(\?([a-zA-Z]+)\)/.exec(this.pattern);
    if (match === null) return;
    for (const flag of match[1]) {
      if (flag === 'i') this.flags += 'i';
      else if (flag === 's') this.dotAll = true;
      else if (flag === 'm') this.multiline = true;
      else if (flag !== 'u') throw unsupported(this.pattern, `the flag (?${flag})`);
    }
    this.at = match[0].length;
  }

  private step(): void {
    const char = this.pattern[this.at];
    switch (char) {
      case '\\':
        this.emit(...this.escape(false));
        break;
      case '[':
        this.characterClass();
        break;
      case '(':
        this.group();
        break;
      case '.':
        this.emit(1, this.dotAll ? '[\\s\\S]' : `[^${LINE_END}]`);
        break;
      case '^':
        this.emit(1, this.multiline ? `(?<=[${LINE_END}]|(?<![\\s\\S]))` : '(?<![\\s\\S])');
        break;
      case '$':
        this.emit(1, this.multiline ? `(?=[${LINE_END}]|(?![\\s\\S]))` : ESCAPES.Z);
        break;
      case '*':
      case '+':
      case '?':
        this.quantifier(char, 1);
        break;
      case '{':
        this.braces();
        break;
      case '}':
      case ']':
        this.emit(1, `\\${char}`);
        break;
      default:
        this.emit(1, char === '/' ? '\\/' : char);
    }
  }

  private emit(consumed: number, text: string): void {
    this.at += consumed;
    this.out += text;
  }

  private braces(): void {
    const match = /^\{\d+(,\d*)?\}/.exec(this.pattern.slice(this.at));
    if (match) this.quantifier(match[0], match[0].length);
    else throw invalid(this.pattern, 'a { that begins no repetition');
  }

  private quantifier(text: string, length: number): void {
    if (this.pattern[this.at + length] === '+') throw unsupported(this.pattern, 'a possessive quantifier');
    this.emit(length, text);
    if (this.pattern[this.at] === '?') this.emit(1, '?');
  }

  private group(): void {
    const rest = this.pattern.slice(this.at);
    if (rest.startsWith('(?>')) throw unsupported(this.pattern, 'an atomic group');
    const flags = /^\(\?[a-zA-Z-]+[:)]/.exec(rest);
    if (flags) throw unsupported(this.pattern, `flags inside the pattern, ${flags[0]}`);
    const special = /^\(\?(?::|=|!|<=|<!|<[A-Za-z][A-Za-z0-9]*>)/.exec(rest);
    this.emit(special ? special[0].length : 1, special ? special[0] : '(');
  }

  /** One escape, outside of a class or inside of one. */
  private escape(inClass: boolean): Piece {
    const next = this.pattern[this.at + 1];
    if (next === undefined) throw userError('INVALID_PARAMETER_VALUE.PATTERN', `'${this.pattern}' ends in the middle of an escape.`);
    if (next === 'Q') return this.quoted(inClass);
    if (next === 'p' || next === 'P') return this.property(next, inClass);
    if (next === 'x' || next === 'u' || next === '0') return this.codePoint(inClass);
    if (next === 'k' || /[1-9]/.test(next)) return [2, `\\${next}`];
    if (SAME_ESCAPES.includes(next)) return [2, `\\${next}`];
    if (next in CONTROL) return [2, CONTROL[next]];
    if (next in CLASS_ESCAPES) return [2, inClass ? CLASS_ESCAPES[next] : `[${CLASS_ESCAPES[next]}]`];
    if (next in NEGATED_ESCAPES) {
      if (inClass && next !== 'S') throw unsupported(this.pattern, `\\${next} in a character class`);
      return [2, inClass ? '\\S' : `[^${NEGATED_ESCAPES[next]}]`];
    }
    if (!inClass && next in ESCAPES) return [2, ESCAPES[next]];
    if (/[a-zA-Z]/.test(next)) throw unsupported(this.pattern, `the escape \\${next}`);
    const point = String.fromCodePoint(this.pattern.codePointAt(this.at + 1)!);
    return [1 + point.length, literal(point)];
  }

  private quoted(inClass: boolean): Piece {
    const end = this.pattern.indexOf('\\E', this.at);
    const text = this.pattern.slice(this.at + 2, end < 0 ? undefined : end);
    if (inClass) throw unsupported(this.pattern, '\\Q…\\E in a character class');
    return [(end < 0 ? this.pattern.length : end + 2) - this.at, Array.from(text, literal).join('')];
  }

  private codePoint(inClass: boolean): Piece {
    const match = /^\\(?:x([0-9a-fA-F]{2})|x\{([0-9a-fA-F]+)\}|u([0-9a-fA-F]{4})|0([0-3]?[0-7]{1,2}))/.exec(this.pattern.slice(this.at));
    if (match === null) throw unsupported(this.pattern, `the escape ${this.pattern.slice(this.at, this.at + (inClass ? 2 : 4))}`);
    const value = match[4] ? Number.parseInt(match[4], 8) : Number.parseInt(match[1] ?? match[2] ?? match[3], 16);
    return [match[0].length, `\\u{${value.toString(16)}}`];
  }

  private property(letter: string, inClass: boolean): Piece {
    const match = /^\\[pP](?:\{(\^?)(?:Is|general_category=|gc=)?([A-Za-z_]+)\}|([A-Z]))/.exec(this.pattern.slice(this.at));
    if (match === null) throw unsupported(this.pattern, `a property ${this.pattern.slice(this.at, this.at + 6)}`);
    const negated = (letter === 'P') !== (match[1] === '^');
    const name = match[2] ?? match[3];
    if (Object.hasOwn(POSIX, name)) {
      if (inClass && negated) throw unsupported(this.pattern, `\\P{${name}} in a character class`);
      return [match[0].length, inClass ? POSIX[name] : `[${negated ? '^' : ''}${POSIX[name]}]`];
    }
    const script = name.length > 2 && name !== 'Alphabetic' ? `Script=${name}` : name;
    return [match[0].length, `\\${negated ? 'P' : 'p'}{${script}}`];
  }

  private characterClass(): void {
    this.emit(1, '[');
    if (this.pattern[this.at] === '^') this.emit(1, '^');
    // A bracket that comes first is a member in Java.
    if (this.pattern[this.at] === ']') this.emit(1, '\\]');
    while (this.at < this.pattern.length && this.pattern[this.at] !== ']') {
      const char = this.pattern[this.at];
      if (char === '[') throw unsupported(this.pattern, 'a character class inside another');
      if (this.pattern.startsWith('&&', this.at)) throw unsupported(this.pattern, 'an intersection of character classes (&&)');
      if (char === '\\') this.emit(...this.escape(true));
      else if (char === '-' && isSetBefore(this.out)) this.emit(1, '\\-');
      else this.emit(1, char);
    }
    if (this.at >= this.pattern.length) throw invalid(this.pattern, 'a [ that does not end');
    this.emit(1, ']');
  }
}

/** After `\w` and its like a hyphen is a member, which flag u wants escaped. */
const isSetBefore = (out: string): boolean => /\\[wWdDsS]$/.test(out);

const literal = (point: string): string => (/[\\^$.*+?()[\]{}|/-]/.test(point) ? (point === '-' ? '\\x2d' : `\\${point}`) : point);

/** Source and flags of the JavaScript form; `g` and `u` are for the caller to add. */
function translateRegex(pattern: string): { readonly source: string; readonly flags: string } {
  const translation = new Translation(pattern);
  const source = translation.run();
  return { source, flags: translation.flags };
}
