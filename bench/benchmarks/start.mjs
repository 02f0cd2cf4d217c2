/** How long the smallest job takes, command to prompt: three short files, and no bundle of the job cached. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { takeTurns } from '../compare.mjs';
import { ROOT, wordCount } from '../minispark.mjs';
import { peerWordCounts } from '../peers.mjs';
import { countWords, sortedLines } from '../word-counts.mjs';

const BOUNDS = [
  { master: 'local', seconds: 0.8 },
  { master: 'local-cluster[2,1]', seconds: 2 },
];

export const start = {
  name: 'start',
  title: 'jobs/wordcount.ts on three short files, no bundle cached',
  async run(context) {
    const data = join(ROOT, 'jobs', 'data');
    const names = readdirSync(data).filter((name) => name.endsWith('.txt'));
    const files = names.map((name) => join(data, name));
    const counts = await countWords(files, (line) => line.toLowerCase().split(/\W+/));
    counts.delete('');
    const expected = sortedLines(counts);
    const own = BOUNDS.map(({ master }) =>
      wordCount(context, { master, file: 'jobs/wordcount.ts', input: join(data, '*.txt'), expected, coldBundle: true }),
    );
    const rows = await takeTurns([...own, ...peerWordCounts(context, { words: 'word-characters', files, expected })], context);
    const checks = BOUNDS.map(({ master, seconds }, i) => ({
      what: `start on ${master}`,
      value: rows[i].wall,
      unit: 's',
      bound: `≤ ${seconds} s`,
      ok: rows[i].wall.median <= seconds,
    }));
    return { rows, checks };
  },
};
