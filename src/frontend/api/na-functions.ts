/** Owns: df.na: what the arguments of dropna, fillna and replace mean, and what they do to the type of a row. */
import { callSite } from '../../core/call-site.js';
import { userError } from '../../core/errors.js';
import type { Decimal } from '../../data/decimal.js';
import type { Derivation, Literal } from '../plan/derivation.js';
import type { DataFrame } from './dataframe.js';
import { DRIVER_ONLY } from './driver-only.js';
import type { FrameRows } from './frame-rows.js';
import { literalOf } from './literal.js';
import type { NameIn, Present } from './row-types.js';

export type FillValue = string | number | bigint | boolean | Decimal;

/** From value to value, as an object where the former are text. */
export type Replacements = ReadonlyMap<FillValue, FillValue | null> | Readonly<Record<string, FillValue | null>>;

export interface DropOptions<N extends string = string> {
  /** `any` drops rows that lack a value, `all` those that lack every one. */
  readonly how?: 'any' | 'all';
  /** Fewest values that a row must have; goes before `how`. */
  readonly thresh?: number;
  /** The columns that count. */
  readonly subset?: readonly N[];
}

type Kind<V> = V extends string
  ? string
  : V extends boolean
    ? boolean
    : V extends number | bigint | Decimal
      ? number | bigint | Decimal
      : never;

/** The row without nulls in the columns that the value goes into. */
export type Filled<S, V, N> = {
  [K in keyof S]: K extends N ? ([NonNullable<S[K]>] extends [Kind<V>] ? NonNullable<S[K]> : S[K]) : S[K];
};

export function dropMissing({ how = 'any', thresh, subset }: DropOptions): Derivation {
  if (how !== 'any' && how !== 'all') throw refused(`dropna() knows how: 'any' and 'all', not '${how}'.`);
  if (thresh !== undefined && !Number.isSafeInteger(thresh)) throw refused(`dropna() takes a whole number as thresh, not ${thresh}.`);
  return {
    op: 'dropMissing',
    least: thresh ?? (how === 'any' ? null : 1),
    columns: subset === undefined ? null : Object.freeze([...subset]),
  };
}

export function fillMissing(value: FillValue | Readonly<Record<string, FillValue | undefined>>, columns?: readonly string[]): Derivation {
  const values = isPlain(value)
    ? [{ value: filling(value), columns: columns === undefined ? null : Object.freeze([...columns]) }]
    : Object.entries(value).map(([name, each]) => ({
        value: filling(each),
        columns: Object.freeze([`\`${name.replaceAll('`', '``')}\``]),
        cast: true as const,
      }));
  return { op: 'fillMissing', values: Object.freeze(values.map((each) => Object.freeze(each))) };
}

/** `(from, [to, columns])` or `(pairs, [columns])`. */
export function replacement(from: FillValue | Replacements, rest: readonly unknown[]): Derivation {
  const single = isPlain(from);
  const given: Iterable<readonly [unknown, unknown]> = single ? [[from, rest[0]]] : from instanceof Map ? from : Object.entries(from);
  const pairs = [...given].map(([a, b]) => Object.freeze([filling(a), literalOf(b) as Literal] as const));
  if (pairs.length === 0) throw refused('replace() was given no values.');
  const columns = rest[single ? 1 : 0] as readonly string[] | undefined;
  return { op: 'replace', pairs: Object.freeze(pairs), columns: columns === undefined ? null : Object.freeze([...columns]) };
}

/** A value that stands for itself, and no table of them. */
const isPlain = (value: unknown): value is FillValue =>
  typeof value !== 'object' || value === null || (!(value instanceof Map) && Object.getPrototypeOf(value) !== Object.prototype);

function filling(value: unknown): Literal {
  if (value === null || value === undefined) throw refused(`A missing value cannot be filled with ${value}, nor replaced.`);
  return literalOf(value) as Literal;
}

const refused = (message: string) => userError('INVALID_ARGUMENT', message, { site: callSite() ?? undefined });

export class NaFunctions<S> {
  readonly [DRIVER_ONLY] = 'NaFunctions';
  private readonly frame: FrameRows<S>;

  constructor(frame: FrameRows<S>) {
    this.frame = frame;
  }

  /** How, or the fewest values that a row must have, and the columns that count. */
  drop<const N extends NameIn<S> = NameIn<S>>(how?: 'any', subset?: readonly N[]): DataFrame<Present<S, N>>;
  drop(how: 'all' | number, subset?: readonly NameIn<S>[]): DataFrame<S>;
  drop(how: 'any' | 'all' | number = 'any', subset?: readonly NameIn<S>[]): DataFrame<never> {
    return this.frame.derive(
      dropMissing({ ...(typeof how === 'number' ? { thresh: how } : { how }), ...(subset === undefined ? {} : { subset }) }),
    );
  }

  fill<const V extends FillValue, const N extends NameIn<S>>(value: V, columns?: readonly N[]): DataFrame<Filled<S, V, N>>;
  fill(value: { readonly [K in NameIn<S>]?: FillValue }): DataFrame<S>;
  fill(value: FillValue | Readonly<Record<string, FillValue | undefined>>, columns?: readonly string[]): DataFrame<never> {
    return this.frame.derive(fillMissing(value, columns));
  }

  /** In a column, several, or all that suit (`'*'`). */
  replace(columns: NameIn<S> | '*' | readonly NameIn<S>[], pairs: Replacements): DataFrame<S> {
    return this.frame.replace(
      pairs,
      columns === '*' ? undefined : ((typeof columns === 'string' ? [columns] : columns) as readonly NameIn<S>[]),
    );
  }
}
