/**
 * Expressions of a wanted kind, grown from a row of choices over the columns at hand. Choice 0 is the simplest, so that fast-check, which
 * shrinks numbers to 0, shrinks an expression to a column or a literal.
 */
import { type DataType, decimal, FLOAT64, INT32, INT64, STRING } from '../../../src/data/types.js';
import type { EngineValue } from '../../../src/data/value.js';
import type { Expr } from '../../../src/frontend/plan/expression.js';
import { KINDS, type Kind, POOLS, TYPE_OF } from './tables.js';

export interface GrownColumn {
  readonly name: string;
  readonly kind: Kind;
  /** Whether sums of it are the same in any order. */
  readonly isExact: boolean;
}

/** Numbers that were drawn, taken one after the other; after the last one, zeros. */
export class Choices {
  private readonly drawn: readonly number[];
  private at = 0;

  constructor(drawn: readonly number[]) {
    this.drawn = drawn;
  }

  below(n: number): number {
    return (this.drawn[this.at++] ?? 0) % n;
  }

  of<T>(items: readonly T[]): T {
    return items[this.below(items.length)];
  }
}

export const call = (fn: string, ...args: Expr[]): Expr => ({ kind: 'call', fn, args, distinct: false, filter: null, site: null });
export const column = (name: string): Expr => ({ kind: 'column', name, site: null });
export const literal = (value: EngineValue, type: DataType): Expr => ({ kind: 'literal', value, type });
export const alias = (child: Expr, name: string): Expr => ({ kind: 'alias', child, name });
const cast = (child: Expr, to: DataType, safe = false): Expr => ({ kind: 'cast', child, to, safe, site: null });
const whole = (value: number): Expr => literal(value, INT32);

export class ExpressionGrower {
  private readonly columns: readonly GrownColumn[];
  private readonly choices: Choices;

  constructor(columns: readonly GrownColumn[], choices: Choices) {
    this.columns = columns;
    this.choices = choices;
  }

  /** A column of the kind, else a literal. */
  leaf(kind: Kind): Expr {
    const known = this.columns.filter((c) => c.kind === kind);
    const pick = this.choices.below(known.length + 1);
    return pick < known.length ? column(known[pick].name) : this.literal(kind);
  }

  /** One in eight is null. */
  literal(kind: Kind): Expr {
    const isNull = this.choices.below(8) === 7;
    return literal(isNull ? null : this.choices.of(POOLS[kind]), TYPE_OF[kind]);
  }

  grow(kind: Kind, depth: number): Expr {
    if (depth === 0) return this.leaf(kind);
    const { choices } = this;
    const sub = (of: Kind): Expr => this.grow(of, depth - 1);
    const own = OF_KIND[kind];
    const pick = choices.below(own.length + 5);
    switch (pick) {
      case 0:
      case 1:
        return this.leaf(kind);
      case 2:
        return call('if', sub('boolean'), sub(kind), sub(kind));
      case 3:
        return call('coalesce', sub(kind), sub(kind));
      case 4:
        return call('case', sub('boolean'), sub(kind), sub('boolean'), sub(kind));
      default:
        return own[pick - 5](sub, choices);
    }
  }

  /** Any kind; the columns' own ones more often. */
  kind(): Kind {
    const of = [...this.columns.map((c) => c.kind), ...KINDS];
    return this.choices.of(of);
  }
}

type Rule = (sub: (kind: Kind) => Expr, choices: Choices) => Expr;

const ORDERED: readonly Kind[] = ['int', 'string', 'double', 'long', 'decimal', 'boolean', 'date', 'timestamp'];
const COMPARISONS = ['=', '<', '<=>', '<>', '>', '<=', '>='];

const OF_KIND: Record<Kind, readonly Rule[]> = {
  boolean: [
    (sub, choices) => {
      const kind = choices.of(ORDERED);
      return call(choices.of(COMPARISONS), sub(kind), sub(kind));
    },
    (sub) => call('and', sub('boolean'), sub('boolean')),
    (sub) => call('or', sub('boolean'), sub('boolean')),
    (sub) => call('not', sub('boolean')),
    (sub, choices) => call(choices.of(['isnull', 'isnotnull']), sub(choices.of(KINDS))),
    (sub, choices) => {
      const kind = choices.of(ORDERED);
      return call('in', sub(kind), ...[0, 1, 2].map(() => literal(choices.of(POOLS[kind]), TYPE_OF[kind])));
    },
    (sub) => call('isnan', sub('double')),
    (sub, choices) => call(choices.of(['startswith', 'contains', 'endswith']), sub('string'), sub('string')),
    (sub, choices) => call('array_contains', sub('ints'), literal(choices.of([1, 0, 3]), INT32)),
    // Kinds that are compared after a cast.
    (sub, choices) => call(choices.of(COMPARISONS), sub('int'), sub(choices.of<Kind>(['long', 'double', 'decimal']))),
  ],
  int: [
    (sub) => call('length', sub('string')),
    (sub, choices) => call(choices.of(['+', '-', '*']), sub('int'), whole(choices.of([1, 2, 10]))),
    (sub, choices) => call(choices.of(['try_add', 'try_subtract', 'try_multiply']), sub('int'), sub('int')),
    (sub, choices) => call(choices.of(['%', 'pmod']), sub('int'), whole(choices.of([2, 7, -3]))),
    (sub) => call('size', sub('ints')),
    (sub, choices) => call(choices.of(['year', 'month', 'dayofmonth', 'dayofweek']), sub('date')),
    (sub) => cast(sub('boolean'), INT32),
    (sub) => cast(sub('string'), INT32, true),
    (sub, choices) => call(choices.of(['greatest', 'least']), sub('int'), sub('int')),
    (sub) => call('datediff', sub('date'), sub('date')),
    (sub) => call('element_at', sub('ints'), whole(1)),
  ],
  long: [
    (sub) => cast(sub('int'), INT64),
    (sub, choices) => call(choices.of(['try_add', 'try_subtract', 'try_multiply']), sub('long'), sub('long')),
    (sub, choices) => call(choices.of(['+', '-', '*']), sub('long'), sub('int')),
    (sub, choices) => call('%', sub('long'), literal(choices.of([2n, 10n, -7n]), INT64)),
    (sub, choices) => call(choices.of(['greatest', 'least']), sub('long'), sub('int')),
    (sub, choices) => call(choices.of(['&', '|', '^']), sub('long'), sub('long')),
  ],
  double: [
    (sub) => cast(sub('int'), FLOAT64),
    (sub, choices) => call(choices.of(['+', '-', '*']), sub('double'), sub('double')),
    (sub, choices) => call('/', sub('int'), whole(choices.of([2, 3, -7]))),
    (sub) => call('abs', sub('double')),
    (sub) => call('negative', sub('double')),
    (sub, choices) => call(choices.of(['greatest', 'least']), sub('double'), sub('double')),
    (sub) => call('nanvl', sub('double'), sub('double')),
  ],
  decimal: [
    (sub, choices) => call(choices.of(['+', '-']), sub('decimal'), sub('decimal')),
    (sub, choices) => call('*', sub('decimal'), literal(choices.of([3n, -25n, 101n]), decimal(4, 2))),
    (sub) => cast(sub('int'), decimal(14, 2)),
    (sub) => call('abs', sub('decimal')),
    (sub, choices) => cast(sub('decimal'), decimal(30, choices.of([4, 1, 0]))),
    (sub) => call('negative', sub('decimal')),
  ],
  string: [
    (sub) => call('concat', sub('string'), sub('string')),
    (sub, choices) => call('substring', sub('string'), whole(1 + choices.below(3)), whole(choices.of([2, 1, 0, 100]))),
    (sub) => cast(sub('int'), STRING),
    (sub) => cast(sub('long'), STRING),
    (sub) => cast(sub('date'), STRING),
    (sub, choices) => call(choices.of(['trim', 'upper', 'lower']), sub('string')),
    (sub) => cast(sub('decimal'), STRING),
    (sub) => cast(sub('boolean'), STRING),
    (sub, choices) => call('replace', sub('string'), literal(choices.of(['a', ',', 'é']), STRING), sub('string')),
    (sub, choices) => call('repeat', sub('string'), whole(choices.of([2, 0, -1]))),
    (sub) => call('nullif', sub('string'), sub('string')),
    (sub) => call('element_at', call('split', sub('string'), literal(',', STRING)), whole(1)),
  ],
  date: [
    (sub, choices) => call(choices.of(['date_add', 'date_sub']), sub('date'), whole(choices.of([1, 31, -400]))),
    (sub) => cast(sub('timestamp'), TYPE_OF.date),
    (sub) => call('last_day', sub('date')),
  ],
  timestamp: [(sub) => cast(sub('date'), TYPE_OF.timestamp)],
  ints: [(sub) => call('array', sub('int'), sub('int')), (sub) => call('array', sub('int'))],
  strings: [(sub) => call('split', sub('string'), literal(',', STRING)), (sub) => call('array', sub('string'), sub('string'))],
};
