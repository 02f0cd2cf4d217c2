/** Owns: which codec a job's shuffle blocks are compressed by, and that it is ready in a thread before blocks are written or read. */
import type { Config } from '../../core/config.js';
import { type CodecName, loadCodec } from '../../data/codec.js';

export function shuffleCodec(config: Config): CodecName | null {
  const name = config.get('shuffle.codec');
  return name === 'none' ? null : (name as CodecName);
}

export async function prepareCodec(config: Config): Promise<void> {
  const codec = shuffleCodec(config);
  if (codec !== null) await loadCodec(codec);
}
