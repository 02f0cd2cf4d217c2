/**
 * Owns: `grouping` and `grouping_id`, which tell the grouping sets of a row apart. They stand where aggregates do; the analyzer puts an
 * expression of the grouping id in their place, so they never run.
 */
import { fatalError } from '../../core/errors.js';
import { INT8, INT64 } from '../../data/types.js';
import type { AggregateFunction } from './definition.js';

const marker = (name: 'grouping' | 'grouping_id'): AggregateFunction => ({
  kind: 'aggregate',
  name,
  resolve: (args) => ({ args: args.map((arg) => arg.type), result: name === 'grouping' ? INT8 : INT64, nullable: false }),
  partialTypes: () => [],
  accumulator: () => {
    throw fatalError('INTERNAL_ERROR', `${name} was left in a plan.`);
  },
});

export const GROUPING_MARKERS: readonly AggregateFunction[] = [marker('grouping'), marker('grouping_id')];

export const isGroupingMarker = (definition: AggregateFunction): boolean => GROUPING_MARKERS.includes(definition);
