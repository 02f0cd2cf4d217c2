import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CallSite } from '../../../src/core/errors.js';
import { InputFile, localPath, resolveUri } from '../../../src/engine/sources/fs.js';
import { type FileEntry, listPaths } from '../../../src/engine/sources/listing.js';
import { tempDir } from './reading.js';

const listFiles = async (uri: string, recursive = false, site?: CallSite | null): Promise<FileEntry[]> =>
  listPaths(uri, recursive, site).flatMap(({ files }) => files);

let dir: ReturnType<typeof tempDir>;
beforeAll(() => {
  dir = tempDir();
  for (const name of [
    'a1.txt',
    'a2.txt',
    'b1.csv',
    '_SUCCESS',
    '.hidden',
    'sub/c.txt',
    'k=1/d.txt',
    'k=1/_temporary/e.txt',
    '_p=2/f.txt',
    'we [ird] %20.txt',
  ]) {
    const path = join(dir.path, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, name);
  }
});
afterAll(() => dir.dispose());

const names = async (pattern: string, recursive = false) =>
  (await listFiles(resolveUri(pattern, dir.path), recursive)).map((file) => localPath(file.uri).slice(dir.path.length + 1));

test('paths resolve against the root; URIs stay; other schemes are refused', () => {
  expect(resolveUri('x/../y.txt', '/data')).toBe('file:///data/y.txt');
  expect(resolveUri('/abs/a b.txt', '/data')).toBe('file:///abs/a%20b.txt');
  expect(resolveUri('file:///abs/a%20b.txt', '/data')).toBe('file:///abs/a%20b.txt');
  expect(resolveUri('file:/abs/x', 'file:///data')).toBe('file:///abs/x');
  expect(localPath('file:///abs/a%20b.txt')).toBe('/abs/a b.txt');
  expect(() => resolveUri('s3://bucket/x', '/data')).toThrowError(/no file system for 's3:'/);
  expect(() => resolveUri('', '/data')).toThrowError(/empty/);
});

test('a directory gives its visible files, and those of partition directories', async () => {
  expect(await names('.')).toEqual(['_p=2/f.txt', 'a1.txt', 'a2.txt', 'b1.csv', 'k=1/d.txt', 'we [ird] %20.txt']);
  expect(await names('.', true)).toContain('sub/c.txt');
});

test('globs in any part of the path', async () => {
  expect(await names('*.txt')).toEqual(['a1.txt', 'a2.txt', 'we [ird] %20.txt']);
  expect(await names('a?.txt')).toEqual(['a1.txt', 'a2.txt']);
  expect(await names('[!a]*.csv')).toEqual(['b1.csv']);
  expect(await names('{a1,b1}.{txt,csv}')).toEqual(['a1.txt', 'b1.csv']);
  expect(await names('*/[c-d].txt')).toEqual(['k=1/d.txt', 'sub/c.txt']);
  expect(await names('we [ird] %20.txt')).toEqual(['we [ird] %20.txt']);
});

test('what is not there is named, with the place that asked', async () => {
  const site = { file: 'job.ts', line: 3, column: 9 };
  await expect(listFiles(resolveUri('none*', dir.path), false, site)).rejects.toMatchObject({
    kind: 'user',
    condition: 'PATH_NOT_FOUND',
    site,
  });
  const near = { condition: 'PATH_NOT_FOUND', hint: expect.stringContaining(`Did you mean ${join(dir.path, 'a1.txt')} or`) };
  await expect(listFiles(resolveUri('a1.tx', dir.path))).rejects.toMatchObject(near);
  await expect(listFiles(resolveUri('a1.tx/below', dir.path))).rejects.toMatchObject(near);
  expect(() => new InputFile(join(dir.path, 'gone'))).toThrowError(expect.objectContaining({ condition: 'PATH_NOT_FOUND' }));
  expect(() => new InputFile(dir.path).readRange(0, 10)).toThrowError(expect.objectContaining({ kind: 'user' }));
});

test('a path below a file is none; a socket is no file', async () => {
  const site = { file: 'job.ts', line: 3, column: 9 };
  const read = (path: string) => listFiles(resolveUri(path, dir.path), false, site);
  await expect(read('a1.txt/x')).rejects.toMatchObject({ condition: 'PATH_NOT_FOUND', site });
  const special = tempDir();
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(join(special.path, 's'), resolve));
  try {
    for (const path of [special.path, join(special.path, 's')]) {
      await expect(read(path)).rejects.toMatchObject({
        condition: 'FILE_NOT_READABLE',
        message: `The file '${join(special.path, 's')}' cannot be read: it is a socket, no regular file.`,
        site,
      });
    }
  } finally {
    await new Promise((resolve) => server.close(resolve));
    special.dispose();
  }
});

test('listings carry sizes and URIs', async () => {
  expect(await listFiles(pathToFileURL(join(dir.path, 'a1.txt')).href)).toEqual([
    { uri: pathToFileURL(join(dir.path, 'a1.txt')).href, bytes: 6 },
  ]);
});
