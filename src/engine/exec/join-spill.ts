/**
 * Owns: a hash join whose build side is beyond the memory budget: both sides go to disk in parts by hash of their keys, and the parts are
 * joined one after the other. A part that is too large still is cut again; where one key alone is too large, or there are no keys, the build
 * rows come in blocks that fit, and all probe rows of the part pass each block.
 */
import type { Batch } from '../../data/batch.js';
import { concatBatches } from '../../data/concat.js';
import { hashColumns } from '../../data/hash.js';
import { takeBatch } from '../../data/take.js';
import type { Schema } from '../../data/types.js';
import type { BoundExpr } from '../../frontend/plan/resolved.js';
import type { PhysicalOf } from '../../planner/physical/operators.js';
import { Pipeline, type Step } from '../codegen/pipeline.js';
import { keepsBuild, keepsProbe, type ProbeHits, probeStep, restOf, restStep } from './join-probe.js';
import { buildBytes, buildTable, type JoinTable } from './join-table.js';
import { noteMemory } from './memory.js';
import { Pusher } from './pusher.js';
import type { Run } from './run.js';
import { Evaluator } from './sort-keys.js';
import { SpillFile } from './spill-file.js';

type JoinOp = PhysicalOf<'hashJoin'>;

/** Parts of one cut; a part is cut again by other bits of the hash, this many times at most. */
const PARTS = 16;
const MAX_DEPTH = 6;

/** All rows of the join. `build` gives the build side's; the probe side is run here. */
export async function* joinSpilled(op: JoinOp, run: Run, budget: number, build: AsyncIterable<Batch>): AsyncGenerator<Batch> {
  const join = new SpilledJoin(op, run, budget);
  try {
    yield* join.run(build);
  } finally {
    join.close();
  }
}

/** Rows of one side on disk. */
export class Part {
  readonly file: SpillFile;
  rows = 0;
  bytes = 0;

  constructor(file: SpillFile) {
    this.file = file;
  }

  write(batch: Batch): void {
    this.rows += batch.length;
    this.bytes += buildBytes(batch);
    this.file.write(batch);
  }
}

interface Side {
  readonly schema: Schema;
  readonly keys: readonly BoundExpr[];
  readonly evaluator: Evaluator;
}

export class SpilledJoin {
  private readonly op: JoinOp;
  private readonly task: Run;
  private readonly budget: number;
  private readonly build: Side;
  private readonly probe: Side;
  private readonly pusher: Pusher;
  private readonly open = new Set<Part>();

  constructor(op: JoinOp, run: Run, budget: number) {
    this.op = op;
    this.task = run;
    this.budget = budget;
    const left = this.side(op.left.schema, op.leftKeys);
    const right = this.side(op.right.schema, op.rightKeys);
    [this.build, this.probe] = op.build === 'left' ? [left, right] : [right, left];
    this.pusher = new Pusher(
      op.schema.fields.map((f) => f.type),
      true,
      run.context,
    );
  }

  private side(schema: Schema, keys: readonly BoundExpr[]): Side {
    const types = schema.fields.map((f) => f.type);
    return { schema, keys, evaluator: new Evaluator(keys, types, this.task.context, this.task.partition) };
  }

  async *run(build: AsyncIterable<Batch>): AsyncGenerator<Batch> {
    const { op, task } = this;
    const builds = await this.spread(build, this.build, 0);
    const probes = await this.spread(task.execute(op.build === 'left' ? op.right : op.left), this.probe, 0);
    yield* this.pairs(builds, probes, 0);
  }

  /** Rows in parts by four bits of their keys' hash; without keys there is one part. */
  private async spread(rows: AsyncIterable<Batch> | Iterable<Batch>, side: Side, depth: number): Promise<Part[]> {
    const parts = Array.from({ length: side.keys.length === 0 ? 1 : PARTS }, () => this.part(side.schema));
    const types = side.keys.map((k) => k.type);
    for await (const batch of rows) {
      this.task.context.checkCancelled();
      if (parts.length === 1) {
        parts[0].write(batch);
        continue;
      }
      const hashes = hashColumns(side.evaluator.evaluate(batch), types, batch.length);
      const taken = parts.map(() => ({ rows: new Int32Array(batch.length), count: 0 }));
      for (let i = 0; i < batch.length; i++) {
        const to = taken[(Math.imul(hashes[i], -1640531527) >>> (28 - 4 * depth)) & (PARTS - 1)];
        to.rows[to.count++] = i;
      }
      taken.forEach((to, k) => {
        if (to.count > 0) parts[k].write(takeBatch(batch, to.rows, to.count));
      });
    }
    return parts;
  }

  /** A part without rows yet; its file goes when the join is closed. */
  part(schema: Schema): Part {
    const part = new Part(new SpillFile(this.task.context, schema));
    this.open.add(part);
    return part;
  }

  private drop(part: Part): void {
    part.file.close();
    this.open.delete(part);
  }

  private async *pairs(builds: readonly Part[], probes: readonly Part[], depth: number): AsyncGenerator<Batch> {
    for (const [k, build] of builds.entries()) {
      const probe = probes[k];
      const rows = builds.reduce((sum, part) => sum + part.rows, 0);
      // One key alone cannot be cut.
      const isCut = this.build.keys.length > 0 && depth < MAX_DEPTH && (builds.length === 1 || build.rows < rows);
      if (build.bytes > this.budget && isCut) {
        const [inner, outer] = [
          await this.spread(build.file.read(), this.build, depth + 1),
          await this.spread(probe.file.read(), this.probe, depth + 1),
        ];
        this.drop(build);
        this.drop(probe);
        yield* this.pairs(inner, outer, depth + 1);
      } else {
        yield* this.blocks(build, probe);
        this.drop(build);
        this.drop(probe);
      }
    }
    yield* this.finish();
  }

  /** Rows that wait for their batch to be full. */
  finish(): Batch[] {
    return this.pusher.sink.finish();
  }

  /** Joins two parts, the build rows in as many blocks as their memory asks for. */
  *blocks(build: Part, probe: Part): Iterable<Batch> {
    const { op } = this;
    if (probe.rows === 0 && !keepsBuild(op)) return;
    const isWhole = build.bytes <= this.budget;
    const seen: ProbeHits | null = !isWhole && keepsProbe(op) ? { hits: new Uint8Array(probe.rows), base: 0 } : null;
    for (const block of this.blocksOf(build)) {
      const table = this.tableOf(block);
      const buildHits = keepsBuild(op) ? new Uint8Array(block.length) : null;
      const closures = this.task.context.closure.bind(this.task.context);
      yield* this.pass(probe, probeStep({ op, table, closures, buildHits, probeHits: seen }), seen);
      if (buildHits !== null) yield* this.alone(op.build, this.build.schema, restOf(op, block, buildHits, 0));
    }
    if (seen === null) return;
    let base = 0;
    for (const frame of probe.file.read()) {
      yield* this.alone(op.build === 'left' ? 'right' : 'left', this.probe.schema, restOf(op, frame, seen.hits, base));
      base += frame.length;
    }
  }

  /** One block at least, be it empty: the probe side must pass one. */
  private *blocksOf(build: Part): Iterable<Batch> {
    let held: Batch[] = [];
    let bytes = 0;
    let blocks = 0;
    for (const frame of build.file.read()) {
      held.push(frame);
      bytes += buildBytes(frame);
      if (bytes <= this.budget || build.bytes <= this.budget) continue;
      yield concatBatches(this.build.schema, held);
      held = [];
      bytes = 0;
      blocks++;
    }
    if (held.length > 0 || blocks === 0) yield concatBatches(this.build.schema, held);
  }

  private tableOf(block: Batch): JoinTable {
    const { context } = this.task;
    const table = buildTable(block, this.build.schema, { exprs: this.build.keys, nullSafe: this.op.nullSafe }, context);
    noteMemory(context, table.byteSize);
    return table;
  }

  /** All rows of the probe part through a step. */
  private *pass(probe: Part, step: Step, seen: ProbeHits | null): Iterable<Batch> {
    const pipeline = this.pipeline('join-probe', this.probe.schema, step);
    let start = 0;
    for (const frame of probe.file.read()) {
      yield* this.pusher.push(pipeline, frame, (from) => {
        if (seen !== null) seen.base = start + from;
      });
      start += frame.length;
    }
  }

  /** Rows that come out without a partner. */
  private *alone(side: 'left' | 'right', schema: Schema, rows: Batch): Iterable<Batch> {
    if (rows.length > 0) yield* this.pusher.push(this.pipeline('join-rest', schema, restStep(this.op, side)), rows);
  }

  private pipeline(name: string, schema: Schema, step: Step): Pipeline {
    const { config } = this.task.context;
    const input = schema.fields.map((f) => f.type);
    const maxCached = config.get('codegen.maxCachedFunctions');
    return new Pipeline({ name, input, steps: [step], sink: this.pusher.sink, maxCached, partition: this.task.partition });
  }

  close(): void {
    for (const part of this.open) part.file.close();
    this.open.clear();
  }
}
