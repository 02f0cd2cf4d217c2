/**
 * Owns: conditions that follow from one dictionary code: asked once an entry, and looked up for every further row that has it.
 */
import { allocBytes } from '../../data/alloc.js';
import type { Column } from '../../data/batch.js';
import type { BoundExpr } from '../../frontend/plan/resolved.js';
import type { CodeEmitter } from './emitter.js';
import { type Entry, entriesOf } from './entries.js';
import type { Row } from './expression.js';

const MOST_ENTRIES = 65536;

/** What is known of the entries of the dictionary that was seen last. */
export class EntryTests {
  private dictionary: Column | null = null;
  private answers: Uint8Array = allocBytes(0);

  /** 0 not asked yet, 1 no, 2 yes, by code; null where the dictionary is too large. */
  table(dictionary: Column): Uint8Array | null {
    if (dictionary.length > MOST_ENTRIES) return null;
    if (dictionary !== this.dictionary) {
      this.answers = this.answers.length === dictionary.length ? this.answers.fill(0) : allocBytes(dictionary.length).fill(0);
      this.dictionary = dictionary;
    }
    return this.answers;
  }
}

/** The entry that alone decides a condition which costs more to compute than to look up; else null. */
export function entryOfTest(condition: BoundExpr, row: Row): Entry | null {
  if (!isCostly(condition)) return null;
  const entries = entriesOf(condition, row);
  return entries?.length === 1 ? entries[0] : null;
}

/** Whether it is more than a comparison of numbers. */
function isCostly(expr: BoundExpr): boolean {
  if (expr.kind !== 'call') return expr.kind === 'udf';
  if (expr.fn === 'isnull' || expr.fn === 'isnotnull') return false;
  return expr.args.some((arg) => arg.kind === 'call' || arg.kind === 'udf' || arg.type.kind === 'string' || arg.type.kind === 'binary');
}

/** Emits the condition of a row whose `entry` decides it; `test` emits it as it is, and gives it as an expression. */
export function emitEntryTest(emit: CodeEmitter, entry: Entry, test: () => string): string {
  const table = emit.hoist('answers', `${emit.constant('entryTests', new EntryTests())}.table(${entry.dictionary})`);
  const passes = emit.fresh('passes');
  const isKnown = entry.isNull === 'false' ? `${table} !== null` : `${table} !== null && !(${entry.isNull})`;
  emit.line(`let ${passes} = ${isKnown} ? ${table}[${entry.code}] : 0;`);
  emit.branch(`${passes} === 0`, () => {
    emit.line(`${passes} = ${test()} ? 2 : 1;`);
    emit.line(`if (${isKnown}) ${table}[${entry.code}] = ${passes};`);
  });
  return `${passes} === 2`;
}
