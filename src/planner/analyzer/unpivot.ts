/** Owns: unpivot: columns become rows, each with the column's name and value, by one expand over the row. */
import { type CallSite, userError } from '../../core/errors.js';
import { STRING, typeName } from '../../data/types.js';
import { commonTypeOf } from '../../frontend/functions/type-coercion.js';
import type { DerivationOf } from '../../frontend/plan/derivation.js';
import type { Expr } from '../../frontend/plan/expression.js';
import { columnName } from '../../frontend/plan/expression-text.js';
import type { Attribute, ResolvedExpr } from '../../frontend/plan/resolved.js';
import { castTo, literalOf, refTo } from './build.js';
import { resolveExpr } from './expressions.js';
import { scopeOf, starColumns } from './scope.js';
import type { Analyzed, Ids } from './state.js';

interface Cell {
  readonly name: string;
  readonly expr: ResolvedExpr;
}

/** Throws UNPIVOT_VALUE_DATA_TYPE_MISMATCH where the values have no common type, UNPIVOT_REQUIRES_VALUE_COLUMNS where there are none. */
export function analyzeUnpivot(
  { ids: idExprs, values, variable, value }: DerivationOf<'unpivot'>,
  site: CallSite | null,
  child: Analyzed,
  ids: Ids,
): Analyzed {
  const cellsOf = (exprs: readonly Expr[]): Cell[] =>
    exprs.flatMap((expr) => {
      if (expr.kind === 'star')
        return starColumns(child.scope, expr).map(({ attribute }) => ({ name: attribute.name, expr: refTo(attribute) }));
      const resolved = resolveExpr(expr, { scope: child.scope, site, name: 'an unpivot' });
      return [{ name: expr.kind === 'column' && resolved.kind === 'attribute' ? resolved.name : columnName(expr), expr: resolved }];
    });
  const kept = cellsOf(idExprs);
  const isKept = (attribute: Attribute): boolean => kept.some(({ expr }) => expr.kind === 'attribute' && expr.id === attribute.id);
  const cells =
    values === null
      ? child.scope.flatMap(({ attribute }) => (isKept(attribute) ? [] : [{ name: attribute.name, expr: refTo(attribute) }]))
      : cellsOf(values);
  if (cells.length === 0) {
    throw userError('UNPIVOT_REQUIRES_VALUE_COLUMNS', 'An unpivot needs at least one column that becomes rows.', {
      site: site ?? undefined,
    });
  }
  const types = cells.map(({ expr }) => expr.type);
  // Texts are not read as values of another type here.
  const mixesText = types.some(({ kind }) => kind === 'string') && types.some(({ kind }) => kind !== 'string' && kind !== 'null');
  const type = mixesText ? null : commonTypeOf(types);
  if (type === null) {
    throw userError(
      'UNPIVOT_VALUE_DATA_TYPE_MISMATCH',
      `The columns to unpivot have no common type: ${cells.map(({ name, expr }) => `${name} is ${typeName(expr.type)}`).join(', ')}.`,
      { hint: 'Cast them, or name the columns that become values', site: site ?? undefined },
    );
  }
  const output: Attribute[] = [
    ...kept.map(({ name, expr }) => ({ id: ids.fresh(), name, type: expr.type, nullable: expr.nullable })),
    { id: ids.fresh(), name: variable, type: STRING, nullable: false },
    { id: ids.fresh(), name: value, type, nullable: cells.some(({ expr }) => expr.nullable) },
  ];
  const projections = cells.map((cell) => [...kept.map(({ expr }) => expr), literalOf(cell.name, STRING), castTo(cell.expr, type)]);
  return { plan: { kind: 'expand', child: child.plan, projections, output }, scope: scopeOf(output) };
}
