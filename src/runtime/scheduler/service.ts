/**
 * Owns: the scheduler at work: clock, timers, links to workers. Feeds the state machine one input after the other and performs its actions;
 * what drivers hear and get is driven-jobs.ts's. Free of transport: server.ts puts gRPC around it, `local` mode calls it in its own process.
 */
import { asMinisparkError, type MinisparkError, retryableError, userError, type WireError } from '../../core/errors.js';
import type { Event, EventListener } from '../../core/events.js';
import type { JobId, WorkerId } from '../../core/ids.js';
import { formatBytes } from '../../core/units.js';
import { type FromWorker, PROTOCOL_VERSION, partsOf, type SchedulerStatus, type ToWorker } from '../rpc/messages.js';
import type { Action, Input, Submission, WorkerFact } from './actions.js';
import { DrivenJobs, type JobHandle, type JobListener, type Untimed } from './driven-jobs.js';
import { Fifo } from './fifo.js';
import { wireWithoutStack } from './job-end.js';
import { Scheduler } from './scheduler.js';
import { currentTask, type SchedulerOptions } from './state.js';
import { Timers } from './timers.js';

/** The way to one worker. `send` must keep order; it may call back into `receive` at once. */
export interface WorkerLink {
  send(message: ToWorker): void;
  /** Nothing more will be sent. */
  close(): void;
}

/** What the holder of a link calls for a registered worker. Both may be called at any time, and are ignored once the worker is given up. */
export interface WorkerConnection {
  /** Messages in the order sent; those handed in together are answered together. */
  receive(messages: FromWorker | readonly FromWorker[]): void;
  disconnected(reason: string): void;
}

export interface ServiceOptions extends SchedulerOptions {
  /** Result bytes that a driver is sent ahead of what it has taken. */
  readonly resultWindowBytes: number;
  /** Hears every event of every job and worker. */
  readonly onEvent: EventListener;
}

const DEFAULT_WINDOW = 32 << 20;
const NO_BYTES = new Uint8Array(0);

export class SchedulerService {
  private readonly scheduler: Scheduler;
  private readonly listen: EventListener;
  private readonly timers = new Timers((id) => this.feed({ kind: 'timer', id }));
  private readonly links = new Map<WorkerId, WorkerLink>();
  private readonly jobs: DrivenJobs;
  private readonly inputs = new Fifo<{ readonly input: Untimed<Input>; readonly admit: (() => boolean) | null }>();
  /** Broadcast values as drivers sent them, until they are released. */
  private readonly blobs = new Map<string, Uint8Array>();
  private working = false;
  /** Why nobody is taken in any more. */
  private closing: string | null = null;

  constructor(options: Partial<ServiceOptions> = {}) {
    const { resultWindowBytes = DEFAULT_WINDOW, onEvent = () => {}, ...schedulerOptions } = options;
    this.scheduler = new Scheduler(schedulerOptions);
    this.jobs = new DrivenJobs(resultWindowBytes, (input) => this.feed(input));
    this.listen = onEvent;
  }

  /**
   * Takes in a worker. One of another protocol version or without slots is answered `refused` (PROTOCOL_MISMATCH, NO_SLOTS) and closed.
   * A worker known under this id is given up first: its tasks run again.
   */
  connectWorker(link: WorkerLink, registration: Extract<FromWorker, { kind: 'register' }>): WorkerConnection {
    const { worker, protocol, slots } = registration;
    const refusal = refusalOf(protocol, slots);
    if (refusal || this.closing !== null) {
      link.send(refusal ? { kind: 'refused', error: refusal } : { kind: 'shutdown', reason: this.closing as string });
      link.close();
      return { receive: () => {}, disconnected: () => {} };
    }
    this.feed({ kind: 'worker-disconnected', worker, reason: 'it registered anew' });
    this.feed({ kind: 'worker-registered', registration }, () => {
      this.links.set(worker, link);
      return true;
    });
    const isCurrent = () => this.links.get(worker) === link;
    return {
      receive: (messages) => this.receive(worker, Array.isArray(messages) ? messages : [messages as FromWorker], isCurrent),
      disconnected: (reason) => this.feed({ kind: 'worker-disconnected', worker, reason }, isCurrent),
    };
  }

  /** Starts a job. A bad configuration or graph, an id that runs already, or a scheduler that closes, comes back through `onDone`. */
  submit(submission: Submission, listener: JobListener): JobHandle {
    const { job } = submission;
    const refusal = this.jobRefusal(job);
    if (refusal) {
      listener.onDone(wireWithoutStack(refusal));
      return { cancel: () => {}, taken: () => {} };
    }
    const handle = this.jobs.add(job, listener);
    this.feed({ kind: 'submit', submission });
    return handle;
  }

  /** Has the bytes of a broadcast value ready for the jobs that name it. They must not change. */
  share(id: string, bytes: Uint8Array): void {
    this.blobs.set(id, bytes);
  }

  /** Frees broadcast values here and on workers, as soon as no running job uses them. */
  release(ids: readonly string[]): void {
    this.feed({ kind: 'release', ids });
  }

  status(): SchedulerStatus {
    let slots = 0;
    for (const worker of this.scheduler.state.workers.values()) slots += worker.slots;
    const { workers, jobs } = this.scheduler.state;
    return { protocol: PROTOCOL_VERSION, workers: workers.size, slots, runningJobs: jobs.size };
  }

  /** Ends all jobs with SCHEDULER_CLOSED, sends the workers away and stops the timers. */
  close(reason: string): void {
    this.closing = reason;
    const error = wireWithoutStack(schedulerClosed(reason));
    for (const job of this.jobs.ids()) this.jobs.end(job, error, false);
    for (const [worker, link] of [...this.links]) {
      this.send(worker, { kind: 'shutdown', reason });
      this.links.delete(worker);
      link.close();
    }
    this.timers.clear();
  }

  private jobRefusal(job: JobId): MinisparkError | null {
    if (this.closing !== null) return schedulerClosed(this.closing);
    if (!this.jobs.has(job)) return null;
    return userError('DUPLICATE_JOB', `Job ${job} runs already.`, { hint: 'Give every job an id of its own' });
  }

  /** One input after the other, each with all its actions: what a listener or link feeds meanwhile waits its turn. */
  private feed(input: Untimed<Input>, admit: (() => boolean) | null = null): void {
    this.inputs.push({ input, admit });
    if (this.working) return;
    this.working = true;
    try {
      for (let next = this.inputs.shift(); next; next = this.inputs.shift()) {
        if (next.admit && !next.admit()) continue;
        for (const action of this.scheduler.apply({ ...next.input, time: this.timers.now() } as Input)) this.perform(action);
      }
    } finally {
      this.working = false;
    }
  }

  private perform(action: Action): void {
    switch (action.kind) {
      case 'send':
        this.send(action.worker, action.message);
        break;
      case 'send-blob':
        for (const part of partsOf(action.blob, this.blobs.get(action.blob) ?? NO_BYTES)) {
          this.send(action.worker, { kind: 'blob', ...part });
        }
        break;
      case 'forget-blobs':
        for (const id of action.ids) this.blobs.delete(id);
        break;
      case 'close-worker':
        // No `shutdown`: should it live after all, it notices the end of its stream and joins anew.
        this.links.get(action.worker)?.close();
        this.links.delete(action.worker);
        break;
      case 'emit':
        this.emit(action.job, action.event);
        break;
      case 'accept-result':
        this.jobs.acceptResult(action.key);
        break;
      case 'discard-result':
        this.jobs.discardResult(action.key);
        break;
      case 'job-done':
        this.timers.cancel(`no-workers/${action.job}`);
        this.jobs.finish(action.job, action.error);
        break;
      case 'start-timer':
        this.timers.start(action.id, action.at);
        break;
      default:
        action satisfies never;
    }
  }

  /** Result blocks go beside the state machine, all else through it, in order. */
  private receive(worker: WorkerId, messages: readonly FromWorker[], isCurrent: () => boolean): void {
    const facts: WorkerFact[] = [];
    for (const message of messages) {
      if (message.kind === 'result') this.keepResult(worker, message);
      else if (message.kind === 'finished') facts.push(this.checkedFinish(message));
      else if (message.kind !== 'register') facts.push(message);
    }
    if (facts.length > 0) this.feed({ kind: 'worker-facts', worker, facts }, isCurrent);
    else this.feed({ kind: 'worker-facts', worker, facts: [{ kind: 'heartbeat', worker }] }, isCurrent);
  }

  private keepResult(worker: WorkerId, message: Extract<FromWorker, { kind: 'result' }>): void {
    const { key, rows, block } = message;
    const { state } = this.scheduler;
    const task = currentTask(state, worker, key);
    if (!task) return;
    const bytes = this.jobs.keepResult(key, rows, block);
    const bound = task.stage.job.maxResultBytes;
    if (bound === 0 || bytes <= bound) return;
    const error = userError('RESULT_TOO_LARGE', `Over ${formatBytes(bound)} of results wait for the driver.`, {
      hint: 'Write large results to files with df.write, spread them over more partitions, or raise driver.maxResultSize',
    });
    this.jobs.end(key.job, wireWithoutStack(error), false);
  }

  /** Blocks come before `finished` on the same ordered stream; should one be missing all the same, rows must not be lost silently. */
  private checkedFinish(fact: Extract<FromWorker, { kind: 'finished' }>): WorkerFact {
    const here = fact.output === null ? this.jobs.countResults(fact.key) : fact.blocks;
    if (here === fact.blocks) return fact;
    const error = wireWithoutStack(retryableError('RESULT_LOST', `${here} of ${fact.blocks} result blocks arrived.`));
    return { kind: 'failed', key: fact.key, error, metrics: fact.metrics };
  }

  private emit(job: JobId | null, event: Event): void {
    if (event.kind === 'worker-lost') {
      this.links.get(event.worker)?.close();
      this.links.delete(event.worker);
      this.timers.cancel(`worker/${event.worker}`);
    }
    // A job is told of the workers that were there before it; whoever hears everything knows them.
    if (job === null || event.kind !== 'worker-registered') this.listen(event);
    this.jobs.hear(job, event);
  }

  /** A link that throws has lost its worker. */
  private send(worker: WorkerId, message: ToWorker): void {
    const link = this.links.get(worker);
    try {
      link?.send(message);
    } catch (thrown) {
      const reason = `sending to it failed: ${asMinisparkError(thrown).message}`;
      this.feed({ kind: 'worker-disconnected', worker, reason }, () => this.links.get(worker) === link);
    }
  }
}

function schedulerClosed(reason: string): MinisparkError {
  return retryableError('SCHEDULER_CLOSED', `The scheduler is closing: ${reason}.`);
}

function refusalOf(protocol: number, slots: number): WireError | null {
  if (protocol !== PROTOCOL_VERSION) return wireWithoutStack(protocolMismatch(protocol, 'worker'));
  if (!(slots >= 1)) return wireWithoutStack(userError('NO_SLOTS', `A worker needs at least one thread, not ${slots}.`));
  return null;
}

export function protocolMismatch(protocol: number, who: 'worker' | 'driver') {
  const message = `The ${who} speaks protocol ${protocol}, this scheduler ${PROTOCOL_VERSION}.`;
  return userError('PROTOCOL_MISMATCH', message, { hint: 'Run the same version of minispark on every machine' });
}
