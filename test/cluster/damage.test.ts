/** Shuffle files are damaged between two stages: what was written there is made again, and the answer is right. */
import { afterAll, afterEach, expect, test } from 'vitest';
import { CUT_DATA, FLIPPED_DATA, FLIPPED_INDEX, NO_DATA, NO_INDEX, runDamaged } from './damage.js';
import { newPlace } from './gated.js';
import { killAll, temporary } from './processes.js';

const { dir, remove } = temporary();
afterEach(killAll);
afterAll(remove);

test('in threads: bytes flipped, files cut and removed', async () => {
  const damage = [FLIPPED_DATA, CUT_DATA, NO_INDEX, FLIPPED_INDEX, NO_DATA];
  const { lost, again } = await runDamaged(newPlace(dir), ['--master', 'local[2]'], damage);
  for (const maps of [lost, again]) expect(maps).toEqual(expect.arrayContaining([0, 1, 2, 3, 4]));
});

test('in processes with a shuffle service: the map with a flipped byte runs again, and no other', async () => {
  const options = ['--master', 'local-cluster[2,1]', '--conf', 'shuffle.service=true'];
  expect(await runDamaged(newPlace(dir), options, [FLIPPED_DATA])).toEqual({ lost: [0], again: [0], remoteBytes: 0 });
});
