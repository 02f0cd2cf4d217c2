/**
 * Owns: the lines at the bottom of a terminal that are redrawn in place. Other output to the terminal passes above them whole:
 * the block steps aside for each write and comes back with the next redraw, once the writer has ended its line.
 */

import { cutColoured } from './columns.js';

/** What a terminal stream must offer; process.stderr does. */
export interface Terminal {
  write(text: string): boolean;
  readonly columns?: number;
  readonly rows?: number;
}

export interface LiveBlock {
  /** Replaces the block. Lines too long for the terminal are cut: one that wrapped would break the redrawing. */
  draw(lines: readonly string[]): void;
  clear(): void;
  /** Clears, shows the cursor again and lets go of the streams. */
  close(): void;
}

type Write = typeof process.stdout.write;

/** `others` are streams to the same terminal, whose writes the block steps aside for. */
export function openLiveBlock(terminal: Terminal, others: readonly { write: Write }[]): LiveBlock {
  let height = 0;
  let lineOpen = false;
  const clear = (): void => {
    if (height === 0) return;
    terminal.write(`\r\x1b[${height}A\x1b[0J\x1b[?25h`);
    height = 0;
  };
  const restore = others.map((stream) =>
    stepAside(stream, (text) => {
      clear();
      lineOpen = !text.endsWith('\n');
    }),
  );
  // A process that ends at once must not leave the terminal without its cursor.
  process.once('exit', clear);
  return {
    draw(lines) {
      if (lineOpen) return;
      if (lines.length === 0) {
        clear();
        return;
      }
      const width = (terminal.columns || 80) - 1;
      const up = height > 0 ? `\r\x1b[${height}A` : '\x1b[?25l';
      // One write a redraw, each line cleared to its end, then whatever a higher block left below: no flicker.
      terminal.write(`${up}${lines.map((line) => `${cutColoured(line, width)}\x1b[0K\n`).join('')}\x1b[0J`);
      height = lines.length;
    },
    clear,
    close() {
      clear();
      process.off('exit', clear);
      for (const undo of restore) undo();
    },
  };
}

function stepAside(stream: { write: Write }, before: (text: string) => void): () => void {
  const original = stream.write;
  const passing = function (this: unknown, ...args: Parameters<Write>): boolean {
    const [chunk] = args;
    before(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('latin1'));
    return original.apply(stream, args);
  } as Write;
  stream.write = passing;
  return () => {
    if (stream.write === passing) stream.write = original;
  };
}
