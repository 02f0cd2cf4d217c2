import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { FLAGS_PER_SLOT } from '../../../src/runtime/worker/task-request.js';
import { ThreadPools } from '../../../src/runtime/worker/thread-pools.js';

const REQUEST = {
  serial: 1,
  slot: 0,
  key: { job: 'j', stage: 0, partition: 0, attempt: 0 },
  kept: [],
  service: null,
  stageFile: '/none',
  input: '{}',
};

it('fails a task, and does not keep it waiting, where no thread can start', async () => {
  // Without a setup the thread's entry throws while it is loaded.
  const pools = new ThreadPools(1, undefined as never, () => {});
  for (const serial of [1, 2]) {
    await expect(pools.run({ ...REQUEST, serial }, null, new AbortController().signal)).rejects.toThrow();
  }
  await pools.close();
});

it('keeps nothing of the tasks that have ended', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const flags = new Int32Array(new SharedArrayBuffer(FLAGS_PER_SLOT * 4));
  const pools = new ThreadPools(1, { worker: 'worker-t', root: '/none', flags }, () => {});
  const replies: WeakRef<object>[] = [];
  for (let serial = 1; serial <= 10; serial++) {
    replies.push(new WeakRef(await pools.run({ ...REQUEST, serial }, null, new AbortController().signal)));
  }
  await new Promise((resolve) => setImmediate(resolve));
  collectGarbage();
  // The last one may still be on the stack.
  expect(replies.filter((reply) => reply.deref() !== undefined).length).toBeLessThan(2);
  await pools.close();
});
