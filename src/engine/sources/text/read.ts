/** Owns: text files: each line a row of the one string column `value`; with option `wholetext` each file a row. Bytes stay as they are. */
import { allocInt32, allocInt64 } from '../../../data/alloc.js';
import type { Batch, Column } from '../../../data/batch.js';
import type { ScanFile } from '../../../frontend/plan/resolved.js';
import { FormatOptions } from '../options.js';
import { Projection } from '../projection.js';
import { type Block, mapBlocks, readBlocks } from '../record-blocks.js';
import { type Batches, type Options, type ReadRequest, type Source, type Split, TEXT_SCHEMA } from '../source.js';
import { cutLines } from '../splits.js';
import { LineSqueezer } from './lines.js';

const OPTIONS = ['wholetext'];
/** Two of these fit a core's second-level cache with the tables that their rows go to: larger ones are read from memory. */
const BLOCK_BYTES = 256 << 10;

export const textSource: Source = {
  format: 'text',
  async inferSchema(_files, options) {
    isWhole(options);
    return TEXT_SCHEMA;
  },
  planSplits(files, options, splitBytes) {
    return isWhole(options) ? files.map(wholeSplit) : cutLines(files, splitBytes);
  },
  readSplit(split, request) {
    return isWhole(request.options) ? readWhole(split, request) : readLines(split, request);
  },
};

const isWhole = (options: Options): boolean => new FormatOptions('text', options, OPTIONS).flag('wholetext');

const wholeSplit = ({ uri, bytes, values }: ScanFile): Split => ({ uri, start: 0, end: bytes, values });

function readLines(split: Split, request: ReadRequest): Batches {
  const projection = new Projection(split, request);
  const squeezer = new LineSqueezer(projection.wantsOffset);
  const blocks = readBlocks(split, request, Math.min(request.batchBytes, BLOCK_BYTES));
  return mapBlocks(blocks, (block) => blockBatches(block, squeezer, projection, request));
}

function* blockBatches(block: Block, squeezer: LineSqueezer, projection: Projection, request: ReadRequest): Generator<Batch> {
  const rows = squeezer.squeeze(block);
  request.metrics.inputRows += rows;
  for (let from = 0; from < rows; from += request.batchRows) {
    const to = Math.min(rows, from + request.batchRows);
    const lines = bytesColumn(block.buffer, squeezer.offsets.slice(from, to + 1));
    const starts = squeezer.starts === null ? null : int64Column(squeezer.starts.subarray(from, to));
    yield projection.batch(
      projection.fields.map(() => lines),
      to - from,
      starts,
    );
  }
}

const bytesColumn = (data: Uint8Array, offsets: Int32Array): Column => ({
  layout: 'bytes',
  length: offsets.length - 1,
  validity: null,
  offsets,
  data,
});

function int64Column(numbers: Float64Array): Column {
  const values = allocInt64(numbers.length);
  for (let i = 0; i < numbers.length; i++) values[i] = BigInt(numbers[i]);
  return { layout: 'fixed', length: numbers.length, validity: null, values };
}

function readWhole(split: Split, request: ReadRequest): Batches {
  const projection = new Projection(split, request);
  const oneRow = (data: Uint8Array, start: number, end: number): Batch => {
    const offsets = allocInt32(2);
    offsets.set([start, end]);
    request.metrics.inputRows++;
    return projection.batch(
      projection.fields.map(() => bytesColumn(data, offsets)),
      1,
      int64Column(new Float64Array(1)),
    );
  };
  if (split.end === 0) return [oneRow(new Uint8Array(0), 0, 0)];
  // No end of a record but the end of the file: one block.
  const blocks = readBlocks(split, request, split.end + 1, () => -1);
  return mapBlocks(blocks, (block) => [oneRow(block.buffer, block.start, block.end)]);
}
