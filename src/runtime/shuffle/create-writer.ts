/** Owns: which writer a strategy's name stands for. */
import type { FileLayout } from './file-layout.js';
import { createPartitionFilesWriter } from './partition-files-writer.js';
import { createSortWriter } from './sort-writer.js';
import type { BlockWriter, WriterOptions } from './writer.js';

export function createShuffleWriter(options: WriterOptions, layout: FileLayout): BlockWriter {
  return layout.writer === 'sort' ? createSortWriter(options) : createPartitionFilesWriter(options, layout);
}
