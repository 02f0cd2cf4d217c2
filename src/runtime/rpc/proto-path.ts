/**
 * Owns: where the .proto files lie: beside package.json of the package named minispark, above this very file.
 * So it works from src/ (tests) and from dist/ (bundled, any depth).
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fatalError } from '../../core/errors.js';

let root: string | null = null;

/** Absolute path of `proto/<file>`. Throws INTERNAL_ERROR where the package was torn apart. */
export function protoPath(file: string): string {
  root ??= packageRoot(dirname(fileURLToPath(import.meta.url)));
  return join(root, 'proto', file);
}

/** The nearest directory at or above `from` whose package.json is named minispark. */
export function packageRoot(from: string): string {
  for (let directory = from; ; directory = dirname(directory)) {
    const manifest = join(directory, 'package.json');
    if (existsSync(manifest) && (JSON.parse(readFileSync(manifest, 'utf8')) as { name?: string }).name === 'minispark') return directory;
    if (dirname(directory) === directory) {
      throw fatalError('INTERNAL_ERROR', `No package.json of minispark lies above ${from}.`, {
        hint: 'Keep dist/ and proto/ inside the installed package',
      });
    }
  }
}
