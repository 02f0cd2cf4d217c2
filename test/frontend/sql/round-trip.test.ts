/** Whatever the operators are and however they nest, the tree that is written is the tree that is read; and nothing makes the reader crash. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MinisparkError } from '../../../src/core/errors.js';
import { parseExpression, parseNamedExpression } from '../../../src/frontend/sql/parse-expression.js';

/** A tree in prefix form, and its SQL with brackets only where precedence calls for them. */
interface Written {
  readonly tree: string;
  readonly sql: string;
  readonly level: number;
}

/** Operator, its level in the grammar (a comparison may not nest on its right, nor a predicate anywhere, without brackets). */
const BINARY: readonly (readonly [string, number])[] = [
  ['or', 1],
  ['and', 2],
  ['=', 5],
  ['<', 5],
  ['|', 6],
  ['^', 7],
  ['&', 8],
  ['<<', 9],
  ['+', 10],
  ['-', 10],
  ['*', 11],
  ['%', 11],
];
const UNARY = 12;
const PRIMARY = 13;

const within = ({ sql, level }: Written, least: number): string => (level >= least ? sql : `(${sql})`);

const leaf: fc.Arbitrary<Written> = fc.oneof(
  fc.constantFrom('a', 'b', 't.c').map((sql) => ({ tree: sql, sql, level: PRIMARY })),
  fc.nat(99).map((n) => ({ tree: String(n), sql: String(n), level: PRIMARY })),
);

const written = fc.letrec<{ expr: Written }>((tie) => ({
  expr: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    { weight: 4, arbitrary: leaf },
    {
      weight: 12,
      arbitrary: fc.tuple(fc.constantFrom(...BINARY), tie('expr'), tie('expr')).map(([[fn, level], a, b]) => ({
        tree: `${fn}(${a.tree}, ${b.tree})`,
        sql: `${within(a, level)} ${fn} ${within(b, level + 1)}`,
        level,
      })),
    },
    tie('expr').map((a) => ({ tree: `negative(${a.tree})`, sql: `- (${a.sql})`, level: UNARY })),
    tie('expr').map((a) => ({ tree: `not(${a.tree})`, sql: `NOT ${within(a, 3)}`, level: 3 })),
    tie('expr').map((a) => ({ tree: `isnull(${a.tree})`, sql: `${within(a, 5)} IS NULL`, level: 4 })),
    fc
      .tuple(tie('expr'), tie('expr'))
      .map(([a, b]) => ({ tree: `in(${a.tree}, ${b.tree})`, sql: `${within(a, 5)} IN (${b.sql})`, level: 4 })),
    fc.tuple(tie('expr'), tie('expr')).map(([a, b]) => ({
      tree: `case(${a.tree}, ${b.tree})`,
      sql: `CASE WHEN ${a.sql} THEN ${b.sql} END`,
      level: PRIMARY,
    })),
    fc.tuple(tie('expr'), tie('expr')).map(([a, b]) => ({ tree: `f(${a.tree}, ${b.tree})`, sql: `f(${a.sql}, ${b.sql})`, level: PRIMARY })),
    fc.tuple(tie('expr'), tie('expr')).map(([a, b]) => ({
      tree: `getitem(${a.tree}, ${b.tree})`,
      // An index is a value: conditions in it need brackets.
      sql: `${within(a, PRIMARY)}[${within(b, 5)}]`,
      level: PRIMARY,
    })),
  ),
})).expr;

function treeOf(expr: ReturnType<typeof parseExpression>): string {
  if (expr.kind === 'literal') return String(expr.value);
  if (expr.kind === 'column') return expr.name;
  if (expr.kind === 'call') return `${expr.fn}(${expr.args.map(treeOf).join(', ')})`;
  throw new Error(`No ${expr.kind} was written.`);
}

test('trees survive', () => {
  fc.assert(
    fc.property(written, ({ tree, sql }) => {
      expect({ sql, tree: treeOf(parseExpression(sql)) }).toEqual({ sql, tree });
    }),
    { numRuns: 3000 },
  );
});

const WORDS =
  "a t.* 1 1.5e3 .5 9L 'x' \"y\" `z` r'q' ( ) [ ] , . :: -> => = <> < >> + - * || ! ~ ? not and or is null true in like between case when then end cast( as int array<int> date interval from distinct filter where escape extract( trim( count( struct( over".split(
    ' ',
  );

test('whatever the text, it is read or refused with its place', () => {
  const soup = fc.array(fc.constantFrom(...WORDS), { maxLength: 12 }).map((words) => words.join(' '));
  fc.assert(
    fc.property(fc.oneof(soup, fc.string({ unit: 'binary', maxLength: 20 })), (sql) => {
      try {
        parseNamedExpression(sql);
      } catch (error) {
        if (!(error instanceof MinisparkError) || error.kind !== 'user') throw error;
        if (error.condition !== 'WRONG_NUM_ARGS.WITHOUT_SUGGESTION')
          expect(error.message).toMatch(/at (line|character) .*\n.*\n *\t* *\^$/s);
      }
    }),
    { numRuns: 3000 },
  );
});
