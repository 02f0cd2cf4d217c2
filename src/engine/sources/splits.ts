/** Owns: cutting files into splits of nearly equal size. What a cut means for records is the readers' business. */
import type { ScanFile } from '../../frontend/plan/resolved.js';
import type { Split } from './source.js';

/** Splits of at most about `splitBytes`, equal within a file, in file order. Empty files give none. */
export function cutFiles(files: readonly ScanFile[], splitBytes: number): Split[] {
  return files.flatMap((file) => {
    // Rounding must not make one more of them.
    const count = Math.max(1, Math.ceil(file.bytes / (splitBytes * 1.01)));
    return Array.from({ length: file.bytes === 0 ? 0 : count }, (_, i) => ({
      uri: file.uri,
      start: Math.floor((file.bytes * i) / count),
      end: Math.floor((file.bytes * (i + 1)) / count),
      values: file.values,
    }));
  });
}

/** One split a file, for what cannot be read from the middle. */
export function wholeFiles(files: readonly ScanFile[]): Split[] {
  return files.filter((file) => file.bytes > 0).map(({ uri, bytes, values }) => ({ uri, start: 0, end: bytes, values }));
}

export const isGzip = (uri: string): boolean => uri.endsWith('.gz');

/** Splits of line-based files: compressed ones stay whole. */
export function cutLines(files: readonly ScanFile[], splitBytes: number): Split[] {
  return files.flatMap((file) => (isGzip(file.uri) ? wholeFiles([file]) : cutFiles([file], splitBytes)));
}

/** Bytes of a sample: small against a file, large against its records. */
const SAMPLE_BYTES = 1 << 20;

/** What a schema is inferred from: the files whole, or about `ratio` of their bytes in pieces, the first piece of every file always among them. */
export function samples(files: readonly ScanFile[], ratio: number): Split[] {
  if (ratio === 1) return wholeFiles(files);
  const picked = (i: number): boolean => i === 0 || Math.floor((i + 1) * ratio) > Math.floor(i * ratio);
  return files.flatMap((file) => (isGzip(file.uri) ? wholeFiles([file]) : cutFiles([file], SAMPLE_BYTES).filter((_, i) => picked(i))));
}
