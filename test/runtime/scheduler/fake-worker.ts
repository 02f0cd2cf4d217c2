/**
 * A worker without an engine: takes what a scheduler sends and answers as the protocol asks, over whatever link it is given.
 * What a task does is the test's to say.
 */
import { NO_METRICS } from '../../../src/core/events.js';
import type { TaskKey } from '../../../src/core/ids.js';
import { type FromWorker, PROTOCOL_VERSION, type ShuffleLocations, type ToWorker } from '../../../src/runtime/rpc/messages.js';

export interface FakeTask {
  readonly key: TaskKey;
  readonly input: string;
  readonly shuffles: readonly ShuffleLocations[];
}

/** Messages that end the task, or null to leave it running. */
export type RunTask = (task: FakeTask, worker: FakeWorker) => readonly FromWorker[] | null;

export class FakeWorker {
  readonly received: ToWorker[] = [];
  readonly running: FakeTask[] = [];
  readonly id: string;
  send: (messages: readonly FromWorker[]) => void = () => {};
  private readonly run: RunTask;
  private readonly shuffles = new Map<string, { readonly stage: string; readonly shuffles: readonly ShuffleLocations[] }>();

  constructor(id: string, run: RunTask) {
    this.id = id;
    this.run = run;
  }

  get registration(): Extract<FromWorker, { kind: 'register' }> {
    return {
      kind: 'register',
      worker: this.id,
      host: 'test',
      endpoint: `${this.id}:1`,
      blockToken: 't',
      slots: 2,
      protocol: PROTOCOL_VERSION,
    };
  }

  receive(message: ToWorker): void {
    this.received.push(message);
    if (message.kind === 'stage')
      this.shuffles.set(`${message.job}/${message.stage}/${message.round}`, { stage: message.definition, shuffles: message.shuffles });
    if (message.kind !== 'launch') return;
    const answers: FromWorker[] = [];
    for (const { key, input, round } of message.tasks) {
      const { shuffles } = this.shuffles.get(`${key.job}/${key.stage}/${round}`)!;
      const task = { key, input, shuffles };
      answers.push({ kind: 'started', keys: [key] });
      const answer = this.run(task, this);
      if (answer) answers.push(...answer);
      else this.running.push(task);
    }
    this.send(answers);
  }
}

/** A map task's end, or a result task's with one block for each text. */
export function finish({ key }: FakeTask, result: readonly string[] | null, runMs = 0.1): FromWorker[] {
  const blocks = (result ?? []).map(
    (text, index): FromWorker => ({ kind: 'result', key, index, rows: 1, block: new TextEncoder().encode(text) }),
  );
  const output = result ? null : { shuffle: key.stage, path: `/${key.partition}`, bytes: [1, 1], rows: [1, 1] };
  return [...blocks, { kind: 'finished', key, metrics: { ...NO_METRICS, runMs }, output, blocks: blocks.length }];
}

export function fail({ key }: FakeTask, kind: 'user' | 'retryable', condition: string): FromWorker[] {
  return [{ kind: 'failed', key, error: { kind, condition, message: 'as the test wants' }, metrics: null }];
}

export function textOf(block: Uint8Array): string {
  return new TextDecoder().decode(block);
}
