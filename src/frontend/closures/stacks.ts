/**
 * Owns: from places in a bundle to places in the user's files, for stacks of errors and for call sites of API calls.
 * Stacks travel raw and are mapped on the driver, so workers hold no source map.
 */
import { basename, dirname, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decode, type SourceMapMappings } from '@jridgewell/sourcemap-codec';
import type { CallSite } from '../../core/errors.js';
import { codeFrame, displayPath } from './code-frame.js';
import type { JobBundle } from './function-info.js';
import { segmentAt } from './mapped-text.js';

interface SourceMap {
  readonly text: string;
  readonly sources: readonly string[];
  readonly mappings: SourceMapMappings;
}

/** Decoding takes about as long as mapping a stack; nearly always it is the same bundle again. */
let lastMap: SourceMap | null = null;

function readMap(text: string): SourceMap {
  if (lastMap?.text === text) return lastMap;
  const { sources, mappings } = JSON.parse(text) as { sources: string[]; mappings: string };
  lastMap = { text, sources, mappings: decode(mappings) };
  return lastMap;
}

/** `file` as the map names it: relative to the bundle's root. */
function mapPosition(map: SourceMap, line: number, column: number): CallSite | null {
  const segment = segmentAt(map.mappings[line - 1] ?? [], column - 1);
  return segment ? { file: map.sources[segment[1]], line: segment[2] + 1, column: segment[3] + 1 } : null;
}

/**
 * `stack` with each place in the bundle replaced by the place in the file that it was made from.
 * Bundles are known by their file name, so a stack from another machine maps too.
 */
export function mapStack(stack: string, bundle: JobBundle): string {
  const name = basename(bundle.path).replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return stack.replace(new RegExp(`[^\\s()]*${name}:(\\d+):(\\d+)`, 'g'), (all: string, line: string, column: string) => {
    const site = mapPosition(readMap(bundle.map), Number(line), Number(column));
    return site ? `${displayPath(bundle.root, site.file)}:${site.line}:${site.column}` : all;
  });
}

/** The first place of `stack` that lies in a file of the user's own, as a person here would name it; null where there is none. */
export function userFrame(stack: string, bundle: JobBundle): CallSite | null {
  for (const frame of framesOf(stack)) {
    const site = userSite(frame, bundle);
    if (site) return site;
  }
  return null;
}

/** The source lines around a place that `userFrame` gave, with `note` under its column; null where the bundle does not hold the file. */
export function frameAt(site: CallSite, bundle: JobBundle, note: string): string | null {
  for (const [file, source] of bundle.sources) {
    if (displayPath(bundle.root, file) === site.file) return codeFrame(site.file, source, site.line, site.column, note);
  }
  return null;
}

function userSite(frame: CallSite, bundle: JobBundle): CallSite | null {
  if (basename(frame.file) !== basename(bundle.path)) return null;
  const site = mapPosition(readMap(bundle.map), frame.line, frame.column);
  return site && bundle.sources.has(site.file) ? { ...site, file: displayPath(bundle.root, site.file) } : null;
}

const loaded = new Map<string, JobBundle>();

/** From now on `firstUserFrame` knows the bundle. */
export function rememberBundle(bundle: JobBundle): void {
  loaded.set(basename(bundle.path), bundle);
}

/**
 * The user's place on a stack: in a bundle that was loaded here the place in its sources; in a plain script or test the first place outside
 * of minispark, Node and packages. Fit for `installSiteResolver` of core/call-site.ts.
 */
export function firstUserFrame(stack: string): CallSite | null {
  for (const frame of framesOf(stack)) {
    const bundle = loaded.get(basename(frame.file));
    if (bundle) {
      const site = userSite(frame, bundle);
      if (site) return site;
    } else if (!frame.file.startsWith(OWN_CODE) && !frame.file.includes(`${sep}node_modules${sep}`)) {
      return { ...frame, file: displayPath('.', frame.file) };
    }
  }
  return null;
}

/** The stack here, deep enough to reach the user's own code through the API. */
export function longStack(): string {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 40;
  const { stack } = new Error();
  Error.stackTraceLimit = limit;
  return stack ?? '';
}

/** `src/` when run from sources, else the directory of the bundled files, which all lie beside each other. */
const OWN_CODE = ownDirectory(dirname(fileURLToPath(import.meta.url)));

function ownDirectory(here: string): string {
  return (here.endsWith(`${sep}src${sep}frontend${sep}closures`) ? resolve(here, '../..') : here) + sep;
}

/** The frames of a V8 stack that lie in files; places inside of Node are left out. */
function framesOf(stack: string): CallSite[] {
  const frames: CallSite[] = [];
  for (const line of stack.split('\n')) {
    const match = /^\s+at (?:.*? \((.*)\)|(?:async )?(.*))$/.exec(line);
    const place = /^(.*):(\d+):(\d+)$/.exec(match?.[1] ?? match?.[2] ?? '');
    if (!place || place[1].startsWith('node:')) continue;
    const file = place[1].startsWith('file:') ? fileURLToPath(place[1]) : place[1];
    frames.push({ file, line: Number(place[2]), column: Number(place[3]) });
  }
  return frames;
}
