/** What the compiler must know of rows that are regrouped, reshaped and cleaned, and what it must refuse. Checked by tsc; never run. */
import { type AnyRow, col, count, type DataFrame, grouping, groupingId, sum } from 'minispark';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
/** Compiles only where both types are the same. */
declare function same<A, B>(_: Same<A, B>): void;

declare const sales: DataFrame<{ id: bigint; item: string; price: number; tags: string[] }>;
declare const anything: DataFrame<AnyRow>;

// Grouping sets: what a row is not grouped by is null in it
const rolled = sales.rollup('item', col('id')).agg(sum('price').as('total'), groupingId().as('set'));
same<typeof rolled, DataFrame<{ item: string | null; id: bigint | null; total: number | bigint; set: bigint }>>(true);
const cubed = sales.cube('item').agg(count().filter(col('price').gt(1)).as('dear'), grouping('item').as('all'));
same<typeof cubed, DataFrame<{ item: string | null; dear: bigint; all: number }>>(true);
const sets = sales.groupingSets([['item', 'id'], ['item'], []]).count();
same<typeof sets, DataFrame<{ item: string | null; id: bigint | null; count: bigint }>>(true);
const orderedSets = sales.groupingSets([['item'], []], 'id', 'item').count();
same<typeof orderedSets, DataFrame<{ item: string | null; id: bigint | null; count: bigint }>>(true);
anything.cube('any', 'name').count();
// @ts-expect-error no such column
sales.rollup('wrong');
// @ts-expect-error no such column
sales.groupingSets([['wrong']]);

// Set operations
declare const more: DataFrame<{ item: string; id: bigint; price: number; tags: string[] }>;
same<ReturnType<typeof common>, typeof sales>(true);
function common() {
  return sales.intersect(more).exceptAll(more).unionByName(more).dropDuplicates('id', 'item').dropDuplicates(['price']);
}
const wider = sales.select('id', 'item').unionByName(sales.select('item', 'price'), true);
same<typeof wider, DataFrame<{ id: bigint | null; item: string; price: number | null }>>(true);
// @ts-expect-error other columns
sales.intersect(sales.select('id'));
// @ts-expect-error a column is missing
sales.unionByName(sales.select('id'));
// @ts-expect-error no such column
sales.dropDuplicates('wrong');
