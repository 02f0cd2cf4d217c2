/**
 * Expressions and aggregates without generated code: every function shows its row-at-a-time form alone while `interpret(true)` holds, but for those
 * that leave arguments out: only their code does.
 */
import type { FunctionDefinition } from '../../../src/frontend/functions/definition.js';

let isInterpreted = false;
const stripped = new Map<FunctionDefinition, FunctionDefinition>();

const LAZY = new Set(['if', 'case', 'coalesce', 'nvl2', 'and', 'or']);

export function interpret(on: boolean): void {
  isInterpreted = on;
}

export function withoutGenerators(definition: FunctionDefinition | null): FunctionDefinition | null {
  if (!isInterpreted || definition === null || !('generate' in definition) || LAZY.has(definition.name)) return definition;
  let plain = stripped.get(definition);
  if (plain === undefined) {
    plain = { ...definition, generate: undefined } as FunctionDefinition;
    stripped.set(definition, plain);
  }
  return plain;
}
