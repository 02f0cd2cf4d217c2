/** Owns: the Parquet source as the registry knows it. The reader itself is loaded at first use: a job over text should not wait for it. */
import type { Source } from '../source.js';
import { cutFiles } from '../splits.js';

export const parquetSource: Source = {
  format: 'parquet',
  async inferSchema(files, options) {
    const { parquetSchema } = await import('./read.js');
    return parquetSchema(files, options);
  },
  planSplits(files, _options, splitBytes) {
    return cutFiles(files, splitBytes);
  },
  async *readSplit(split, request) {
    const { readParquet } = await import('./read.js');
    yield* readParquet(split, request);
  },
  async statistics(files) {
    const { parquetStatistics } = await import('./read.js');
    return parquetStatistics(files);
  },
};
