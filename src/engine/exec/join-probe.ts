/**
 * Owns: the generated code of a hash join's probe: a step of the fused pipeline that looks a row's partners up and passes each pair on, and
 * what becomes of rows that come out alone, which is known after the last probe row or the last block of the build side only.
 */
import type { Batch } from '../../data/batch.js';
import { takeBatch } from '../../data/take.js';
import type { DataType } from '../../data/types.js';
import type { Value } from '../../frontend/functions/generator.js';
import type { PhysicalOf } from '../../planner/physical/operators.js';
import { emitColumnRead } from '../codegen/column-read.js';
import type { CodeEmitter } from '../codegen/emitter.js';
import { emitExpr, emitTest, type Row } from '../codegen/expression.js';
import { lazyRow, type Step } from '../codegen/pipeline.js';
import { shapeOf } from '../codegen/shape.js';
import type { FindClosure } from '../codegen/user-function.js';
import { nullValue } from '../codegen/values.js';
import { isUnique, type JoinTable } from './join-table.js';

type JoinOp = PhysicalOf<'hashJoin'>;

/** Which probe rows have had a partner, where they meet the build side in blocks: row i of the batch is bit `base + i`, a byte each. */
export interface ProbeHits {
  hits: Uint8Array;
  base: number;
}

export interface Probe {
  readonly op: JoinOp;
  readonly table: JoinTable;
  readonly closures: FindClosure;
  /** A byte a build row, set where it had a partner; null where nobody asks. */
  readonly buildHits: Uint8Array | null;
  /** Then probe rows without partner are noted, not passed on; nor are those of semi and anti joins. */
  readonly probeHits: ProbeHits | null;
}

/** Whether rows of the side that streams come out without a partner too (for semi and anti joins: whether they are what comes out). */
export function keepsProbe({ how, build }: Pick<JoinOp, 'how' | 'build'>): boolean {
  if (how === 'semi' || how === 'anti') return build === 'right';
  return how === 'full' || how === (build === 'right' ? 'left' : 'right');
}

/** The same of the side that is built: it must then be known which of its rows had a partner, over all probe rows. */
export function keepsBuild({ how, build }: Pick<JoinOp, 'how' | 'build'>): boolean {
  if (how === 'semi' || how === 'anti') return build === 'left';
  return how === 'full' || how === build;
}

export const isHalf = ({ how }: Pick<JoinOp, 'how'>): boolean => how === 'semi' || how === 'anti';

export function probeStep(probe: Probe): Step {
  return { emit: (emit, row, next) => new ProbeCode(probe, emit, row, next).emit() };
}

/** Rows of one side alone that come out of the join: with nulls for the other side, if that has columns in it. */
export function restStep(op: JoinOp, side: 'left' | 'right'): Step {
  return { emit: (emit, row, next) => next(isHalf(op) ? row : paddedRow(emit, op, side, row)) };
}

/** Those rows of `batch` that come out alone; `hits[base + i]` says whether row i had a partner. */
export function restOf({ how }: Pick<JoinOp, 'how'>, batch: Batch, hits: Uint8Array, base: number): Batch {
  const wanted = how === 'semi' ? 1 : 0;
  const rows = new Int32Array(batch.length);
  let count = 0;
  for (let i = 0; i < batch.length; i++) if (hits[base + i] === wanted) rows[count++] = i;
  return count === batch.length ? batch : takeBatch(batch, rows, count);
}

/** The rows of one side, with nulls for the other. */
function paddedRow(emit: CodeEmitter, op: JoinOp, side: 'left' | 'right', row: Row): Row {
  const [left, right] = [op.left.schema.fields, op.right.schema.fields];
  const width = left.length;
  if (side === 'left') return { column: (k) => (k < width ? row.column(k) : nullValue(emit, right[k - width].type)) };
  return { column: (k) => (k < width ? nullValue(emit, left[k].type) : row.column(k - width)) };
}

class ProbeCode {
  private readonly probe: Probe;
  private readonly types: readonly DataType[];
  private readonly emitter: CodeEmitter;
  private readonly row: Row;
  private readonly next: (row: Row) => void;
  /** The expression of the constant that holds the table. */
  private readonly table: string;

  constructor(probe: Probe, emitter: CodeEmitter, row: Row, next: (row: Row) => void) {
    this.probe = probe;
    this.emitter = emitter;
    this.row = row;
    this.next = next;
    const { op, table } = probe;
    this.types = (op.build === 'left' ? op.left : op.right).schema.fields.map((f) => f.type);
    this.table = emitter.constant('build', table);
  }

  emit(): void {
    const { op, table, closures } = this.probe;
    const { emitter } = this;
    const exprs = op.build === 'left' ? op.rightKeys : op.leftKeys;
    const keys = exprs.map((e) => emitExpr(emitter, e, this.row, closures));
    const first = table.index === null ? emitter.hoist('last', `${this.table}.rows.length - 1`) : table.index.emitFirst(emitter, keys);
    if (isHalf(op)) this.emitHalf(first);
    else if (keepsProbe(op) && this.probe.probeHits === null) this.emitOuter(first);
    else this.emitInner(first);
  }

  /** At most one build row has the key. */
  private get isUnique(): boolean {
    return isUnique(this.probe.table);
  }

  /** Without keys all build rows are walked, from the last to the first. */
  private follow(j: string): string {
    if (this.probe.table.index === null) return `${j} - 1`;
    return `${this.emitter.hoist('nexts', `${this.table}.nexts`)}[${j}]`;
  }

  /** `body` for each build row from `first` on that passes the condition. */
  private each(first: string, body: (j: string) => void): void {
    const { emitter } = this;
    const tested = (j: string): void => {
      const test = this.test(j);
      if (test === null) body(j);
      else emitter.branch(test, () => body(j));
    };
    if (this.isUnique) {
      emitter.branch(`${first} >= 0`, () => tested(first));
      return;
    }
    const j = emitter.fresh('j');
    emitter.loop(`for (let ${j} = ${first}; ${j} >= 0; ${j} = ${this.follow(j)})`, () => tested(j));
  }

  private test(j: string): string | null {
    const { op, closures } = this.probe;
    return op.condition ? emitTest(this.emitter, op.condition, this.pair(j, false), closures) : null;
  }

  private noteBuild(j: string): void {
    if (this.probe.buildHits !== null) this.emitter.line(`${this.emitter.constant('hits', this.probe.buildHits)}[${j}] = 1;`);
  }

  private emitInner(first: string): void {
    const seen = this.probeHit();
    this.each(first, (j) => {
      if (seen !== null) this.emitter.line(`${seen} = 1;`);
      this.noteBuild(j);
      this.next(this.pair(j, false));
    });
  }

  /** The byte of this probe row, an expression that can be assigned; null where none is kept. */
  private probeHit(): string | null {
    const { emitter } = this;
    const { probeHits, op } = this.probe;
    if (probeHits === null || !keepsProbe(op)) return null;
    const self = emitter.constant('seen', probeHits);
    const [hits, base] = [emitter.hoist('hits', `${self}.hits`), emitter.hoist('base', `${self}.base`)];
    return `${hits}[${base} + i]`;
  }

  private emitHalf(first: string): void {
    const { emitter } = this;
    if (this.probe.buildHits !== null) {
      this.each(first, (j) => this.noteBuild(j));
      return;
    }
    const seen = this.probeHit();
    if (seen !== null) {
      emitter.branch(`${seen} === 0`, () => this.each(first, () => emitter.line(`${seen} = 1;${this.isUnique ? '' : ' break;'}`)));
      return;
    }
    const hit = emitter.fresh('hit');
    emitter.line(`let ${hit} = false;`);
    this.each(first, () => emitter.line(`${hit} = true;${this.isUnique ? '' : ' break;'}`));
    emitter.branch(this.probe.op.how === 'semi' ? hit : `!${hit}`, () => this.next(this.row));
  }

  /** What follows stands once: for each match, or with j = -1 where there was none. */
  private emitOuter(first: string): void {
    const { emitter } = this;
    const j = emitter.fresh('j');
    if (this.isUnique) {
      emitter.line(`let ${j} = ${first};`);
      if (this.probe.op.condition || this.probe.buildHits) {
        emitter.branch(`${j} >= 0`, () => {
          const test = this.test(j);
          if (test === null) this.noteBuild(j);
          else
            emitter.branch(
              test,
              () => this.noteBuild(j),
              () => emitter.line(`${j} = -1;`),
            );
        });
      }
      emitter.scope(() => this.next(this.pair(j, true)));
      return;
    }
    const matched = emitter.fresh('matched');
    const follow = this.follow(j);
    emitter.line(`let ${j} = ${first}, ${matched} = false;`);
    emitter.loop('for (;;)', () => {
      emitter.branch(
        `${j} < 0`,
        () => emitter.line(`if (${matched}) break;`),
        () => {
          const test = this.test(j);
          if (test !== null) emitter.line(`if (!(${test})) { ${j} = ${follow}; continue; }`);
          emitter.line(`${matched} = true;`);
          this.noteBuild(j);
        },
      );
      emitter.scope(() => this.next(this.pair(j, true)));
      emitter.line(`if (${j} < 0) break;`);
      emitter.line(`${j} = ${follow};`);
    });
  }

  /** Left columns, then right ones; those of the build side are read at row j, or null where j is -1 and `orNull`. */
  private pair(j: string, orNull: boolean): Row {
    const { op, table } = this.probe;
    const { emitter, row } = this;
    const at = orNull ? emitter.let('at', `${j} < 0 ? 0 : ${j}`) : j;
    const side = lazyRow(emitter, (k): Value => {
      const shape = shapeOf(table.rows.columns[k], this.types[k]);
      return emitColumnRead(emitter, `${this.table}.rows.columns[${k}]`, shape, this.types[k], at, orNull ? `(${j} < 0)` : 'false');
    });
    const width = op.left.schema.fields.length;
    const of = (left: Row, right: Row): Row => ({
      column: (k) => (k < width ? left.column(k) : right.column(k - width)),
      entries: (k) => (k < width ? left.entries?.(k) : right.entries?.(k - width)) ?? null,
    });
    return op.build === 'left' ? of(side, row) : of(row, side);
  }
}
