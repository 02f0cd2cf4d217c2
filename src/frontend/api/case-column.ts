/** Owns: `when(…)` while its branches are added. */
import type { Expr } from '../plan/expression.js';
import { Column, callExpr, exprOf, type Operand, type OperandType } from './column.js';

/** CASE WHEN under construction: without otherwise() the answer is null where no condition holds. */
export class CaseColumn<T> extends Column<T> {
  private readonly branches: readonly Expr[];

  constructor(branches: readonly Expr[]) {
    super(callExpr('case', branches));
    this.branches = branches;
  }

  when<V extends Operand>(condition: Column, value: V): CaseColumn<T | OperandType<V>> {
    return new CaseColumn([...this.branches, condition.expr, exprOf(value)]);
  }

  otherwise<V extends Operand>(value: V): Column<T | OperandType<V>> {
    return new Column(callExpr('case', [...this.branches, exprOf(value)]));
  }
}
