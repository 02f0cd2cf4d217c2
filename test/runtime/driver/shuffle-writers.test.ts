/** The three shuffle writers under whole jobs, in task threads: a key for all exchanges, an option for one, the same answers. */
import { expect, test } from 'vitest';
import { SHUFFLE_WRITERS } from '../../../src/core/config.js';
import { col, count, Session, sum } from '../../../src/index.js';

const expected = Array.from({ length: 17 }, (_, k) => {
  const ids = Array.from({ length: 5000 }, (_, id) => id).filter((id) => id % 17 === k);
  return { k: BigInt(k), n: BigInt(ids.length), s: BigInt(ids.reduce((a, b) => a + b, 0)) };
});

/** Each codec with another writer for the exchanges that name none. */
const SESSIONS = [
  { writer: 'sort', codec: 'none' },
  { writer: 'hash', codec: 'lz4' },
  { writer: 'consolidated', codec: 'zstd' },
];

test.each(SESSIONS)('all writers by option, the $writer writer by key, codec $codec', async ({ writer, codec }) => {
  const spark = await Session.builder()
    .master('local[2]')
    .config('shuffle.writer', writer)
    .config('shuffle.codec', codec)
    .config('shuffle.partitions', '5')
    .getOrCreate();
  try {
    for (const partitions of [7, 50]) {
      for (const option of SHUFFLE_WRITERS) {
        const rows = await spark
          .range(0, 5000, 1, 3)
          .repartition(partitions, 'id', { writer: option })
          .groupBy(col('id').mod(17).as('k'))
          .agg(count().as('n'), sum('id').as('s'))
          .orderBy('k')
          .collect();
        expect(rows).toEqual(expected);
      }
    }
  } finally {
    await spark.stop();
  }
});

test('unknown writers and options are refused where they are written', async () => {
  const spark = await Session.builder().master('local').getOrCreate();
  try {
    const site = expect.objectContaining({ file: expect.stringContaining('shuffle-writers.test.ts') });
    expect(() => spark.range(9).repartition(2, { writer: 'hsah' as 'hash' })).toThrow(
      expect.objectContaining({ condition: 'INVALID_ARGUMENT', hint: 'Did you mean hash?', site }),
    );
    expect(() => spark.range(9).repartition(2, { wrtier: 'hash' } as never)).toThrow(
      expect.objectContaining({ condition: 'INVALID_ARGUMENT', hint: 'Did you mean writer?', site }),
    );
    expect(() => spark.range(9).repartition(2, { writer: 'hash' }, 'id')).toThrow(
      expect.objectContaining({ condition: 'INVALID_ARGUMENT', message: 'repartition() takes names, columns, and options last.', site }),
    );
    await expect(Session.builder().master('local').config('shuffle.writer', 'sorted').getOrCreate()).rejects.toMatchObject({
      condition: 'INVALID_CONFIG',
    });
  } finally {
    await spark.stop();
  }
});
