/**
 * What a real Spark answered to thousands of expressions (spark-expressions.jsonl), against what minispark answers. docs/conformance.md holds
 * the rates and every difference with its reason; it is made here (`npx vitest run test/conformance -u`), and any change of it is a failure.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { MinisparkError } from '../../src/core/errors.js';
import type { Expr } from '../../src/frontend/plan/expression.js';
import { parseExpression } from '../../src/frontend/sql/parse-expression.js';
import { type Answer, answersTo } from './answer.js';
import { LEFT, REASONS } from './differences.js';

interface Row {
  readonly expr: string;
  readonly type?: string;
  readonly value?: string | null;
  readonly error?: string;
}

interface Outcome {
  readonly row: Row;
  readonly fn: string;
  readonly inColumns: boolean;
  /** What minispark answers where it is something else. */
  readonly difference: string | null;
}

const FILE = fileURLToPath(new URL('./spark-expressions.jsonl', import.meta.url));
const PAGE = fileURLToPath(new URL('../../docs/conformance.md', import.meta.url));
/** What a function should reach. */
const GOAL = 0.8;

const rows = readFileSync(FILE, 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Row);

function outcome(row: Row): Outcome {
  const wanted = shown(row.error === undefined ? { type: row.type as string, value: row.value as string | null } : { error: row.error });
  const { constant, columns } = answersTo(row.expr);
  const [folded, lifted] = [shown(constant), columns === null ? wanted : shown(columns)];
  const both = folded === lifted || folded === wanted || lifted === wanted;
  const difference =
    folded === wanted && lifted === wanted
      ? null
      : folded === wanted
        ? `${lifted}, in columns`
        : both
          ? folded
          : `${folded}; ${lifted}, in columns`;
  return { row, fn: functionOf(row.expr), inColumns: columns !== null, difference };
}

function shown(answer: Answer): string {
  if ('error' in answer) return answer.error;
  return answer.value === null ? `NULL: ${answer.type}` : `${answer.value}: ${answer.type}`;
}

/** The function or operator that the expression is a call of. */
function functionOf(sql: string): string {
  const written = /^(\w+)\(/.exec(sql)?.[1].toLowerCase();
  try {
    const expr = parseExpression(sql);
    return expr.kind === 'call' ? (written ?? nameOf(expr)) : expr.kind === 'cast' ? (expr.safe ? 'try_cast' : 'cast') : expr.kind;
  } catch (error) {
    if (error instanceof MinisparkError) return / [-+] INTERVAL /.test(sql) ? '+ and - of intervals' : (written ?? sql);
    throw error;
  }
}

/** `a <> b` and `x NOT IN (…)` are what they negate. */
const nameOf = (call: Extract<Expr, { kind: 'call' }>): string =>
  call.fn === 'not' && call.args[0].kind === 'call' ? `not ${call.args[0].fn}` : call.fn;

const reasonOf = (expr: string): string | undefined => REASONS.find(([pattern]) => pattern.test(expr))?.[1];

const percent = (passed: number, all: number): string => `${(Math.floor((passed / all) * 1000) / 10).toFixed(1)} %`;
const code = (text: string): string => `\`${text.replaceAll('|', '\\|')}\``;

function groupBy<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), item]);
  return groups;
}

function page(outcomes: readonly Outcome[]): string {
  const failed = outcomes.filter(({ difference }) => difference !== null);
  const functions = groupBy(outcomes, ({ fn }) => fn);
  const rates = [...functions].map(([fn, of]) => ({ fn, all: of.length, passed: of.filter((o) => o.difference === null).length }));
  const behind = rates
    .filter(({ passed, all }) => passed < all)
    .sort((a, b) => a.passed / a.all - b.passed / b.all || (a.fn < b.fn ? -1 : 1));
  const below = rates.filter(({ passed, all }) => passed / all < GOAL).length;
  const passed = outcomes.length - failed.length;
  return [
    '# Conformance',
    '',
    `Spark 4.3 with ANSI mode on answered ${outcomes.length} SQL expressions (test/conformance/spark-expressions.jsonl). minispark gives the same type and`,
    `value, or the same error condition, for **${passed} of them, ${percent(passed, outcomes.length)}**. Each is computed from constants, and ${outcomes.filter((o) => o.inColumns).length} of them again with`,
    'the constants as columns of several rows, nulls among them.',
    '',
    `${rates.length - below} of ${rates.length} functions and operators pass ${GOAL * 100} % or more of their expressions; these pass fewer than all:`,
    '',
    '| function | passed | of | |',
    '| --- | ---: | ---: | ---: |',
    ...behind.map((rate) => `| ${code(rate.fn)} | ${rate.passed} | ${rate.all} | ${percent(rate.passed, rate.all)} |`),
    '',
    ...[...groupBy(failed, ({ row }) => reasonOf(row.expr) ?? 'without a reason')].flatMap(([reason, of]) => [
      `## ${reason[0].toUpperCase()}${reason.slice(1)} (${of.length})`,
      '',
      '| expression | Spark | minispark |',
      '| --- | --- | --- |',
      ...of.map(({ row, difference }) => {
        const spark = shown(
          row.error === undefined ? { type: row.type as string, value: row.value as string | null } : { error: row.error },
        );
        return `| ${code(row.expr)} | ${code(spark)} | ${code(difference as string)} |`;
      }),
      '',
    ]),
    '## Beyond these expressions',
    '',
    'Answers of the same Spark to 12,000 more expressions, made of odd values, types and patterns, were held against these of minispark. What was',
    'mended is in test/conformance/edge-values.jsonl; this is left:',
    '',
    '| what | minispark |',
    '| --- | --- |',
    ...LEFT.map(([what, why]) => `| ${what.replaceAll('|', '\\|')} | ${why} |`),
    '',
    'Made by test/conformance/spark-expressions.test.ts, whose reasons are in differences.ts: `npx vitest run test/conformance -u`.',
    '',
  ].join('\n');
}

const outcomes = rows.map(outcome);

test('every difference from Spark has a reason', () => {
  const failures = outcomes.filter(({ row, difference }) => difference !== null && reasonOf(row.expr) === undefined);
  expect(failures.map(({ row, difference }) => `${row.expr}: ${difference}`)).toEqual([]);
});

test('every reason explains a difference', () => {
  const idle = REASONS.filter(([pattern]) => !outcomes.some(({ row, difference }) => difference !== null && pattern.test(row.expr)));
  expect(idle.map(([pattern]) => String(pattern))).toEqual([]);
});

test('docs/conformance.md says what passes and what does not', async () => {
  await expect(page(outcomes)).toMatchFileSnapshot(PAGE);
});
