/** Owns: Ctrl-C and SIGTERM: the first asks the work to end and clean up, the second ends the process at once. */
import { EXIT } from './exit-codes.js';

export interface Interrupt {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal;
  /** Exit code that tells of the signal that came; null before. */
  code(): number | null;
  /** Gives the signals back. */
  release(): void;
}

/** `onFirst` hears of the first signal, to say so. */
export function catchInterrupts(onFirst: () => void): Interrupt {
  const controller = new AbortController();
  let code: number | null = null;
  const caught = (exitCode: number) => (): void => {
    if (code !== null) process.exit(exitCode);
    code = exitCode;
    onFirst();
    controller.abort();
  };
  const [onInt, onTerm] = [caught(EXIT.interrupted), caught(EXIT.terminated)];
  process.on('SIGINT', onInt);
  process.on('SIGTERM', onTerm);
  return {
    signal: controller.signal,
    code: () => code,
    release() {
      process.off('SIGINT', onInt);
      process.off('SIGTERM', onTerm);
    },
  };
}
