/** Expressions and aggregates without generated code: every function shows its row-at-a-time form alone while `interpret(true)` holds. */
import type { FunctionDefinition } from '../../../src/frontend/functions/definition.js';

let isInterpreted = false;
const stripped = new Map<FunctionDefinition, FunctionDefinition>();

export function interpret(on: boolean): void {
  isInterpreted = on;
}

export function withoutGenerators(definition: FunctionDefinition | null): FunctionDefinition | null {
  if (!isInterpreted || definition === null || !('generate' in definition)) return definition;
  let plain = stripped.get(definition);
  if (plain === undefined) {
    plain = { ...definition, generate: undefined } as FunctionDefinition;
    stripped.set(definition, plain);
  }
  return plain;
}
