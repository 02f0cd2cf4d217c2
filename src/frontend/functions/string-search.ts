/** Owns: finding text in text: `contains startswith endswith instr locate position replace translate find_in_set ascii levenshtein`. */
import { BOOLEAN, INT32, STRING } from '../../data/types.js';
import { sameBytes } from './comparison.js';
import type { ScalarFunction } from './definition.js';
import { boolValue, span } from './emit.js';
import type { Emitter, Value } from './generator.js';
import { scalar } from './scalar.js';
import { INT, TEXT } from './signature.js';

/** Index of other[otherStart, otherEnd) in data[start, end), or -1. */
export function indexOfBytes(
  data: Uint8Array,
  start: number,
  end: number,
  other: Uint8Array,
  otherStart: number,
  otherEnd: number,
): number {
  const length = otherEnd - otherStart;
  if (length === 0) return start;
  const first = other[otherStart];
  for (let at = start; at <= end - length; at++) {
    if (data[at] === first && sameBytes(data, at + 1, at + length, other, otherStart + 1)) return at;
  }
  return -1;
}

type Place = 'anywhere' | 'start' | 'end';

function placeCode(emit: Emitter, [text, part]: readonly (() => Value)[], place: Place): Value {
  const [a, b] = [emit.toBytes(text()), emit.toBytes(part())];
  if (place === 'anywhere') return boolValue(emit.let('t', `${emit.constant('indexOfBytes', indexOfBytes)}(${span(a)}, ${span(b)}) >= 0`));
  const length = emit.let('len', `${b.end} - ${b.start}`);
  const [from, to] = place === 'start' ? [a.start, `${a.start} + ${length}`] : [`${a.end} - ${length}`, a.end];
  const same = emit.constant('sameBytes', sameBytes);
  return boolValue(emit.let('t', `${a.end} - ${a.start} >= ${length} && ${same}(${a.data}, ${from}, ${to}, ${b.data}, ${b.start})`));
}

const search = (name: string, place: Place, evaluate: (text: string, part: string) => boolean): ScalarFunction =>
  scalar(name, [TEXT, TEXT], BOOLEAN, evaluate, { generate: (emit, args) => placeCode(emit, args, place) });

/** Position in code points from 1, 0 where there is none, searching from code point `from`. */
function locate(part: string, text: string, from = 1): number {
  if (from < 1) return 0;
  let start = 0;
  for (let i = 1; i < from && start <= text.length; i++) start += (text.codePointAt(start) ?? 0) > 0xffff ? 2 : 1;
  const at = text.indexOf(part, start);
  return at < 0 || start > text.length ? 0 : [...text.slice(0, at)].length + 1;
}

function translate(text: string, from: string, to: string): string {
  const target = [...to];
  const table = new Map<string, string>();
  [...from].forEach((point, i) => {
    if (!table.has(point)) table.set(point, target[i] ?? '');
  });
  return Array.from(text, (point) => table.get(point) ?? point).join('');
}

export function levenshtein(a: string, b: string): number {
  const [x, y] = [[...a], [...b]];
  let row = Array.from({ length: y.length + 1 }, (_, j) => j);
  for (let i = 1; i <= x.length; i++) {
    const next = [i];
    for (let j = 1; j <= y.length; j++) next.push(Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (x[i - 1] === y[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[y.length];
}

function distanceWithin(a: string, b: string, most = Number.POSITIVE_INFINITY): number {
  const distance = levenshtein(a, b);
  return distance > most ? -1 : distance;
}

export const STRING_SEARCH: readonly ScalarFunction[] = [
  search('contains', 'anywhere', (text, part) => text.includes(part)),
  search('startswith', 'start', (text, part) => text.startsWith(part)),
  search('endswith', 'end', (text, part) => text.endsWith(part)),
  scalar('instr', [TEXT, TEXT], INT32, (text: string, part: string) => locate(part, text)),
  scalar('locate', [TEXT, TEXT, INT], INT32, locate, { required: 2 }),
  scalar(
    'replace',
    [TEXT, TEXT, TEXT],
    STRING,
    (text: string, from: string, to = '') => (from === '' ? text : text.replaceAll(from, () => to)),
    {
      required: 2,
    },
  ),
  scalar('translate', [TEXT, TEXT, TEXT], STRING, translate),
  scalar('find_in_set', [TEXT, TEXT], INT32, (item: string, list: string) => (item.includes(',') ? 0 : list.split(',').indexOf(item) + 1)),
  scalar('ascii', [TEXT], INT32, (text: string) => text.codePointAt(0) ?? 0),
  scalar('levenshtein', [TEXT, TEXT, INT], INT32, distanceWithin, { required: 2 }),
];
