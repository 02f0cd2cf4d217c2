/** Owns: the scheduler's end of a driver's keep stream: parts of broadcast values put together, and everything freed when the stream ends. */
import type { ServerDuplexStream } from '@grpc/grpc-js';
import { asMinisparkError } from '../../core/errors.js';
import type { Grpc } from '../rpc/load-proto.js';
import type { BlobPart } from '../rpc/messages.js';
import type { SchedulerService } from './service.js';

export interface KeepRequest {
  readonly kind?: 'blob' | 'release' | 'hold';
  readonly blob?: BlobPart;
  readonly release?: { readonly ids: readonly string[] };
  readonly hold?: { readonly ids: readonly string[] };
}

export function serveKeep(grpc: Grpc, service: SchedulerService, call: ServerDuplexStream<KeepRequest, object>): void {
  const held = new Set<string>();
  const coming = new Map<string, Uint8Array>();
  const receive = ({ id, offset, total, bytes }: BlobPart) => {
    held.add(id);
    // This and `set` throw a RangeError where sizes make no sense.
    const whole = coming.get(id) ?? new Uint8Array(total);
    whole.set(bytes, offset);
    if (offset + bytes.length < total) coming.set(id, whole);
    else {
      coming.delete(id);
      service.share(id, whole);
    }
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
