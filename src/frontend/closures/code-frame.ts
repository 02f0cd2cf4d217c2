/**
 * Owns: how a place in a user's file is shown: the lines around it with a caret, and the file as a person at this terminal would name it.
 */
import { isAbsolute, relative, resolve } from 'node:path';

/** `file:line:column`, then the line itself between its neighbours, with a caret and `note` under the column (both count from 1). */
export function codeFrame(file: string, source: string, line: number, column: number, note = ''): string {
  const lines = source.split(/\r?\n/);
  if (lines.length > 1 && lines[lines.length - 1] === '') lines.pop();
  const width = String(Math.min(line + 1, lines.length)).length;
  const row = (n: number): string[] => {
    const text = lines[n - 1];
    return text === undefined ? [] : [`${n === line ? '>' : ' '} ${String(n).padStart(width)} | ${text}`.trimEnd()];
  };
  // Tabs stay tabs, so that the caret stands under its character.
  const indent = (lines[line - 1] ?? '').slice(0, column - 1).replace(/[^\t]/g, ' ');
  const caret = `  ${' '.repeat(width)} | ${indent}^ ${note}`.trimEnd();
  return [`${file}:${line}:${column}`, ...row(line - 1), ...row(line), caret, ...row(line + 1)].join('\n');
}

/** `path` relative to the current directory when it lies there, else absolute. */
export function displayPath(root: string, path: string): string {
  const absolute = resolve(root, path);
  const near = relative(process.cwd(), absolute);
  return near.startsWith('..') || isAbsolute(near) ? absolute : near;
}
