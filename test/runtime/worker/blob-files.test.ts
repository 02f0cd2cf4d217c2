/** Broadcast values as files: whole or not there, and the reason where the disk refused. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { partsOf } from '../../../src/runtime/rpc/messages.js';
import { BlockStore } from '../../../src/runtime/shuffle/block-store.js';
import { BlobFiles } from '../../../src/runtime/worker/blob-files.js';
import { HAS_SMALL_DISK, mountSmallDisk, unmountSmallDisk } from '../../small-disk.js';

const VALUE = new Uint8Array(5 << 19).map((_, i) => i % 251);
const PARTS = [...partsOf('b', VALUE)];
let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'blob-files-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

test('a value is there once it is whole', () => {
  const store = new BlockStore(dir);
  const blobs = new BlobFiles(store);
  for (const part of PARTS) {
    expect(existsSync(store.blobPath('b'))).toBe(false);
    blobs.receive(part);
  }
  expect(readFileSync(store.blobPath('b')).equals(VALUE)).toBe(true);
  blobs.release(['b']);
  expect(existsSync(store.blobPath('b'))).toBe(false);
});

test('a value of which a part is missing never is', () => {
  const store = new BlockStore(dir);
  const blobs = new BlobFiles(store);
  for (const part of [PARTS[0], PARTS[2]]) blobs.receive(part);
  expect(existsSync(store.blobPath('b'))).toBe(false);
});

test('what the disk refuses has a reason, until it is sent again', () => {
  writeFileSync(join(dir, 'blobs'), '');
  const store = new BlockStore(dir);
  const blobs = new BlobFiles(store);
  for (const part of PARTS) blobs.receive(part);
  expect(blobs.failure('b')).toMatchObject({ kind: 'retryable', condition: 'BROADCAST_NOT_WRITTEN', data: { blob: 'b' } });
  rmSync(join(dir, 'blobs'));
  for (const part of PARTS) blobs.receive(part);
  expect(blobs.failure('b')).toBeNull();
  expect(readFileSync(store.blobPath('b')).equals(VALUE)).toBe(true);
});

test.runIf(HAS_SMALL_DISK)('a disk that fills up half way leaves nothing of it', () => {
  const disk = mountSmallDisk('2m') as string;
  try {
    const store = new BlockStore(disk);
    const blobs = new BlobFiles(store);
    for (const part of PARTS) blobs.receive(part);
    expect(blobs.failure('b')).toMatchObject({ condition: 'DISK_FULL', hint: expect.stringContaining('shuffle.dir') });
    for (const file of [store.blobPath('b'), `${store.blobPath('b')}.tmp`]) expect(existsSync(file)).toBe(false);
  } finally {
    unmountSmallDisk(disk);
  }
});
