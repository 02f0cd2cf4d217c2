/** Owns: the scheduler's end of a driver's keep stream: parts of broadcast values put together, and everything freed when the stream ends. */
import type { ServerDuplexStream } from '@grpc/grpc-js';
import { asMinisparkError, userError } from '../../core/errors.js';
import type { Grpc } from '../rpc/load-proto.js';
import { type BlobPart, MAX_BLOB_BYTES } from '../rpc/messages.js';
import type { SchedulerService } from './service.js';

export interface KeepRequest {
  readonly kind?: 'blob' | 'release' | 'hold';
  readonly blob?: BlobPart;
  readonly release?: { readonly ids: readonly string[] };
  readonly hold?: { readonly ids: readonly string[] };
}

export function serveKeep(grpc: Grpc, service: SchedulerService, call: ServerDuplexStream<KeepRequest, object>): void {
  const held = new Set<string>();
  const coming = new Map<string, { readonly parts: Uint8Array[]; bytes: number }>();
  const receive = ({ id, offset, total, bytes }: BlobPart) => {
    if (!(total <= MAX_BLOB_BYTES)) throw userError('BROADCAST_TOO_LARGE', `A value of ${total} bytes is larger than ${MAX_BLOB_BYTES}.`);
    if (offset === 0) coming.set(id, { parts: [], bytes: 0 });
    const value = coming.get(id);
    if (value?.bytes !== offset || offset + bytes.length > total) {
      coming.delete(id);
      throw userError('BROADCAST_CORRUPT', `The part of ${id} at offset ${offset} does not follow the one before, or passes its end.`);
    }
    held.add(id);
    // Only what has come takes memory, whatever is announced.
    value.parts.push(bytes);
    value.bytes += bytes.length;
    if (value.bytes < total) return;
    coming.delete(id);
    service.share(id, Buffer.concat(value.parts));
  };
  const take = ({ blob, release, hold }: KeepRequest) => {
    if (blob) receive(blob);
    for (const id of hold?.ids ?? []) held.add(id);
    if (release) {
      for (const id of release.ids) held.delete(id);
      service.release(release.ids);
    }
    call.write({});
  };
  call.on('data', (frame: KeepRequest) => {
    try {
      take(frame);
    } catch (thrown) {
      call.emit('error', { code: grpc.status.INVALID_ARGUMENT, details: asMinisparkError(thrown).message });
    }
  });
  let over = false;
  const gone = () => {
    if (over) return;
    over = true;
    if (held.size > 0) service.release([...held]);
    call.end();
  };
  call.on('end', gone);
  call.on('cancelled', gone);
  call.on('error', gone);
}
