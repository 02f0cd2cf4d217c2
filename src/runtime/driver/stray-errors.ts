/** Owns: what goes wrong in a job beside what its main function awaits: promises that nobody awaits, timers that throw. */

export interface StrayErrors {
  /** Rejects with the first one. */
  readonly first: Promise<never>;
  found(): { readonly thrown: unknown } | null;
  /** From now on Node ends the process for them, as it does. */
  release(): void;
}

export function catchStrayErrors(): StrayErrors {
  let found: { readonly thrown: unknown } | null = null;
  let reject = (_: unknown): void => {};
  const first = new Promise<never>((_, fail) => {
    reject = fail;
  });
  first.catch(() => {});
  const note = (thrown: unknown): void => {
    found ??= { thrown };
    reject(thrown);
  };
  process.on('unhandledRejection', note);
  process.on('uncaughtException', note);
  return {
    first,
    found: () => found,
    release() {
      process.off('unhandledRejection', note);
      process.off('uncaughtException', note);
    },
  };
}
