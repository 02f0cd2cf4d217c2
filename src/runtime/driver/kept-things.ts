/**
 * Owns: what this driver has a standing cluster keep, on a stream that is opened when there is something to keep. Where the stream broke the
 * cluster has freed it all; it is opened anew and what is still wanted is sent again.
 */

import type { KeepStream } from '../rpc/keep-stream.js';
import { partsOf } from '../rpc/messages.js';

export class KeptThings {
  private readonly open: () => Promise<KeepStream>;
  private readonly blobs = new Map<string, Uint8Array>();
  /** Told on the stream that is open. */
  private readonly held = new Set<string>();
  private stream: Promise<KeepStream> | null = null;

  constructor(open: () => Promise<KeepStream>) {
    this.open = open;
  }

  /** Throws as opening a stream does. */
  async share(id: string, bytes: Uint8Array): Promise<void> {
    this.blobs.set(id, bytes);
    const stream = await this.openStream();
    if (!stream) await this.live();
    else await sendParts(stream, id, bytes);
  }

  async release(ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      this.blobs.delete(id);
      this.held.delete(id);
    }
    try {
      const stream = await this.stream;
      if (stream?.isOpen) await stream.send({ release: { ids } });
    } catch {
      // With the stream went all that it kept.
    }
  }

  /**
   * To be awaited before a job that makes or reads what is kept: everything that was shared is there then, and what the job makes will be freed
   * with the stream.
   */
  async hold(caches: readonly string[]): Promise<void> {
    const stream = await this.live();
    const more = caches.filter((cache) => !this.held.has(cache));
    for (const cache of more) this.held.add(cache);
    if (more.length > 0) await stream.send({ hold: { ids: more } });
  }

  async close(): Promise<void> {
    const stream = await this.stream?.catch(() => null);
    this.stream = null;
    await stream?.close();
  }

  private async live(): Promise<KeepStream> {
    const before = this.stream;
    const stream = await this.openStream();
    if (stream) return stream;
    // Of actions that begin at the same time one opens the stream for all: another would never be closed.
    if (this.stream === before || this.stream === null) this.stream = this.reopen();
    return this.stream;
  }

  private async openStream(): Promise<KeepStream | null> {
    const stream = await this.stream?.catch(() => null);
    return stream?.isOpen ? stream : null;
  }

  private async reopen(): Promise<KeepStream> {
    const stream = await this.open();
    this.held.clear();
    for (const [id, bytes] of this.blobs) await sendParts(stream, id, bytes);
    return stream;
  }
}

/** Parts that may be on their way at a time: enough that the wire does not wait for answers. */
const PARTS_AHEAD = 8;

async function sendParts(stream: KeepStream, id: string, bytes: Uint8Array): Promise<void> {
  const ahead: Promise<void>[] = [];
  for (const blob of partsOf(id, bytes)) {
    const sent = stream.send({ blob });
    // The stream fails all that wait at once; the first of them is told below.
    sent.catch(() => {});
    ahead.push(sent);
    if (ahead.length === PARTS_AHEAD) await ahead.shift();
  }
  await Promise.all(ahead);
}
