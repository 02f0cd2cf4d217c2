/** The contract of the shuffle writers with hundreds of damaged positions, all cuts, and files of 2,048 partitions. */
import { SHUFFLE_WRITERS } from '../../src/core/config.js';
import { describeWriter } from '../runtime/shuffle/writer-contract.js';

for (const writer of SHUFFLE_WRITERS) for (const codec of [null, 'lz4', 'zstd'] as const) describeWriter(writer, codec, true);
