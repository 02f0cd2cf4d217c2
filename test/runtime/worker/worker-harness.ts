/** Owns: a worker of this process for tests, what it said, and tiny stages to run on it. Its threads run dist/: build first. */
import { serialize } from 'node:v8';
import type { TaskKey } from '../../../src/core/ids.js';
import { toJson } from '../../../src/core/json.js';
import { field, INT64, type Schema, schemaOf } from '../../../src/data/types.js';
import type { BoundExpr } from '../../../src/frontend/plan/resolved.js';
import type { PhysicalOp, TaskInput } from '../../../src/planner/physical/operators.js';
import type { StageOutput } from '../../../src/planner/stages/graph.js';
import type { FromWorker, MapOutput, ShuffleLocations } from '../../../src/runtime/rpc/messages.js';
import { Worker, type WorkerOptions } from '../../../src/runtime/worker/worker.js';

export type Said<K extends FromWorker['kind']> = Extract<FromWorker, { kind: K }>;

export const NUMBERS: Schema = schemaOf(field('id', INT64, false));

/** A plan of one leaf, whose inputs are index ranges. */
export const range: PhysicalOp = { kind: 'range', id: 0, schema: NUMBERS, start: 0n, step: 1n };
export const rows = (from: number, to: number): TaskInput => ({ 0: [{ kind: 'rows', from, to }] });
export const partition = (id: number, p: number): TaskInput => ({ [id]: [{ kind: 'partition', partition: p }] });

/** A job's bundle with one function a name; the sources are those of functions, and may call `mark(path)`, which makes a file. */
export function bundleOf(hash: string, functions: Readonly<Record<string, string>>): { hash: string; code: string } {
  const table = Object.entries(functions).map(([id, source]) => `${JSON.stringify(id)}: () => (${source})`);
  const code = `import { writeFileSync } from 'node:fs';\nconst mark = (path) => writeFileSync(path, '');\nglobalThis[Symbol.for('minispark.closures')]('${hash}').register({${table.join(',\n')}});\n`;
  return { hash, code };
}

/** range → one int64 column made by a function of the bundle. */
export function mapped(hash: string, id: string, child: PhysicalOp = range): PhysicalOp {
  const captures = serialize({ bundle: hash, root: { '\u0000minispark.function': 0 }, functions: [{ id, captures: {} }] }).toString(
    'base64',
  );
  const closure = { id, name: id, site: null, captures };
  const input: BoundExpr = { kind: 'input', index: 0, type: INT64, nullable: false };
  const udf = { name: id, closure, returns: INT64, deterministic: true };
  const expr: BoundExpr = { kind: 'udf', udf, args: [input], type: INT64, nullable: true, site: null };
  return { kind: 'project', schema: NUMBERS, child, exprs: [expr] };
}

export class TestWorker {
  readonly said: FromWorker[] = [];
  worker!: Worker;
  hold: Promise<void> | null = null;
  private readonly waiting = new Set<() => void>();

  static async start(dir: string, options: Partial<WorkerOptions> = {}): Promise<TestWorker> {
    const test = new TestWorker();
    const all = { id: 'worker-t', slots: 2, dir, host: '127.0.0.1', serveBlocks: false, secret: null, inThread: false, ...options };
    test.worker = await Worker.start(all, (message) => test.hear(message));
    return test;
  }

  job(config: Readonly<Record<string, string>> = {}, bundle: { hash: string; code: string } | null = null, job = 'job-1'): void {
    this.worker.receive({ kind: 'job', job, config, bundle });
  }

  stage(
    plan: PhysicalOp,
    output: StageOutput = { kind: 'rows' },
    shuffles: readonly ShuffleLocations[] = [],
    stage = 0,
    job = 'job-1',
  ): void {
    const definition = toJson({
      stage,
      name: 'range → test',
      plan,
      schema: plan.kind === 'write' ? NUMBERS : plan.schema,
      output,
      parents: [],
    });
    this.worker.receive({ kind: 'stage', job, stage, round: 0, definition, shuffles });
  }

  launch(inputs: readonly TaskInput[], stage = 0, job = 'job-1', attempt = 0): TaskKey[] {
    const tasks = inputs.map((input, p) => ({ key: { job, stage, partition: p, attempt }, round: 0, input: toJson(input) }));
    this.worker.receive({ kind: 'launch', tasks });
    return tasks.map(({ key }) => key);
  }

  of<K extends FromWorker['kind']>(kind: K): Said<K>[] {
    return this.said.filter((message): message is Said<K> => message.kind === kind);
  }

  /** Until `done` of what was said. */
  async until(done: () => boolean): Promise<void> {
    while (!done()) await new Promise<void>((resolve) => this.waiting.add(resolve));
  }

  async ended(tasks: number): Promise<void> {
    await this.until(() => this.of('finished').length + this.of('failed').length >= tasks);
  }

  /** What a reader of the finished map tasks is told. */
  outputs(): MapOutput[] {
    const { worker, endpoint, blockToken } = this.worker.registration;
    return this.of('finished').flatMap(({ key, output }) =>
      output
        ? [{ map: key.partition, attempt: key.attempt, worker, endpoint, token: blockToken, path: output.path, bytes: output.bytes }]
        : [],
    );
  }

  private hear(message: FromWorker): void | Promise<void> {
    this.said.push(message);
    for (const wake of this.waiting) wake();
    this.waiting.clear();
    if (message.kind === 'result' && this.hold) return this.hold;
  }
}
