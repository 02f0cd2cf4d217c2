/** Owns: what every shuffle writer must do, whatever its strategy: what was written is what is read, damage is noticed, nothing is left behind. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ShuffleWriterKind } from '../../../src/core/config.js';
import { MinisparkError } from '../../../src/core/errors.js';
import type { Batch, Column } from '../../../src/data/batch.js';
import { columnOf } from '../../../src/data/builder.js';
import { type CodecName, loadCodec } from '../../../src/data/codec.js';
import { field, INT32, type Schema, STRING, schemaOf } from '../../../src/data/types.js';
import type { MapOutput } from '../../../src/runtime/rpc/messages.js';
import { BlockStore } from '../../../src/runtime/shuffle/block-store.js';
import { createShuffleWriter } from '../../../src/runtime/shuffle/create-writer.js';
import { blockPath, indexPath } from '../../../src/runtime/shuffle/file-layout.js';
import { forgetFiles } from '../../../src/runtime/shuffle/local-blocks.js';
import { readBlocks } from '../../../src/runtime/shuffle/reader.js';
import type { BlockWriter } from '../../../src/runtime/shuffle/writer.js';
import { MIXED, randomBatch, randomOf, rowTexts, wordDictionary } from './random-rows.js';
import { PATIENCE } from './served-shuffle.js';

const JOB = 'job-1';
const WORKER = 'worker-a';

/**
 * With a codec, what it can touch: other tests hold whatever the blocks' bytes are. `thorough` damages hundreds of positions and cuts at every
 * boundary, and writes and counts files of 2,048 partitions; else it is a sample of that.
 */
export function describeWriter(kind: ShuffleWriterKind, codec: CodecName | null, thorough = false): void {
  const layout = { writer: kind, slot: 3 };
  let spills: number;
  let dir: string;
  let store: BlockStore;
  beforeAll(async () => {
    if (codec !== null) await loadCodec(codec);
  });
  beforeEach(() => {
    spills = 0;
    dir = mkdtempSync(join(tmpdir(), 'shuffle-test-'));
    store = new BlockStore(join(dir, WORKER));
  });
  afterEach(() => {
    forgetFiles(dir);
    rmSync(dir, { recursive: true, force: true });
  });

  const writerOf = (map: number, partitions: number, schema: Schema, bufferBytes: number, batchRows = 1000, slot = 3) =>
    createShuffleWriter(
      {
        schema,
        partitions,
        identity: { worker: WORKER, shuffle: 0, map, attempt: 0 },
        dataPath: store.prepareDataPath(JOB, 0, map, 0),
        spillDir: dir,
        bufferBytes,
        batchRows,
        codec,
        onSpill: () => {
          spills++;
        },
      },
      { writer: kind, slot },
    );

  const outputOf = async (map: number, writer: BlockWriter): Promise<MapOutput & { rows: readonly number[]; files: number }> => {
    const { path, bytes, rows, files } = await writer.finish();
    return { map, attempt: 0, worker: WORKER, endpoint: '', token: '', path, bytes, rows, files };
  };

  const read = async (outputs: readonly MapOutput[], partition: number, schema: Schema, largeBytes = 8 << 20): Promise<Batch[]> => {
    const options = {
      job: JOB,
      shuffle: 0,
      schema,
      batchRows: 1000,
      batchBytes: 1 << 20,
      bytesInFlight: 1 << 20,
      largeBytes,
      patience: PATIENCE,
      spillDir: () => dir,
    };
    const batches: Batch[] = [];
    for await (const batch of readBlocks(outputs, partition, options)) batches.push(batch);
    return batches;
  };

  describe(`${kind} writer, ${codec ?? 'no'} codec`, () => {
    it('notices every damaged byte and every cut: FETCH_FAILED, never other rows', async () => {
      const random = randomOf(5);
      const writer = writerOf(0, 3, MIXED, 1 << 20);
      writer.write(
        randomBatch(60, random, null),
        Int32Array.from({ length: 60 }, (_, i) => i % 3),
      );
      const output = await outputOf(0, writer);
      const files = new Set([0, 1, 2].map((p) => blockPath(output.path, layout, p)));
      const flips = Math.ceil((thorough ? 520 : 60) / (files.size + 1));
      for (const path of [...files, indexPath(output.path)]) {
        const whole = readFileSync(path);
        const damage = [
          ...Array.from({ length: flips }, (_, i) => flipped(whole, Math.floor(((i + random()) * whole.length) / flips), random)),
          ...boundariesOf(whole)
            .filter((_, i) => thorough || i % 16 === 0)
            .map((at) => whole.subarray(0, at)),
        ];
        for (const [i, damaged] of damage.entries()) {
          writeFileSync(path, damaged);
          forgetFiles(dir);
          const results = await Promise.allSettled([0, 1, 2].map((p) => read([output], p, MIXED, i % 4 === 0 ? 0 : 1 << 20)));
          const failures = results.flatMap((r) => (r.status === 'rejected' ? [r.reason] : []));
          expect(failures.length).toBeGreaterThan(0);
          for (const error of failures) {
            expect(error).toBeInstanceOf(MinisparkError);
            expect(error).toMatchObject({ condition: 'FETCH_FAILED', kind: 'retryable', data: { shuffle: 0, maps: [0], worker: WORKER } });
          }
          writeFileSync(path, whole);
        }
      }
      forgetFiles(dir);
      expect((await read([output], 0, MIXED))[0].length).toBe(20);
    });

    if (thorough || codec === null) {
      it.each(thorough ? [1, 7, 200, 2048] : [1, 7, 200])(
        'makes M, M × R or S × R data files, empty ones included: %i partitions',
        async (partitions) => {
          const outputs: Awaited<ReturnType<typeof outputOf>>[] = [];
          for (const [map, slot] of [3, 3, 4, 3].entries()) {
            const writer = writerOf(map, partitions, MIXED, 1 << 20, 1000, slot);
            // Of all partitions only the last has rows.
            writer.write(randomBatch(10, randomOf(map), null), new Int32Array(10).fill(partitions - 1));
            outputs.push(await outputOf(map, writer));
          }
          const files = readdirSync(join(store.jobDir(JOB), 'shuffle-0'));
          expect(files.filter((name) => name.endsWith('.index')).length).toBe(4);
          const expected = { sort: 4, hash: 4 * partitions, consolidated: 2 * partitions }[kind];
          expect(files.filter((name) => name.endsWith('.data')).length).toBe(expected);
          expect(outputs.reduce((sum, output) => sum + output.files, 0)).toBe(expected);
          expect((await read(outputs, partitions - 1, MIXED)).flatMap((batch) => rowTexts(batch, MIXED))).toHaveLength(40);
        },
      );
    }
    it('keeps dictionaries of rows that were written in several goes, each with its own', async () => {
      const schema = schemaOf(field('word', STRING));
      // Partition 0 has runs that are put into the block as they lie, partition 1 runs that are joined; both have one of plain rows.
      const go = (name: string, coded: boolean): Batch => {
        const words = Array.from({ length: 6000 }, (_, i) => `${name} long word ${i % 3}`);
        const codes = Int32Array.from(words, (_, i) => i % 3);
        const dictionary = columnOf(STRING, words.slice(0, 3));
        const column: Column = coded
          ? { layout: 'dictionary', length: words.length, validity: null, codes, dictionary }
          : columnOf(STRING, words);
        return { length: words.length, columns: [column] };
      };
      const writer = writerOf(0, 2, schema, 1000, 10_000);
      const gos = [go('a', true), go('b', true), go('c', false), go('d', true)];
      for (const batch of gos) {
        writer.write(
          batch,
          Int32Array.from({ length: 6000 }, (_, i) => (i % 6 === 0 ? 1 : 0)),
        );
      }
      const output = await outputOf(0, writer);
      for (const partition of [0, 1]) {
        const batches = await read([output], partition, schema);
        const written = gos.flatMap((batch) => rowTexts(batch, schema).filter((_, i) => (i % 6 === 0) === (partition === 1)));
        expect(batches.flatMap((batch) => rowTexts(batch, schema))).toEqual(written);
      }
      // Plain texts with their offsets would be 17 bytes a row.
      if (codec === null) expect(output.bytes[0]).toBeLessThan(20_000 * 10);
    });

    // Thousands of files take their time: they are for the thorough suite, and with a codec all but two.
    const few = [
      { partitions: 7, bufferBytes: 20_000, shared: true },
      { partitions: 200, bufferBytes: 1 << 30, shared: false },
    ];
    const usual = [
      ...few,
      { partitions: 1, bufferBytes: 1 << 30, shared: true },
      { partitions: 7, bufferBytes: 1 << 30, shared: true },
      { partitions: 7, bufferBytes: 1 << 30, shared: false },
      { partitions: 200, bufferBytes: 60_000, shared: false },
    ];
    const all = [...usual, { partitions: 2048, bufferBytes: 1 << 30, shared: true }];
    it.each(thorough ? all : codec === null ? usual : few)(
      'gives back what was written: %o',
      async ({ partitions, bufferBytes, shared }) => {
        const random = randomOf(partitions);
        const dictionary = shared ? wordDictionary() : null;
        const expected: string[][] = Array.from({ length: partitions }, () => []);
        const outputs: MapOutput[] = [];
        for (let map = 0; map < 3; map++) {
          const writer = writerOf(map, partitions, MIXED, bufferBytes);
          for (const rows of [1, 0, 700, 33, 900]) {
            const batch = randomBatch(rows, random, dictionary);
            const of = Int32Array.from({ length: rows }, () => Math.floor(random() ** 2 * partitions));
            writer.write(batch, of);
            for (const [i, text] of rowTexts(batch, MIXED).entries()) expected[of[i]].push(text);
          }
          const output = await outputOf(map, writer);
          expect(output.rows.reduce((sum, n) => sum + n, 0)).toBe(1634);
          outputs.push(output);
        }
        // Only what must be merged is written twice.
        if (bufferBytes < 1 << 20 && kind === 'sort') expect(spills).toBeGreaterThan(0);
        if (kind !== 'sort') expect(spills).toBe(0);
        const some = partitions > 200 ? [0, 1, 2, 3, 77, 1000, 1500, 2047] : expected.map((_, p) => p);
        for (const p of some) {
          const batches = await read(outputs, p, MIXED);
          expect(batches.flatMap((batch) => rowTexts(batch, MIXED))).toEqual(expected[p]);
          // The same from blocks that are too large to be held.
          if (p > 7) continue;
          const streamed = await read(outputs, p, MIXED, 0);
          expect(streamed.flatMap((batch) => rowTexts(batch, MIXED))).toEqual(expected[p]);
        }
      },
    );

    if (thorough || codec !== null) return;

    it('keeps rows of a partition in order, for any partitions and spills', async () => {
      const schema = schemaOf(field('n', INT32));
      await fc.assert(
        fc.asyncProperty(fc.array(fc.nat(4), { maxLength: 300 }), fc.integer({ min: 1, max: 2000 }), async (of, bufferBytes) => {
          const writer = writerOf(0, 5, schema, bufferBytes, 7);
          for (const [i, p] of of.entries()) writer.write({ length: 1, columns: [columnOf(INT32, [i])] }, Int32Array.of(p));
          const output = await outputOf(0, writer);
          for (let p = 0; p < 5; p++) {
            const rows = (await read([output], p, schema)).flatMap((batch) => rowTexts(batch, schema));
            expect(rows).toEqual(of.flatMap((q, i) => (q === p ? [`[${i}]`] : [])));
          }
          forgetFiles(dir);
        }),
        { numRuns: 25 },
      );
    });

    it('writes an output without rows', async () => {
      const output = await outputOf(0, writerOf(0, 3, MIXED, 1000));
      expect(output.bytes).toEqual([0, 0, 0]);
      expect(await read([output], 1, MIXED)).toEqual([]);
    });

    it('names the lost map when a file is gone', async () => {
      const writers = [0, 1].map((map) => writerOf(map, 1, MIXED, 1 << 20));
      for (const writer of writers) writer.write(randomBatch(5, randomOf(1), null), new Int32Array(5));
      const outputs = await Promise.all(writers.map((writer, map) => outputOf(map, writer)));
      rmSync(indexPath(outputs[1].path));
      await expect(read(outputs, 0, MIXED)).rejects.toMatchObject({ condition: 'FETCH_FAILED', data: { maps: [1] } });
    });

    it('leaves nothing behind that counts when it is aborted, and its files and an index when it commits', async () => {
      const shuffleDir = join(store.jobDir(JOB), 'shuffle-0');
      const spoilt = writerOf(0, 9, MIXED, 5_000);
      spoilt.write(
        randomBatch(500, randomOf(2), null),
        new Int32Array(500).map((_, i) => i % 9),
      );
      spoilt.abort();
      // What a slot's file got stays there, and no index names it.
      const dead = kind === 'consolidated' ? slotFiles(9) : [];
      expect(readdirSync(shuffleDir).sort()).toEqual(dead);
      expect(readdirSync(dir)).toEqual([WORKER]);
      const good = writerOf(1, 9, MIXED, 5_000);
      good.write(
        randomBatch(500, randomOf(2), null),
        new Int32Array(500).map((_, i) => i % 9),
      );
      await good.finish();
      const data = { sort: ['map-1-0.data'], hash: mapFiles(9), consolidated: slotFiles(9) }[kind];
      expect(readdirSync(shuffleDir).sort()).toEqual([...data, 'map-1-0.index'].sort());
      expect(readdirSync(dir)).toEqual([WORKER]);
    });
  });
}

const mapFiles = (partitions: number) => Array.from({ length: partitions }, (_, p) => `map-1-0-p${p}.data`);
const slotFiles = (partitions: number) => Array.from({ length: partitions }, (_, p) => `slot-3-p${p}.data`);

function flipped(whole: Buffer, at: number, random: () => number): Buffer {
  const damaged = Buffer.from(whole);
  damaged[at] ^= 1 << Math.floor(random() * 8);
  return damaged;
}

/** Where something ends and something else begins: messages of streams and their parts, entries of indexes; and a byte to either side. */
function boundariesOf(whole: Buffer): number[] {
  const at = new Set<number>([0]);
  if (whole.toString('latin1', 0, 8) === 'MSBLOCKS') for (let i = 128; i < whole.length; i += 32) at.add(i);
  // A message begins with -1 and the size of its metadata.
  else for (let i = 0; i < whole.length; i += 8) if (whole.readInt32LE(i) === -1) for (const part of [0, 4, 8]) at.add(i + part);
  at.add(whole.length);
  return [...at].flatMap((n) => [n - 1, n, n + 1]).filter((n) => n >= 0 && n < whole.length);
}
