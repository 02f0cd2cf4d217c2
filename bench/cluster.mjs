/** Owns: a standing cluster of processes, started fresh and ended by the caller, and following a job on it event by event. */

import { join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';
import { start } from './measure.mjs';
import { COMMAND, ROOT } from './minispark.mjs';

const READY_MS = 20_000;

/** A scheduler on a free port and workers of one thread each. `workers[i].kill(signal)` is one process's end; close() is everyone's. */
export async function startCluster(workerCount, dir) {
  const scheduler = start(process.execPath, [COMMAND, 'scheduler', '--port', '0'], { cwd: ROOT });
  const address = await within(READY_MS, 'the scheduler to listen', firstMatch(scheduler, /grpc:\/\/\S+/));
  const workers = Array.from({ length: workerCount }, (_, i) =>
    start(process.execPath, [COMMAND, 'worker', '--scheduler', address, '--threads', '1', '--dir', join(dir, `worker-${i}`)], {
      cwd: ROOT,
    }),
  );
  return {
    address,
    kill: (i) => workers[i].child.kill('SIGKILL'),
    async close() {
      const all = [...workers, scheduler];
      const signal = (name) => {
        for (const { child } of all) child.kill(name);
      };
      signal('SIGTERM');
      const stopped = Promise.all(all.map(({ ended }) => ended));
      await within(READY_MS, 'the cluster to stop', stopped).finally(() => signal('SIGKILL'));
    },
  };
}

/** Submits a job, gives `onEvent` each of its events as it comes, and then how it ended, with all events. */
export async function follow(args, { onEvent = () => {}, ...options }) {
  const { child, ended } = start(process.execPath, [COMMAND, 'submit', '--json', ...args], { ...options, cwd: ROOT });
  const events = [];
  const lines = createInterface({ input: child.stdout.pipe(new PassThrough()) });
  lines.on('line', (line) => {
    const event = JSON.parse(line);
    events.push(event);
    onEvent(event);
  });
  return { ...(await ended), events };
}

function firstMatch({ child, ended }, pattern) {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout.on('data', (more) => {
      text += more;
      const found = pattern.exec(text);
      if (found) resolve(found[0]);
    });
    ended.then(({ err }) => reject(new Error(`it ended: ${err}`)), reject);
  });
}

async function within(ms, what, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${ms / 1000} s for ${what}`)), ms);
  });
  return await Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
