/**
 * Owns: when each attempt ran and in which slot, and what happened besides: faults, losses, decisions. Receives events, gives spans and marks
 * in milliseconds since the first event. Slots are told apart by overlap alone: an attempt takes the first lane of its worker that is free.
 */
import type { Event } from '../core/events.js';
import type { TaskKey, WorkerId } from '../core/ids.js';

export interface Span {
  readonly lane: number;
  /** Which job of the run, from 0. */
  readonly job: number;
  readonly stage: number;
  readonly from: number;
  readonly to: number;
  /** `lost`: its worker went away, or the log ends before it did. */
  readonly end: 'finished' | 'failed' | 'lost';
  readonly title: string;
}

export interface Mark {
  readonly at: number;
  readonly kind: 'fault' | 'adapted';
  readonly text: string;
}

export interface Timeline {
  /** `worker 1, slot 2`, by lane. */
  readonly lanes: readonly string[];
  readonly spans: readonly Span[];
  readonly marks: readonly Mark[];
  readonly ms: number;
}

interface Open {
  readonly task: TaskKey;
  readonly worker: WorkerId;
  readonly slot: number;
  readonly from: number;
}

export function timelineOf(events: readonly Event[]): Timeline {
  const maker = new TimelineMaker(events[0]?.time ?? 0);
  for (const event of events) maker.apply(event);
  return maker.finish();
}

class TimelineMaker {
  private readonly start: number;
  private now = 0;
  private readonly jobs: string[] = [];
  private readonly workers: WorkerId[] = [];
  private readonly open = new Map<string, Open>();
  private readonly closed: (Open & Pick<Span, 'to' | 'end'>)[] = [];
  private readonly marks: Mark[] = [];

  constructor(start: number) {
    this.start = start;
  }

  apply(event: Event): void {
    this.now = Math.max(this.now, event.time - this.start);
    switch (event.kind) {
      case 'job-submitted':
        this.jobs.push(event.job);
        return;
      case 'task-started':
        this.begin(event.task, event.worker);
        return;
      case 'task-finished':
        this.end(keyOf(event.task), 'finished');
        return;
      case 'task-failed':
        this.end(keyOf(event.task), 'failed');
        this.mark('fault', `${taskName(event.task)} failed on ${this.nameOf(event.worker)}: ${event.error.message.split('\n', 1)[0]}`);
        return;
      case 'worker-lost':
        this.mark('fault', `${this.nameOf(event.worker)} was lost: ${event.reason}`);
        for (const [key, { worker }] of this.open) if (worker === event.worker) this.end(key, 'lost');
        return;
      case 'fault-injected':
        this.mark(
          'fault',
          `${this.nameOf(event.worker)} was killed on purpose, when ${Math.round(event.at * 100)} % of the tasks had finished`,
        );
        return;
      case 'shuffle-lost':
        this.mark(
          'fault',
          `outputs of ${event.maps.length} map tasks of shuffle ${event.shuffle} were lost with ${this.nameOf(event.worker)}`,
        );
        return;
      case 'cache-lost':
        this.mark('fault', `${event.partitions.length} kept partitions were lost (${event.reason})`);
        return;
      case 'plan-adapted':
        this.mark('adapted', `stage ${event.stage}: ${event.text}`);
        return;
      default:
      // Other facts have no place in time.
    }
  }

  finish(): Timeline {
    for (const key of [...this.open.keys()]) this.end(key, 'lost');
    this.workers.sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
    const slots = [...new Set(this.closed.map(({ worker, slot }) => `${this.workers.indexOf(worker)} ${slot}`))].sort(byNumbers);
    const spans = this.closed.map(
      ({ task, worker, slot, from, to, end }): Span => ({
        lane: slots.indexOf(`${this.workers.indexOf(worker)} ${slot}`),
        job: this.jobs.indexOf(task.job),
        stage: task.stage,
        from,
        to,
        end,
        title: `${taskName(task)}${task.attempt > 0 ? `, attempt ${task.attempt + 1}` : ''}: ${end} after ${Math.round(to - from)} ms`,
      }),
    );
    const several = slots.some((slot) => !slot.endsWith(' 0'));
    const lanes = slots.map((text) => {
      const [worker, slot] = text.split(' ').map(Number);
      return `${this.nameOf(this.workers[worker])}${several ? `, slot ${slot + 1}` : ''}`;
    });
    return { lanes, spans, marks: this.marks, ms: this.now };
  }

  private begin(task: TaskKey, worker: WorkerId): void {
    if (!this.workers.includes(worker)) this.workers.push(worker);
    const taken = new Set([...this.open.values()].filter((open) => open.worker === worker).map(({ slot }) => slot));
    let slot = 0;
    while (taken.has(slot)) slot++;
    this.open.set(keyOf(task), { task, worker, slot, from: this.now });
  }

  private end(key: string, end: Span['end']): void {
    const open = this.open.get(key);
    if (!open) return;
    this.open.delete(key);
    this.closed.push({ ...open, to: this.now, end });
  }

  private mark(kind: Mark['kind'], text: string): void {
    this.marks.push({ at: this.now, kind, text });
  }

  /** `worker-1-cbb2916d5537` is worker 1. */
  private nameOf(worker: WorkerId): string {
    return /^worker-(\d+)-/.exec(worker)?.[0].slice(0, -1).replace('-', ' ') ?? worker;
  }
}

const keyOf = ({ job, stage, partition, attempt }: TaskKey): string => `${job} ${stage} ${partition} ${attempt}`;

const taskName = ({ stage, partition }: TaskKey): string => `stage ${stage}, partition ${partition}`;

function byNumbers(a: string, b: string): number {
  const [[a1, a2], [b1, b2]] = [a, b].map((text) => text.split(' ').map(Number));
  return a1 - b1 || a2 - b2;
}
