import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterEach, describe, expect, test } from 'vitest';
import type { BackendOptions } from '../../../src/frontend/api/backend.js';
import { installApi } from '../../../src/frontend/api/install.js';
import { createSession, installBackendOpener, Session } from '../../../src/frontend/api/session.js';
import * as publicSurface from '../../../src/index.js';
import { RecordingBackend } from './recording-backend.js';

describe('getOrCreate', () => {
  const opened: BackendOptions[] = [];
  const open: Session[] = [];
  const builder = () => {
    installBackendOpener(async (options) => {
      opened.push(options);
      if (options.master === 'broken') throw new Error('no such master');
      return new RecordingBackend();
    });
    return Session.builder();
  };
  const opening = async (session: Promise<Session>) => {
    open.push(await session);
    return open[open.length - 1];
  };

  afterEach(async () => {
    opened.length = 0;
    for (const session of open.splice(0)) await session.stop();
  });

  test('opens a backend with what was said, once', async () => {
    const make = () => builder().master('local[2]').appName('test').config('shuffle.partitions', 4).getOrCreate();
    const [a, b] = await Promise.all([opening(make()), opening(make())]);
    expect(a).toBe(b);
    expect(opened).toEqual([{ master: 'local[2]', appName: 'test', config: { 'shuffle.partitions': '4' } }]);
    expect(a.config.get('shuffle.partitions')).toBe(4);
  });

  test('other options want the old session stopped', async () => {
    const first = await opening(builder().getOrCreate());
    await expect(builder().master('local[1]').getOrCreate()).rejects.toMatchObject({ condition: 'SESSION_EXISTS' });
    await first.stop();
    expect(await opening(builder().master('local[1]').getOrCreate())).not.toBe(first);
    expect(opened.map((options) => options.master)).toEqual(['local[*]', 'local[1]']);
  });

  test('a backend that does not open leaves no session behind', async () => {
    await expect(builder().master('broken').getOrCreate()).rejects.toThrow('no such master');
    await opening(builder().getOrCreate());
  });

  test('a wrong key is refused before anything is opened', async () => {
    await expect(builder().config('shufle.partitions', 4).getOrCreate()).rejects.toMatchObject({ condition: 'UNKNOWN_CONFIG' });
    expect(opened).toEqual([]);
  });
});

test('a stopped session runs nothing; stopping twice is fine', async () => {
  const backend = new RecordingBackend();
  const session = createSession(backend);
  const frame = session.range(1);
  await session.stop();
  await session.stop();
  expect(backend.stopped).toBe(1);
  await expect(frame.collect()).rejects.toMatchObject({ condition: 'SESSION_STOPPED' });
  expect(() => session.read.text('x').select('value')).toThrow(expect.objectContaining({ condition: 'SESSION_STOPPED' }));
});

test('what lives on the driver says so', () => {
  const brand = Symbol.for('minispark.driverOnly');
  const spark = createSession(new RecordingBackend());
  const frame = spark.range(1);
  const branded = [spark, spark.read, frame, frame.groupBy('id'), frame.write, spark.parallelize([1])];
  expect(branded.map((value) => (value as never)[brand])).toEqual([
    'Session',
    'DataFrameReader',
    'DataFrame',
    'GroupedData',
    'DataFrameWriter',
    'Dataset',
  ]);
});

test("bundles get the very names that 'minispark' exports", () => {
  const installed = installApi();
  expect(installed).toBe(installApi());
  expect(Object.keys(installed).sort()).toEqual(Object.keys(publicSurface).sort());
  for (const [name, value] of Object.entries(publicSurface)) expect(installed[name]).toBe(value);
});

test('installing the names loads little code and no package', async () => {
  const { metafile } = await build({
    entryPoints: [fileURLToPath(new URL('../../../src/frontend/api/install.ts', import.meta.url))],
    bundle: true,
    splitting: true,
    outdir: 'nowhere',
    format: 'esm',
    platform: 'node',
    packages: 'external',
    metafile: true,
    write: false,
  });
  const main = Object.entries(metafile.outputs).find(([, output]) => output.entryPoint?.endsWith('install.ts'))!;
  const loaded = new Set([main[0]]);
  for (const path of loaded) {
    for (const { kind, path: imported } of metafile.outputs[path]?.imports ?? []) if (kind === 'import-statement') loaded.add(imported);
  }
  expect([...loaded].filter((path) => !(path in metafile.outputs) && !path.startsWith('node:'))).toEqual([]);
  // 200 kB load in about 16 ms on a busy 2-core machine; task threads wait for that before their first task.
  const bytes = [...loaded].reduce((sum, path) => sum + (metafile.outputs[path]?.bytes ?? 0), 0);
  expect(bytes).toBeLessThan(270_000);
});
