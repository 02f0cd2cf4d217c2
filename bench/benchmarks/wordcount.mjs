/** Counting words between single spaces, against other engines on as many threads. */
import { ratioCheck, ratioOf, takeTurns } from '../compare.mjs';
import { wordCount } from '../minispark.mjs';
import { peerWordCounts } from '../peers.mjs';

export const wordcount = {
  name: 'wordcount',
  title: 'word count, split on one space',
  async run(context) {
    const { directory, files, bySpace } = await context.text(context.size);
    const own = (master) => wordCount(context, { master, input: directory, expected: bySpace });
    const rows = await takeTurns(
      [own('local[2]'), own('local-cluster[2,1]'), ...peerWordCounts(context, { words: 'spaces', files, expected: bySpace })],
      context,
    );
    const [local, cluster, ...peers] = rows;
    return {
      rows,
      checks: [
        ratioCheck('local-cluster[2,1] / local[2]', ratioOf(cluster, local), 1.3),
        ...peers.map((peer) => ratioCheck(`local[2] / ${peer.name}`, ratioOf(local, peer), peer.name.startsWith('duckdb') ? 1 : undefined)),
      ],
    };
  },
};
