/**
 * Owns: how a Dataset's elements lie in columns, and plans that bring them from one form into another by the engine's functions of elements
 * (`to_element`, `element_key`, `element_item`, `element_pair`, `element_text`, `from_element`). The column of form `value` is named so.
 */
import { callSite } from '../../core/call-site.js';
import type { Batch } from '../../data/batch.js';
import { columnOf } from '../../data/builder.js';
import { encodeElement } from '../../data/element.js';
import { BINARY, BOOLEAN, type DataType, FLOAT64, field, INT64, STRING, schemaOf } from '../../data/types.js';
import type { EngineValue } from '../../data/value.js';
import type { Expr } from '../plan/expression.js';
import type { ElementForm, Plan, StorageLevel } from '../plan/logical.js';
import { Column } from './column.js';
import { call } from './column-function.js';
import { struct } from './functions-collection.js';
import { col, lit } from './functions-core.js';
import { concat } from './functions-string.js';
import { literal } from './literal.js';

export interface Elements {
  readonly plan: Plan;
  readonly form: ElementForm;
  /** Not null where its rows are kept: another plan would not find them. */
  readonly storageLevel?: StorageLevel | null;
}

const SCALARS: readonly [DataType, (value: unknown) => boolean][] = [
  [STRING, (value) => typeof value === 'string'],
  [FLOAT64, (value) => typeof value === 'number'],
  [BOOLEAN, (value) => typeof value === 'boolean'],
  [INT64, (value) => typeof value === 'bigint' && BigInt.asIntN(64, value) === value],
];

/** A typed column where all values are strings, numbers, booleans or 64-bit bigints; else elements. Throws INVALID_ELEMENT. */
export function localElements(values: readonly unknown[], partitions: number | null): Elements {
  const scalar = values.length === 0 ? undefined : SCALARS.find(([, fits]) => values.every(fits));
  if (scalar) return { plan: localPlan(scalar[0], values as readonly EngineValue[], partitions), form: 'value' };
  return { plan: localPlan(BINARY, values.map(encodeElement), partitions), form: 'element' };
}

function localPlan(type: DataType, values: readonly EngineValue[], partitions: number | null): Plan {
  const batch: Batch = { length: values.length, columns: [columnOf(type, values)] };
  return Object.freeze({ kind: 'local', schema: schemaOf(field('value', type, false)), batch, partitions });
}

/** One binary column `value`. */
export function elementPlan({ plan, form }: Elements): Plan {
  switch (form) {
    case 'element':
      return plan;
    case 'value':
      return select(plan, call('to_element', col('value').expr).as('value'));
    case 'row':
      return select(plan, call('to_element', struct('*').expr).as('value'));
    case 'pair':
      return select(plan, call('element_pair', col('key').expr, col('value').expr).as('value'));
    default:
      return form satisfies never;
  }
}

/** Two binary columns `key` and `value` of elements that are [key, value]. Where a function makes them, it makes pairs at once. */
export function pairPlan(elements: Elements): Plan {
  const { plan, form } = elements;
  if (form === 'pair') return plan;
  if (!elements.storageLevel && plan.kind === 'mapElements' && plan.map.op !== 'filter' && plan.map.to === 'element') {
    return Object.freeze({ ...plan, map: Object.freeze({ ...plan.map, to: 'pair' }) });
  }
  const element = col('value').expr;
  return select(
    elementPlan(elements),
    call('element_key', call('element_item', element, lit(0).expr).expr).as('key'),
    call('element_item', element, lit(1).expr).as('value'),
  );
}

/** Pairs that all have one key: the elements are their values. */
export function oneKeyPlan(elements: Elements): Plan {
  return select(elementPlan(elements), new Column(literal(encodeElement(null), BINARY)).as('key'), col('value'));
}

/** One string column `value`, a line an element: text as it is, other scalars as text, the rest as JSON; of pairs key, tab and value. */
export function textPlan(elements: Elements): Plan {
  const text = (name: string): Column<string> => call('element_text', col(name).expr);
  if (elements.form === 'pair') return select(elements.plan, concat(text('key'), lit('\t'), text('value')).as('value'));
  return select(elementPlan(elements), text('value').as('value'));
}

export function select(child: Plan, ...columns: readonly Column[]): Plan {
  const exprs: readonly Expr[] = Object.freeze(columns.map((column) => column.expr));
  return Object.freeze({ kind: 'select', child, exprs, site: callSite() });
}
