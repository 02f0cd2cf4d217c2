/** Owns: what the right word counts are, by plain loops that share nothing with what is measured, and holding output against them. */
import { createReadStream, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Word → how often, over all lines of the files. */
export async function countWords(files, wordsOf) {
  const counts = new Map();
  const add = (line) => {
    for (const word of wordsOf(line)) counts.set(word, (counts.get(word) ?? 0) + 1);
  };
  for (const file of files) {
    let rest = '';
    for await (const text of createReadStream(file, { encoding: 'utf8', highWaterMark: 1 << 20 })) {
      const lines = (rest + text).split('\n');
      rest = lines.pop();
      lines.forEach(add);
    }
    if (rest !== '') add(rest);
  }
  return counts;
}

/** The most frequent first, words of one count in the order of their bytes (which for ASCII words is that of JavaScript). */
export function sortedLines(counts) {
  const rows = [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  return rows.map(([word, n]) => `${word}\t${n}`);
}

/** Lower-cased runs of letters: a space is no letter, so each word between spaces falls apart by itself. */
export function lettersOf(bySpace) {
  const counts = new Map();
  for (const line of bySpace) {
    const [text, n] = line.split('\t');
    for (const word of text.toLowerCase().split(/[^a-z]+/)) if (word !== '') counts.set(word, (counts.get(word) ?? 0) + Number(n));
  }
  return sortedLines(counts);
}

/** Throws at the first line of CSV output (`word,count`, a file or a directory of parts) that is not as expected. */
export function checkCounts(path, expected) {
  const files = statSync(path).isFile() ? [path] : partsOf(path);
  const lines = files.flatMap((file) => readFileSync(file, 'utf8').split(/\r?\n/)).filter((line) => line !== '');
  for (let i = 0; i < Math.max(lines.length, expected.length); i++) {
    const line = lines[i] === undefined ? 'nothing' : plainLine(lines[i]);
    const right = expected[i] ?? 'nothing';
    if (line !== right) throw new Error(`wrong answer in ${path}, row ${i + 1} of ${expected.length}: ${line} where ${right} is right`);
  }
}

function partsOf(directory) {
  const names = readdirSync(directory);
  if (!names.includes('_SUCCESS')) throw new Error(`wrong answer: ${directory} has no _SUCCESS`);
  const parts = names.filter((name) => name.startsWith('part-')).sort();
  return parts.map((name) => join(directory, name));
}

function plainLine(line) {
  const [, quoted, bare, n] = /^(?:"((?:[^"]|"")*)"|([^",]*)),(\d+)$/.exec(line) ?? [];
  return n === undefined ? line : `${quoted?.replaceAll('""', '"') ?? bare}\t${n}`;
}
