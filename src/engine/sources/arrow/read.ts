/**
 * Owns: reading Arrow IPC, both forms: streams and files (which start with ARROW1), by our own decoder, without copying; what
 * has types that our decoder does not know by apache-arrow. A file is held in memory whole.
 */
import { asMinisparkError, userError } from '../../../core/errors.js';
import { MAX_BUFFER_BYTES } from '../../../data/alloc.js';
import type { Batch } from '../../../data/batch.js';
import { columnOf } from '../../../data/builder.js';
import { loadCodec } from '../../../data/codec.js';
import { corruptBlock, isUnknownType } from '../../../data/flatbuffer.js';
import { decodeStream } from '../../../data/ipc.js';
import { slice } from '../../../data/slice.js';
import { type Schema, sameType, typeName } from '../../../data/types.js';
import type { ScanFile } from '../../../frontend/plan/resolved.js';
import { corruptFile, InputFile, localPath } from '../fs.js';
import { FormatOptions } from '../options.js';
import { Projection } from '../projection.js';
import type { Options, ReadRequest, Split } from '../source.js';
import { checkArrow } from './check.js';
import { checkColumn } from './check-column.js';

interface Decoded {
  readonly schema: Schema;
  readonly batches: readonly Batch[];
}

/** The schema of the first file. Throws CORRUPT_FILE, and UNABLE_TO_INFER_SCHEMA where there is no file. */
export async function arrowSchema(files: readonly ScanFile[], options: Options): Promise<Schema> {
  new FormatOptions('arrow', options, []);
  if (files.length === 0) throw userError('UNABLE_TO_INFER_SCHEMA', 'There is no Arrow file to take a schema from.');
  return (await decodeFile(files[0].uri)).schema;
}

export async function* readArrow(split: Split, request: ReadRequest): AsyncGenerator<Batch> {
  new FormatOptions('arrow', request.options, []);
  const projection = new Projection(split, request);
  const { schema, batches } = await decodeFile(split.uri);
  request.metrics.inputBytes += split.end;
  const places = projection.fields.map((f) => {
    const place = schema.fields.findIndex((known) => known.name === f.name);
    if (place >= 0 && !sameType(schema.fields[place].type, f.type)) {
      const got = typeName(schema.fields[place].type);
      throw userError(
        'WRONG_SCHEMA',
        `Column '${f.name}' is ${got} in '${localPath(split.uri)}' and cannot be read as ${typeName(f.type)}.`,
      );
    }
    return place;
  });
  for (const batch of batches) {
    for (let from = 0; from < batch.length; from += request.batchRows) {
      request.checkCancelled();
      const to = Math.min(batch.length, from + request.batchRows);
      const columns = places.map((place, i) =>
        place < 0 ? columnOf(projection.fields[i].type, new Array(to - from).fill(null)) : slice(batch.columns[place], from, to),
      );
      request.metrics.inputRows += to - from;
      yield projection.batch(columns, to - from);
    }
  }
}

async function decodeFile(uri: string): Promise<Decoded> {
  const file = new InputFile(uri);
  let bytes: Uint8Array;
  try {
    if (file.bytes > MAX_BUFFER_BYTES) {
      throw userError('FILE_NOT_READABLE', `The Arrow file '${localPath(uri)}' has ${file.bytes} bytes; 2 GiB is the most.`, {
        hint: 'Write it as several files',
      });
    }
    bytes = file.readRange(0, file.bytes);
  } finally {
    file.close();
  }
  try {
    return await decode(uri, bytes);
  } catch (error) {
    const known = asMinisparkError(error);
    if (known.kind === 'user' || known.kind === 'retryable') throw known;
    throw corruptFile(uri, known.condition === 'CORRUPT_BLOCK' ? whatOf(known.message) : 'it is no Arrow file', error);
  }
}

/** Without what comes before in every message of the decoder's. */
const whatOf = (message: string): string => message.replace(/^Arrow data cannot be read: |\.$/g, '');

/** By our decoder, or by apache-arrow where a type is none of ours. */
async function decode(uri: string, bytes: Uint8Array): Promise<Decoded> {
  const { stream, rows, codecs } = checkArrow(bytes);
  for (const codec of codecs) await loadCodec(codec);
  try {
    if (stream !== null) return decodeStream(stream);
  } catch (error) {
    if (!isUnknownType(error)) throw error;
  }
  if (codecs.size > 0) {
    throw userError(
      'UNSUPPORTED_COMPRESSION',
      `The file '${localPath(uri)}' cannot be read: it is compressed and has types that minispark has not.`,
      {
        hint: 'Write it without compression, or with 32-bit offsets and signed integers',
      },
    );
  }
  const { fromArrowTable } = await import('../../../data/arrow-interop.js');
  const { tableFromIPC } = await import('apache-arrow');
  const decoded = fromArrowTable(tableFromIPC(stream ?? bytes));
  const found = decoded.batches.reduce((sum, { length }) => sum + length, 0);
  if (found !== rows) throw corruptBlock(`it has ${found} rows of ${rows}`);
  for (const { columns, length } of decoded.batches) for (const column of columns) checkColumn(column, length);
  return decoded;
}
