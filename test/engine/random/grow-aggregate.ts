/** Aggregate calls over the columns at hand; sums and means only of what gives the same in any order. */
import type { Expr } from '../../../src/frontend/plan/expression.js';
import { type Choices, call, column, ExpressionGrower, type GrownColumn } from './grow-expression.js';
import type { Kind } from './tables.js';

const NUMBERS: readonly Kind[] = ['int', 'long', 'decimal', 'double'];

export function aggregateOf(
  columns: readonly GrownColumn[],
  choices: Choices,
): { readonly expr: Expr; readonly kind: Kind; readonly isExact: boolean } {
  const grower = new ExpressionGrower(columns, choices);
  const numbers = columns.filter((c) => NUMBERS.includes(c.kind) && c.isExact);
  const any = choices.of(columns);
  const kinds = ['count', 'min', 'max', 'countStar', 'list', 'any', 'countIf', ...(numbers.length > 0 ? ['sum', 'sum', 'avg'] : [])];
  const distinct = choices.below(4) === 3;
  const condition = choices.below(5) === 4 ? grower.grow('boolean', 1) : null;
  const of = (fn: string, arg: Expr): Expr => ({ kind: 'call', fn, args: [arg], distinct, filter: condition, site: null });
  const plain = (fn: string, arg: Expr): Expr => ({ ...of(fn, arg), distinct: false }) as Expr;
  const which = choices.of(kinds);
  switch (which) {
    case 'min':
    case 'max':
      return { expr: of(which, column(any.name)), kind: any.kind, isExact: any.isExact };
    case 'sum': {
      const { name, kind } = choices.of(numbers);
      return { expr: of('sum', column(name)), kind: kind === 'int' ? 'long' : kind, isExact: kind !== 'double' || !distinct };
    }
    case 'avg': {
      // A mean of longs is rounded on the way; of decimals it is a decimal.
      const { name, kind } = choices.of(numbers);
      return kind === 'long'
        ? { expr: of('count', column(name)), kind, isExact: true }
        : { expr: of('avg', column(name)), kind: kind === 'decimal' ? kind : 'double', isExact: kind === 'decimal' };
    }
    case 'list': {
      const ints = columns.find((c) => c.kind === 'int' || c.kind === 'string');
      if (ints === undefined) break;
      return {
        expr: call('sort_array', of('collect_list', column(ints.name))),
        kind: ints.kind === 'int' ? 'ints' : 'strings',
        isExact: true,
      };
    }
    case 'any':
      return { expr: plain(choices.of(['bool_or', 'bool_and']), grower.grow('boolean', 1)), kind: 'boolean', isExact: true };
    case 'countIf':
      return { expr: plain('count_if', grower.grow('boolean', 1)), kind: 'long', isExact: true };
    case 'countStar':
      return { expr: plain('count', { kind: 'star', qualifier: null }), kind: 'long', isExact: true };
  }
  return { expr: of('count', column(any.name)), kind: 'long', isExact: true };
}
