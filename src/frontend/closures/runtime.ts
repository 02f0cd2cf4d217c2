/**
 * Owns: what transformed code calls when it is loaded, and the table of factories that rebuild functions from their captures.
 * Imports nothing heavy: a task thread loads this file, decode.ts and a bundle, nothing else of this room.
 */
import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';

// biome-ignore lint/complexity/noBannedTypes: any function at all may be shipped
export type AnyFunction = Function;
export type Captures = Readonly<Record<string, unknown>>;
type Factory = (captures: Captures) => AnyFunction;
/** What a function says of itself: id, current values of what it closes over, module-level functions that it may call. */
export type Thunk = () => readonly [id: string, captures: Captures, calls?: () => readonly unknown[]];

/** A plain symbol property: a WeakMap would cost tens of times more for each function that is made. */
const THUNK = Symbol.for('minispark.thunk');
const OPEN = Symbol.for('minispark.closures');

interface BundleTable {
  readonly factories: Map<string, Factory>;
  /** Dynamic imports of the bundle: the factories behind them exist only once they are loaded. */
  readonly lazies: (() => Promise<unknown>)[];
}

/** The object that a bundle's first line binds to `__minispark`. */
export interface BundleRuntime {
  wrap<F extends AnyFunction>(fn: F, thunk: Thunk): F;
  top<F extends AnyFunction>(id: string, fn: F, calls?: () => readonly unknown[]): F;
  register(factories: Readonly<Record<string, Factory>>): void;
  lazy(load: () => Promise<unknown>): void;
}

const tables = new Map<string, BundleTable>();

/** Makes `__minispark` available to bundles of this thread. May be called many times. */
function installRuntime(): void {
  Object.defineProperty(globalThis, OPEN, { value: openBundle, configurable: true });
}

/** The runtime of one bundle; ids are unique within a bundle only. */
function openBundle(hash: string): BundleRuntime {
  const table: BundleTable = { factories: new Map(), lazies: [] };
  tables.set(hash, table);
  return {
    wrap: (fn, thunk) => withThunk(fn, thunk),
    top(id, fn, calls) {
      table.factories.set(id, () => fn);
      return withThunk(fn, () => [id, {}, calls]);
    },
    register(factories) {
      for (const id in factories) table.factories.set(id, factories[id]);
    },
    lazy: (load) => {
      table.lazies.push(load);
    },
  };
}

function withThunk<F extends AnyFunction>(fn: F, thunk: Thunk): F {
  (fn as F & { [THUNK]?: Thunk })[THUNK] = thunk;
  return fn;
}

export function thunkOf(fn: AnyFunction): Thunk | null {
  return Object.hasOwn(fn, THUNK) ? (fn as AnyFunction & { [THUNK]: Thunk })[THUNK] : null;
}

export function factoryOf(hash: string, id: string): Factory | null {
  return tables.get(hash)?.factories.get(id) ?? null;
}

export function isBundleLoaded(hash: string): boolean {
  return tables.has(hash);
}

/** Loads the next dynamic import of the bundle; false when all are loaded. */
export async function loadNextLazy(hash: string): Promise<boolean> {
  const load = tables.get(hash)?.lazies.shift();
  if (!load) return false;
  await load();
  return true;
}

/** Imports the bundle at `path`, a file named `<hash>.mjs`, into this thread and gives its exports. What the job's own code throws while loading comes through as it is. */
export async function loadBundle(path: string): Promise<Readonly<Record<string, unknown>>> {
  installRuntime();
  try {
    return (await import(pathToFileURL(path).href)) as Record<string, unknown>;
  } catch (error) {
    tables.delete(basename(path, '.mjs'));
    throw error;
  }
}
