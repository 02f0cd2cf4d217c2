import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { readBlocks } from '../../../src/runtime/shuffle/reader.js';
import { startProxy } from '../tcp-proxy.js';
import { MIXED } from './random-rows.js';
import { endServed, newSpillPlace, PATIENCE, read, startShuffle } from './served-shuffle.js';

afterEach(endServed);

describe('blocks over gRPC', () => {
  it.each([1, 50_000, 1 << 26])('arrive whole and in order of maps with %i bytes in flight', async (bytesInFlight) => {
    const { expected, outputs } = await startShuffle(9, 800, 3);
    for (let p = 0; p < 3; p++) {
      const { rows, seen } = await read(outputs, p, bytesInFlight);
      expect(rows).toEqual(expected[p]);
      const total = outputs.reduce((sum, output) => sum + output.bytes[p], 0);
      // Blocks above a quarter of it go by way of the disk: all, some, none.
      const large = outputs.reduce((sum, output) => sum + (output.bytes[p] > bytesInFlight / 4 ? output.bytes[p] : 0), 0);
      expect(seen).toEqual({ remote: total, blocks: 9, spilled: large });
    }
  });

  it('join tiny blocks to large batches', async () => {
    const { expected, outputs } = await startShuffle(60, 20, 5);
    const { rows, batches, seen } = await read(outputs, 2, 1 << 20, 100);
    expect(rows).toEqual(expected[2]);
    expect(seen.blocks).toBeGreaterThan(40);
    expect(batches.length).toBeLessThan(6);
  });

  it('are read from the file where it is on this host', async () => {
    const { expected, outputs } = await startShuffle(4, 50, 2);
    const near = outputs.map((output) => ({ ...output, path: output.path.slice('/nowhere'.length) }));
    const { rows, seen } = await read(near, 1, 1 << 20);
    expect(rows).toEqual(expected[1]);
    expect(seen.remote).toBe(0);
  });

  it('that were read from files are lost together when the files go', async () => {
    const { outputs, started } = await startShuffle(5, 50, 2);
    const near = outputs.map((output) => ({ ...output, path: output.path.slice('/nowhere'.length) }));
    await read(near, 0, 1 << 20);
    // The thread remembers their indexes.
    rmSync(started[0].store.jobDir('job-1'), { recursive: true });
    await expect(read(near, 1, 1 << 20)).rejects.toMatchObject({
      condition: 'FETCH_FAILED',
      data: { maps: [0, 2, 4], endpoint: started[0].server.endpoint },
    });
  });

  it('are fetched where the file of this path is another worker’s', async () => {
    const { expected, outputs } = await startShuffle(2, 50, 2);
    const crossed = outputs.map((output, i) => ({ ...output, path: outputs[1 - i].path.slice('/nowhere'.length) }));
    const { rows, seen } = await read(crossed, 0, 1 << 20);
    expect(rows).toEqual(expected[0]);
    expect(seen.remote).toBeGreaterThan(0);
  });

  it('fail as FETCH_FAILED for that map when its file is gone or damaged', async () => {
    const { outputs, started } = await startShuffle(4, 200, 2);
    rmSync(started[1].store.dataPath('job-1', 3, 1, 1).replace('.data', '.index'));
    await expect(read(outputs, 0, 1 << 20)).rejects.toMatchObject({ condition: 'FETCH_FAILED', data: { maps: [1], worker: 'worker-b' } });
    const path = started[0].store.dataPath('job-1', 3, 2, 1);
    const bytes = readFileSync(path);
    bytes[100] ^= 1;
    writeFileSync(path, bytes);
    await expect(read([outputs[0], outputs[2]], 0, 1 << 20)).rejects.toMatchObject({ condition: 'FETCH_FAILED', data: { maps: [2] } });
    truncateSync(path, 10);
    await expect(read([outputs[0], outputs[2]], 1, 1 << 20)).rejects.toMatchObject({ condition: 'FETCH_FAILED', data: { maps: [2] } });
  });

  it('fail for all maps of a worker that is gone, or that is another now', async () => {
    const { outputs, started } = await startShuffle(4, 20, 1);
    const strange = outputs.map((output) => (output.map % 2 === 0 ? { ...output, token: 'wrong' } : output));
    await expect(read(strange, 0, 1 << 20)).rejects.toMatchObject({
      condition: 'FETCH_FAILED',
      data: { maps: [0, 2], worker: 'worker-a' },
    });
    await started[1].server.close();
    await expect(read(outputs, 0, 1 << 20)).rejects.toMatchObject({
      condition: 'FETCH_FAILED',
      data: { maps: [1, 3], worker: 'worker-b' },
    });
  });

  it('arrive whole over a connection that keeps breaking, as long as some arrive each time', async () => {
    const { expected, outputs } = await startShuffle(24, 1500, 1);
    const ofOne = outputs.filter(({ worker }) => worker === 'worker-a');
    const network = await startProxy(Number(ofOne[0].endpoint.split(':')[1]));
    // Room for about three of the twelve blocks.
    network.cutEachAfter(ofOne[0].bytes[0] * 3.5);
    const through = outputs.map((output) => (ofOne.includes(output) ? { ...output, endpoint: `127.0.0.1:${network.port}` } : output));
    const { rows } = await read(through, 0, 1 << 26);
    network.close();
    expect(rows).toEqual(expected[0]);
    expect(network.connections()).toBeGreaterThan(2);
  });

  it('that are too large to be held leave no file when their reader goes early, or the disk here refuses them', async () => {
    const { outputs } = await startShuffle(4, 2000, 1);
    const options = {
      job: 'job-1',
      shuffle: 3,
      schema: MIXED,
      batchRows: 100,
      batchBytes: 1 << 20,
      bytesInFlight: 3.5 * outputs[0].bytes[0],
      patience: PATIENCE,
    };
    const place = newSpillPlace();
    let spilled = 0;
    const onSpill = () => spilled++;
    for await (const batch of readBlocks(outputs, 0, { ...options, ...place, onSpill })) {
      expect(batch.length).toBeGreaterThan(0);
      // The block that is read, and those that came meanwhile.
      await vi.waitFor(() => expect(spilled).toBe(3), { interval: 5 });
      expect(place.files()).toHaveLength(3);
      break;
    }
    expect(place.files()).toEqual([]);
    // No fault of the maps: they must not run again.
    const spillDir = () => join(import.meta.filename, 'below-a-file');
    await expect(readBlocks(outputs, 0, { ...options, spillDir }).next()).rejects.toMatchObject({
      condition: 'SHUFFLE_WRITE_FAILED',
      kind: 'retryable',
    });
  });

  it('that a reader has put on its own disk are its own fault where the disk damages or loses them', async () => {
    const { outputs } = await startShuffle(4, 2000, 1);
    const damages: readonly ((path: string) => void)[] = [
      (path) => {
        const bytes = readFileSync(path);
        bytes[bytes.length >> 1] ^= 1;
        writeFileSync(path, bytes);
      },
      (path) => truncateSync(path, 100),
      (path) => rmSync(path),
    ];
    for (const damage of damages) {
      const place = newSpillPlace();
      let spilled = 0;
      const onSpill = () => spilled++;
      const bytesInFlight = 3.5 * outputs[0].bytes[0];
      const options = { job: 'job-1', shuffle: 3, schema: MIXED, batchRows: 100, batchBytes: 1 << 20, bytesInFlight, patience: PATIENCE };
      const batches = readBlocks(outputs, 0, { ...options, ...place, onSpill });
      await batches.next();
      await vi.waitFor(() => expect(spilled).toBe(3), { interval: 5 });
      // The first is open by now.
      const path = join(place.spillDir(), place.files().sort()[1]);
      damage(path);
      const rest = async () => {
        for await (const _ of batches);
      };
      await expect(rest()).rejects.toMatchObject({ kind: 'retryable', condition: 'SPILL_DAMAGED', message: expect.stringContaining(path) });
      expect(place.files()).toEqual([]);
    }
  });

  it('never leave the store: a job that is a path is refused', async () => {
    const { outputs } = await startShuffle(1, 20, 1);
    const options = { job: '../../etc', shuffle: 3, schema: MIXED, batchRows: 10, batchBytes: 1000, bytesInFlight: 1, patience: PATIENCE };
    await expect(readBlocks(outputs, 0, { ...options, ...newSpillPlace() }).next()).rejects.toMatchObject({ condition: 'FETCH_FAILED' });
  });
});
