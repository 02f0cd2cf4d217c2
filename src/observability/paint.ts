/** Owns: the few colours of the command line, and whether a stream gets them (a terminal that has colours, NO_COLOR and FORCE_COLOR obeyed). */

export interface Paint {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly red: (text: string) => string;
  readonly green: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly cyan: (text: string) => string;
}

const plain = (text: string): string => text;
const code =
  (open: number, close: number) =>
  (text: string): string =>
    `\x1b[${open}m${text}\x1b[${close}m`;

export const NO_PAINT: Paint = { bold: plain, dim: plain, red: plain, green: plain, yellow: plain, cyan: plain };

const COLOURS: Paint = {
  bold: code(1, 22),
  dim: code(2, 22),
  red: code(31, 39),
  green: code(32, 39),
  yellow: code(33, 39),
  cyan: code(36, 39),
};

export interface MaybeTerminal {
  readonly isTTY?: boolean;
  hasColors?(): boolean;
}

export function paintFor(stream: MaybeTerminal): Paint {
  return stream.isTTY && stream.hasColors?.() ? COLOURS : NO_PAINT;
}
