/** Owns: an Arrow IPC stream as its single messages, for transports that frame them in their own way. */
import { corruptBlock, FlatTable } from './flatbuffer.js';

export interface IpcMessage {
  /** The flatbuffer, padded. */
  readonly metadata: Uint8Array;
  readonly body: Uint8Array;
}

/**
 * The messages of a stream of `length` bytes up to its end marker; `read(from, count)` gives bytes of it, each asked for once and in order.
 * Throws CORRUPT_BLOCK for anything malformed or cut short.
 */
export function* messagesOf(length: number, read: (from: number, count: number) => Uint8Array): Generator<IpcMessage> {
  let at = 0;
  const next = (count: number): Uint8Array => {
    if (count < 0 || at + count > length) throw corruptBlock(`the message before byte ${at} is cut short`);
    at += count;
    return read(at - count, count);
  };
  for (;;) {
    const frame = viewOf(next(8));
    const size = frame.getInt32(4, true);
    if (frame.getInt32(0, true) !== -1) throw corruptBlock(`no message starts at byte ${at - 8}`);
    if (size === 0) break;
    const metadata = next(size);
    const body = next(FlatTable.root(viewOf(metadata)).count(3));
    yield { metadata, body };
  }
  if (at !== length) throw corruptBlock('something follows its end marker');
}

const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array): DataView => new DataView(buffer, byteOffset, byteLength);
