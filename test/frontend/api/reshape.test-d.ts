/** What the compiler must know of rows that are regrouped, reshaped and cleaned, and what it must refuse. Checked by tsc; never run. */
import {
  type AnyRow,
  approxPercentile,
  bitOr,
  col,
  count,
  type DataFrame,
  grouping,
  groupingId,
  lit,
  max,
  percentile,
  sum,
} from 'minispark';
import { same } from './same.js';

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

// Names, values, columns as rows
const renamed = sales.withColumns({ twice: col('price').times(2), id: lit('x') }).withColumnsRenamed({ item: 'what', tags: 'labels' });
same<typeof renamed, DataFrame<{ id: string; price: number; twice: number; what: string; labels: string[] }>>(true);
// @ts-expect-error no such column
sales.withColumnsRenamed({ wrong: 'x' });
sales.toDF('a', 'b', 'c', 'd').select('a', 'd');
// @ts-expect-error gone
sales.toDF('a', 'b', 'c', 'd').select('id');
declare const holes: DataFrame<{ n: number | null; s: string | null; d: bigint | null }>;
same<ReturnType<typeof filled>, DataFrame<{ n: number; s: string | null; d: bigint }>>(true);
function filled() {
  return holes.fillna(0);
}
same<ReturnType<typeof filledText>, DataFrame<{ n: number | null; s: string; d: bigint | null }>>(true);
function filledText() {
  return holes.na.fill('?', ['s']);
}
same<ReturnType<typeof whole>, DataFrame<{ n: number; s: string; d: bigint }>>(true);
function whole() {
  return holes.dropna();
}
holes.replace('?', null, ['s']).fillna({ n: 1, s: 'x' }) satisfies typeof holes;
// @ts-expect-error no such column
holes.dropna({ subset: ['wrong'] });
// @ts-expect-error no such column
holes.fillna({ wrong: 1 });
const long = sales.unpivot(['item'], ['id', 'price'], 'what', 'value');
same<typeof long, DataFrame<{ item: string; what: string; value: number | bigint }>>(true);
const melted = sales.select('id', 'price').melt(['id'], null, 'what', 'value');
same<typeof melted, DataFrame<{ id: bigint; what: string; value: number }>>(true);
// @ts-expect-error no such column
sales.unpivot(['wrong'], null, 'what', 'value');
const [train] = sales.sample(0.5).randomSplit([8, 2]);
same<typeof train, typeof sales>(true);
sales.transform((frame) => frame.count()) satisfies Promise<number>;

// Aggregates
const spread = sales.agg(
  percentile('price', [0.1, 0.9]).as('p'),
  approxPercentile('id', 0.5).as('m'),
  approxPercentile('id', [0.5]).as('ms'),
  bitOr('id').as('bits'),
);
same<typeof spread, DataFrame<{ p: number[]; m: bigint; ms: bigint[]; bits: bigint }>>(true);

// Pivots
const pivoted = sales.groupBy('item').pivot('id', [1n, 2n]).agg(sum('price').as('total'));
same<typeof pivoted, DataFrame<{ item: string; '1': number | bigint | null; '2': number | bigint | null }>>(true);
const both = sales.groupBy('item').pivot('price', [1, 'x', null]).agg(count().as('n'), max('id').as('last'));
same<
  typeof both,
  DataFrame<{
    item: string;
    '1_n': bigint | null;
    '1_last': bigint | null;
    x_n: bigint | null;
    x_last: bigint | null;
    null_n: bigint | null;
    null_last: bigint | null;
  }>
>(true);
sales.groupBy('item').pivot('id').count().select('item', 'any name');
sales.groupBy('id').pivot('item', ['a']).count().select('id', 'a');
// @ts-expect-error no such value
sales.groupBy('id').pivot('item', ['a']).count().select('b');
// @ts-expect-error no such column
sales.groupBy('id').pivot('wrong');

// Sums are of numbers
// @ts-expect-error a text
sales.groupBy('id').agg(sum('item'));
// @ts-expect-error a text
sales.agg(count(), sum(col('item')).as('s'));
// @ts-expect-error a text
sales.groupBy('id').sum('item');
// @ts-expect-error a text
sales.groupBy('id').avg('item');
holes.agg(sum('n'), sum('d'));
// @ts-expect-error a text, or null
holes.agg(sum('s'));
anything.groupBy('x').agg(sum('y'), sum(col('z')));
anything.groupBy('x').sum('y');
sales.stat.crosstab('item', 'id').select('item_id', 'any');
sales.stat.corr('id', 'price') satisfies Promise<number | null>;
// @ts-expect-error no such column
sales.stat.corr('id', 'wrong');
sales.tail(2) satisfies Promise<{ id: bigint }[]>;
