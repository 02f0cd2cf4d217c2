/**
 * Owns: faults that a run of a local cluster is put through on purpose: worker processes killed when a share of a job's tasks has finished.
 * Receives what `--kill` says and the events of jobs; kills through whoever holds the processes, and tells of it by `fault-injected`.
 */
import { userError } from '../../core/errors.js';
import type { Event, EventListener, StageInfo } from '../../core/events.js';
import type { WorkerId } from '../../core/ids.js';
import type { Master } from './master.js';

export interface Kill {
  readonly text: string;
  /** Counts from 1; null for the worker that finishes the task with which the share is reached. */
  readonly worker: number | null;
  /** Of the job's tasks, more than 0 and less than 1. */
  readonly share: number;
  /** Which job of the run, counted from 1: each action is one. */
  readonly job: number;
}

/** Who holds the worker processes. */
export interface WorkerProcesses {
  /** The worker's number; 0 for an id that is none of them. */
  numberOf(id: WorkerId): number;
  /** Ends the process at once. Gives its id; null where it is gone already. */
  kill(number: number): WorkerId | null;
}

const SYNTAX = 'Written worker@25%, or worker-2@75% for the second worker; :2 behind it counts the tasks of the second action';

/** `worker@25%`, `worker-2@75%`, `worker@50%:3`. Throws a user error INVALID_FAULT. */
export function parseKill(text: string): Kill {
  const match = /^worker(?:-([1-9]\d{0,2}))?@(\d{1,2}(?:\.\d+)?)%(?::([1-9]\d{0,3}))?$/.exec(text);
  const share = Number(match?.[2]) / 100;
  if (!match || share === 0) {
    throw userError('INVALID_FAULT', `'${text}' does not say which worker to kill, and when.`, { hint: SYNTAX });
  }
  return { text, worker: match[1] === undefined ? null : Number(match[1]), share, job: Number(match[3] ?? 1) };
}

/** The faults of one run. */
export class Faults {
  private readonly kills: readonly Kill[];
  private readonly left: Set<Kill>;
  /** Whom a kill names, or has met. */
  private readonly taken: Set<number>;
  private processes: WorkerProcesses | null = null;
  private jobs = 0;

  /** Throws INVALID_FAULT for what cannot be done on `master`. */
  constructor(kills: readonly Kill[], master: Master) {
    this.kills = kills;
    this.left = new Set(kills);
    this.taken = new Set(kills.flatMap(({ worker }) => worker ?? []));
    check(kills, master);
  }

  attach(processes: WorkerProcesses): void {
    this.processes = processes;
  }

  /** What never came, as it was asked for: no job got so far. */
  pending(): string[] {
    return [...this.left].map(({ text }) => text);
  }

  /** The listener of the next job: hears all of its events, hands them on, and does what is to be done after them. */
  watch(onEvent: EventListener): EventListener {
    const job = ++this.jobs;
    const kills = this.kills.filter((kill) => kill.job === job);
    if (kills.length === 0) return onEvent;
    const count = new TaskCount();
    let busy: WorkerId | null = null;
    return (event) => {
      onEvent(event);
      count.hear(event);
      if (event.kind === 'task-finished') busy = event.worker;
      // A stage that starts with fewer tasks than were announced brings a share nearer, too.
      else if (event.kind !== 'stage-started') return;
      if (busy === null) return;
      const id = event.kind === 'task-finished' ? event.task.job : event.job;
      for (const kill of kills) {
        if (this.left.has(kill) && count.finished >= count.least(kill.share)) this.strike(kill, id, busy, onEvent);
      }
    };
  }

  private strike(kill: Kill, job: string, busy: WorkerId, onEvent: EventListener): void {
    this.left.delete(kill);
    const { processes } = this;
    if (processes === null) throw userError('INVALID_FAULT', `There are no worker processes of which ${kill.text} could end one.`);
    const number = kill.worker ?? this.firstFree(processes.numberOf(busy));
    this.taken.add(number);
    const worker = processes.kill(number);
    if (worker === null) throw userError('INVALID_FAULT', `The worker that ${kill.text} names is gone already.`);
    onEvent({ time: Date.now(), kind: 'fault-injected', job, worker, fault: 'kill', at: kill.share });
  }

  /** There are more workers than kills, so that one is. */
  private firstFree(preferred: number): number {
    let number = preferred;
    for (let next = 1; this.taken.has(number); next++) number = next;
    return number;
  }
}

function check(kills: readonly Kill[], master: Master): void {
  if (master.kind !== 'local-cluster') {
    throw userError('INVALID_FAULT', `${kills[0].text} needs a local cluster: there the workers are processes of this run.`, {
      hint: 'Add --master local-cluster[2,1]; on a standing cluster end a worker by hand',
    });
  }
  const { workers } = master;
  if (kills.length >= workers) {
    throw userError('INVALID_FAULT', `${kills.length} of ${workers} workers would be killed, and none be left to go on.`, {
      hint: `Give the cluster more workers: local-cluster[${kills.length + 1},${master.threads}]`,
    });
  }
  const named = kills.filter((kill) => kill.worker !== null);
  const absent = named.find((kill) => (kill.worker ?? 0) > workers);
  if (absent) throw userError('INVALID_FAULT', `There is no worker ${absent.worker}: the cluster has ${workers}.`, { hint: SYNTAX });
  const twice = named.find((kill, i) => named.findIndex((other) => other.worker === kill.worker) < i);
  if (twice) throw userError('INVALID_FAULT', `Worker ${twice.worker} can be killed once only.`);
}

/** How many tasks a job has, and how many of them have finished: each once, whatever is computed again. */
class TaskCount {
  private stages: readonly StageInfo[] = [];
  private readonly tasks = new Map<number, number>();
  /** Stage → partitions of it that an earlier job has kept. */
  private readonly found = new Map<number, number>();
  private readonly seen = new Set<string>();

  get finished(): number {
    return this.seen.size;
  }

  hear(event: Event): void {
    if (event.kind === 'job-submitted') {
      this.stages = event.stages;
      for (const { stage, tasks } of event.stages) this.tasks.set(stage, tasks);
    } else if (event.kind === 'cache-used') this.found.set(event.stage, event.found);
    else if (event.kind === 'stage-started' && event.round === 0) {
      // It may have been cut anew since, and tells what it has left to do.
      this.tasks.set(event.stage, event.tasks);
      this.found.delete(event.stage);
      const { stage, parents } = event;
      if (parents) this.stages = this.stages.map((info) => (info.stage === stage ? { ...info, parents } : info));
    } else if (event.kind === 'task-finished') this.seen.add(`${event.task.stage}.${event.task.partition}`);
  }

  /** Tasks after which `share` of all has finished: at least one, and not the last of several, after which the job may be over. */
  least(share: number): number {
    const total = this.total();
    return Math.max(1, Math.min(total - 1, Math.ceil(share * total)));
  }

  /** Of the stages that the last one needs, without what is kept. */
  private total(): number {
    const wanted = new Set<number>();
    const visit = (stage: number): void => {
      const info = this.stages.find((s) => s.stage === stage);
      if (!info || wanted.has(stage) || this.found.get(stage) === this.tasks.get(stage)) return;
      wanted.add(stage);
      info.parents.forEach(visit);
    };
    visit(this.stages.at(-1)?.stage ?? 0);
    return [...wanted].reduce((sum, stage) => sum + (this.tasks.get(stage) ?? 0) - (this.found.get(stage) ?? 0), 0);
  }
}
