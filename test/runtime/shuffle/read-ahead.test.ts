import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { forgetFiles, readRange } from '../../../src/runtime/shuffle/local-blocks.js';
import { findAhead, isSmall, readAhead, windowBytes } from '../../../src/runtime/shuffle/read-ahead.js';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'read-ahead-'));
});
afterEach(() => {
  forgetFiles(dir);
  rmSync(dir, { recursive: true });
});

/** A file of the bytes 0, 1, 2, …, 250, 0, …. */
function fileOf(name: string, length: number): string {
  const path = join(dir, name);
  writeFileSync(
    path,
    Uint8Array.from({ length }, (_, i) => i % 251),
  );
  return path;
}

function bytesAt(path: string, offset: number, length: number, window: number): number[] {
  const target = new Uint8Array(length + 1);
  readRange(path, offset, length, target, 1, window);
  return [...target.subarray(1)];
}

describe('blocks that are read ahead', () => {
  it('come with one that was read before, forward and not backward', () => {
    const path = fileOf('a', 1000);
    expect(bytesAt(path, 100, 4, 64)).toEqual([100, 101, 102, 103]);
    expect(findAhead(path, 160, 4)).toEqual(Uint8Array.of(160, 161, 162, 163));
    expect(findAhead(path, 161, 4)).toBeNull();
    expect(findAhead(path, 99, 4)).toBeNull();
    expect(bytesAt(path, 160, 4, 64)).toEqual([160, 161, 162, 163]);
    expect(bytesAt(path, 99, 4, 64)).toEqual([99, 100, 101, 102]);
    expect(findAhead(path, 160, 4)).toBeNull();
  });

  it('are given up to the end of the file, and no further', () => {
    const path = fileOf('a', 110);
    expect(bytesAt(path, 100, 4, 64)).toEqual([100, 101, 102, 103]);
    expect(findAhead(path, 106, 4)).toEqual(Uint8Array.of(106, 107, 108, 109));
    expect(findAhead(path, 107, 4)).toBeNull();
    expect(() => bytesAt(path, 107, 4, 64)).toThrowError(expect.objectContaining({ condition: 'BLOCK_CORRUPT' }));
  });

  it('of a file that was appended to are found by reading it again', () => {
    const path = fileOf('a', 110);
    bytesAt(path, 100, 4, 64);
    fileOf('a', 120);
    expect(bytesAt(path, 108, 4, 64)).toEqual([108, 109, 110, 111]);
  });

  it('are given also when their file has gone, until its directory has', () => {
    const path = fileOf('a', 1000);
    bytesAt(path, 100, 4, 64);
    rmSync(path);
    expect(bytesAt(path, 160, 4, 64)).toEqual([160, 161, 162, 163]);
    forgetFiles(dir);
    expect(() => bytesAt(path, 160, 4, 64)).toThrowError(expect.objectContaining({ condition: 'BLOCK_NOT_FOUND' }));
  });

  it('are small against the window: others are read alone', () => {
    const path = fileOf('a', 1000);
    expect([isSmall(8, 64), isSmall(9, 64), isSmall(1, 0)]).toEqual([true, false, false]);
    expect(bytesAt(path, 0, 9, 64)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(findAhead(path, 0, 9)).toBeNull();
  });

  it('are not kept where the file holds nothing else', () => {
    const path = fileOf('a', 8);
    expect(bytesAt(path, 0, 8, 64)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(findAhead(path, 0, 8)).toBeNull();
  });

  it('share 8 MiB a reader, 64 KiB a file at most, and less where the reader may hold less', () => {
    expect([windowBytes(1), windowBytes(128), windowBytes(512), windowBytes(512, 1 << 20)]).toEqual([65536, 65536, 16384, 2048]);
  });

  it('make room, the oldest first, beyond 16 MiB', () => {
    const window = 1 << 20;
    const paths = Array.from({ length: 17 }, (_, i) => fileOf(`f${i}`, 100));
    for (const path of paths) {
      const fd = openSync(path, 'r');
      readAhead(path, fd, 0, 4, window);
      closeSync(fd);
    }
    expect(paths.filter((path) => findAhead(path, 0, 4) === null)).toEqual([paths[0]]);
    forgetFiles(dir);
    expect(paths.every((path) => findAhead(path, 0, 4) === null)).toBe(true);
  });
});
