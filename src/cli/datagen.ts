/** Owns: `minispark datagen`: made-up data in files, the same bytes for the same arguments on every machine. */
import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { parseBytes } from '../core/config.js';
import { formatBytes, formatDuration, formatRate } from '../core/units.js';
import { DATASET_KINDS, type DatasetKind, writeDataset } from '../lab/dataset.js';
import { openLiveBlock } from '../observability/live-block.js';
import { paintFor } from '../observability/paint.js';
import { catchInterrupts } from './interrupt.js';
import { wholeNumber } from './serve.js';

interface DatagenOptions {
  readonly size: number;
  readonly seed: number;
  readonly skew: number;
  readonly out: string;
  readonly files?: number;
  readonly overwrite?: boolean;
}

/** One file for so many bytes, unless --files tells otherwise. */
const FILE_BYTES = 64 << 20;
const REDRAW_MS = 100;

export function datagenCommand(): Command {
  return new Command('datagen')
    .description(
      'Write made-up data: text (prose, for word counts), events (clicks of a web shop as JSON lines) or skewed (CSV rows with uneven keys).',
    )
    .addArgument(new Argument('<kind>', 'what to write').choices(DATASET_KINDS))
    .requiredOption('--out <dir>', 'directory to make')
    .addOption(new Option('--size <bytes>', 'how much, such as 100m or 1g').argParser(byteSize).default(100 << 20, '100m'))
    .option('--seed <number>', 'another seed gives other data', wholeNumber(0, Number.MAX_SAFE_INTEGER), 42)
    .option('--files <count>', 'how many files (default: one for each 64 MiB)', wholeNumber(1, 100_000))
    .option('--skew <s>', 'skewed only: the key of rank r has a share in proportion to 1/r^s; 0 is even', skewNumber, 1)
    .option('--overwrite', 'replace what is there')
    .option('-v, --verbose', 'show stacks of errors')
    .action(generate);
}

async function generate(kind: DatasetKind, options: DatagenOptions): Promise<void> {
  const { size, out } = options;
  const paint = paintFor(process.stderr);
  const start = performance.now();
  const block = process.stderr.isTTY ? openLiveBlock(process.stderr, [process.stdout]) : null;
  const interrupt = catchInterrupts(() => {});
  let drawn = start;
  try {
    const { bytes, files } = await writeDataset({
      kind,
      size,
      seed: options.seed,
      skew: options.skew,
      out,
      files: options.files ?? Math.ceil(size / FILE_BYTES),
      overwrite: options.overwrite ?? false,
      signal: interrupt.signal,
      onBytes(written) {
        const now = performance.now();
        if (block === null || now - drawn < REDRAW_MS) return;
        drawn = now;
        block.draw([`${paint.bold(kind)} ${formatBytes(written)} of ${formatBytes(size)} ${paint.dim(formatRate(written, now - start))}`]);
      },
    });
    block?.close();
    const ms = performance.now() - start;
    const count = files === 1 ? '1 file' : `${files} files`;
    process.stdout.write(`${out}: ${formatBytes(bytes)} of ${kind} in ${count}, ${formatDuration(ms)} (${formatRate(bytes, ms)})\n`);
  } catch (thrown) {
    throw interrupt.end() ?? thrown;
  } finally {
    block?.close();
    interrupt.release();
  }
}

function byteSize(text: string): number {
  const bytes = parseBytes(text);
  if (Number.isNaN(bytes)) throw new InvalidArgumentError('It takes bytes such as 64m or 1g.');
  return bytes;
}

function skewNumber(text: string): number {
  const skew = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (skew >= 0 && skew <= 4) return skew;
  throw new InvalidArgumentError('It takes a number from 0 to 4.');
}
