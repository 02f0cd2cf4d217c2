/**
 * The public API on planner and engine alone: stages run one after the other in this thread, shuffles lie in memory as Arrow streams.
 * Every plan goes through JSON, as it would on its way to a worker. After each task nothing may be left of its spill files.
 */
import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Config } from '../../../src/core/config.js';
import { NO_METRICS } from '../../../src/core/events.js';
import { fromJson, toJson } from '../../../src/core/json.js';
import type { Batch, Column } from '../../../src/data/batch.js';
import { decodeStream, encodeStream } from '../../../src/data/ipc.js';
import { takeBatch } from '../../../src/data/take.js';
import type { Schema } from '../../../src/data/types.js';
import { readValue } from '../../../src/data/value.js';
import { runTask } from '../../../src/engine/exec/run-task.js';
import type { MutableMetrics, ShuffleWriter, TaskContext } from '../../../src/engine/exec/task-context.js';
import { abortWrite, beginWrite, commitWrite } from '../../../src/engine/sources/commit.js';
import type { CommitMessage } from '../../../src/engine/sources/source.js';
import type { Backend, Execution } from '../../../src/frontend/api/backend.js';
import { createSession, type Session } from '../../../src/frontend/api/session.js';
import type { Closure } from '../../../src/frontend/plan/expression.js';
import type { Plan } from '../../../src/frontend/plan/logical.js';
import { outputOf, schemaOf } from '../../../src/frontend/plan/output.js';
import { analyze } from '../../../src/planner/analyzer/analyze.js';
import { optimize } from '../../../src/planner/optimizer/optimize.js';
import type { Partitioning } from '../../../src/planner/physical/operators.js';
import { planPhysical } from '../../../src/planner/physical/plan.js';
import { physicalText } from '../../../src/planner/physical/plan-text.js';
import { cutStages } from '../../../src/planner/stages/cut.js';
import type { StageGraph } from '../../../src/planner/stages/graph.js';
import { hashPartition, rangePartition, roundRobinPartition } from '../../../src/runtime/shuffle/partitioner.js';

/** Of each shuffle and reduce partition, the blocks in the order of the map tasks. */
type Shuffles = Map<number, Uint8Array[][]>;

let tasksRun = 0;

export class InProcessBackend implements Backend {
  /** What the last action ran. */
  graph: StageGraph = { stages: [] };
  metrics: MutableMetrics = { ...NO_METRICS };
  private readonly config: Config;
  private readonly optimizes: boolean;
  private readonly functions: ((...args: never[]) => unknown)[] = [];

  constructor(config: Config, optimizes: boolean) {
    this.config = config;
    this.optimizes = optimizes;
  }

  async analyze(plan: Plan): Promise<Schema> {
    return schemaOf(outputOf(await analyze(plan, { config: this.config, run: (first) => this.execute(first) })));
  }

  async explain(plan: Plan): Promise<string> {
    return physicalText((await this.physical(plan, 'explain')).root);
  }

  private async physical(plan: Plan, query: string) {
    const analyzed = await analyze(plan, { config: this.config, run: (first) => this.execute(first) });
    return planPhysical(this.optimizes ? optimize(analyzed, this.config.get('session.timeZone')) : analyzed, {
      config: this.config,
      slots: 2,
      query,
    });
  }

  async execute(plan: Plan): Promise<Execution> {
    const query = 'q1';
    const physical = await this.physical(plan, query);
    this.graph = fromJson<StageGraph>(toJson(cutStages(physical)));
    this.metrics = { ...NO_METRICS };
    const { schema } = this.graph.stages[this.graph.stages.length - 1];
    if (plan.kind !== 'write') return { schema, batches: this.run() };
    if ((await beginWrite(plan.write, query)) !== 'skip') {
      try {
        const messages: CommitMessage[] = [];
        for await (const batch of this.run()) messages.push(fromJson(readValue(batch.columns[0], schema.fields[0].type, 0) as string));
        await commitWrite(plan.write, query, messages);
      } catch (error) {
        await abortWrite(plan.write, query);
        throw error;
      }
    }
    return { schema, batches: none() };
  }

  private async *run(): AsyncGenerator<Batch> {
    const shuffles: Shuffles = new Map();
    for (const { stage, plan, schema, output, tasks } of this.graph.stages) {
      const shared = new Map<string, Promise<unknown>>();
      if (output.kind === 'shuffle')
        shuffles.set(
          output.shuffle,
          Array.from({ length: output.partitions }, () => []),
        );
      for (const [partition, input] of tasks.entries()) {
        // Made by whoever spills: most tasks do not, and making and removing it would cost more than they do.
        const spillDir = join(tmpdir(), `minispark-in-process-${process.pid}-${tasksRun++}`);
        const blocks: Uint8Array[] = [];
        try {
          await runTask({ plan, schema, output }, input, this.context(shuffles, shared, stage, partition, spillDir, blocks));
          const left = existsSync(spillDir) ? readdirSync(spillDir) : [];
          if (left.length > 0) throw new Error(`Stage ${stage} left ${left.join(', ')} behind.`);
          if (existsSync(spillDir)) rmdirSync(spillDir);
        } catch (error) {
          rmSync(spillDir, { recursive: true, force: true });
          throw error;
        }
        for (const block of blocks) yield* decodeStream(block).batches;
      }
    }
  }

  private context(
    shuffles: Shuffles,
    shared: Map<string, Promise<unknown>>,
    stage: number,
    partition: number,
    spillDir: string,
    blocks: Uint8Array[],
  ): TaskContext {
    return {
      key: { job: 'job', stage, partition, attempt: 0 },
      config: this.config,
      metrics: this.metrics,
      spillDir,
      checkCancelled() {},
      async *readShuffle(shuffle, reduce) {
        for (const block of shuffles.get(shuffle)?.[reduce] ?? []) yield* decodeStream(block).batches;
      },
      async *readKept(shuffle, kept) {
        yield* decodeStream((shuffles.get(shuffle)?.[0] ?? [])[kept]).batches;
      },
      partitionRows: (partitioning, keys, length, start, bounds) => partitionRows(partitioning, keys, length, start, bounds),
      openShuffleWriter: ({ shuffle, partitions }, schema) => memoryWriter(shuffles.get(shuffle)!, partitions, schema),
      once: (key, make) => {
        const made = shared.get(key) ?? make();
        shared.set(key, made);
        return made as ReturnType<typeof make>;
      },
      closure: ({ id }) => this.functions[Number(id)],
      async emitResult(block) {
        blocks.push(block);
      },
    };
  }

  encodeClosure(fn: (...args: never[]) => unknown): Closure {
    const known = this.functions.indexOf(fn);
    const id = known < 0 ? this.functions.push(fn) - 1 : known;
    return { id: String(id), name: fn.name, site: null, captures: '' };
  }

  onEvent(): void {}

  async stop(): Promise<void> {}
}

async function* none(): AsyncGenerator<Batch> {}

function partitionRows(by: Partitioning, keys: readonly Column[], length: number, start: number, bounds: readonly Column[]): Int32Array {
  switch (by.kind) {
    case 'hash':
      return hashPartition(
        keys,
        by.exprs.map((e) => e.type),
        length,
        by.partitions,
      );
    case 'range':
      return rangePartition(
        keys,
        by.keys.map((k) => k.expr.type),
        length,
        by.keys,
        bounds,
      );
    case 'roundRobin':
      return roundRobinPartition(length, by.partitions, start);
    default:
      return new Int32Array(length);
  }
}

function memoryWriter(blocks: Uint8Array[][], partitions: number, schema: Schema): ShuffleWriter {
  const [bytes, rows] = [new Array<number>(partitions).fill(0), new Array<number>(partitions).fill(0)];
  return {
    write(batch, targets) {
      const rowsOf = new Map<number, number[]>();
      for (let i = 0; i < batch.length; i++) {
        const known = rowsOf.get(targets[i]);
        if (known) known.push(i);
        else rowsOf.set(targets[i], [i]);
      }
      for (const [p, numbers] of rowsOf) {
        const picked = Int32Array.from(numbers);
        blocks[p].push(encodeStream(schema, [takeBatch(batch, picked, picked.length)]));
        rows[p] += picked.length;
      }
    },
    finish: async () => ({ path: '', bytes, rows, files: 0 }),
    abort() {},
  };
}

export interface InProcess {
  readonly spark: Session;
  readonly backend: InProcessBackend;
}

export function openInProcess(config: Readonly<Record<string, string>> = {}, optimizes = true): InProcess {
  const backend = new InProcessBackend(Config.from(config), optimizes);
  return { spark: createSession(backend, config), backend };
}
