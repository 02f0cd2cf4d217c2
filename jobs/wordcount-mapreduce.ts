/** Counts words with map and reduce: `minispark submit jobs/wordcount-mapreduce.ts --input 'jobs/data/*.txt' --output out/counts --reducers 4`. */
import { mapReduce } from 'minispark';

function sum(numbers: Iterable<number>): number {
  let total = 0;
  for (const n of numbers) total += n;
  return total;
}

export default mapReduce<string, number>({
  map(line, emit) {
    for (const word of line.toLowerCase().split(/\W+/)) if (word !== '') emit(word, 1);
  },
  // Runs before the shuffle, so that each map task sends a word once.
  combine: (_word, counts) => sum(counts),
  reduce: (word, counts, emit) => emit(word, sum(counts)),
});
