/**
 * Owns: what JavaScript's strings do, done on UTF-8 bytes without making them: equality, length, parts. Each gives what the decoded text
 * would, where that is not UTF-8 or not ASCII too.
 */
import { STRING } from '../../data/types.js';
import { decodeUtf8 } from '../../data/utf8.js';
import { sameBytes } from '../../frontend/functions/comparison.js';
import { span } from '../../frontend/functions/emit.js';
import type { ValueOf } from '../../frontend/functions/generator.js';
import type { InlineScope } from './inline-function.js';
import { textOf } from './inline-operators.js';
import { type JsOf, type JsValue, jsNumber, jsText } from './js-value.js';

/** What text that is no UTF-8 is decoded to: constants with it may equal bytes that are not their own. */
const REPLACEMENT = '\ufffd';

/** A constant whose bytes are found in text exactly where its characters are. */
export const isExact = (js: JsOf<'string'>): boolean => js.literal !== undefined && !js.literal.includes(REPLACEMENT);

export function emitEqual(scope: InlineScope, a: JsOf<'string'>, b: JsOf<'string'>): string {
  const { emit } = scope;
  const [x, y] = [a.value, b.value];
  if (x.rep === 'js' || y.rep === 'js') return `(${textOf(scope, a)} === ${textOf(scope, b)})`;
  if (!isExact(a) && !isExact(b)) return `${emit.constant('sameText', sameText)}(${span(x)}, ${span(y)})`;
  const length = `${x.end} - ${x.start} === ${y.end} - ${y.start}`;
  return `(${length} && ${emit.constant('sameBytes', sameBytes)}(${x.data}, ${x.start}, ${x.end}, ${y.data}, ${y.start}))`;
}

function sameText(a: Uint8Array, aStart: number, aEnd: number, b: Uint8Array, bStart: number, bEnd: number): boolean {
  if (aEnd - aStart === bEnd - bStart && sameBytes(a, aStart, aEnd, b, bStart)) return true;
  // Other bytes are other text, unless both hold what is no UTF-8.
  if (isAscii(a, aStart, aEnd) || isAscii(b, bStart, bEnd)) return false;
  return decodeUtf8(a, aStart, aEnd) === decodeUtf8(b, bStart, bEnd);
}

export function isAscii(data: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (data[i] > 127) return false;
  return true;
}

/** UTF-16 units of the text. */
function textLength(data: Uint8Array, start: number, end: number): number {
  return isAscii(data, start, end) ? end - start : decodeUtf8(data, start, end).length;
}

export function emitLength(scope: InlineScope, { value }: JsOf<'string'>): JsValue {
  if (value.rep === 'js') return jsNumber(`${value.code}.length`, 31);
  return jsNumber(scope.emit.let('length', `${scope.emit.constant('textLength', textLength)}(${span(value)})`), 31);
}

/**
 * The characters from `from` up to `to`, both whole and not below 0, of text that is ASCII so far; null where its own bytes cannot be cut.
 * `to` null: to the end.
 */
export function emitPart(scope: InlineScope, value: ValueOf<'bytes'>, from: number, to: number | null): JsValue {
  const { emit } = scope;
  const [start, end] = [emit.let('from', value.start), emit.let('to', value.end)];
  const seen = to ?? from;
  const ascii = `${emit.constant('isAscii', isAscii)}(${value.data}, ${start}, Math.min(${end}, ${start} + ${seen}))`;
  const cut = { data: emit.fresh('data'), start: emit.fresh('from'), end: emit.fresh('to') };
  emit.line(
    `let ${cut.data} = ${value.data}, ${cut.start} = Math.min(${start} + ${from}, ${end}), ${cut.end} = ${partEnd(start, end, to)};`,
  );
  emit.branch(`!${ascii}`, () => {
    const bytes = emit.constant('part', partSlowly);
    emit.line(`${cut.data} = ${bytes}(${value.data}, ${start}, ${end}, ${from}, ${to ?? 'undefined'});`);
    scope.check(`${cut.data} === null`);
    emit.line(`${cut.start} = 0; ${cut.end} = ${cut.data}.length;`);
  });
  return jsText({ ...value, isNull: 'false', ...cut });
}

const partEnd = (start: string, end: string, to: number | null): string => (to === null ? end : `Math.min(${start} + ${to}, ${end})`);

/** null where the cut leaves half of a character, which has no bytes. */
function partSlowly(data: Uint8Array, start: number, end: number, from: number, to: number | undefined): Uint8Array | null {
  const part = decodeUtf8(data, start, end).slice(from, to);
  const bytes = Buffer.from(part, 'utf8');
  return bytes.toString('utf8') === part ? bytes : null;
}

/** Texts one after the other, as bytes in a buffer that lives as long as the batch; null where one of them is no text in bytes. */
export function emitJoined(scope: InlineScope, parts: readonly JsValue[]): JsValue | null {
  const texts = parts.flatMap((part) => (part.kind === 'string' && part.value.rep === 'bytes' ? [{ part, value: part.value }] : []));
  if (texts.length < parts.length || texts.every(({ part }) => part.literal !== undefined)) return null;
  const { emit } = scope;
  for (const { part } of texts) scope.present(part);
  const spans = texts.map(({ value }) => [value.data, emit.let('from', value.start), emit.let('to', value.end)] as const);
  const size = emit.let('size', spans.map(([, from, to]) => `${to} - ${from}`).join(' + '));
  const scratch = emit.state('scratch', 'new Uint8Array(256)');
  emit.line(`if (${scratch}.length < ${size}) ${scratch} = new Uint8Array(${size} * 2);`);
  const put = emit.constant('putAscii', putAscii);
  const written = spans.reduce((at, span) => `${put}(${span.join(', ')}, ${scratch}, ${at})`, '0');
  const [data, end] = [emit.fresh('data'), emit.fresh('end')];
  emit.line(`let ${data} = ${scratch}, ${end} = ${written};`);
  emit.branch(`${end} < 0`, () =>
    emit.line(`${data} = ${emit.constant('joinSlowly', joinSlowly)}(${spans.flat().join(', ')}); ${end} = ${data}.length;`),
  );
  return jsText({ type: STRING, isNull: 'false', rep: 'bytes', data, start: '0', end });
}

/** Copies data[start, end) into `target` at `at`; gives the end there, or -1 where there is a byte beyond ASCII, or was one before. */
function putAscii(data: Uint8Array, start: number, end: number, target: Uint8Array, at: number): number {
  if (at < 0) return -1;
  let seen = 0;
  for (let i = start; i < end; i++) {
    seen |= data[i];
    target[at++] = data[i];
  }
  return seen > 127 ? -1 : at;
}

/** Of (data, start, end) three by three. */
function joinSlowly(...spans: readonly (Uint8Array | number)[]): Uint8Array {
  let text = '';
  for (let i = 0; i < spans.length; i += 3) text += decodeUtf8(spans[i] as Uint8Array, spans[i + 1] as number, spans[i + 2] as number);
  return Buffer.from(text, 'utf8');
}
