/** Owns: how an error looks to the person who called: the message, the place in their file, what to do next. Stacks only where asked for. */
import { readFileSync } from 'node:fs';
import type { CallSite, MinisparkError } from '../core/errors.js';
import { codeFrame, displayPath } from '../frontend/closures/code-frame.js';
import type { Paint } from '../observability/paint.js';

/** Paragraphs, ending in a newline: `error: message [CONDITION]`, the code frame, `hint: …`, and with `verbose` the stacks of it and its causes. */
export function errorText(error: MinisparkError, options: { readonly paint: Paint; readonly verbose: boolean }): string {
  const { paint, verbose } = options;
  const internal = error.condition === 'INTERNAL_ERROR';
  const [first, ...rest] = error.message.split('\n');
  const title = `${paint.red(paint.bold('error:'))} ${first} ${paint.dim(`[${error.condition}]`)}`;
  const paragraphs = [[title, ...rest].join('\n')];
  const frame = error.frame ?? (error.site ? frameOf(error.site) : undefined);
  if (frame !== undefined) paragraphs.push(paintFrame(frame, paint));
  const hint = error.hint ?? (internal && !verbose ? 'This is a fault of minispark. --verbose shows where it happened.' : undefined);
  if (hint !== undefined) paragraphs.push(`${paint.cyan('hint:')} ${hint}`);
  if (verbose) paragraphs.push(...stacks(error).map((stack) => paint.dim(stack)));
  return `${paragraphs.join('\n\n')}\n`;
}

/** The lines around the place; the place alone where the file is not to be had. */
function frameOf(site: CallSite): string {
  const path = displayPath(process.cwd(), site.file);
  try {
    return codeFrame(path, readFileSync(site.file, 'utf8'), site.line, site.column);
  } catch {
    return `${path}:${site.line}:${site.column}`;
  }
}

/** Indented; the marked line and its caret stand out, the rest steps back. */
function paintFrame(frame: string, paint: Paint): string {
  return frame
    .split('\n')
    .map((line, i) => {
      if (line.trim() === '') return '';
      if (i === 0) return `  ${paint.cyan(line)}`;
      if (line.startsWith('>')) return `  ${paint.bold(line)}`;
      if (/^\s+\| *\t*\s*\^/.test(line)) return `  ${paint.red(line)}`;
      return `  ${paint.dim(line)}`;
    })
    .join('\n');
}

function stacks(error: MinisparkError): string[] {
  const found: string[] = [];
  for (let cause: unknown = error; cause !== undefined && found.length < 10; ) {
    const stack = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
    if (!found.includes(stack)) found.push(stack);
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return found.map((stack, i) => (i === 0 ? stack : `caused by: ${stack}`));
}
