/** Disks that are full or refuse: named errors at once, with path and remedy; nothing half-written stays. */
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SHUFFLE_WRITERS } from '../../../src/core/config.js';
import { expr, Session } from '../../../src/index.js';
import { HAS_SMALL_DISK, mountSmallDisk, unmountSmallDisk } from '../../small-disk.js';

const HINT = expect.stringContaining('Give shuffle.dir');

/** All files below a directory but the one that names a worker's owner. */
const filesBelow = (dir: string): string[] =>
  readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== 'owner.json')
    .map((entry) => join(entry.parentPath, entry.name));

describe.runIf(HAS_SMALL_DISK)('a disk of 6 MiB', () => {
  let disk: string;
  const open = (config: Record<string, string> = {}) => {
    let builder = Session.builder().master('local').config('shuffle.dir', join(disk, 'shuffle')).config('storage.root', disk);
    for (const [key, value] of Object.entries(config)) builder = builder.config(key, value);
    return builder.getOrCreate();
  };
  beforeAll(() => {
    disk = mountSmallDisk('6m') as string;
  });
  afterAll(() => unmountSmallDisk(disk));

  test.each(SHUFFLE_WRITERS)('is full of shuffle blocks: %s writer', async (writer) => {
    const spark = await open({ 'shuffle.writer': writer, memory: '4m' });
    try {
      const tooMuch = spark.range(0, 1_200_000, 1, 4).repartition(7, 'id').groupBy('id').count();
      await expect(tooMuch.collect()).rejects.toMatchObject({
        kind: 'retryable',
        condition: 'DISK_FULL',
        message: expect.stringMatching(/^Task \d of stage 0 failed, .*Shuffle data cannot be written to .*: the disk is full\.$/),
        hint: HINT,
      });
      // What the job left goes in the background; then the next one has the disk for itself.
      await expect.poll(() => filesBelow(disk), { timeout: 10_000 }).toEqual([]);
      expect(await spark.range(0, 100_000, 1, 4).repartition(7, 'id').count()).toBe(100_000);
    } finally {
      await spark.stop();
    }
    expect(filesBelow(disk)).toEqual([]);
  });

  test('is full of spilled rows', async () => {
    const spark = await open({ memory: '2m' });
    try {
      const sorted = spark.range(0, 1_200_000, 1, 1).sortWithinPartitions(expr('hash(id)'));
      await expect(sorted.collect()).rejects.toMatchObject({ condition: 'DISK_FULL', hint: HINT });
    } finally {
      await spark.stop();
    }
    expect(filesBelow(disk)).toEqual([]);
  });

  test('is full of output', async () => {
    const spark = await open();
    try {
      for (const format of ['csv', 'parquet', 'json'] as const) {
        await expect(spark.range(0, 1_200_000, 1, 2).select(expr('xxhash64(id)').as('h')).write[format]('out')).rejects.toMatchObject({
          kind: 'user',
          condition: 'DISK_FULL',
          message: expect.stringMatching(/^'.*\/out\/_temporary\/.*' cannot be written: the disk is full\.$/),
          hint: 'Free space there, or write to another place',
        });
        expect(existsSync(join(disk, 'out'))).toBe(false);
      }
      // What was there before stays when a job that would replace it fails.
      await spark.range(10).write.csv('out');
      const before = filesBelow(join(disk, 'out'));
      await expect(spark.range(0, 1_200_000, 1, 2).write.mode('overwrite').csv('out')).rejects.toMatchObject({ condition: 'DISK_FULL' });
      expect(filesBelow(join(disk, 'out'))).toEqual(before);
    } finally {
      await spark.stop();
    }
    rmSync(join(disk, 'out'), { recursive: true });
  });

  test('has no byte left, not even for what tasks share', async () => {
    const spark = await open();
    try {
      const { size } = await fillDisk(disk);
      expect(size).toBeGreaterThan(0);
      await expect(spark.range(10).repartition(2).count()).rejects.toMatchObject({ condition: 'DISK_FULL', hint: HINT });
      rmSync(join(disk, 'filler'));
      expect(await spark.range(10).repartition(2).count()).toBe(10);
    } finally {
      await spark.stop();
    }
  });
});

/** Leaves no free byte. */
function fillDisk(disk: string): { readonly size: number } {
  const path = join(disk, 'filler');
  let size = 0;
  for (let step = 1 << 20; step >= 1; ) {
    try {
      writeFileSync(path, Buffer.alloc(step), { flag: 'a' });
      size += step;
    } catch {
      step = step === 1 ? 0 : step >> 4;
    }
  }
  return { size };
}

test('a directory for shuffle files that is none is refused before anything runs', async () => {
  const spark = Session.builder().master('local').config('shuffle.dir', '/proc/minispark').getOrCreate();
  const use = spark.then(async (session) => {
    try {
      return await session.range(10).repartition(2).count();
    } finally {
      await session.stop();
    }
  });
  await expect(use).rejects.toMatchObject({
    kind: 'user',
    condition: 'SHUFFLE_DIR_UNUSABLE',
    hint: expect.stringContaining('shuffle.dir'),
  });
});
