/** Owns: the short way to define a scalar function of fixed parameters whose evaluator needs no types. */
import type { DataType } from '../../data/types.js';
import type { EngineValue } from '../../data/value.js';
import { type Zone, zoneOf } from '../../data/zone.js';
import type { Evaluator, ScalarFunction } from './definition.js';
import { type Accept, fixedSignature } from './signature.js';

interface Options {
  /** Parameters that must be given; the rest is undefined in the evaluator. */
  readonly required?: number;
  /** True: the result may be null though no argument is. */
  readonly nullable?: boolean;
  readonly generate?: ScalarFunction['generate'];
  /** Gives what evaluates where a timestamp is among the arguments or the result, and the session's time zone is not UTC. */
  readonly inZone?: (zone: Zone) => (...args: never[]) => EngineValue | null;
}

/** Whether an argument or the result is a point in time, which a clock shows by its zone. */
export const touchesInstant = (args: readonly DataType[], result: DataType): boolean =>
  result.kind === 'timestamp' || args.some(({ kind }) => kind === 'timestamp');

/** A function that is null where an argument is null; `evaluate` takes engine values of the accepted types. */
export function scalar(
  name: string,
  accepts: readonly Accept[],
  result: DataType | ((types: readonly DataType[]) => DataType),
  evaluate: (...args: never[]) => EngineValue | null,
  { required, nullable, generate, inZone }: Options = {},
): ScalarFunction {
  return {
    kind: 'scalar',
    name,
    nulls: 'propagate',
    resolve: fixedSignature(name, accepts, result, { required, nullable }),
    evaluator: ({ zone }) => (inZone && zone !== undefined ? inZone(zoneOf(zone)) : evaluate) as Evaluator,
    ...(inZone && { zoned: touchesInstant }),
    generate,
  };
}
