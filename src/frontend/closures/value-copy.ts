/**
 * Owns: copying a value into what may travel: plain data, and tokens for functions and for objects that say how they cross.
 * Receives a value and how to refuse; gives the copy for `v8.serialize`. Captures and broadcast values go through here.
 */
import { types } from 'node:util';
import type { MinisparkError } from '../../core/errors.js';
import { isLeaf, PACKED } from './closure-bytes.js';
import { type Packed, pack } from './portable.js';
import type { AnyFunction } from './runtime.js';

/** Makes the error for a value that cannot travel, given what it is. */
export type Refuse = (what: string, hint: string, condition?: string) => MinisparkError;

export interface Place {
  /** As the user would write it: `client.socket`. */
  readonly path: string;
  readonly refuse: (path: string) => Refuse;
  /** Functions that led here, outermost first. */
  readonly chain: readonly string[];
}

export const PLAIN_ONLY = 'Only plain data travels: create it inside the function, or capture the fields that you need';

export abstract class ValueCopier {
  /** Value → what stands for it in the bytes: shared values stay shared, cycles end. */
  protected readonly seen = new Map<object, unknown>();

  /** What stands for a function. */
  protected abstract reference(fn: AnyFunction, place: Place): unknown;

  /** Told of each object that travels as what it says of itself. */
  protected abstract onPacked(packed: Packed): void;

  /** Structured cloning alone would quietly drop prototypes, so each value is looked at first; functions become tokens. */
  protected copy(value: unknown, place: Place): unknown {
    const refuse = place.refuse(place.path);
    if (typeof value === 'function') return this.reference(value as AnyFunction, place);
    if (typeof value === 'symbol') throw refuse('a symbol', PLAIN_ONLY);
    if (typeof value !== 'object' || value === null) return value;
    const driverOnly = driverObjectName(value);
    if (driverOnly) throw refuse(driverOnly, 'Collect or broadcast it first', 'CLOSURE_CAPTURES_DRIVER_OBJECT');
    if (types.isModuleNamespaceObject(value)) throw refuse('a module', 'Import it at the top of the file: then it is simply there');
    if (types.isProxy(value)) throw refuse('a Proxy', PLAIN_ONLY);
    if (types.isSharedArrayBuffer(value) || (ArrayBuffer.isView(value) && types.isSharedArrayBuffer(value.buffer))) {
      throw refuse('shared memory', 'Broadcast it, or copy it to an ordinary array first');
    }
    if (isLeaf(value)) return value;
    const known = this.seen.get(value);
    if (known) return known;
    const packed = pack(value);
    if (packed) {
      this.onPacked(packed);
      return this.remember(value, { [PACKED]: packed });
    }
    return this.copyContainer(value, place);
  }

  private copyContainer(value: object, place: Place): unknown {
    // Paths are only made for what may be refused: arrays of a million numbers are captured too.
    const at = (item: unknown, path: () => string): unknown =>
      isPrimitive(item) ? item : this.copy(item, { ...place, path: `${place.path}${path()}` });
    const prototype = Object.getPrototypeOf(value) as object | null;
    if (Array.isArray(value)) {
      const copy: unknown[] = this.remember(value, []);
      for (let i = 0; i < value.length; i++) copy.push(at(value[i], () => `[${i}]`));
      return copy;
    }
    if (prototype === Map.prototype) {
      const copy = this.remember(value, new Map());
      for (const [key, item] of value as Map<unknown, unknown>)
        copy.set(
          at(key, () => ' (a key)'),
          at(item, () => `.get(${String(key)})`),
        );
      return copy;
    }
    if (prototype === Set.prototype) {
      const copy = this.remember(value, new Set());
      for (const item of value as Set<unknown>) copy.add(at(item, () => ' (an element)'));
      return copy;
    }
    if (prototype === Object.prototype || prototype === null) {
      const copy: Record<string, unknown> = this.remember(value, {});
      for (const key of Object.keys(value)) copy[key] = at(Reflect.get(value, key), () => `.${key}`);
      return copy;
    }
    throw place.refuse(place.path)(`an instance of ${className(prototype)}`, PLAIN_ONLY);
  }

  protected remember<T>(value: object, copy: T): T {
    this.seen.set(value, copy);
    return copy;
  }
}

function isPrimitive(value: unknown): boolean {
  return value === null || (typeof value !== 'object' && typeof value !== 'function' && typeof value !== 'symbol');
}

const DRIVER_ONLY = Symbol.for('minispark.driverOnly');

/** `a DataFrame` for an object that the API has marked as the driver's. */
function driverObjectName(value: object): string | null {
  const mark: unknown = Reflect.get(value, DRIVER_ONLY);
  if (mark === undefined || mark === false) return null;
  return `a ${typeof mark === 'string' ? mark : className(Object.getPrototypeOf(value) as object | null)}`;
}

function className(prototype: object | null): string {
  const maker: unknown = prototype === null ? null : Reflect.get(prototype, 'constructor');
  return typeof maker === 'function' && maker.name ? maker.name : 'an unknown class';
}
