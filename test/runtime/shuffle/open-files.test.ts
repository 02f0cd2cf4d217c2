import { mkdirSync, mkdtempSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, expect, test } from 'vitest';
import { closeFilesBelow, withOpenFile } from '../../../src/runtime/shuffle/open-files.js';

const root = mkdtempSync(join(tmpdir(), 'open-files-'));
afterAll(() => rmSync(root, { recursive: true }));

function fileIn(shuffle: string, bytes: number): string {
  mkdirSync(join(root, shuffle), { recursive: true });
  const path = join(root, shuffle, 'map-0-0.data');
  writeFileSync(path, Buffer.alloc(bytes, 7));
  return path;
}

/** The first byte, of a block of so many. */
function readBlock(path: string, blockBytes: number): number {
  return withOpenFile(path, blockBytes, (fd) => {
    const byte = Buffer.alloc(1);
    readSync(fd, byte, 0, 1, 0);
    return byte[0];
  });
}

// Elsewhere nobody tells how many files may be open, and none is kept.
const onLinux = test.skipIf(process.platform !== 'linux');

onLinux('a file of many small blocks stays open until its directory goes', () => {
  const path = fileIn('a', 1000);
  expect(readBlock(path, 10)).toBe(7);
  rmSync(path);
  expect(readBlock(path, 10)).toBe(7);
  closeFilesBelow(root);
  expect(() => readBlock(path, 10)).toThrow('ENOENT');
});

onLinux('files of one shuffle at a time', () => {
  const [first, second] = [fileIn('b', 1000), fileIn('c', 1000)];
  readBlock(first, 10);
  readBlock(second, 10);
  rmSync(first);
  expect(() => readBlock(first, 10)).toThrow('ENOENT');
});

test.each([
  ['that is one block', 1000, 1000],
  ['of large blocks', 100_000, 50_000],
])('a file %s is closed again', (_, bytes, blockBytes) => {
  const path = fileIn('d', bytes);
  readBlock(path, blockBytes);
  rmSync(path);
  expect(() => readBlock(path, blockBytes)).toThrow('ENOENT');
});
