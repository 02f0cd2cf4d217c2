/**
 * A cluster in virtual time: simulated workers with slots, queues, latencies, files and sudden deaths speak the protocol to one Scheduler.
 * Everything follows from the seed. What the scheduler must never do is checked where the simulated parts would notice it.
 */
import { expect } from 'vitest';
import type { WireError } from '../../../src/core/errors.js';
import { NO_METRICS } from '../../../src/core/events.js';
import { formatTask, type TaskKey } from '../../../src/core/ids.js';
import type { ShuffleLocations, ToWorker } from '../../../src/runtime/rpc/messages.js';
import type { Action, Input, Submission, WorkerFact } from '../../../src/runtime/scheduler/actions.js';
import { pendingTasks } from '../../../src/runtime/scheduler/job-state.js';
import { Scheduler } from '../../../src/runtime/scheduler/scheduler.js';
import type { SchedulerOptions } from '../../../src/runtime/scheduler/state.js';

export interface Chances {
  /** Of each attempt. */
  readonly retryable: number;
  readonly user: number;
  /** That a worker dies when it starts a task; half of them die silently, so that only their heartbeats are missed. */
  readonly death: number;
  /** That a finished map's file vanishes at once though its worker lives. */
  readonly lostFile: number;
}

interface SimWorker {
  readonly id: string;
  readonly slots: number;
  alive: boolean;
  running: number;
  readonly queue: { readonly key: TaskKey; readonly round: number }[];
  readonly cancelled: Set<string>;
  readonly stages: Map<string, readonly ShuffleLocations[]>;
  readonly jobs: Set<string>;
  readonly files: Set<string>;
}

export class Simulation {
  readonly scheduler: Scheduler;
  readonly outcomes = new Map<string, WireError | null>();
  readonly accepted = new Map<string, number>();
  readonly workers = new Map<string, SimWorker>();
  now = 0;
  inputs = 0;
  deaths = 0;
  private readonly agenda = new Agenda();
  private readonly timers = new Map<string, number>();
  private readonly attempts = new Set<string>();
  private readonly maps = new Map<string, number[]>();
  private readonly random: () => number;
  private readonly chances: Chances;
  private born = 0;

  constructor(seed: number, chances: Chances, options: Partial<SchedulerOptions> = {}) {
    this.random = mulberry32(seed);
    this.chances = chances;
    this.scheduler = new Scheduler(options);
  }

  at(time: number, act: () => void): void {
    this.agenda.add(time, act);
  }

  submit(submission: Submission): void {
    this.maps.set(
      submission.job,
      submission.graph.stages.map((stage) => stage.tasks.length),
    );
    this.apply({ kind: 'submit', time: this.now, submission });
  }

  addWorker(slots: number): void {
    const id = `w${this.born++}`;
    const worker: SimWorker = {
      id,
      slots,
      alive: true,
      running: 0,
      queue: [],
      cancelled: new Set(),
      stages: new Map(),
      jobs: new Set(),
      files: new Set(),
    };
    this.workers.set(id, worker);
    const registration = { worker: id, host: 'h', endpoint: `${id}:1`, blockToken: '', slots };
    this.apply({ kind: 'worker-registered', time: this.now, registration });
    const beat = () => {
      if (!worker.alive || this.outcomes.size === this.maps.size) return;
      this.tell(worker, { kind: 'heartbeat', worker: id });
      this.at(this.now + 1000, beat);
    };
    this.at(this.now + 1000, beat);
  }

  kill(worker: SimWorker, silent: boolean): void {
    if (!worker.alive) return;
    worker.alive = false;
    this.deaths++;
    const id = worker.id;
    if (!silent) this.later(() => this.apply({ kind: 'worker-disconnected', time: this.now, worker: id, reason: 'killed' }));
  }

  /** Until nothing is left to happen. Fails if that takes more than `limit` happenings; checks the invariants every so many. */
  run(limit: number, checkEvery = 97): void {
    for (let turns = 0; ; turns++) {
      const next = this.agenda.next();
      if (next === null) return;
      if (turns > limit) throw new Error(`Still busy after ${limit} happenings, ${this.outcomes.size} of ${this.maps.size} jobs ended`);
      this.now = Math.max(this.now, next.time);
      next.act();
      if (turns % checkEvery === 0) this.checkInvariants();
    }
  }

  checkInvariants(): void {
    const { state } = this.scheduler;
    for (const job of state.jobs.values()) {
      for (const stage of job.stages) {
        const known = stage.tasks.filter((task) => task !== undefined);
        const done = known.filter((task) => task.status === 'done').length;
        const pending = known.filter((task) => task.status === 'pending').length;
        must(stage.remaining === stage.definition.tasks.length - done, 'remaining counts what is not done');
        must(pendingTasks(stage) === pending + stage.definition.tasks.length - known.length, 'every pending task is in one queue');
        must(stage.status !== 'complete' || stage.remaining === 0, 'complete means all done');
        must(stage.listed === (stage.status === 'ready' && pendingTasks(stage) > 0), 'listed when there is something to launch');
        must(stage.listed === state.ready.includes(stage), 'listed is in the list');
        for (const task of known) {
          must(task.status !== 'launched' || task.worker?.launched.has(task) === true, 'a launched task is at its worker');
          must(
            !task.output || state.workers.get(task.output.worker)?.outputs.get(job.id)?.has(task) === true,
            'outputs lie at live workers',
          );
        }
      }
    }
    for (const worker of state.workers.values()) {
      for (const task of worker.launched) must(task.worker === worker, 'a worker holds its own tasks');
      must(worker.launched.size <= worker.slots * 65, 'queues are short');
      must(worker.launched.size >= worker.slots || state.free.has(worker), 'an idle slot is known');
    }
  }

  private apply(input: Input): void {
    this.inputs++;
    for (const action of this.scheduler.apply(input)) this.perform(action);
  }

  private perform(action: Action): void {
    switch (action.kind) {
      case 'send': {
        expect(this.scheduler.state.workers.has(action.worker), 'sends go to registered workers only').toBe(true);
        const worker = this.workers.get(action.worker)!;
        this.later(() => worker.alive && this.receive(worker, action.message), worker.id);
        break;
      }
      case 'start-timer':
        this.timers.set(action.id, action.at);
        this.at(action.at, () => {
          if (this.timers.get(action.id) === action.at) this.apply({ kind: 'timer', time: this.now, id: action.id });
        });
        break;
      case 'accept-result': {
        const partition = `${action.key.job}/${action.key.partition}`;
        this.accepted.set(partition, (this.accepted.get(partition) ?? 0) + 1);
        break;
      }
      case 'job-done':
        expect(this.outcomes.has(action.job), 'a job ends once').toBe(false);
        this.outcomes.set(action.job, action.error);
        for (const worker of this.scheduler.state.workers.values()) {
          must(!worker.outputs.has(action.job) && !worker.told.has(action.job), 'nothing of an ended job is kept');
        }
        break;
      case 'close-worker':
        this.workers.get(action.worker)!.alive = false;
        break;
      case 'emit':
      case 'discard-result':
      case 'send-blob':
      case 'forget-blobs':
        break;
      default:
        action satisfies never;
    }
  }

  private receive(worker: SimWorker, message: ToWorker): void {
    switch (message.kind) {
      case 'job':
        worker.jobs.add(message.job);
        break;
      case 'stage': {
        expect(worker.jobs.has(message.job)).toBe(true);
        worker.stages.set(`${message.job}/${message.stage}/${message.round}`, message.shuffles);
        for (const { shuffle, outputs } of message.shuffles) {
          const maps = outputs.map((output) => output.map).sort((x, y) => x - y);
          expect(maps, 'a round knows every map output once').toEqual([...Array(this.maps.get(message.job)![shuffle]).keys()]);
        }
        break;
      }
      case 'launch':
        for (const { key, round } of message.tasks) {
          expect(this.attempts.has(formatTask(key)), 'attempts are not reused').toBe(false);
          this.attempts.add(formatTask(key));
          expect(worker.stages.has(`${key.job}/${key.stage}/${round}`), 'the stage was described').toBe(true);
          worker.queue.push({ key, round });
        }
        this.startTasks(worker);
        break;
      case 'cancel':
        for (const key of message.keys) worker.cancelled.add(formatTask(key));
        break;
      case 'drop-job':
        worker.jobs.delete(message.job);
        for (const name of [...worker.files]) if (name.startsWith(`${message.job}/`)) worker.files.delete(name);
        worker.queue.splice(0, worker.queue.length, ...worker.queue.filter(({ key }) => key.job !== message.job));
        break;
      default:
        break;
    }
  }

  private startTasks(worker: SimWorker): void {
    while (worker.alive && worker.running < worker.slots && worker.queue.length > 0) {
      const { key, round } = worker.queue.shift()!;
      if (worker.cancelled.has(formatTask(key))) continue;
      worker.running++;
      this.tell(worker, { kind: 'started', keys: [key] });
      if (this.random() < this.chances.death) this.at(this.now + this.random() * 50, () => this.kill(worker, this.random() < 0.5));
      const runMs = this.random() < 0.02 ? 2000 * this.random() : 20 * this.random();
      this.at(this.now + runMs, () => {
        worker.running--;
        if (!worker.alive) return;
        this.tell(worker, this.outcomeOf(worker, key, round, runMs));
        this.startTasks(worker);
      });
    }
  }

  private outcomeOf(worker: SimWorker, key: TaskKey, round: number, runMs: number): WorkerFact {
    const failure = (error: WireError): WorkerFact => ({ kind: 'failed', key, error, metrics: null });
    for (const { shuffle, outputs } of worker.stages.get(`${key.job}/${key.stage}/${round}`)!) {
      const gone = outputs.find(
        ({ worker: holder, path }) => !(this.workers.get(holder)!.alive && this.workers.get(holder)!.files.has(path)),
      );
      if (!gone) continue;
      const maps = outputs.filter((output) => output.worker === gone.worker).map((output) => output.map);
      const data = { shuffle, maps: this.workers.get(gone.worker)!.alive ? [gone.map] : maps, worker: gone.worker };
      return failure({ kind: 'retryable', condition: 'FETCH_FAILED', message: 'gone', data });
    }
    const luck = this.random();
    if (luck < this.chances.user) return failure({ kind: 'user', condition: 'DIVIDE_BY_ZERO', message: 'x / 0' });
    if (luck < this.chances.user + this.chances.retryable) return failure({ kind: 'retryable', condition: 'BROKEN', message: 'b' });
    const path = formatTask(key);
    if (this.random() >= this.chances.lostFile) worker.files.add(path);
    const output = { shuffle: key.stage, path, bytes: [1], rows: [1] };
    const last = key.stage === this.maps.get(key.job)!.length - 1;
    return { kind: 'finished', key, metrics: { ...NO_METRICS, runMs }, output: last ? null : output, blocks: 0 };
  }

  /** Messages of one worker arrive in order; those on their way when it dies still arrive. */
  private tell(worker: SimWorker, fact: WorkerFact): void {
    this.later(() => this.apply({ kind: 'worker-facts', time: this.now, worker: worker.id, facts: [fact] }), `${worker.id} up`);
  }

  private readonly lastArrival = new Map<string, number>();

  private later(act: () => void, channel = ''): void {
    const time = Math.max(this.now + 0.2 + this.random() * 3, channel ? (this.lastArrival.get(channel) ?? 0) : 0);
    if (channel) this.lastArrival.set(channel, time);
    this.at(time, act);
  }
}

function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(`Broken: ${what}`);
}

/** A heap of what is to happen, by time, then by order of adding. */
class Agenda {
  private readonly heap: { time: number; order: number; act: () => void }[] = [];
  private added = 0;

  add(time: number, act: () => void): void {
    const { heap } = this;
    let at = heap.push({ time, order: this.added++, act }) - 1;
    while (at > 0) {
      const up = (at - 1) >> 1;
      if (!this.before(at, up)) break;
      [heap[at], heap[up]] = [heap[up], heap[at]];
      at = up;
    }
  }

  next(): { time: number; act: () => void } | null {
    const { heap } = this;
    if (heap.length === 0) return null;
    const top = heap[0];
    const last = heap.pop()!;
    if (heap.length > 0) heap[0] = last;
    for (let at = 0; ; ) {
      const down = [2 * at + 1, 2 * at + 2].filter((child) => child < heap.length);
      const least = down.length === 2 && this.before(down[1], down[0]) ? down[1] : down[0];
      if (least === undefined || !this.before(least, at)) return top;
      [heap[at], heap[least]] = [heap[least], heap[at]];
      at = least;
    }
  }

  private before(a: number, b: number): boolean {
    const { heap } = this;
    return heap[a].time < heap[b].time || (heap[a].time === heap[b].time && heap[a].order < heap[b].order);
  }
}

/** Tommy Ettinger's 32-bit generator: uniform in [0, 1). */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
