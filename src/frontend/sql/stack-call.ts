/** Owns: `stack(n, …)`: the values in n rows, which is inline() of an array of n structs, each of whose fields has one type. */
import { userError } from '../../core/errors.js';
import { NULL } from '../../data/types.js';
import type { Expr } from '../plan/expression.js';
import { call, literal, text } from './nodes.js';

/** Each row is an expression of its own, also those that have no values. */
const MAX_ROWS = 10_000;

/** The last row is filled up with nulls. Throws WRONG_NUM_ARGS, DATATYPE_MISMATCH.NON_FOLDABLE_INPUT and .VALUE_OUT_OF_RANGE. */
export function stackCall(stack: Extract<Expr, { kind: 'call' }>): Expr {
  const { site } = stack;
  const [count, ...values] = stack.args;
  if (values.length === 0) {
    throw userError('WRONG_NUM_ARGS.WITHOUT_SUGGESTION', `stack takes at least 2 arguments, but was given ${stack.args.length}.`, {
      site: site ?? undefined,
    });
  }
  if (count.kind !== 'literal' || typeof count.value !== 'number') {
    throw userError('DATATYPE_MISMATCH.NON_FOLDABLE_INPUT', 'The number of rows that stack makes must be a constant int.', {
      site: site ?? undefined,
    });
  }
  if (count.value < 1 || count.value > Math.max(MAX_ROWS, values.length)) {
    const hint = count.value < 1 ? {} : { hint: `Beyond as many as there are values it makes at most ${MAX_ROWS}` };
    throw userError('DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE', `stack cannot make ${count.value} rows.`, { ...hint, site: site ?? undefined });
  }
  const width = Math.ceil(values.length / count.value);
  const rows = Array.from({ length: count.value }, (_, row) =>
    call(
      'named_struct',
      Array.from({ length: width }, (__, k) => [text(`col${k}`), values[row * width + k] ?? literal(null, NULL)]).flat(),
      site,
    ),
  );
  return call('inline', [call('stack_rows', rows, site)], site);
}
