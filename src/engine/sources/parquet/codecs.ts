/** Owns: the compression of Parquet pages. Zstandard and LZ4 come from hyparquet-compressors, loaded only for files that need them. */
import * as zlib from 'node:zlib';
import { userError } from '../../../core/errors.js';
import { localPath } from '../fs.js';
import { snappyDecompress } from './snappy.js';

/** Gives exactly `size` bytes or throws an Error. */
export type Decompress = (input: Uint8Array, size: number) => Uint8Array;

/** parquet.thrift's CompressionCodec, in its order. */
const CODECS = ['UNCOMPRESSED', 'SNAPPY', 'GZIP', 'LZO', 'BROTLI', 'LZ4', 'ZSTD', 'LZ4_RAW'] as const;
export const UNCOMPRESSED = 0;
export const SNAPPY = 1;
export const GZIP = 2;
export const ZSTD = 6;

/** In Node from 22.15 on. */
type Zstd = { zstdDecompressSync?: (data: Uint8Array) => Buffer; zstdCompressSync?: (data: Uint8Array) => Buffer };
export const zstd: Zstd = zlib as Zstd;

/** The codecs of these numbers, by number. Throws UNSUPPORTED_COMPRESSION with the name of the file. */
export async function loadCodecs(codecs: Iterable<number>, uri: string): Promise<Map<number, Decompress>> {
  const loaded = new Map<number, Decompress>();
  for (const codec of codecs) if (!loaded.has(codec)) loaded.set(codec, checked(await load(codec, uri)));
  return loaded;
}

async function load(codec: number, uri: string): Promise<Decompress> {
  const name = CODECS[codec];
  switch (name) {
    case 'UNCOMPRESSED':
      return (input) => input;
    case 'SNAPPY':
      return snappyDecompress;
    case 'GZIP':
      return (input, size) => zlib.gunzipSync(input, { maxOutputLength: Math.max(1, size) });
    case 'BROTLI':
      return (input, size) => zlib.brotliDecompressSync(input, { maxOutputLength: Math.max(1, size) });
    case 'ZSTD':
      if (zstd.zstdDecompressSync !== undefined) return zstd.zstdDecompressSync;
      return fromPackage(name);
    case 'LZ4':
    case 'LZ4_RAW':
      return fromPackage(name);
    default:
      throw userError(
        'UNSUPPORTED_COMPRESSION',
        `The file '${localPath(uri)}' cannot be read: its pages are compressed with ${name ?? `codec ${codec}`}.`,
        {
          hint: 'Write the file with Snappy, Zstandard, gzip or LZ4_RAW',
        },
      );
  }
}

async function fromPackage(name: 'ZSTD' | 'LZ4' | 'LZ4_RAW'): Promise<Decompress> {
  const { compressors } = await import('hyparquet-compressors');
  return compressors[name] as Decompress;
}

function checked(decompress: Decompress): Decompress {
  return (input, size) => {
    const output = decompress(input, size);
    if (output.length !== size) throw new Error(`a page has ${output.length} bytes instead of ${size}`);
    // Columns must not lie over a Buffer: its slice() does not copy.
    return new Uint8Array(output.buffer, output.byteOffset, size);
  };
}
