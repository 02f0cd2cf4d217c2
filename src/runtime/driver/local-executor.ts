/**
 * Owns: `local[N]`: the same scheduler and worker as everywhere, in this process, tied together by calls instead of sockets.
 * A job with closures that only this thread has runs in this thread, beside the pool.
 */
import { randomBytes } from 'node:crypto';
import type { Config } from '../../core/config.js';
import type { EventListener } from '../../core/events.js';
import type { FromWorker } from '../rpc/messages.js';
import { runJob } from '../scheduler/run-job.js';
import { SchedulerService, type WorkerConnection } from '../scheduler/service.js';
import { Worker } from '../worker/worker.js';
import type { Executor, JobSubmission, ResultBlock } from './executor.js';

/** Task threads start in the background, so that they are warm when the first plan is made. */
export async function openLocalExecutor(slots: number, config: Config): Promise<Executor> {
  const dir = config.get('shuffle.dir');
  const threads = await startPlace(slots, dir, false);
  let inThread: Promise<Place> | null = null;
  const placeOf = (opaque: boolean): Promise<Place> => {
    if (!opaque) return Promise.resolve(threads);
    inThread ??= startPlace(1, dir, true);
    return inThread;
  };
  return {
    slots: async () => slots,
    async *run(submission: JobSubmission, onEvent: EventListener): AsyncGenerator<ResultBlock> {
      const { service } = await placeOf(submission.opaque);
      yield* runJob(service, submission, onEvent, submission.signal);
    },
    async share(id, bytes) {
      // Functions of this thread hold the values themselves.
      threads.service.share(id, bytes);
    },
    async release(ids) {
      threads.service.release(ids);
      (await inThread)?.service.release(ids);
    },
    async close() {
      await Promise.all([threads.close(), inThread?.then((place) => place.close())]);
    },
  };
}

interface Place {
  readonly service: SchedulerService;
  close(): Promise<void>;
}

async function startPlace(slots: number, dir: string, inThread: boolean): Promise<Place> {
  const id = `worker-${randomBytes(4).toString('hex')}`;
  // In one process nobody can fall silent without the other.
  const service = new SchedulerService({ heartbeatTimeoutMs: 0 });
  const early: FromWorker[] = [];
  let connection: WorkerConnection | null = null;
  const worker = await Worker.start({ id, slots, dir, host: '127.0.0.1', serveBlocks: false, secret: null, inThread }, (message) => {
    if (connection) connection.receive(message);
    else early.push(message);
  });
  connection = service.connectWorker({ send: (message) => worker.receive(message), close() {} }, worker.registration);
  if (early.length > 0) connection.receive(early);
  return {
    service,
    async close() {
      service.close('the session was stopped');
      await worker.stop();
    },
  };
}
