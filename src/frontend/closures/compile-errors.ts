/**
 * Owns: turning what esbuild and the parser complain about into one user error with a code frame for each fault.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decode } from '@jridgewell/sourcemap-codec';
import type { PartialMessage } from 'esbuild';
import { type CallSite, type MinisparkError, userError } from '../../core/errors.js';
import { didYouMean } from '../../core/nearest.js';
import { codeFrame, displayPath } from './code-frame.js';
import { segmentAt } from './mapped-text.js';
import type { TransformedModule } from './transform.js';

const MOST_SHOWN = 5;

interface Fault {
  readonly text: string;
  readonly site: CallSite | null;
  readonly frame: string;
  readonly hint: string;
}

/** esbuild's messages in whatever a build threw; anything else is thrown on. */
export function messagesOf(thrown: unknown): PartialMessage[] {
  if (thrown instanceof Error && 'errors' in thrown && Array.isArray(thrown.errors)) return thrown.errors as PartialMessage[];
  throw thrown;
}

/** `modules`: the user's files by path relative to `root`, which is also what the messages' locations are relative to. */
export function compileError(
  messages: readonly PartialMessage[],
  root: string,
  modules: ReadonlyMap<string, { readonly source: string; readonly transformed: TransformedModule | null }>,
  apiNames: readonly string[],
): MinisparkError {
  const faults = messages.map((message) => faultOf(message, root, modules, apiNames));
  const frames = faults.slice(0, MOST_SHOWN).map(({ text, frame }) => (faults.length > 1 ? `${text}\n${frame}` : frame));
  if (faults.length > MOST_SHOWN) frames.push(`… and ${faults.length - MOST_SHOWN} more`);
  const [first] = faults;
  const message = faults.length === 1 ? first.text : `The job has ${faults.length} faults.`;
  return userError('JOB_DOES_NOT_COMPILE', message, {
    site: first.site ?? undefined,
    frame: frames.join('\n\n'),
    hint: faults.find(({ hint }) => hint)?.hint || undefined,
  });
}

function faultOf(
  { text = '', location, notes = [] }: PartialMessage,
  root: string,
  modules: Parameters<typeof compileError>[2],
  apiNames: readonly string[],
): Fault {
  const wanted = /^No matching export in "minispark:minispark" for import "(.*)"$/.exec(text)?.[1];
  const said = wanted ? `minispark has no export '${wanted}'.` : /[.!?]$/.test(text) ? text : `${text}.`;
  const hint = wanted ? didYouMean(wanted, apiNames) : hintOf(text, notes);
  if (!location?.file) return { text: said, site: null, frame: '', hint };
  const module = modules.get(location.file);
  let { line = 1, column = 0 } = location;
  if (module?.transformed) {
    // The location is one of the text that esbuild was given.
    const segment = segmentAt(decode(module.transformed.mappings)[line - 1] ?? [], column);
    if (segment) [line, column] = [segment[2] + 1, segment[3]];
  }
  const source = module?.source ?? readFileSync(join(root, location.file), 'utf8');
  const site = { file: displayPath(root, location.file), line, column: column + 1 };
  return { text: said, site, frame: codeFrame(site.file, source, site.line, site.column), hint };
}

function hintOf(text: string, notes: NonNullable<PartialMessage['notes']>): string {
  const unresolved = /^Could not resolve "([^./][^"]*)"$/.exec(text)?.[1];
  if (unresolved) return `Install it next to the job: npm install ${unresolved}`;
  if (/^No loader is configured for "\.node" files/.test(text)) return 'Packages with native code cannot be bundled';
  const note = notes.find((said) => said.text !== undefined && !said.text.startsWith('The plugin '));
  return (note?.text ?? '').replace(/\.$/, '');
}
