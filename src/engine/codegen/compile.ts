/**
 * Owns: source text → function, once a thread: the same text shares one compiled (and optimised) function, whatever constants it is given.
 */
import { Script } from 'node:vm';

type Factory = (...constants: readonly unknown[]) => (...args: never[]) => unknown;

/** In order of last use, oldest first. */
const factories = new Map<string, Factory>();
let compiled = 0;

/** `text` is what CodeEmitter.finish gives. A debugger shows it under `minispark-codegen/<name>-<n>.js`. */
export function instantiate<F>(text: string, name: string, constants: readonly unknown[], maxCached: number): F {
  let factory = factories.get(text);
  if (factory) {
    factories.delete(text);
  } else {
    if (factories.size >= maxCached) factories.delete(factories.keys().next().value as string);
    const file = `minispark-codegen/${name.replace(/[^\w-]+/g, '-')}-${compiled++}.js`;
    factory = new Script(text, { filename: file }).runInThisContext() as Factory;
  }
  factories.set(text, factory);
  return factory(...constants) as F;
}
