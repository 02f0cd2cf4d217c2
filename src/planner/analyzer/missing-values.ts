/** Owns: df.na: rows with too few values dropped, nulls and NaN filled, values replaced, each in the columns that suit the value. */
import { type CallSite, userError } from '../../core/errors.js';
import { type DataType, INT32, isFloat, isNumeric, typeName } from '../../data/types.js';
import { commonType } from '../../frontend/functions/type-coercion.js';
import type { Columns, DerivationOf, Literal } from '../../frontend/plan/derivation.js';
import type { Attribute, Named, ResolvedExpr } from '../../frontend/plan/resolved.js';
import { callOf, castTo, literalOf, refTo } from './build.js';
import { columnsOf } from './distinct.js';
import type { Scope } from './scope.js';
import { type Analyzed, attributeOf, type Ids, passed } from './state.js';

const chosen = (scope: Scope, names: Columns, site: CallSite | null): readonly Attribute[] =>
  (names === null ? scope : columnsOf(scope, names, site)).map(({ attribute }) => attribute);

/** Neither null nor NaN. */
function isPresent(attribute: Attribute): ResolvedExpr {
  const present = callOf('isnotnull', refTo(attribute));
  return isFloat(attribute.type) ? callOf('and', present, callOf('not', callOf('isnan', refTo(attribute)))) : present;
}

export function analyzeDropMissing({ least, columns }: DerivationOf<'dropMissing'>, site: CallSite | null, child: Analyzed): Analyzed {
  const tests = chosen(child.scope, columns, site).map(isPresent);
  const wanted = least ?? tests.length;
  if (wanted <= 0) return child;
  const [zero, one] = [literalOf(0, INT32), literalOf(1, INT32)];
  const condition =
    wanted === tests.length
      ? tests.reduce((all, next) => callOf('and', all, next))
      : callOf(
          '>=',
          tests.map((test) => callOf('if', test, one, zero)).reduce((sum, next) => callOf('+', sum, next), zero),
          literalOf(wanted, INT32),
        );
  return { plan: { kind: 'filter', child: child.plan, condition }, scope: child.scope };
}

/** Which columns a value is for: numbers fill numbers of every type, text fills text, booleans booleans. */
function suits({ type: value }: Literal, { type }: Attribute): boolean {
  return value.kind === 'null' || (isNumeric(value) ? isNumeric(type) : value.kind === type.kind);
}

export function analyzeFillMissing({ values }: DerivationOf<'fillMissing'>, site: CallSite | null, child: Analyzed, ids: Ids): Analyzed {
  const fills = values.map(({ value, columns, cast = false }) => ({ value, columns: chosen(child.scope, columns, site), cast }));
  return changed(child, ids, (attribute) => {
    const fill = fills.find(({ value, columns, cast }) => columns.includes(attribute) && (cast || suits(value, attribute)));
    if (fill === undefined) return null;
    const value = castTo(literalOf(fill.value.value, fill.value.type), attribute.type);
    const ref = refTo(attribute);
    return callOf('coalesce', isFloat(attribute.type) ? callOf('nanvl', ref, literalOf(null, attribute.type)) : ref, value);
  });
}

export function analyzeReplace({ pairs, columns }: DerivationOf<'replace'>, site: CallSite | null, child: Analyzed, ids: Ids): Analyzed {
  const among = chosen(child.scope, columns, site);
  const [first] = pairs;
  for (const [from, to] of pairs) {
    const sameKind = (a: DataType, b: DataType) => a.kind === b.kind || (isNumeric(a) && isNumeric(b));
    if (sameKind(from.type, first[0].type) && (to.type.kind === 'null' || sameKind(from.type, to.type))) continue;
    throw userError(
      'INVALID_ARGUMENT',
      `replace() takes values of one kind, not ${typeName(first[0].type)}, ${typeName(from.type)} and ${typeName(to.type)}.`,
      {
        hint: 'Call it once for each kind of columns',
        site: site ?? undefined,
      },
    );
  }
  return changed(child, ids, (attribute) => {
    if (!among.includes(attribute) || !suits(first[0], attribute)) return null;
    const branches = pairs.flatMap(([from, to]) => [isValue(attribute, from), castTo(literalOf(to.value, to.type), attribute.type)]);
    return callOf('case', ...branches, refTo(attribute));
  });
}

/** Compared as their common type, so that 1.5 is no 1, and no float is 0.1. */
function isValue(attribute: Attribute, { value, type }: Literal): ResolvedExpr {
  const common = commonType(attribute.type, type) ?? attribute.type;
  return callOf('=', castTo(refTo(attribute), common), castTo(literalOf(value, type), common));
}

/** The columns, some with another value under the old name. */
function changed(child: Analyzed, ids: Ids, change: (attribute: Attribute) => ResolvedExpr | null): Analyzed {
  const columns = child.scope.map(({ attribute }): Named => {
    const expr = change(attribute);
    return expr === null ? passed(attribute) : { id: ids.fresh(), name: attribute.name, expr };
  });
  return {
    plan: { kind: 'project', child: child.plan, exprs: columns },
    scope: columns.map((column, i) => ({ attribute: attributeOf(column), qualifier: child.scope[i].qualifier })),
  };
}
