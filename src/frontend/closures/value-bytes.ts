/** Owns: a value as bytes that any thread can read back: what `spark.broadcast(value)` sends. Functions do not travel in it. */
import { deserialize, serialize } from 'node:v8';
import { type CallSite, fatalError, type MinisparkError, userError } from '../../core/errors.js';
import { reviver } from './decode.js';
import { ACCUMULATOR_KIND, BROADCAST_KIND, type Packed } from './portable.js';
import type { AnyFunction } from './runtime.js';
import { type Place, type Refuse, ValueCopier } from './value-copy.js';

/** Throws a user error VALUE_NOT_SHIPPABLE that names the path to what cannot travel. */
export function encodeValue(value: unknown, site: CallSite | null): Uint8Array {
  const refuse =
    (path: string): Refuse =>
    (what, hint): MinisparkError =>
      userError('VALUE_NOT_SHIPPABLE', `Cannot broadcast ${path}: it is ${what}.`, { hint, site: site ?? undefined });
  const copy = new PlainCopier().copyOf(value, { path: 'the value', refuse, chain: [] });
  try {
    return serialize(copy);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw userError('VALUE_NOT_SHIPPABLE', `Cannot broadcast the value: ${reason}.`, { site: site ?? undefined, cause: error });
  }
}

/** Throws BROADCAST_UNREADABLE where the bytes are none of `encodeValue`. */
export function decodeValue(bytes: Uint8Array): unknown {
  try {
    const noFunction = () => {
      throw fatalError('BROADCAST_UNREADABLE', 'A broadcast value holds a function.');
    };
    return reviver(noFunction)(deserialize(bytes));
  } catch (cause) {
    throw fatalError('BROADCAST_UNREADABLE', `The bytes of a broadcast value cannot be read: ${(cause as Error).message}.`, { cause });
  }
}

class PlainCopier extends ValueCopier {
  copyOf(value: unknown, place: Place): unknown {
    return this.copy(value, place);
  }

  protected reference(fn: AnyFunction, { path, refuse }: Place): never {
    const name = fn.name ? `the function ${fn.name}` : 'a function';
    throw refuse(path)(name, 'Functions travel by themselves where another function captures them: broadcast data only');
  }

  /** Decimals, dates and timestamps travel as what they say of themselves; what is shared itself does not travel inside of a value. */
  protected onPacked({ kind }: Packed): void {
    if (kind !== BROADCAST_KIND && kind !== ACCUMULATOR_KIND) return;
    throw userError('VALUE_NOT_SHIPPABLE', `Cannot broadcast a value that holds a variable of its own kind: ${kind}.`, {
      hint: 'Capture both in the function',
    });
  }
}
