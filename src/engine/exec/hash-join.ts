/**
 * Owns: joins by hash: the build side is gathered into one batch with a table from key to its rows, the other side streams past it.
 * The probe is a step of the fused pipeline: inner, left, semi and anti, with any further condition.
 */
import { fatalError } from '../../core/errors.js';
import { allocInt32, growTo } from '../../data/alloc.js';
import type { Batch } from '../../data/batch.js';
import { concatBatches } from '../../data/concat.js';
import { batchBytes } from '../../data/size.js';
import type { DataType } from '../../data/types.js';
import type { Value } from '../../frontend/functions/generator.js';
import type { BoundExpr } from '../../frontend/plan/resolved.js';
import type { PhysicalOf } from '../../planner/physical/operators.js';
import { emitColumnRead } from '../codegen/column-read.js';
import type { CodeEmitter } from '../codegen/emitter.js';
import { emitExpr, emitTest, type Row } from '../codegen/expression.js';
import { lazyRow, Pipeline, type Sink, type Step } from '../codegen/pipeline.js';
import { shapeOf } from '../codegen/shape.js';
import type { FindClosure } from '../codegen/user-function.js';
import { emitFind, emitInsert, KeyTable } from './keys.js';
import { noteMemory } from './memory.js';
import { collect, type Run } from './run.js';

type JoinOp = PhysicalOf<'hashJoin'>;

/** Rows of the build side by key: `heads[group]` is a row, `nexts[row]` the next one of the same key, -1 ends. */
class BuildTable implements Sink {
  readonly keys: KeyTable;
  readonly rows: Batch;
  readonly nexts: Int32Array;
  heads: Int32Array = allocInt32(256).fill(-1);
  private readonly exprs: readonly BoundExpr[];
  private readonly closures: FindClosure;

  constructor(rows: Batch, exprs: readonly BoundExpr[], closures: FindClosure) {
    this.rows = rows;
    this.exprs = exprs;
    this.closures = closures;
    this.keys = new KeyTable(exprs.map((e) => e.type));
    this.nexts = allocInt32(rows.length).fill(-1);
  }

  /** Rows with a null in their key are in no group: nothing equals them. */
  emit(emit: CodeEmitter, row: Row): void {
    const self = emit.constant('build', this);
    const keys = this.exprs.map((e) => emitExpr(emit, e, row, this.closures));
    const present = keys.filter((k) => k.isNull !== 'false').map((k) => `!(${k.isNull})`);
    const insert = (): void => {
      const group = emitInsert(
        emit,
        this.keys,
        keys.map((k) => ({ ...k, isNull: 'false' })),
      );
      emit.line(`${self}.link(${group}, i);`);
    };
    if (present.length === 0) insert();
    else emit.branch(present.join(' && '), insert);
  }

  link(group: number, row: number): void {
    const size = this.heads.length;
    if (group >= size) this.heads = growTo(this.heads, size * 2).fill(-1, size);
    this.nexts[row] = this.heads[group];
    this.heads[group] = row;
  }
}

/** Runs the build side to its end; the step that it gives then probes. */
export async function joinStep(op: JoinOp, run: Run): Promise<Step> {
  const { context } = run;
  const closures = context.closure.bind(context);
  const side = op.build === 'left' ? op.left : op.right;
  const rows = concatBatches(side.schema, await collect(run, side));
  const exprs = op.build === 'left' ? op.leftKeys : op.rightKeys;
  const table = new BuildTable(rows, exprs, closures);
  const types = side.schema.fields.map((f) => f.type);
  if (exprs.length > 0) {
    const maxCached = context.config.get('codegen.maxCachedFunctions');
    new Pipeline({ name: 'join-build', input: types, steps: [], sink: table, maxCached, partition: context.key.partition }).run(rows);
  }
  noteMemory(context, batchBytes(rows) + table.keys.byteSize() + table.nexts.byteLength);
  return { emit: (emit, row, next) => emitProbe(emit, op, table, types, row, next, closures) };
}

function emitProbe(
  emit: CodeEmitter,
  op: JoinOp,
  table: BuildTable,
  types: readonly DataType[],
  row: Row,
  next: (row: Row) => void,
  closures: FindClosure,
): void {
  const probeKeys = (op.build === 'left' ? op.rightKeys : op.leftKeys).map((e) => emitExpr(emit, e, row, closures));
  const build = emit.constant('build', table);
  const first = emit.fresh('first');
  const nexts = emit.hoist('nexts', `${build}.nexts`);
  if (probeKeys.length === 0) {
    emit.line(`const ${first} = ${build}.rows.length - 1;`);
  } else {
    const heads = emit.hoist('heads', `${build}.heads`);
    const group = emitFind(emit, table.keys, probeKeys);
    emit.line(`const ${first} = ${group} < 0 ? -1 : ${heads}[${group}];`);
  }
  // Without keys every build row matches: they are walked from the last to the first.
  const follow = (j: string): string => (probeKeys.length === 0 ? `${j} - 1` : `${nexts}[${j}]`);
  const joined = (j: string, orNull: boolean): Row => joinedRow(emit, op, table, types, row, j, orNull);
  const passes = (j: string): string | null => (op.condition ? emitTest(emit, op.condition, joined(j, false), closures) : null);
  switch (op.how) {
    case 'inner':
    case 'cross':
      emitInner(emit, first, follow, passes, (j) => next(joined(j, false)));
      return;
    case 'left':
      emitLeft(emit, first, follow, passes, (j) => next(joined(j, true)));
      return;
    case 'semi':
    case 'anti': {
      const hit = emitHit(emit, first, follow, passes);
      emit.branch(op.how === 'semi' ? hit : `!${hit}`, () => next(row));
      return;
    }
    default:
      throw fatalError('INTERNAL_ERROR', `A ${op.how} join must be planned as a left one.`);
  }
}

type Follow = (j: string) => string;
type Passes = (j: string) => string | null;

function emitInner(emit: CodeEmitter, first: string, follow: Follow, passes: Passes, body: (j: string) => void): void {
  const j = emit.fresh('j');
  emit.loop(`for (let ${j} = ${first}; ${j} >= 0; ${j} = ${follow(j)})`, () => {
    const test = passes(j);
    if (test === null) body(j);
    else emit.branch(test, () => body(j));
  });
}

/** The body stands once: for each match, or with j = -1 where there was none. */
function emitLeft(emit: CodeEmitter, first: string, follow: Follow, passes: Passes, body: (j: string) => void): void {
  const j = emit.fresh('j');
  const matched = emit.fresh('matched');
  emit.line(`let ${j} = ${first}, ${matched} = false;`);
  emit.loop('for (;;)', () => {
    emit.branch(
      `${j} < 0`,
      () => emit.line(`if (${matched}) break;`),
      () => {
        const test = passes(j);
        if (test !== null) emit.line(`if (!(${test})) { ${j} = ${follow(j)}; continue; }`);
        emit.line(`${matched} = true;`);
      },
    );
    emit.scope(() => body(j));
    emit.line(`if (${j} < 0) break;`);
    emit.line(`${j} = ${follow(j)};`);
  });
}

function emitHit(emit: CodeEmitter, first: string, follow: Follow, passes: Passes): string {
  const hit = emit.fresh('hit');
  emit.line(`let ${hit} = false;`);
  const j = emit.fresh('j');
  emit.loop(`for (let ${j} = ${first}; ${j} >= 0; ${j} = ${follow(j)})`, () => {
    const test = passes(j);
    emit.line(test === null ? `${hit} = true; break;` : `if (${test}) { ${hit} = true; break; }`);
  });
  return hit;
}

/** Left columns, then right ones; those of the build side are read at row j, or null where j is -1 and `orNull`. */
function joinedRow(
  emit: CodeEmitter,
  op: JoinOp,
  table: BuildTable,
  types: readonly DataType[],
  row: Row,
  j: string,
  orNull: boolean,
): Row {
  const at = orNull ? emit.let('at', `${j} < 0 ? 0 : ${j}`) : j;
  const build = emit.constant('build', table);
  const side = lazyRow(emit, (k): Value => {
    const shape = shapeOf(table.rows.columns[k], types[k]);
    return emitColumnRead(emit, `${build}.rows.columns[${k}]`, shape, types[k], at, orNull ? `(${j} < 0)` : 'false');
  });
  const leftWidth = op.left.schema.fields.length;
  if (op.build === 'left') return { column: (k) => (k < leftWidth ? side.column(k) : row.column(k - leftWidth)) };
  return { column: (k) => (k < leftWidth ? row.column(k) : side.column(k - leftWidth)) };
}
