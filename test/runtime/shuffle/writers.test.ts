import { SHUFFLE_WRITERS } from '../../../src/core/config.js';
import { describeWriter } from './writer-contract.js';

for (const writer of SHUFFLE_WRITERS) for (const codec of [null, 'lz4', 'zstd'] as const) describeWriter(writer, codec);
