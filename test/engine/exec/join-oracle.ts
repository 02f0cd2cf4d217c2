/** Joins by nested loops over plain rows: what every join of the engine is held against. */
import type { EngineValue } from '../../../src/data/value.js';
import type { JoinType } from '../../../src/frontend/plan/logical.js';
import type { Row } from './task.js';

export interface OracleJoin {
  readonly how: JoinType;
  /** Ordinals of the keys in each side's rows. */
  readonly keys: readonly { readonly left: number; readonly right: number; readonly nullSafe: boolean }[];
  readonly condition: ((left: Row, right: Row) => boolean) | null;
}

export function joinRows(
  left: readonly Row[],
  right: readonly Row[],
  leftWidth: number,
  rightWidth: number,
  { how, keys, condition }: OracleJoin,
): Row[] {
  const nulls = (n: number): null[] => new Array(n).fill(null);
  const isPair = (l: Row, r: Row): boolean =>
    keys.every((key) => isEqual(l[key.left], r[key.right], key.nullSafe)) && (condition === null || condition(l, r));
  const rows: Row[] = [];
  const rightHits = new Set<Row>();
  for (const l of left) {
    const partners = right.filter((r) => isPair(l, r));
    for (const r of partners) rightHits.add(r);
    if (how === 'semi' || how === 'anti') {
      if (partners.length > 0 === (how === 'semi')) rows.push(l);
      continue;
    }
    for (const r of partners) rows.push([...l, ...r]);
    if (partners.length === 0 && (how === 'left' || how === 'full')) rows.push([...l, ...nulls(rightWidth)]);
  }
  if (how === 'right' || how === 'full') for (const r of right) if (!rightHits.has(r)) rows.push([...nulls(leftWidth), ...r]);
  return rows;
}

function isEqual(a: EngineValue, b: EngineValue, nullSafe: boolean): boolean {
  if (a === null || b === null) return nullSafe && a === b;
  return a === b || (Number.isNaN(a) && Number.isNaN(b));
}

/** Rows as text, in an order of their own: joins promise none. */
export function sortedText(rows: readonly Row[]): string[] {
  return rows.map((row) => JSON.stringify(row, (_, v) => (typeof v === 'bigint' ? `${v}n` : Number.isNaN(v) ? 'NaN' : v))).sort();
}
