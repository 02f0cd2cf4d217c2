/** Owns: which labs there are: the files of labs/ beside the package's sources, by name, and any file by its path. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { asMinisparkError, userError } from '../core/errors.js';
import { didYouMean } from '../core/nearest.js';
import { type Lab, parseLab } from './lab-file.js';
import { PACKAGE } from './package.js';

const LABS = join(PACKAGE, 'labs');
const EXTENSION = /\.ya?ml$/;

/** In order of their names. */
export function shippedLabs(): Lab[] {
  return labNames().map((name) => loadFile(join(LABS, `${name}.yaml`), false));
}

/** `writers`, or a path that ends in .yaml. Throws user errors UNKNOWN_LAB and INVALID_LAB. */
export function findLab(name: string, { quick }: { readonly quick: boolean }): Lab {
  if (EXTENSION.test(name)) {
    if (existsSync(name)) return loadFile(name, quick);
    throw userError('UNKNOWN_LAB', `There is no lab file ${name}.`);
  }
  const names = labNames();
  if (names.includes(name)) return loadFile(join(LABS, `${name}.yaml`), quick);
  const hint = didYouMean(name, names) || `There are ${names.join(', ')}; a lab of your own is named by its file: ${name}.yaml`;
  throw userError('UNKNOWN_LAB', `There is no lab '${name}'.`, { hint });
}

function labNames(): string[] {
  return readdirSync(LABS)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => name.slice(0, -'.yaml'.length))
    .sort();
}

function loadFile(path: string, quick: boolean): Lab {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw userError('UNKNOWN_LAB', `The lab file ${path} cannot be read: ${asMinisparkError(cause).message}`, { cause });
  }
  return parseLab(text, path, { quick });
}
