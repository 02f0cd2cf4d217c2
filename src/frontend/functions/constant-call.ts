/** Owns: calls over constants alone, computed before there are rows: where a literal is asked for, and where constants are folded. */
import type { EngineValue } from '../../data/value.js';
import type { ResolvedExpr } from '../plan/resolved.js';
import type { ScalarFunction } from './definition.js';
import { evaluatorOf, findFunction } from './registry.js';

type Call = Pick<Extract<ResolvedExpr, { kind: 'call' }>, 'fn' | 'args' | 'type' | 'zone'>;

/** The definition of a function that gives the same for the same constants; null for others. */
export function foldableFunction(fn: string): ScalarFunction | null {
  const definition = findFunction(fn);
  return definition?.kind === 'scalar' && definition.deterministic !== false ? definition : null;
}

/** What a call of a foldable function gives; undefined where an argument is no literal. Throws what the function throws. */
export function constantValue({ fn, args, type, zone }: Call): EngineValue | null | undefined {
  const values: (EngineValue | null)[] = [];
  for (const arg of args) {
    if (arg.kind !== 'literal') return undefined;
    values.push(arg.value);
  }
  const known = args.map((arg, i) => ({ type: arg.type, nullable: arg.nullable, literal: values[i] }));
  return evaluatorOf({ fn, args: known, type, zone })(...values);
}
