/** One random plan, checked: the engine's rows against the reference's and DuckDB's; what happened is counted. */
import fc from 'fast-check';
import { expect } from 'vitest';
import { Config } from '../../../src/core/config.js';
import { MinisparkError } from '../../../src/core/errors.js';
import { planText } from '../../../src/frontend/plan/plan-text.js';
import type { ResolvedPlan } from '../../../src/frontend/plan/resolved.js';
import { analyze } from '../../../src/planner/analyzer/analyze.js';
import { withFiles } from './files.js';
import { type GrownPlan, growPlan, isWide, recipeArbitrary } from './grow-plan.js';
import type { Oracle } from './oracle.js';
import { type Row, runReference, sortKeysOf } from './reference.js';
import { SqlError, textOf } from './reference-values.js';
import { runEngine, type Settings, settingsArbitrary, settingsPairs } from './settings.js';
import { NotInDuckdb } from './sql.js';
import type { Table } from './tables.js';

export interface Case extends GrownPlan {
  readonly settings: Settings;
}

/** Printed as plan, tables and settings when it fails. */
export const caseArbitrary: fc.Arbitrary<Case> = fc.tuple(recipeArbitrary, settingsArbitrary).map(([recipe, drawn]) => {
  // So that some plans spill whatever was drawn.
  const settings: Settings = isWide(recipe) ? { ...drawn, memory: '8m', partitions: drawn.partitions === 1 ? 1 : 2 } : drawn;
  const grown = growPlan(recipe, settings);
  const shown = (): string => `\n${planText(grown.plan)}\n${grown.tables.map(tableText).join('\n')}\n${JSON.stringify(settings)}\n`;
  return { ...grown, settings, [fc.toStringMethod]: shown };
});

function tableText({ name, columns, rows, isLarge }: Table): string {
  const head = `${name} (${columns.map((c, k) => `c${k} ${c.kind}`).join(', ')})`;
  return isLarge ? head : [head, ...rows.map((row) => `  ${row.map(textOf).join(', ')}`)].join('\n');
}

export class Tally {
  plans = 0;
  /** Plans that have an answer; the others end in an error of ANSI SQL. */
  answers = 0;
  duckdb = 0;
  readonly spills = new Map<string, number>();
  readonly adapted = new Map<string, number>();
  readonly operators = new Map<string, number>();
  readonly notInDuckdb = new Map<string, number>();
  readonly pairs = new Set<string>();

  note({ operators, settings }: Case): void {
    this.plans++;
    for (const pair of settingsPairs(settings)) this.pairs.add(pair);
    for (const operator of operators) count(this.operators, operator);
  }
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** Null where some row has no answer: then the plan may end in an error, or meet that row never, whichever operator comes first. */
function referenceRows(plan: ResolvedPlan): Row[] | null {
  try {
    return runReference(plan);
  } catch (error) {
    if (error instanceof SqlError) return null;
    throw error;
  }
}

export function checkCase(of: Case, oracle: Oracle, tally: Tally): Promise<void> {
  return withFiles(of.places, (fileBytes) => checkRows(of, fileBytes, oracle, tally));
}

async function checkRows(of: Case, fileBytes: number, oracle: Oracle, tally: Tally): Promise<void> {
  const plan = await analyze(of.plan, { config: Config.empty });
  tally.note(of);
  const expected = referenceRows(plan);
  const hasMany = of.tables.some((table) => table.isLarge);
  const outcome = await runEngine(of.plan, of.settings, { hasMany, fileBytes }).catch((error: unknown) => {
    if (expected === null && error instanceof MinisparkError && error.kind === 'user') return null;
    throw error;
  });
  if (expected === null || outcome === null) return;
  tally.answers++;
  if (outcome.spilledBytes > 0) count(tally.spills, of.settings.memory);
  for (const decision of new Set(outcome.adapted)) count(tally.adapted, decision);
  expectSameRows(outcome.rows, expected, 'the engine, and the reference');
  if (plan.kind === 'sort' && plan.global) expectSameOrder(outcome.rows, expected, sortKeysOf(plan));
  const known = await oracle.rowsOf(plan, of.tables).catch((error: unknown) => {
    const reason = error instanceof NotInDuckdb ? error.message : `DuckDB: ${String(error).slice(0, 80)}`;
    count(tally.notInDuckdb, reason);
    return null;
  });
  if (known === null) return;
  tally.duckdb++;
  expectSameRows(known, expected, 'DuckDB, and the reference');
}

const rowText = (row: Row): string => row.map(textOf).join(', ');
/** Long texts would hide the others in a message. */
const shortened = (text: string): string => text.replace(/x{50,}/g, (run) => `x{${run.length}}`);

function expectSameRows(actual: readonly Row[], expected: readonly Row[], who: string): void {
  const [a, b] = [actual.map(rowText).sort(), expected.map(rowText).sort()];
  if (a.length === b.length && a.every((text, i) => text === b[i])) return;
  const [only, missing] = [without(a, b), without(b, a)];
  expect({ rows: a.length, only: only.slice(0, 20).map(shortened) }, who).toEqual({
    rows: b.length,
    only: missing.slice(0, 20).map(shortened),
  });
  throw new Error('Rows that are not the same were found equal.');
}

/** The texts of `a` that `b` has not as often. */
function without(a: readonly string[], b: readonly string[]): string[] {
  const left = new Map<string, number>();
  for (const text of b) count(left, text);
  return a.filter((text) => {
    const more = (left.get(text) ?? 0) - 1;
    left.set(text, more);
    return more < 0;
  });
}

/** Rows that are equal in the sort keys may stand in any order. */
function expectSameOrder(actual: readonly Row[], expected: readonly Row[], keysOf: (row: Row) => Row): void {
  const texts = (rows: readonly Row[]): string[] => rows.map((row) => shortened(rowText(keysOf(row))));
  expect(texts(actual), 'the order of the engine, and of the reference').toEqual(texts(expected));
}
