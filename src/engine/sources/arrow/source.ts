/** Owns: the Arrow source as the registry knows it: IPC files and streams, one split a file. The reader is loaded at first use. */
import type { Source } from '../source.js';
import { wholeFiles } from '../splits.js';

export const arrowSource: Source = {
  format: 'arrow',
  async inferSchema(files, options) {
    const { arrowSchema } = await import('./read.js');
    return arrowSchema(files, options);
  },
  planSplits(files) {
    return wholeFiles(files);
  },
  async *readSplit(split, request) {
    const { readArrow } = await import('./read.js');
    yield* readArrow(split, request);
  },
};
