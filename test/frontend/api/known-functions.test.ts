/** What the API wraps exists: each function of `minispark` that makes a call names one of the registry; `_outer` is a flag of the node. */
import { expect, test } from 'vitest';
import { Column } from '../../../src/frontend/api/column.js';
import { installApi } from '../../../src/frontend/api/install.js';
import { findFunction } from '../../../src/frontend/functions/registry.js';
import type { Expr } from '../../../src/frontend/plan/expression.js';

/** Arguments of many kinds: some of them suit. */
const ARGUMENTS: readonly (readonly unknown[])[] = [
  [],
  ['a'],
  ['a', 'b'],
  ['a', 1],
  ['a', 'b', 'c'],
  ['a', 1, 2],
  ['a', 'b', 1],
  ['a', 1, 'b'],
];

function callsOf(expr: Expr): string[] {
  switch (expr.kind) {
    case 'call':
      return [expr.fn, ...expr.args.flatMap(callsOf)];
    case 'cast':
    case 'alias':
      return callsOf(expr.child);
    default:
      return [];
  }
}

function calls(make: (...args: readonly unknown[]) => unknown): string[] {
  return ARGUMENTS.flatMap((args) => {
    try {
      const made = make(...args);
      return made instanceof Column ? callsOf(made.expr) : [];
    } catch {
      // These arguments do not suit this function; others will.
      return [];
    }
  });
}

test('every call has a definition', () => {
  // callFunction() calls what it is told.
  const functions = Object.entries(installApi()).filter(
    ([name, value]) => typeof value === 'function' && /^[a-z]/.test(name) && name !== 'callFunction',
  );
  const unknown = functions.flatMap(([name, make]) =>
    calls(make as () => unknown)
      .filter((fn) => findFunction(fn.replace(/_outer$/, '')) === null)
      .map((fn) => `${name} → ${fn}`),
  );
  expect([...new Set(unknown)]).toEqual([]);
});
