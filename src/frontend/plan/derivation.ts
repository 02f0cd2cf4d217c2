/**
 * Owns: what a DataFrame can become in ways that depend on its columns: missing values, samples, summaries, names, columns turned into rows.
 * The analyzer, which knows the columns, writes each in terms of projects, filters and aggregates.
 */
import type { Expr } from './expression.js';

export type Literal = Extract<Expr, { kind: 'literal' }>;

/** Columns by name; null for all of those that suit. */
export type Columns = readonly string[] | null;

export type Derivation =
  /** New names for all columns, in their order. */
  | { readonly op: 'toDF'; readonly names: readonly string[] }
  /** Names that are not there are no error. */
  | { readonly op: 'renameAll'; readonly names: readonly (readonly [from: string, to: string])[] }
  /** Rows with at least so many values among the columns that are neither null nor NaN; null: as many as there are columns. */
  | { readonly op: 'dropMissing'; readonly least: number | null; readonly columns: Columns }
  /** Each value goes into the columns of its kind, in place of null and NaN; `cast`: into its columns whatever their kind, as their type. */
  | { readonly op: 'fillMissing'; readonly values: readonly { readonly value: Literal; readonly columns: Columns; readonly cast?: true }[] }
  /** Pairs of values, the first of which becomes the second in columns of their kind. */
  | { readonly op: 'replace'; readonly pairs: readonly (readonly [from: Literal, to: Literal])[]; readonly columns: Columns }
  /** Rows whose random number lies in [from, to). `ordered`: sorted in each partition before, so that parts of one split do not overlap. */
  | { readonly op: 'sample'; readonly from: number; readonly to: number; readonly seed: bigint; readonly ordered: boolean }
  /** Each row as often as a Poisson number with this mean says. */
  | { readonly op: 'resample'; readonly mean: number; readonly seed: bigint }
  /** One row a statistic, all values as text: `count`, `mean`, `stddev`, `min`, `max`, `count_distinct`, `approx_count_distinct`, `25%`. */
  | { readonly op: 'summary'; readonly statistics: readonly string[]; readonly columns: Columns }
  /** Columns `ids`, then for each of `values` a row with its name in `variable` and its value in `value`. Null: all others. */
  | {
      readonly op: 'unpivot';
      readonly ids: readonly Expr[];
      readonly values: readonly Expr[] | null;
      readonly variable: string;
      readonly value: string;
    };

export type DerivationOf<O extends Derivation['op']> = Extract<Derivation, { op: O }>;

/** As a line of explain(). */
export function derivationText(derivation: Derivation): string {
  const among = 'columns' in derivation && derivation.columns !== null ? ` of ${derivation.columns.join(', ')}` : '';
  switch (derivation.op) {
    case 'toDF':
      return `ToDF [${derivation.names.join(', ')}]`;
    case 'renameAll':
      return `Rename [${derivation.names.map(([from, to]) => `${from} to ${to}`).join(', ')}]`;
    case 'dropMissing':
      return `DropMissing${among}${derivation.least === null ? '' : `, at least ${derivation.least}`}`;
    case 'fillMissing':
      return `FillMissing [${derivation.values.map(({ value, columns }) => `${value.value}${columns ? ` in ${columns.join(', ')}` : ''}`).join('; ')}]`;
    case 'replace':
      return `Replace [${derivation.pairs.map(([from, to]) => `${from.value} by ${to.value}`).join(', ')}]${among}`;
    case 'sample':
      return `Sample from ${derivation.from} to ${derivation.to}, seed ${derivation.seed}`;
    case 'resample':
      return `Sample ${derivation.mean} with replacement, seed ${derivation.seed}`;
    case 'summary':
      return `Summary [${derivation.statistics.join(', ')}]${among}`;
    case 'unpivot':
      return `Unpivot to ${derivation.variable}, ${derivation.value}`;
    default:
      return derivation satisfies never;
  }
}
