/**
 * Owns: rebuilding a function from its bytes in a thread that has loaded the function's bundle; and functions that never leave their thread.
 * Light: task threads import it.
 */
import { deserialize } from 'node:v8';
import { fatalError } from '../../core/errors.js';
import { builtinOf, type ClosureTable, type EncodedClosure, isLeaf, OPAQUE_PREFIX, PACKED, REF } from './closure-bytes.js';
import { type Packed, unpack } from './portable.js';
import { type AnyFunction, factoryOf, isBundleLoaded, loadNextLazy } from './runtime.js';

/** The function of `encoded`. Loads the bundle's dynamic imports as far as it takes to find all functions. Throws BUNDLE_NOT_LOADED and UNKNOWN_FUNCTION. */
export async function decodeClosure(encoded: EncodedBytes): Promise<AnyFunction> {
  if (encoded.id.startsWith(OPAQUE_PREFIX)) return opaqueFunction(encoded.id);
  const table = readTable(encoded);
  for (const { id } of table.functions) while (!factoryOf(table.bundle, id) && (await loadNextLazy(table.bundle)));
  return rebuild(table);
}

type EncodedBytes = Pick<EncodedClosure, 'id' | 'captures'>;

const opaqueFunctions: AnyFunction[] = [];
const opaqueIds = new WeakMap<AnyFunction, string>();

/** An id by which this thread, and no other, finds `fn` again. */
export function registerOpaque(fn: AnyFunction): string {
  let id = opaqueIds.get(fn);
  if (id === undefined) {
    id = `${OPAQUE_PREFIX}${opaqueFunctions.push(fn)}`;
    opaqueIds.set(fn, id);
  }
  return id;
}

function opaqueFunction(id: string): AnyFunction {
  const fn = opaqueFunctions[Number(id.slice(OPAQUE_PREFIX.length)) - 1];
  if (!fn) throw fatalError('UNKNOWN_FUNCTION', `The function ${id} lives in another thread.`);
  return fn;
}

function readTable({ id, captures }: EncodedBytes): ClosureTable {
  const table = deserialize(Buffer.from(captures, 'base64')) as ClosureTable;
  if (!isBundleLoaded(table.bundle))
    throw fatalError('BUNDLE_NOT_LOADED', `The function ${id} belongs to a bundle that this thread has not loaded: ${table.bundle}.`);
  return table;
}

function rebuild({ bundle, root, functions }: ClosureTable): AnyFunction {
  const built: AnyFunction[] = [];

  const make = (index: number): AnyFunction => {
    if (built[index]) return built[index];
    const { id, captures } = functions[index];
    const factory = factoryOf(bundle, id);
    if (!factory) throw fatalError('UNKNOWN_FUNCTION', `The bundle ${bundle} has no function ${id}.`);
    // Met again while it is being made: two functions that call each other.
    built[index] = (...args: readonly unknown[]): unknown => Reflect.apply(built[index], undefined, args);
    built[index] = factory(revive(captures) as Record<string, unknown>);
    return built[index];
  };

  const revive = reviver(make);
  return revive(root) as AnyFunction;
}

/** What replaces tokens inside a value, in place, as the bytes gave it to us alone. `make` gives the function of a number. */
export function reviver(make: (index: number) => AnyFunction): (value: unknown) => unknown {
  const done = new Map<object, unknown>();
  const revive = (value: unknown): unknown => {
    if (isLeaf(value)) return value;
    const object = value as Record<string, unknown>;
    if (done.has(object)) return done.get(object);
    if (Object.hasOwn(object, REF)) return typeof object[REF] === 'number' ? make(object[REF]) : builtinOf(String(object[REF]));
    if (Object.hasOwn(object, PACKED)) {
      const unpacked = unpack(object[PACKED] as Packed);
      done.set(object, unpacked);
      return unpacked;
    }
    done.set(object, object);
    if (object instanceof Map) {
      const entries = [...object];
      object.clear();
      for (const [key, item] of entries) object.set(revive(key), revive(item));
    } else if (object instanceof Set) {
      const items = [...object];
      object.clear();
      for (const item of items) object.add(revive(item));
    } else if (Array.isArray(object)) {
      const items: unknown[] = object;
      for (let i = 0; i < items.length; i++) if (!isLeaf(items[i])) items[i] = revive(items[i]);
    } else {
      for (const key of Object.keys(object)) object[key] = revive(object[key]);
    }
    return object;
  };
  return revive;
}
