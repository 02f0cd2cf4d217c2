/** Owns: the name of the method by which an object says how it travels inside a function's captures (frontend/closures/portable.ts). */
export const PACK: unique symbol = Symbol.for('minispark.pack') as never;
