/** Owns: which reader and which writer serve a format. */
import { userError } from '../../core/errors.js';
import { didYouMean } from '../../core/nearest.js';
import type { Source } from './source.js';
import { textSource } from './text/read.js';

const SOURCES: Readonly<Record<string, Source>> = { text: textSource };

/** Throws a user error UNKNOWN_FORMAT. */
export function sourceOf(format: string): Source {
  if (Object.hasOwn(SOURCES, format)) return SOURCES[format];
  const known = Object.keys(SOURCES);
  throw userError('UNKNOWN_FORMAT', `There is no file format '${format}'.`, {
    hint: didYouMean(format, known) || `Formats: ${known.join(', ')}.`,
  });
}
