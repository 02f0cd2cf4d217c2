import { expect, it } from 'vitest';
import { ThreadPools } from '../../../src/runtime/worker/thread-pools.js';

const REQUEST = { serial: 1, slot: 0, key: { job: 'j', stage: 0, partition: 0, attempt: 0 }, stageFile: '/none', input: '{}' };

it('fails a task, and does not keep it waiting, where no thread can start', async () => {
  // Without a setup the thread's entry throws while it is loaded.
  const pools = new ThreadPools(1, undefined as never, () => {});
  for (const serial of [1, 2]) {
    await expect(pools.run({ ...REQUEST, serial }, null, new AbortController().signal)).rejects.toThrow();
  }
  await pools.close();
});
