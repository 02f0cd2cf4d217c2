/** Owns: making a directory and those above it. Node's own recursive way never ends where a parent says ENOENT, as below /proc. */
import { mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** Directories that exist stay as they are. Throws what mkdir throws: EACCES, ENOENT, ENOTDIR, EEXIST where a file has the name, … */
export function makeDirectories(path: string, mode?: number): void {
  const missing: string[] = [];
  for (let at = resolve(path); !made(at, mode); at = dirname(at)) missing.push(at);
  for (const below of missing.reverse()) {
    // Its parent exists now: whatever is wrong is the answer, but for someone who was faster.
    if (!made(below, mode)) mkdirSync(below, { mode });
  }
}

/** Whether the directory is there; false where its parent is missing. */
function made(path: string, mode: number | undefined): boolean {
  try {
    mkdirSync(path, { mode });
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') {
      // A directory is taken as it is, a file is refused (EEXIST), and recursive mkdir tells them apart without a race.
      mkdirSync(path, { recursive: true, mode });
      return true;
    }
    if (code !== 'ENOENT' || dirname(path) === path) throw error;
    return false;
  }
}
