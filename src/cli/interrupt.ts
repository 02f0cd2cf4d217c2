/** Owns: Ctrl-C and SIGTERM: the first asks the work to end and clean up, the second ends the process at once. */
import { CommandEnd, EXIT } from './exit-codes.js';

export interface Interrupt {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal;
  /** The end of the command, with the exit code that tells of the signal which came: to be thrown for whatever its work throws. Null before. */
  end(): CommandEnd | null;
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
    end: () => (code === null ? null : new CommandEnd(code)),
    release() {
      process.off('SIGINT', onInt);
      process.off('SIGTERM', onTerm);
    },
  };
}
