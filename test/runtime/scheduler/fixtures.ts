/** Hand-made graphs, inputs and facts for the scheduler's tests. */
import type { WireError } from '../../../src/core/errors.js';
import { NO_METRICS } from '../../../src/core/events.js';
import type { TaskKey } from '../../../src/core/ids.js';
import type { StageDefinition, StageGraph, StageOutput } from '../../../src/planner/stages/graph.js';
import type { LaunchedTask } from '../../../src/runtime/rpc/messages.js';
import type { Action, Input, Submission, WorkerFact } from '../../../src/runtime/scheduler/actions.js';

/** `[tasks, ...parents]` a stage; each but the last writes the shuffle of its own number. */
export function graphOf(stages: readonly (readonly number[])[], partitions = 2): StageGraph {
  return {
    stages: stages.map(([tasks, ...parents], stage): StageDefinition => {
      const output: StageOutput =
        stage === stages.length - 1
          ? { kind: 'rows' }
          : { kind: 'shuffle', shuffle: stage, partitioning: { kind: 'roundRobin', partitions }, partitions };
      const schema = { fields: [] } as unknown as StageDefinition['schema'];
      return {
        stage,
        name: `stage ${stage}`,
        plan: { kind: 'range', id: 0, schema, start: 0n, step: 1n },
        schema,
        output,
        tasks: Array.from({ length: tasks }, (_, i) => ({ 0: [{ kind: 'rows', from: i, to: i + 1 }] })),
        parents,
      };
    }),
  };
}

export function submission(graph: StageGraph, changes: Partial<Submission> = {}): Submission {
  return { job: 'job-1', name: 'test', graph, config: {}, bundle: null, ...changes };
}

export function submit(graph: StageGraph, time = 0, changes: Partial<Submission> = {}): Input {
  return { kind: 'submit', time, submission: submission(graph, changes) };
}

export function register(worker: string, slots = 1, time = 0): Input {
  return {
    kind: 'worker-registered',
    time,
    registration: { worker, host: `host-${worker}`, endpoint: `${worker}:1`, blockToken: `t-${worker}`, slots },
  };
}

export function facts(worker: string, time: number, ...all: WorkerFact[]): Input {
  return { kind: 'worker-facts', time, worker, facts: all };
}

export function key(stage: number, partition: number, attempt = 0, job = 'job-1'): TaskKey {
  return { job, stage, partition, attempt };
}

export function finished(task: TaskKey, shuffle = false): WorkerFact {
  const output = shuffle ? { shuffle: task.stage, path: `/s/${task.partition}-${task.attempt}`, bytes: [1, 2], rows: [1, 2] } : null;
  return { kind: 'finished', key: task, metrics: { ...NO_METRICS, runMs: 100 }, output, blocks: 0 };
}

export function failed(task: TaskKey, kind: WireError['kind'] = 'retryable', condition = 'BROKEN'): WorkerFact {
  return { kind: 'failed', key: task, error: { kind, condition, message: 'it broke' }, metrics: null };
}

export function fetchFailed(task: TaskKey, shuffle: number, maps: number[], worker: string): WorkerFact {
  const error: WireError = { kind: 'retryable', condition: 'FETCH_FAILED', message: 'gone', data: { shuffle, maps, worker } };
  return { kind: 'failed', key: task, error, metrics: null };
}

/** Short text of actions, as the tests state them. Events show as `! kind …`. */
export function describeActions(actions: readonly Action[]): string[] {
  return actions.map((action) => {
    switch (action.kind) {
      case 'send':
        return `${action.worker} ← ${describeMessage(action.message)}`;
      case 'emit': {
        const { event } = action;
        const task = 'task' in event ? ` ${short(event.task)}` : '';
        const stage = 'stage' in event ? ` ${event.stage}` : '';
        const round = event.kind === 'stage-started' ? ` round ${event.round} tasks ${event.tasks}` : '';
        const retry = event.kind === 'task-failed' ? ` ${event.error.condition} ${event.willRetry ? 'again' : 'over'}` : '';
        const maps = event.kind === 'shuffle-lost' ? ` ${event.shuffle} maps ${event.maps.join(',')} of ${event.worker}` : '';
        return `! ${event.kind}${task}${stage}${round}${retry}${maps}`;
      }
      case 'accept-result':
      case 'discard-result':
        return `${action.kind} ${short(action.key)}`;
      case 'job-done':
        return `done ${action.job} ${action.error?.condition ?? 'ok'}`;
      case 'start-timer':
        return `timer ${action.id} at ${action.at}`;
      case 'send-blob':
        return `${action.worker} ← bytes of ${action.blob}`;
      case 'forget-blobs':
        return `forget ${action.ids.join(' ')}`;
      default:
        return `close ${action.worker}: ${action.reason}`;
    }
  });
}

function describeMessage(message: Extract<Action, { kind: 'send' }>['message']): string {
  switch (message.kind) {
    case 'launch':
      return `launch ${message.tasks.map((task: LaunchedTask) => `${short(task.key)}r${task.round}`).join(' ')}`;
    case 'cancel':
      return `cancel ${message.keys.map(short).join(' ')}`;
    case 'stage': {
      const shuffles = message.shuffles.map((s) => `${s.shuffle}[${s.outputs.map((o) => `${o.map}@${o.worker}.${o.attempt}`).join(' ')}]`);
      return ['stage', message.stage, 'round', message.round, ...shuffles].join(' ');
    }
    case 'job':
    case 'drop-job':
      return `${message.kind} ${message.job}`;
    case 'release':
      return `release ${message.ids.join(' ')}`;
    default:
      return message.kind;
  }
}

/** `0.1.2` is stage 0, partition 1, attempt 2. */
function short(task: TaskKey): string {
  return `${task.stage}.${task.partition}.${task.attempt}`;
}
