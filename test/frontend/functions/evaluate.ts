/** Evaluates an expression of literals as the engine would, for tables of answers. */
import { MinisparkError } from '../../../src/core/errors.js';
import { BOOLEAN, type DataType, decimal, FLOAT64, INT32, INT64, STRING, typeName } from '../../../src/data/types.js';
import type { EngineValue } from '../../../src/data/value.js';
import { casterOf } from '../../../src/frontend/functions/cast-values.js';
import { evaluatorOf } from '../../../src/frontend/functions/registry.js';
import type { Expr } from '../../../src/frontend/plan/expression.js';
import type { ResolvedExpr } from '../../../src/frontend/plan/resolved.js';
import { resolveExpr } from '../../../src/planner/analyzer/expressions.js';

export type Operand = Expr | null | boolean | number | bigint | string;

export const lit = (value: EngineValue | null, type: DataType): Expr => ({ kind: 'literal', value, type });
export const int = (value: number): Expr => lit(value, INT32);
export const double = (value: number): Expr => lit(value, FLOAT64);
/** `dec('1.25')` is decimal(3,2), as in SQL. */
export function dec(text: string): Expr {
  const [whole, fraction = ''] = text.replace('-', '').split('.');
  const digits = `${whole.replace(/^0+/, '')}${fraction}`;
  return lit(BigInt(text.replace('.', '')), decimal(Math.max(digits.length, fraction.length, 1), fraction.length));
}
export const cast = (child: Operand, to: DataType, safe = false): Expr => ({ kind: 'cast', child: exprOf(child), to, safe, site: null });
export const nullOf = (type: DataType): Expr => lit(null, type);
export const call = (fn: string, ...args: readonly Operand[]): Expr => ({
  kind: 'call',
  fn,
  args: args.map(exprOf),
  distinct: false,
  filter: null,
  site: null,
});

function exprOf(operand: Operand): Expr {
  if (operand === null) return lit(null, { kind: 'null' });
  switch (typeof operand) {
    case 'boolean':
      return lit(operand, BOOLEAN);
    case 'number':
      return Number.isInteger(operand) ? int(operand) : double(operand);
    case 'bigint':
      return lit(operand, INT64);
    case 'string':
      return lit(operand, STRING);
    default:
      return operand;
  }
}

function evaluate(expr: ResolvedExpr): EngineValue | null {
  if (expr.kind === 'literal') return expr.value;
  if (expr.kind !== 'call') throw new Error(`No ${expr.kind} here.`);
  const args = expr.args.map((arg) => ({
    type: arg.type,
    nullable: arg.nullable,
    literal: arg.kind === 'literal' ? arg.value : undefined,
  }));
  return evaluatorOf({ fn: expr.fn, args, type: expr.type })(...expr.args.map(evaluate));
}

/** `type: value` with the value as a cast to string shows it, or the condition of the error. */
export function answer(expr: Expr): string {
  try {
    const resolved = resolveExpr(expr, { scope: [], site: null, name: 'a test' });
    const value = evaluate(resolved);
    return `${typeName(resolved.type)}: ${value === null ? 'NULL' : casterOf(resolved.type, STRING, false)(value)}`;
  } catch (error) {
    if (error instanceof MinisparkError) return error.condition;
    throw error;
  }
}
