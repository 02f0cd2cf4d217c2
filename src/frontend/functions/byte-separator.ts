/**
 * Owns: recognising patterns whose matches can be found byte by byte in UTF-8: literal text, and a class of ASCII characters, once or repeated.
 * A negated class holds every byte beyond ASCII, so a whole character of several bytes lies in it or not; that needs the repetition (`+`).
 */

export type ByteSeparator =
  | { readonly kind: 'text'; readonly bytes: Uint8Array }
  /** `table[byte]` is 1 where the byte separates; `repeated`: a run of them is one separator. */
  | { readonly kind: 'class'; readonly table: Uint8Array; readonly repeated: boolean };

const SIMPLE_ESCAPES: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' };
const SETS: Readonly<Record<string, string>> = {
  s: ' \t\n\v\f\r',
  d: '0123456789',
  w: '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz',
};

/** The separator of a Java pattern; null where only a regular expression will do. */
export function byteSeparator(pattern: string): ByteSeparator | null {
  const text = literalText(pattern);
  if (text !== null && text !== '') return { kind: 'text', bytes: new TextEncoder().encode(text) };
  const repeated = pattern.length > 1 && pattern.endsWith('+') && !/(^|[^\\])(\\\\)*\\\+$/.test(pattern);
  const table = classTable(repeated ? pattern.slice(0, -1) : pattern);
  if (table === null || (!repeated && table[0x80] === 1)) return null;
  return { kind: 'class', table, repeated };
}

/** The text that a pattern without operators stands for. */
function literalText(pattern: string): string | null {
  let text = '';
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i];
    if (char !== '\\') {
      if ('.[]{}()*+?^$|'.includes(char)) return null;
      text += char;
      continue;
    }
    const next = pattern[++i];
    if (next === undefined) return null;
    if (/[a-zA-Z0-9]/.test(next)) {
      if (!(next in SIMPLE_ESCAPES)) return null;
      text += SIMPLE_ESCAPES[next];
    } else text += next;
  }
  return text;
}

function classTable(pattern: string): Uint8Array | null {
  const set = /^\\([sdwSDW])$/.exec(pattern);
  if (set) {
    const table = tableOf(SETS[set[1].toLowerCase()]);
    return set[1] < 'a' ? complement(table) : table;
  }
  const single = literalText(pattern);
  if (single !== null) return single.length === 1 && single.charCodeAt(0) < 128 ? tableOf(single) : null;
  const brackets = /^\[(\^?)((?:[^\]\\[]|\\.)+)\]$/s.exec(pattern);
  if (brackets === null || brackets[2].includes('&&')) return null;
  const table = membersOf(brackets[2]);
  return table && brackets[1] === '^' ? complement(table) : table;
}

function tableOf(members: string): Uint8Array {
  const table = new Uint8Array(256);
  for (let i = 0; i < members.length; i++) table[members.charCodeAt(i)] = 1;
  return table;
}

const complement = (table: Uint8Array): Uint8Array => table.map((member) => 1 - member);

function membersOf(body: string): Uint8Array | null {
  const table = new Uint8Array(256);
  let i = 0;
  while (i < body.length) {
    const set = body[i] === '\\' ? SETS[body[i + 1]] : undefined;
    if (set !== undefined) {
      for (const member of set) table[member.charCodeAt(0)] = 1;
      i += 2;
      continue;
    }
    const low = memberAt(body, i);
    if (low === null) return null;
    i = low.next;
    let high = low.code;
    if (body[i] === '-' && i + 1 < body.length) {
      const upper = memberAt(body, i + 1);
      if (upper === null || upper.code < low.code) return null;
      high = upper.code;
      i = upper.next;
    }
    for (let code = low.code; code <= high; code++) table[code] = 1;
  }
  return table;
}

function memberAt(body: string, i: number): { readonly code: number; readonly next: number } | null {
  const isEscaped = body[i] === '\\';
  const char = isEscaped ? body[i + 1] : body[i];
  if (isEscaped && /[a-zA-Z0-9]/.test(char) && !(char in SIMPLE_ESCAPES)) return null;
  const member = isEscaped ? (SIMPLE_ESCAPES[char] ?? char) : char;
  const code = member.charCodeAt(0);
  return code < 128 ? { code, next: i + (isEscaped ? 2 : 1) } : null;
}
