/** Owns: `when(…)` while its branches are added. */
import type { Expr } from '../plan/expression.js';
import { Column, callExpr, exprOf, type Operand, type OperandType } from './column.js';
import type { NamesInOperand } from './column-names.js';

/** CASE WHEN under construction: without otherwise() the answer is null where no condition holds. */
export class CaseColumn<T, R extends string = string> extends Column<T, string, R> {
  private readonly branches: readonly Expr[];

  constructor(branches: readonly Expr[]) {
    super(callExpr('case', branches));
    this.branches = branches;
  }

  when<C extends Column, V extends Operand>(condition: C, value: V): CaseColumn<T | OperandType<V>, R | NamesInOperand<C | V>> {
    return new CaseColumn([...this.branches, condition.expr, exprOf(value)]);
  }

  otherwise<V extends Operand>(value: V): Column<T | OperandType<V>, string, R | NamesInOperand<V>> {
    return new Column(callExpr('case', [...this.branches, exprOf(value)]));
  }
}
