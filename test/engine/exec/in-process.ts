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
import type { Batch } from '../../../src/data/batch.js';
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
import { planPhysical } from '../../../src/planner/physical/plan.js';
import { physicalText } from '../../../src/planner/physical/plan-text.js';
import {
  type Adaptation,
  type Adapted,
  type AdaptSettings,
  adaptStage,
  type ShuffleStatistics,
  type Statistics,
} from '../../../src/planner/stages/adapt.js';
import { adaptJoin, joinCandidates } from '../../../src/planner/stages/adapt-join.js';
import { cutStages } from '../../../src/planner/stages/cut.js';
import type { StageDefinition, StageGraph } from '../../../src/planner/stages/graph.js';
import { partitionRows } from '../../../src/runtime/worker/partition-rows.js';

interface Block {
  readonly map: number;
  readonly bytes: Uint8Array;
  readonly rows: number;
}

/** Of each shuffle and reduce partition, the blocks in the order of the map tasks. */
type Shuffles = Map<number, Block[][]>;

let tasksRun = 0;

export class InProcessBackend implements Backend {
  /** What the last action ran. */
  graph: StageGraph = { stages: [] };
  metrics: MutableMetrics = { ...NO_METRICS };
  private readonly config: Config;
  private readonly optimizes: boolean;
  /** How stages adapt to what was written; null: they do not. */
  private readonly adaptive: AdaptSettings | null;
  /** What was adapted in the last action. */
  decisions: readonly Adaptation[] = [];
  private readonly functions: ((...args: never[]) => unknown)[] = [];

  constructor(config: Config, optimizes: boolean, adaptive: AdaptSettings | null = null) {
    this.adaptive = adaptive;
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
    this.decisions = [];
    for (const stage of adaptedStages(this, shuffles, this.adaptive)) yield* this.runStage(stage, shuffles);
  }

  private async *runStage({ stage, plan, schema, output, tasks }: StageDefinition, shuffles: Shuffles): AsyncGenerator<Batch> {
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
        if (existsSync(spillDir)) {
          const left = readdirSync(spillDir);
          if (left.length > 0) throw new Error(`Stage ${stage} left ${left.join(', ')} behind.`);
          rmdirSync(spillDir);
        }
      } catch (error) {
        rmSync(spillDir, { recursive: true, force: true });
        throw error;
      }
      for (const block of blocks) yield* decodeStream(block).batches;
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
      async *readShuffle(shuffle, reduce, _, { from, to } = { from: 0, to: Number.POSITIVE_INFINITY }) {
        for (const { map, bytes } of shuffles.get(shuffle)?.[reduce] ?? []) if (map >= from && map < to) yield* decodeStream(bytes).batches;
      },
      async *readKept(shuffle, kept) {
        yield* decodeStream((shuffles.get(shuffle)?.[0] ?? [])[kept].bytes).batches;
      },
      partitionRows,
      openShuffleWriter: ({ shuffle, partitions }, schema) => memoryWriter(shuffles.get(shuffle)!, partition, partitions, schema),
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

/** The stages in an order in which they can run, each as it was adapted to what those before it wrote into `shuffles`. */
function* adaptedStages(run: InProcessBackend, shuffles: Shuffles, settings: AdaptSettings | null): Generator<StageDefinition> {
  const done = new Set<number>();
  let candidates = settings ? joinCandidates(run.graph) : [];
  const apply = ({ graph, decisions }: Adapted): void => {
    run.graph = graph;
    run.decisions = [...run.decisions, ...decisions];
  };
  const last = run.graph.stages.length - 1;
  while (!done.has(last)) {
    for (const candidate of candidates.filter(({ builds }) => builds.every((build) => done.has(build.stage)))) {
      if (settings) apply(adaptJoin(run.graph, candidate, statisticsOf(shuffles), settings));
      candidates = joinCandidates(run.graph).filter(
        ({ probe, builds }) => !done.has(probe) && !builds.every((build) => done.has(build.stage)),
      );
    }
    const { stages } = run.graph;
    const isRead = (stage: number) => stage === last || stages.some(({ parents }) => parents.includes(stage));
    const next = stages.find(
      ({ stage, parents }) =>
        !done.has(stage) && isRead(stage) && parents.every((p) => done.has(p)) && !candidates.some(({ probe }) => probe === stage),
    );
    if (!next) throw new Error('No stage can run.');
    if (settings) apply(adaptStage(run.graph, next.stage, statisticsOf(shuffles), settings));
    yield run.graph.stages[next.stage];
    done.add(next.stage);
  }
}

function statisticsOf(shuffles: Shuffles): Statistics {
  const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);
  const of = (partitions: Block[][]): ShuffleStatistics => ({
    bytes: partitions.map((blocks) => sum(blocks.map(({ bytes }) => bytes.length))),
    rows: partitions.map((blocks) => sum(blocks.map(({ rows }) => rows))),
    mapBytes(partition) {
      const byMap: number[] = [];
      for (const { map, bytes } of partitions[partition]) byMap[map] = (byMap[map] ?? 0) + bytes.length;
      return Array.from(byMap, (bytes) => bytes ?? 0);
    },
  });
  return new Map([...shuffles].map(([shuffle, partitions]) => [shuffle, of(partitions)]));
}

async function* none(): AsyncGenerator<Batch> {}

function memoryWriter(blocks: Block[][], map: number, partitions: number, schema: Schema): ShuffleWriter {
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
        blocks[p].push({ map, bytes: encodeStream(schema, [takeBatch(batch, picked, picked.length)]), rows: picked.length });
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
