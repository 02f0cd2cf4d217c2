/**
 * Owns: `split(text, pattern[, limit])` by Java's rules: with no positive limit trailing empty parts stay. A pattern that can be found byte by byte
 * becomes a loop over the bytes whose parts are slices of the text, not copies; others go through a regular expression.
 */
import { arrayOf, STRING } from '../../data/types.js';
import { type ByteSeparator, byteSeparator } from './byte-separator.js';
import type { Call, ScalarFunction } from './definition.js';
import { bytesValue } from './emit.js';
import type { Emitter, Value, ValueOf } from './generator.js';
import { compileRegex } from './regex.js';
import { fixedSignature, INT, TEXT } from './signature.js';

/** Parts of `text` between matches; `limit` > 0 bounds their number. A match of no width at the very start gives no empty part. */
export function splitText(text: string, regex: RegExp, limit: number): string[] {
  const parts: string[] = [];
  let index = 0;
  for (const match of text.matchAll(regex)) {
    if (limit > 0 && parts.length === limit - 1) break;
    const [start, end] = [match.index, match.index + match[0].length];
    if (index === 0 && start === 0 && end === 0) continue;
    parts.push(text.slice(index, start));
    index = end;
  }
  return index === 0 && parts.length === 0 ? [text] : [...parts, text.slice(index)];
}

/** Spark's own rule for an empty pattern: one part a character, none at the end. */
function splitPoints(text: string, limit: number): string[] {
  const points = [...text];
  if (points.length === 0) return [''];
  return limit > 0 && limit < points.length ? [...points.slice(0, limit - 1), points.slice(limit - 1).join('')] : points;
}

const split: ScalarFunction = {
  kind: 'scalar',
  name: 'split',
  nulls: 'propagate',
  resolve: fixedSignature('split', [TEXT, TEXT, INT], arrayOf(STRING, false), { required: 2 }),
  evaluator: ({ args }) => {
    const literal = args[1].literal;
    if (typeof literal === 'string' && literal !== '') compileRegex(literal);
    return ((text: string, pattern: string, limit = -1) =>
      pattern === '' ? splitPoints(text, limit) : splitText(text, compileRegex(pattern), limit)) as never;
  },
  generate: (emit, args, call) => {
    const separator = literalSeparator(call);
    if (separator === null) return null;
    const text = emit.toBytes(args[0]());
    return { type: call.type, isNull: 'false', rep: 'each', loop: (body) => partsLoop(emit, text, separator, body) };
  },
};

function literalSeparator({ args }: Call): ByteSeparator | null {
  const [, pattern, limit] = args;
  const isUnlimited = limit === undefined || (typeof limit.literal === 'number' && limit.literal <= 0);
  return isUnlimited && typeof pattern.literal === 'string' ? byteSeparator(pattern.literal) : null;
}

/**
 * for (part = start; part <= end; part = next) { find its end; next = after the separator; body }
 * The step is in the header, so that a `continue` in the body goes on with the next part. At the end of the text next > end.
 */
function partsLoop(emit: Emitter, text: ValueOf<'bytes'>, separator: ByteSeparator, body: (element: Value) => void): void {
  const [data, last] = [emit.let('text', text.data), emit.let('last', text.end)];
  const [part, end, next] = [emit.fresh('part'), emit.fresh('end'), emit.fresh('next')];
  const view = separator.kind !== 'class' && separator.bytes.length === 1 ? dataView(emit, data) : null;
  emit.line(`for (let ${part} = ${text.start}, ${end} = ${part}, ${next} = 0; ${part} <= ${last}; ${part} = ${end} = ${next}) {`);
  if (separator.kind === 'class') {
    const table = emit.constant('separators', separator.table);
    emit.line(`while (${end} < ${last} && ${table}[${data}[${end}]] === 0) ${end}++;`);
    emit.line(`${next} = ${end} + 1;`);
    if (separator.repeated) emit.line(`while (${next} < ${last} && ${table}[${data}[${next}]] === 1) ${next}++;`);
  } else {
    if (view !== null) findByte(emit, data, view, last, end, separator.bytes[0]);
    else findText(emit, data, last, end, separator.bytes);
    emit.line(`${next} = ${end} + ${separator.bytes.length};`);
  }
  body(bytesValue(STRING, data, part, end));
  emit.line('}');
}

function findText(emit: Emitter, data: string, last: string, end: string, bytes: Uint8Array): void {
  const limit = emit.let('limit', `${last} - ${bytes.length}`);
  const differs = Array.from(bytes, (byte, i) => `${data}[${end}${i === 0 ? '' : ` + ${i}`}] !== ${byte}`).join(' || ');
  emit.line(`while (${end} <= ${limit} && (${differs})) ${end}++;`);
  emit.line(`if (${end} > ${limit}) ${end} = ${last};`);
}

/**
 * Four bytes at a time: where a byte of `word` is zero, and nowhere below the lowest such byte, `zeros` has that byte's top bit
 * (Mycroft's test). The last few go one by one.
 */
function findByte(emit: Emitter, data: string, view: string, last: string, end: string, byte: number): void {
  const [word, zeros] = [emit.fresh('word'), emit.fresh('zeros')];
  emit.line('for (;;) {');
  emit.line(`  if (${end} + 4 > ${last}) { while (${end} < ${last} && ${data}[${end}] !== ${byte}) ${end}++; break; }`);
  emit.line(`  const ${word} = ${view}.getInt32(${end}, true) ^ ${Math.imul(byte, 0x01010101)};`);
  emit.line(`  const ${zeros} = (${word} - 0x01010101) & ~${word} & 0x80808080;`);
  emit.line(`  if (${zeros} !== 0) { ${end} += (31 - Math.clz32(${zeros} & -${zeros})) >> 3; break; }`);
  emit.line(`  ${end} += 4;`);
  emit.line('}');
}

/** A view of the bytes for reading words anywhere: made anew only where other bytes come, and a constant of the loop, which is then checked once. */
function dataView(emit: Emitter, data: string): string {
  const [kept, viewed] = [emit.state('view', 'null'), emit.state('viewed', 'null')];
  emit.line(
    `if (${data} !== ${viewed}) { ${viewed} = ${data}; ${kept} = new DataView(${data}.buffer, ${data}.byteOffset, ${data}.length); }`,
  );
  return emit.let('bytes', kept);
}

export const SPLIT: readonly ScalarFunction[] = [split];
