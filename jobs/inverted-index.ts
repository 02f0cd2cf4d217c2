/**
 * Where each word stands, as file:offset of its lines: `minispark submit jobs/inverted-index.ts --input 'jobs/data/*.txt' --output out/index`.
 * Shows what a mapper may know of its place: the file and the byte at which a line begins.
 */
import { mapReduce } from 'minispark';

/** The shortest words stand everywhere and help nobody. */
const SHORTEST = 4;

export default mapReduce<string, [file: string, offset: number], string, string>({
  map(line, emit, { fileName = '', offset = 0 }) {
    const file = fileName.slice(fileName.lastIndexOf('/') + 1);
    const words = new Set(line.toLowerCase().split(/\W+/));
    for (const word of words) if (word.length >= SHORTEST) emit(word, [file, offset]);
  },
  reduce(word, places, emit) {
    const sorted = [...places].sort(([a, i], [b, j]) => (a === b ? i - j : a < b ? -1 : 1));
    emit(word, sorted.map(([file, offset]) => `${file}:${offset}`).join(' '));
  },
});
