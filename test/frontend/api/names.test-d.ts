/** Columns that a row does not have, wherever they are named, and what stays open where names are not known. Checked by tsc; never run. */
import {
  type AnyRow,
  aggregate,
  arrayAppend,
  arrayUnion,
  avg,
  type Column,
  coalesce,
  col,
  collectList,
  concat,
  count,
  type DataFrame,
  type Decimal,
  elementAt,
  expr,
  first,
  fromJson,
  lit,
  lower,
  mapKeys,
  mapValues,
  max,
  min,
  nullif,
  nvl,
  sum,
  transform,
  udf,
  Window,
  when,
} from 'minispark';
import { same } from './same.js';

type Sale = {
  id: bigint;
  item: string;
  price: number;
  at: { day: number; shop: { name: string } };
  tags: string[];
  counts: Map<string, bigint>;
};
declare const sales: DataFrame<Sale>;
declare const shops: DataFrame<{ id: number; shop: string; open: boolean | null }>;
declare const anything: DataFrame<AnyRow>;
declare const names: string[];

// A column that there is not, however deep it stands in an expression
// @ts-expect-error no such column
sales.select(col('wrong'));
// @ts-expect-error no such column
sales.select('id', lower('wrong').as('x'));
// @ts-expect-error no such column
sales.where(col('price').gt(col('wrong')));
const deep = lower('wrong').eq(col('item')).not();
// @ts-expect-error no such column
sales.where(deep);
// @ts-expect-error no such column
sales.withColumn('x', when(col('price').gt(1), col('wrong')).otherwise(1));
// @ts-expect-error no such column
sales.withColumns({ x: col('id'), y: coalesce('item', 'wrong') });
// @ts-expect-error no such column
sales.groupBy(lower('wrong').as('x'));
// @ts-expect-error no such column
sales.groupBy('id').agg(count(), sum('wrong').as('x'));
// @ts-expect-error no such column
sales.agg(max('wrong'));
// @ts-expect-error no such column
sales.agg(count().filter(col('wrong').gt(1)));
// @ts-expect-error no such column
sales.groupBy('id').pivot('item', ['a']).agg(sum('wrong'));
// @ts-expect-error a text
sales.groupBy('id').pivot('item', ['a']).agg(sum('item'));
// @ts-expect-error a text
sales.groupBy('id').pivot('item', ['a']).sum('item');
// @ts-expect-error no such column
sales.orderBy('id', col('wrong').desc());
// @ts-expect-error no such column
sales.sortWithinPartitions(col('wrong'));
// @ts-expect-error no such column
sales.select(sum('price').over(Window.partitionBy('wrong')).as('x'));
const byWrong = Window.partitionBy('id').orderBy(col('wrong').desc());
// @ts-expect-error no such column
sales.select(sum('price').over(byWrong).as('x'));
// @ts-expect-error no such column
sales.select(transform('tags', (tag) => concat(tag, col('wrong'))).as('x'));
// @ts-expect-error no such column
sales.select(udf((text: string) => text.length, 'int')('wrong').as('x'));
// @ts-expect-error on neither side
sales.join(shops, col('wrong').eq(col('shop')));
// @ts-expect-error neither a column nor a field
sales.select(col('wrong.day').as('x'));

// What is there, by any of its names
const found = sales
  .alias('s')
  .where(col('s.price').gt(1).and(col('PRICE').lt(9)).and(col('`item`').isNotNull()))
  .join(shops.alias('t'), col('s.id').eq(col('t.id')).and(col('open')), 'left')
  .select(col('s.item'), col('open'), count('*').over(Window.partitionBy('t.shop')).as('n'));
same<typeof found, DataFrame<{ item: string; open: boolean | null; n: bigint }>>(true);
sales.select(transform('tags', (tag, i) => concat(tag, i.cast('string'))).as('x')) satisfies DataFrame<{ x: string[] }>;
sales.select(aggregate('tags', lit(0), (n, tag) => n.plus(tag.cast('int'))).as('x')) satisfies DataFrame<{ x: number }>;

// Names of columns that are given to none
const unnamed = sales.groupBy('item').agg(sum('id'), avg(col('price')), count(), min('price'), first('id'), collectList('id'));
same<
  typeof unnamed,
  DataFrame<{
    item: string;
    'sum(id)': bigint;
    'avg(price)': number;
    'count(1)': bigint;
    'min(price)': number;
    'first(id)': bigint;
    'collect_list(id)': bigint[];
  }>
>(true);
// @ts-expect-error it is called sum(id)
unnamed.select('id');
const pivoted = sales.groupBy('id').pivot('item', ['a', 'b']).sum('price');
same<typeof pivoted, DataFrame<{ id: bigint; a: number | bigint | null; b: number | bigint | null }>>(true);
const both = sales.groupBy('id').pivot('item', ['a']).max('price', 'id');
same<typeof both, DataFrame<{ id: bigint; 'a_max(price)': number | null; 'a_max(id)': bigint | null }>>(true);

// Structs, arrays and maps
const inside = sales.select(
  col('at.day'),
  col('at').getField('day'),
  col('at').getField('shop').getField('name').as('a'),
  col('id').cast('string'),
  col('price').cast('string').tryCast('int'),
  col('at.shop.name').as('b'),
  col('tags').getItem(0).as('c'),
  col('counts').getItem('x').as('d'),
  elementAt('tags', 1).as('e'),
  elementAt('counts', 'x').as('f'),
  mapKeys('counts').as('g'),
  mapValues('counts').as('h'),
  arrayAppend('tags', 'x').as('i'),
  arrayUnion('tags', 'tags').as('j'),
  concat('tags', 'tags').as('k'),
  concat('item', 'item').as('l'),
);
same<
  typeof inside,
  DataFrame<{
    day: number;
    'at.day': number;
    id: string;
    price: number | null;
    a: string;
    b: string;
    c: string;
    d: bigint | null;
    e: string;
    f: bigint | null;
    g: string[];
    h: bigint[];
    i: string[];
    j: string[];
    k: string[];
    l: string;
  }>
>(true);
const fields = sales.select('id', col('at.*'));
same<typeof fields, DataFrame<{ id: bigint; day: number; shop: { name: string } }>>(true);
const all = sales.select('*', col('price').times(2).as('price')).drop('tags', 'counts', 'at');
same<typeof all, DataFrame<{ id: bigint; item: string; price: number }>>(true);
const sides = sales
  .alias('s')
  .join(shops.alias('t'), col('s.id').eq(col('t.id')))
  .select(col('t.*'), col('s.item'));
same<Awaited<ReturnType<typeof sides.collect>>[number]['item'], string>(true);
sides.select('open');
const changed = sales.select(
  col('at').withField('day', lit('x')).as('a'),
  col('at').withField('shop.size', lit(1)).dropFields('day', 'shop.name').as('b'),
);
same<typeof changed, DataFrame<{ a: { shop: { name: string }; day: string }; b: { shop: { size: number } } }>>(true);
const parsed = sales.select(fromJson('item', 'a int, b array<string>').as('a'), fromJson('item', 'array<bigint>').as('b'));
same<typeof parsed, DataFrame<{ a: { a: number; b: string[] } | null; b: bigint[] | null }>>(true);
const nulls = sales.select(nvl('id', 'price').as('a'), nullif('item', lit('x')).as('b'));
same<typeof nulls, DataFrame<{ a: number | bigint; b: string | null }>>(true);

// Joins: whose key it is, and what may be missing
declare const left: DataFrame<{ id: number; a: string }>;
declare const right: DataFrame<{ id: bigint; b: Decimal }>;
same<ReturnType<typeof inner>, DataFrame<{ id: number; a: string; b: Decimal }>>(true);
const inner = () => left.join(right, 'id');
same<ReturnType<typeof rightOuter>, DataFrame<{ id: bigint; a: string | null; b: Decimal }>>(true);
const rightOuter = () => left.join(right, ['id'], 'right');
same<ReturnType<typeof full>, DataFrame<{ id: number | bigint; a: string | null; b: Decimal | null }>>(true);
const full = () => left.join(right, 'id', 'full');
same<ReturnType<typeof anti>, typeof left>(true);
const anti = () => left.join(right, col('b').isNull(), 'anti');
same<ReturnType<typeof cross>, DataFrame<{ id: number | bigint; a: string; b: Decimal }>>(true);
const cross = () => left.crossJoin(right);

// Unions of rows that may lack values with rows that do not
declare const holes: DataFrame<{ a: string | null; id: number }>;
same<ReturnType<typeof united>, DataFrame<{ id: number; a: string | null }>>(true);
const united = () => left.union(holes);
same<ReturnType<typeof byName>, DataFrame<{ id: number; a: string | null }>>(true);
const byName = () => left.unionByName(holes);
// @ts-expect-error one more column
left.union(left.withColumn('b', lit(1)));
// @ts-expect-error one more column
left.unionByName(left.withColumn('b', lit(1)));
// @ts-expect-error one column less
left.except(left.drop('a'));

// What is known not to be missing
same<ReturnType<typeof dropped>, DataFrame<{ id: number; shop: string; open: boolean }>>(true);
const dropped = () => shops.dropna({ subset: ['open'] });
same<ReturnType<typeof droppedAny>, DataFrame<{ id: number; shop: string; open: boolean }>>(true);
const droppedAny = () => shops.na.drop();
same<ReturnType<typeof droppedAll>, typeof shops>(true);
const droppedAll = () => shops.na.drop('all');
same<ReturnType<typeof described>, DataFrame<{ summary: string; id: string | null; item: string | null; price: string | null }>>(true);
const described = () => sales.describe();
same<ReturnType<typeof describedOne>, DataFrame<{ summary: string; price: string | null }>>(true);
const describedOne = () => sales.describe('price');

// Names that are not known: nothing is refused, and known columns keep their types
const dynamic: DataFrame = sales;
const paths = dynamic.select('at.day', 'at.*');
paths.select('day', 'shop');
const long = dynamic.unpivot(['id'], ['a', 'b'], 'name', 'value');
same<typeof long, DataFrame<{ id: unknown; name: string; value: unknown }>>(true);
dynamic
  .select(...names, col('any'))
  .where(col('thing').gt(1))
  .groupBy(...names)
  .agg(sum('x'), max(names[0]));
anything.select(...names.map((name) => col(name).plus(1).as(name)));
sales.where(col(names[0]).gt(1)).select(col<string>('wrong'), expr('wrong + 1'), lower(names[0]));
sales.orderBy(...names.map((name) => col(name).desc()));
sales.where('wrong > 1').selectExpr('wrong');
const opened = sales.select('id', col('price').plus(1));
opened.select('id', 'any name');
same<Awaited<ReturnType<typeof opened.collect>>[number]['id'], bigint>(true);
same<ReturnType<typeof added>, DataFrame<AnyRow>>(true);
const added = () => sales.withColumn(names[0], lit(1));
const someColumns: Column[] = [col('a'), lit(1)];
sales.select(...someColumns);
sales.agg(someColumns[0], ...someColumns);
function generic<S extends { id: bigint }>(frame: DataFrame<S>): Promise<number> {
  return frame.where(col<string>('id').gt(1)).count();
}
generic(sales);
