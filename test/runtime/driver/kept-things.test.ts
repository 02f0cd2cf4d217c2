import { expect, it } from 'vitest';
import { KeptThings } from '../../../src/runtime/driver/kept-things.js';
import type { KeepFrame, KeepStream } from '../../../src/runtime/rpc/keep-stream.js';

/** Streams that remember what they were told. */
function streams() {
  const opened: { readonly frames: KeepFrame[]; open: boolean }[] = [];
  const kept = new KeptThings(async (): Promise<KeepStream> => {
    const stream = { frames: [] as KeepFrame[], open: true };
    opened.push(stream);
    return {
      get isOpen() {
        return stream.open;
      },
      send: async (frame) => void stream.frames.push(frame),
      close: async () => {
        stream.open = false;
      },
    };
  });
  return { kept, opened };
}

const idsOf = (frames: readonly KeepFrame[]) => frames.flatMap((f) => ('blob' in f ? f.blob.id : 'hold' in f ? f.hold.ids : []));

it('actions that begin at the same time share one stream, and close() ends it', async () => {
  const { kept, opened } = streams();
  await Promise.all([kept.share('a', new Uint8Array(1)), kept.share('b', new Uint8Array(1)), kept.hold(['c']), kept.hold(['d'])]);
  await kept.close();
  expect(opened.map(({ open }) => open)).toEqual([false]);
  expect(new Set(idsOf(opened[0].frames))).toEqual(new Set(['a', 'b', 'c', 'd']));
});

it('a stream that broke is opened once, and told again what is still wanted', async () => {
  const { kept, opened } = streams();
  await kept.share('a', new Uint8Array(1));
  await kept.share('gone', new Uint8Array(1));
  await kept.release(['gone']);
  opened[0].open = false;
  await Promise.all([kept.hold(['c']), kept.hold(['d'])]);
  expect(opened.length).toBe(2);
  expect(new Set(idsOf(opened[1].frames))).toEqual(new Set(['a', 'c', 'd']));
});
