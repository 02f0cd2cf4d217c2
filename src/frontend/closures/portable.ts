/**
 * Owns: which class instances may be captured, and how they cross: minispark's own values, and objects that say how themselves.
 * Everything else with a prototype of its own is refused, as structured cloning would quietly drop its methods.
 */
import { userError } from '../../core/errors.js';
import { Decimal } from '../../data/decimal.js';
import { DayTimeInterval, YearMonthInterval } from '../../data/interval.js';
import { LocalDate, LocalDateTime, Timestamp } from '../../data/temporal.js';

/** `kind` names the `unpack` that turns `data`, which is plain, back into the object. */
export interface Packed {
  readonly kind: string;
  readonly data: unknown;
}

/** An object with this method (a broadcast variable, an accumulator) travels as what it returns. */
const PACK = Symbol.for('minispark.pack');

/** How a broadcast variable is packed: `data` names it, its value goes to workers beside the closures. */
export const BROADCAST_KIND = 'broadcast';
export const ACCUMULATOR_KIND = 'accumulator';

/** The id of the broadcast value that is meant; null for everything else. */
export function sharedIdOf({ kind, data }: Packed): string | null {
  return kind === BROADCAST_KIND ? (data as { readonly id: string }).id : null;
}

const unpackers = new Map<string, (data: never) => unknown>([
  ['Decimal', ({ unscaled, scale }: { unscaled: bigint; scale: number }) => new Decimal(unscaled, scale)],
  ['LocalDate', (days: number) => new LocalDate(days)],
  ['Timestamp', (micros: bigint) => new Timestamp(micros)],
  ['DayTimeInterval', ({ micros, from, to }: DayTimeInterval) => new DayTimeInterval(micros, from, to)],
  ['YearMonthInterval', ({ months, from, to }: YearMonthInterval) => new YearMonthInterval(months, from, to)],
  ['LocalDateTime', (micros: bigint) => new LocalDateTime(micros)],
]);

/** What `value` travels as; null where it does not say. */
export function pack(value: object): Packed | null {
  if (value instanceof Decimal) return { kind: 'Decimal', data: { unscaled: value.unscaled, scale: value.scale } };
  if (value instanceof LocalDate) return { kind: 'LocalDate', data: value.days };
  if (value instanceof Timestamp) return { kind: 'Timestamp', data: value.micros };
  if (value instanceof DayTimeInterval) return { kind: 'DayTimeInterval', data: { micros: value.micros, from: value.from, to: value.to } };
  if (value instanceof YearMonthInterval)
    return { kind: 'YearMonthInterval', data: { months: value.months, from: value.from, to: value.to } };
  if (value instanceof LocalDateTime) return { kind: 'LocalDateTime', data: value.micros };
  return PACK in value && typeof value[PACK] === 'function' ? (value[PACK]() as Packed) : null;
}

/** In a task thread, before functions are decoded: how objects of a kind come back. */
export function registerUnpacker(kind: string, unpack: (data: never) => unknown): void {
  unpackers.set(kind, unpack);
}

export function unpack({ kind, data }: Packed): unknown {
  const make = unpackers.get(kind);
  if (!make) throw userError('CLOSURE_NOT_SHIPPABLE', `A captured ${kind} cannot be used inside a task.`);
  return make(data as never);
}
