/**
 * Owns: Arrow's two body codecs, LZ4 frames and Zstandard, behind one pair of calls. Receives a codec's name or its number in Arrow's
 * BodyCompression; libraries are loaded by `loadCodec`, since most threads never need one, and used synchronously from then on.
 */
import { fatalError } from '../core/errors.js';
import { corruptBlock } from './flatbuffer.js';

export type CodecName = 'lz4' | 'zstd';

export interface Codec {
  /** As Arrow's BodyCompression numbers it. */
  readonly id: 0 | 1;
  compress(bytes: Uint8Array): Uint8Array;
  /** What was compressed. Throws whatever the library does for bytes that are none of its own. */
  decompress(bytes: Uint8Array): Uint8Array;
}

const NAMES: readonly CodecName[] = ['lz4', 'zstd'];
const loaded = new Map<CodecName, Codec>();

/** Makes a codec ready in this thread. */
export async function loadCodec(name: CodecName): Promise<void> {
  if (!loaded.has(name)) loaded.set(name, name === 'lz4' ? await loadLz4() : await loadZstd());
}

/** A codec that was loaded. */
export function codecNamed(name: CodecName): Codec {
  const codec = loaded.get(name);
  if (!codec) throw fatalError('INTERNAL_ERROR', `The codec ${name} was not loaded in this thread.`);
  return codec;
}

/** The codec of a number that a message gave. Throws CORRUPT_BLOCK for numbers that Arrow has not given out. */
export function codecNumbered(id: number): Codec {
  const name = NAMES[id];
  if (name === undefined) throw corruptBlock(`its buffers are compressed by codec ${id}, which nobody knows`);
  return codecNamed(name);
}

async function loadLz4(): Promise<Codec> {
  const { compressFrameSync, decompressFrameSync } = await import('lz4-napi');
  return { id: 0, compress: (bytes) => compressFrameSync(bufferOf(bytes)), decompress: (bytes) => decompressFrameSync(bufferOf(bytes)) };
}

/** The fastest level: a shuffle block is read once. */
const ZSTD_LEVEL = 1;

async function loadZstd(): Promise<Codec> {
  const zstd = await import('@bokuweb/zstd-wasm');
  await zstd.init();
  return { id: 1, compress: (bytes) => zstd.compress(bytes, ZSTD_LEVEL), decompress: (bytes) => zstd.decompress(bytes) };
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
