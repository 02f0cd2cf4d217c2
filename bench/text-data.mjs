/** Owns: the text that is counted and the counts that are right: made once, kept in the data directory. */
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { measure } from './measure.mjs';
import { COMMAND, ROOT } from './minispark.mjs';
import { countWords, lettersOf, sortedLines } from './word-counts.mjs';

const SEED = '42';

/** `{directory, files, bytes, size, bySpace, byLetters}`; the last two are lines `word<TAB>count`, the most frequent word first. */
export async function prepareText(size, dataDir) {
  const directory = join(dataDir, `text-${size}-${SEED}`);
  const counts = `${directory}.counts.tsv`;
  if (!existsSync(directory)) {
    console.error(`making ${size} of text in ${directory}`);
    rmSync(counts, { force: true });
    await measure(process.execPath, [COMMAND, 'datagen', 'text', '--size', size, '--seed', SEED, '--out', directory], { cwd: ROOT });
  }
  const files = readdirSync(directory).map((name) => join(directory, name));
  if (!existsSync(counts)) {
    console.error('counting its words the plain way, once');
    writeFileSync(`${counts}.part`, sortedLines(await countWords(files, (line) => line.split(' '))).join('\n'));
    renameSync(`${counts}.part`, counts);
  }
  const bySpace = readFileSync(counts, 'utf8').split('\n');
  const bytes = files.reduce((sum, file) => sum + statSync(file).size, 0);
  return { directory, files, bytes, size, bySpace, byLetters: lettersOf(bySpace) };
}
