/**
 * Owns: which dictionary codes of a row an expression's value follows from. Where there are any, what it gives is known from the rows
 * before, by their combination, and nothing needs to be computed.
 */

import { findFunction } from '../../frontend/functions/registry.js';
import type { BoundExpr } from '../../frontend/plan/resolved.js';
import type { CodeEmitter } from './emitter.js';
import { givesTheSame, type Row } from './expression.js';
import type { ColumnShape } from './shape.js';

/** A place in a dictionary of the batch; all three are expressions that are good anywhere in the loop. Where `isNull`, the code means nothing. */
export interface Entry {
  readonly code: string;
  readonly dictionary: string;
  readonly isNull: string;
}

/** The entry of column `k` of the batch, at row i; null where the column is no dictionary. */
export function entryOfColumn(emit: CodeEmitter, k: number, shape: ColumnShape): Entry | null {
  if (shape.layout !== 'dictionary' || shape.inner?.nullable) return null;
  const codes = emit.hoist('codes', `batch.columns[${k}].codes`);
  const dictionary = emit.hoist('dict', `batch.columns[${k}].dictionary`);
  if (!shape.nullable) return { code: `${codes}[i]`, dictionary, isNull: 'false' };
  const validity = emit.hoist('valid', `batch.columns[${k}].validity`);
  return { code: `${codes}[i]`, dictionary, isNull: `((${validity}[i >> 3] >> (i & 7)) & 1) === 0` };
}

/** Each entry once; null where the value follows from something else too, or is not the same for the same input. */
export function entriesOf(expr: BoundExpr, row: Row): readonly Entry[] | null {
  const found = new Set<Entry>();
  return collect(expr, row, found) ? [...found] : null;
}

function collect(expr: BoundExpr, row: Row, into: Set<Entry>): boolean {
  switch (expr.kind) {
    case 'literal':
      return true;
    case 'input': {
      const entries = row.entries?.(expr.index) ?? null;
      for (const entry of entries ?? []) into.add(entry);
      return entries !== null;
    }
    case 'call':
      return isPlain(expr) && expr.args.every((arg) => collect(arg, row, into));
    case 'udf':
      // Of others nobody knows what they do besides: count in an accumulator, for one.
      return Boolean(expr.udf.closure.inline) && givesTheSame(expr) && expr.args.every((arg) => collect(arg, row, into));
    case 'lambda':
    case 'variable':
      return false;
    default:
      return expr satisfies never;
  }
}

function isPlain(expr: Extract<BoundExpr, { kind: 'call' }>): boolean {
  const definition = findFunction(expr.fn);
  return definition?.kind === 'scalar' && definition.stateful !== true && definition.deterministic !== false;
}
