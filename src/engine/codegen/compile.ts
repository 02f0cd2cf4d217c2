/**
 * Owns: source text → function, once a thread: the same text is one function, optimised once, whatever constants it is given with each call.
 * It is the function itself that is kept, and not what makes one: V8 drops optimised code with the last function that has it.
 */
import { Script } from 'node:vm';

type Compiled = (constants: readonly unknown[], ...args: never[]) => unknown;

/** In order of last use, oldest first. */
const functions = new Map<string, Compiled>();
let compiled = 0;

/** `text` is what CodeEmitter.finish gives. A debugger shows it under `minispark-codegen/<name>-<n>.js`. */
export function instantiate<F>(text: string, name: string, constants: readonly unknown[], maxCached: number): F {
  let run = functions.get(text);
  if (run) {
    functions.delete(text);
  } else {
    while (functions.size >= maxCached) functions.delete(functions.keys().next().value as string);
    const file = `minispark-codegen/${name.replace(/[^\w-]+/g, '-')}-${compiled++}.js`;
    run = new Script(text, { filename: file }).runInThisContext() as Compiled;
  }
  functions.set(text, run);
  return run.bind(null, constants) as F;
}
