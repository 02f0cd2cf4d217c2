/**
 * Owns: JSON with bigint, bytes and non-finite numbers, as plans, events and task messages need it.
 * `{"$bigint": "1"}`, `{"$bytes": base64}` and `{"$number": "NaN"}` are the only additions; an object with such a key of its own is refused.
 */
import { fatalError } from './errors.js';

const TAGS = ['$bigint', '$bytes', '$number'];

/** Throws INTERNAL_ERROR for what JSON cannot carry (functions, class instances other than Uint8Array, reserved keys). */
export function toJson(value: unknown): string {
  return JSON.stringify(value, function (this: Record<string, unknown>, name, converted) {
    const original = name === '' ? (this[''] as unknown) : this[name];
    switch (typeof original) {
      case 'bigint':
        return { $bigint: String(original) };
      case 'number':
        return Number.isFinite(original) && !Object.is(original, -0)
          ? original
          : { $number: Object.is(original, -0) ? '-0' : String(original) };
      case 'function':
      case 'symbol':
        throw fatalError('INTERNAL_ERROR', `A ${typeof original} at '${name}' cannot travel as JSON.`);
      case 'object':
        if (original instanceof Uint8Array)
          return { $bytes: Buffer.from(original.buffer, original.byteOffset, original.length).toString('base64') };
        return original;
      default:
        return converted;
    }
  });
}

export function fromJson<T>(text: string): T {
  if (!TAGS.some((tag) => text.includes(tag))) return JSON.parse(text) as T;
  return JSON.parse(text, (_, value) => {
    if (value === null || typeof value !== 'object') return value;
    if (typeof value.$bigint === 'string') return BigInt(value.$bigint);
    if (typeof value.$number === 'string') return Number(value.$number);
    if (typeof value.$bytes === 'string') return new Uint8Array(Buffer.from(value.$bytes, 'base64'));
    return value;
  }) as T;
}
