/** A shuffle service over real sockets: who may attach, whose blocks it gives for how long, and what it leaves on disk. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Attachment, attachToService } from '../../../src/runtime/shuffle/attachment.js';
import { BlockStore } from '../../../src/runtime/shuffle/block-store.js';
import { closeBlockClients } from '../../../src/runtime/shuffle/fetch.js';
import { PROOF_FILE } from '../../../src/runtime/shuffle/service-directory.js';
import { type ShuffleService, startShuffleService } from '../../../src/runtime/shuffle/shuffle-service.js';
import { read, writeMap } from './served-shuffle.js';

let dir: string;
let service: ShuffleService;
const attachments: Attachment[] = [];

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'service-test-'));
  service = await startShuffleService({ host: '127.0.0.1', port: 0, dir, secret: 'secret', retainMs: 3_600_000 });
});

afterEach(async () => {
  closeBlockClients();
  for (const attachment of attachments.splice(0)) attachment.detach();
  await service.close();
  rmSync(dir, { recursive: true, force: true });
});

async function attach(worker: string, onLost = () => {}, secret: string | null = 'secret'): Promise<Attachment> {
  const attachment = await attachToService({ address: service.endpoint, worker, secret, onLost });
  attachments.push(attachment);
  return attachment;
}

/** A map output of `worker` in its directory of the service, where no reader sees it but through the service. */
async function write(worker: string, attachment: Attachment, map: number, rows = 50) {
  const { output, texts } = await writeMap({ worker, store: new BlockStore(attachment.dir), map, rows, partitions: 1 });
  return { output: { ...output, ...attachment.served }, texts: texts[0] };
}

async function until(holds: () => boolean): Promise<void> {
  for (const end = Date.now() + 10_000; !holds(); ) {
    if (Date.now() > end) throw new Error('It did not come about.');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const jobsOf = (worker: string): string[] => {
  const own = join(service.root, worker);
  return existsSync(own) ? readdirSync(own).filter((name) => name !== PROOF_FILE) : [];
};

test('blocks outlive the worker that wrote them, until a worker says that their job is over', async () => {
  const [a, b] = [await attach('worker-a'), await attach('worker-b')];
  const maps = [await write('worker-a', a, 0), await write('worker-b', b, 1), await write('worker-a', a, 2)];
  a.detach();
  const { rows, seen } = await read(
    maps.map(({ output }) => output),
    0,
    1 << 20,
  );
  expect(rows).toEqual(maps.flatMap(({ texts }) => texts));
  expect(seen.remote).toBeGreaterThan(0);
  expect([jobsOf('worker-a'), jobsOf('worker-b')]).toEqual([['job-1'], ['job-1']]);
  // Another worker's token opens nothing.
  await expect(read([{ ...maps[0].output, token: b.served.token }], 0, 1 << 20)).rejects.toMatchObject({
    condition: 'FETCH_FAILED',
    data: { maps: [0], worker: 'worker-a' },
  });
  b.endJob('job-1');
  await until(() => !existsSync(join(service.root, 'worker-a')));
  expect(jobsOf('worker-b')).toEqual([]);
  expect(existsSync(b.dir)).toBe(true);
});

test('a worker that is still attached tidies up for itself: its tasks may go on', async () => {
  const [a, b] = [await attach('worker-a'), await attach('worker-b')];
  await write('worker-a', a, 0);
  await write('worker-b', b, 1);
  b.endJob('job-1');
  await until(() => jobsOf('worker-b').length === 0);
  expect(jobsOf('worker-a')).toEqual(['job-1']);
  // It dies before it could: what is known to be over goes with it.
  a.detach();
  await until(() => !existsSync(a.dir));
});

test('a worker that comes again has its blocks and token still', async () => {
  const first = await attach('worker-a');
  const { output, texts } = await write('worker-a', first, 0);
  first.detach();
  const second = await attach('worker-a');
  expect([second.served, second.dir]).toEqual([first.served, first.dir]);
  expect((await read([output], 0, 1 << 20)).rows).toEqual(texts);
});

test('what nobody can tell the end of goes after a while', async () => {
  await service.close();
  service = await startShuffleService({ host: '127.0.0.1', port: 0, dir, secret: 'secret', retainMs: 20 });
  const [a, b] = [await attach('worker-a'), await attach('worker-b')];
  await write('worker-a', a, 0);
  await write('worker-b', b, 1);
  a.detach();
  b.abandonJob('job-1');
  await until(() => !existsSync(a.dir) && jobsOf('worker-b').length === 0);
  expect(existsSync(b.dir)).toBe(true);
});

test('when it stops, its workers are told, its files are gone and its blocks are lost for all of them at once', async () => {
  let lost = 0;
  const [a, b] = [await attach('worker-a', () => lost++), await attach('worker-b', () => lost++)];
  const outputs = [await write('worker-a', a, 0), await write('worker-b', b, 1)].map(({ output }) => output);
  await service.close();
  await until(() => lost === 2);
  expect(existsSync(service.root)).toBe(false);
  await expect(read(outputs, 0, 1 << 20, 1000, { tries: 2, stallMs: 1000 })).rejects.toMatchObject({
    condition: 'FETCH_FAILED',
    data: { maps: [0, 1], endpoint: service.endpoint },
  });
});

test('only workers of the cluster attach, under the name of one, and on this host', async () => {
  for (const secret of [null, '', 'Secret', 'secret2']) {
    await expect(attach('worker-x', () => {}, secret)).rejects.toMatchObject({ kind: 'user', condition: 'TOKEN_REFUSED' });
  }
  await expect(attach('../worker-x')).rejects.toMatchObject({
    condition: 'SHUFFLE_SERVICE_UNREACHABLE',
    message: expect.stringContaining('no id of a worker'),
  });
  const nowhere = { address: '127.0.0.1:1', worker: 'worker-x', secret: null, onLost: () => {}, waitMs: 200 };
  await expect(attachToService(nowhere)).rejects.toMatchObject({
    condition: 'SHUFFLE_SERVICE_UNREACHABLE',
    message: 'No shuffle service can be reached at 127.0.0.1:1: nothing answered within 0.2 s.',
    hint: 'Start one on this host with `minispark shuffle-service --port 1`',
  });
  expect(readdirSync(service.root)).toEqual(['owner.json']);
  // Somebody else's directory lies where the service says that the worker's is.
  await attach('worker-y');
  writeFileSync(join(service.root, 'worker-y', PROOF_FILE), 'of another host');
  await expect(attach('worker-y')).rejects.toMatchObject({ kind: 'user', condition: 'SHUFFLE_SERVICE_ELSEWHERE' });
});

test('it is open to this machine alone without a secret, and clears away what dead ones left', async () => {
  const options = { port: 0, dir, secret: null, retainMs: 1000 };
  await expect(startShuffleService({ ...options, host: '0.0.0.0' })).rejects.toMatchObject({ condition: 'TOKEN_REQUIRED' });
  const left = join(dir, readdirSync(dir)[0], 'service-dead');
  mkdirSync(left);
  writeFileSync(join(left, 'owner.json'), JSON.stringify({ host: (await import('node:os')).hostname(), pid: 2 ** 22 + 1, started: '1' }));
  const other = await startShuffleService({ ...options, host: '127.0.0.1' });
  expect(existsSync(left)).toBe(false);
  await other.close();
});
