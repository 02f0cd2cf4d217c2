/** What the compiler must know of rows, and what it must refuse. Checked by tsc; never run. */
import {
  type AnyRow,
  aggregate,
  array,
  avg,
  coalesce,
  col,
  collectList,
  count,
  type DataFrame,
  type Dataset,
  DayTimeInterval,
  type Decimal,
  explode,
  filter,
  job,
  type LocalDate,
  lag,
  length,
  lit,
  lower,
  mapReduce,
  max,
  type RowOf,
  rowNumber,
  type Session,
  split,
  struct,
  sum,
  type Timestamp,
  transform,
  transformKeys,
  transformValues,
  udaf,
  udf,
  Window,
  when,
  type YearMonthInterval,
} from 'minispark';
import { same } from './same.js';

declare function rowOf<S>(frame: DataFrame<S>): S;
declare function elementOf<T>(dataset: Dataset<T>): T;

declare const spark: Session;
declare const sales: DataFrame<{ id: bigint; item: string; price: number; tags: string[] }>;
declare const items: DataFrame<{ item: string; weight: number }>;

// DDL
same<RowOf<'word string, n bigint'>, { word: string; n: bigint }>(true);
same<
  RowOf<'id BIGINT NOT NULL, price decimal(10,2),\n at timestamp, `the day` date, tags array<string>'>,
  { id: bigint; price: Decimal; at: Timestamp; 'the day': LocalDate; tags: string[] }
>(true);
same<RowOf<'p struct<x: int, y: array<double>>, m map<string, bigint>'>, { p: { x: number; y: number[] }; m: Map<string, bigint> }>(true);
same<RowOf<string>, AnyRow>(true);
const created = spark.createDataFrame([{ word: 'a', n: 1n }], 'word string, n bigint');
same<typeof created, DataFrame<{ word: string; n: bigint }>>(true);
const file = spark.read.schema('a int, b string').option('header', true).csv('x.csv');
same<typeof file, DataFrame<{ a: number; b: string }>>(true);
const untyped = spark.read.parquet('x.parquet').select('a', col('b').as('c'));
same<ReturnType<typeof rowOf<{ a: unknown; c: unknown }>>, { a: unknown; c: unknown }>(true);
rowOf(untyped).a satisfies unknown;

// Intervals
declare const spans: DataFrame<{ d: LocalDate; t: Timestamp; dt: DayTimeInterval; ym: YearMonthInterval }>;
const moved = spans.select(
  col('d').plus(col('ym')).as('a'),
  col('t')
    .minus(DayTimeInterval.of({ days: 1 }))
    .as('b'),
  col('t').minus(col('d')).as('c'),
  col('dt').times(2).as('e'),
  col('d').plus(col('dt')).as('f'),
);
same<typeof moved, DataFrame<{ a: LocalDate; b: Timestamp; c: DayTimeInterval; e: DayTimeInterval; f: LocalDate | Timestamp }>>(true);
same<RowOf<'a interval day to second, b interval month'>, { a: DayTimeInterval; b: YearMonthInterval }>(true);

// Functions of elements
const lists = sales.select(
  transform('tags', (x) => length(x)).as('lengths'),
  filter('tags', (x) => x.ne('')).as('kept'),
  aggregate('tags', lit(0), (n, x) => n.plus(length(x))).as('letters'),
  transformValues(col<string>('counts'), (_, n) => n).as('open'),
);
same<typeof lists, DataFrame<{ lengths: number[]; kept: string[]; letters: number; open: Map<unknown, unknown> }>>(true);
declare const rows: DataFrame<{ counts: Map<string, bigint> }>;
const maps = rows.select(
  transformValues('counts', (_, n) => n.plus(1n)).as('next'),
  transformKeys('counts', (k) => length(k)).as('byLength'),
);
same<typeof maps, DataFrame<{ next: Map<string, bigint>; byLength: Map<number, bigint> }>>(true);
// @ts-expect-error a filter's function gives a boolean
filter('tags', (x) => length(x));

// The example of the first page
const words = spark.read
  .text('x')
  .select(explode(split(lower(col('value')), '\\W+')).as('word'))
  .where(col('word').ne(''))
  .groupBy('word')
  .agg(count().as('n'))
  .orderBy(col('n').desc(), col('word'));
same<typeof words, DataFrame<{ word: string; n: bigint }>>(true);

// select
const selected = sales.select('id', col('item'), col('price').as('cost'), length('item').as('chars'), lit(1).as('one'));
same<typeof selected, DataFrame<{ id: bigint; item: string; cost: number; chars: number; one: number }>>(true);
const starred = sales.select('*', col('price').times(2).as('double'));
rowOf(starred).tags satisfies string[];
const tags = sales.select('id', explode('tags').as('tag'));
same<typeof tags, DataFrame<{ id: bigint; tag: string }>>(true);
const cast = sales.select(col('price').cast('bigint'), col('id').cast('decimal(20,0)').as('d'));
same<typeof cast, DataFrame<{ price: bigint; d: Decimal }>>(true);
const chosen = sales.select(when(col('price').gt(10), 'dear').otherwise('cheap').as('class'), coalesce('item', lit('?')).as('what'));
same<typeof chosen, DataFrame<{ class: string; what: string }>>(true);
rowOf(sales.select('id', count())).id satisfies bigint;
// @ts-expect-error no such column
sales.select('wrong');
// @ts-expect-error no such column
sales.select('id', 'wrong');

const computed = sales.select(
  col('price')
    .times(lit(1).minus(col('price')))
    .as('discounted'),
  col('id').plus(1n).as('next'),
  col('id').plus(col('price')).as('mixed'),
  col('id').divide(2).as('half'),
  col('price').cast('decimal(10,2)').times(2n).as('twice'),
  struct('id', col('item').as('what')).as('both'),
  array('id', 'id').as('pair'),
);
same<
  typeof computed,
  DataFrame<{
    discounted: number;
    next: bigint;
    mixed: number | bigint;
    half: number;
    twice: Decimal;
    both: { id: bigint; what: string };
    pair: bigint[];
  }>
>(true);
const dynamic = (frame: DataFrame, names: string[]) => frame.select(...names).where(col('anything').gt(1));
dynamic(sales, ['id']) satisfies DataFrame;

// Columns one by one
const added = sales.withColumn('net', col('price')).withColumn('id', lit('x'));
same<
  ReturnType<typeof rowOf<{ item: string; price: number; tags: string[]; net: number; id: string }>>,
  { item: string; price: number; tags: string[]; net: number; id: string }
>(true);
rowOf(added).net satisfies number;
rowOf(added).id satisfies string;
same<ReturnType<typeof renamed>, DataFrame<{ key: bigint; item: string; price: number }>>(true);
function renamed() {
  return sales.withColumnRenamed('id', 'key').drop('tags');
}
// @ts-expect-error no such column
sales.drop('wrong');
// @ts-expect-error no such column
sales.withColumnRenamed('wrong', 'x');
// @ts-expect-error no such column
sales.orderBy('wrong');
// @ts-expect-error gone
sales.drop('id').select('id');
// @ts-expect-error no such column
sales.repartition(4, 'wrong');

// Groups
const totals = sales
  .groupBy('item')
  .agg(sum('price').as('total'), sum('id').as('ids'), avg('price').as('mean'), max('id').as('last'), collectList('id').as('all'));
rowOf(totals).ids satisfies bigint;
rowOf(totals).mean satisfies number;
rowOf(totals).last satisfies bigint;
rowOf(totals).all satisfies bigint[];
rowOf(sales.agg(sum(col('id').times(2n)).as('t'), sum(col('price').neg()).as('u'))).t satisfies bigint;
same<Awaited<ReturnType<typeof counted.collect>>, { item: string; count: bigint }[]>(true);
declare const counted: ReturnType<typeof countItems>;
function countItems() {
  return sales.groupBy('item').count();
}
const named = sales.groupBy('item').max('price', 'id');
same<typeof named, DataFrame<{ item: string; 'max(price)': number; 'max(id)': bigint }>>(true);
// @ts-expect-error no such column
sales.groupBy('wrong');
// @ts-expect-error no such column
sales.groupBy('item').sum('wrong');

// Joins
const joined = sales.drop('tags').join(items, 'item');
same<typeof joined, DataFrame<{ id: bigint; price: number; weight: number; item: string }>>(true);
const left = sales.select('id', 'item').join(items, ['item'], 'left');
same<typeof left, DataFrame<{ id: bigint; weight: number | null; item: string }>>(true);
const semi = sales.join(items, 'item', 'semi');
same<typeof semi, typeof sales>(true);
sales
  .alias('a')
  .join(items.alias('b'), col('a.item').eq(col('b.item')), 'anti')
  .select('price');
// @ts-expect-error not on both sides
sales.join(items, 'id');
// @ts-expect-error no such type of join
sales.join(items, 'item', 'outer-left');
// @ts-expect-error other columns
sales.union(items);

// Functions of the user
const shout = udf((text: string) => text.toUpperCase(), 'string');
same<ReturnType<typeof shoutAll>, DataFrame<{ loud: string }>>(true);
function shoutAll() {
  return sales.select(shout('item').as('loud'));
}
// @ts-expect-error the function takes text
shout(lit(5));
shout(lit('x'));
shout(lower('item'));
// @ts-expect-error the function takes a number
udf((price: number) => price, 'double')(lower('item'));
const longest = udaf(
  {
    init: () => '',
    update: (state: string, text: string | null) => (text !== null && text.length > state.length ? text : state),
    merge: (a, b) => (a.length >= b.length ? a : b),
    finish: (state) => state,
  },
  'string',
);
const byLength = sales.groupBy('item').agg(longest('item').as('longest'));
same<typeof byLength, DataFrame<{ item: string; longest: string }>>(true);
// @ts-expect-error the function takes text
longest(lit(5));
// @ts-expect-error finish gives numbers
udaf({ init: () => 0, update: (n: number) => n + 1, merge: (a, b) => a + b, finish: (n) => n }, 'string');
// @ts-expect-error two columns for one parameter
shout('item', 'id');
// @ts-expect-error the function gives numbers
udf((text: string) => text.length, 'string');

// Datasets
const pairs = spark
  .textFile('x')
  .flatMap((line) => line.split(' '))
  .map((word): [string, number] => [word, 1])
  .reduceByKey((a, b) => a + b)
  .mapValues((n) => BigInt(n));
same<typeof pairs, Dataset<[string, bigint]>>(true);
same<ReturnType<typeof elementOf<{ id: bigint; weight: number }>>, { id: bigint; weight: number }>(true);
sales
  .toDataset()
  .filter((row) => row.price > 1)
  .map((row) => row.id) satisfies Dataset<bigint>;
same<ReturnType<typeof toRows>, DataFrame<{ word: string; n: bigint }>>(true);
function toRows() {
  return pairs.toDF('word string, n bigint');
}
// @ts-expect-error no pairs
spark.textFile('x').reduceByKey((a) => a);
// @ts-expect-error a row has no such field
sales.toDataset().map((row) => row.wrong);

// Jobs
job({ args: { input: { description: 'files', required: true }, top: { type: 'int', default: 3 }, name: {} } }, async (_, args) => {
  args.input satisfies string;
  args.top satisfies number;
  // @ts-expect-error it may be left out
  args.name satisfies string;
  // @ts-expect-error no such argument
  args.wrong;
});
job(async (_, args) => args.anything satisfies string | undefined);
mapReduce<string, number>({
  map: (line, emit) => emit(line, 1),
  combine: (_, values) => [...values].length,
  // @ts-expect-error values are numbers
  reduce: (key, values, emit) => emit(key, values[0].trim()),
});

// Windows keep the type of what they are over
const window = Window.partitionBy('item').orderBy(col('price').desc(), 'id').rowsBetween(Window.unboundedPreceding, Window.currentRow);
const ranked = sales.select(
  'item',
  rowNumber().over(window).as('n'),
  sum('id').over(window).as('total'),
  lag(col('price')).over(window).as('last'),
);
same<typeof ranked, DataFrame<{ item: string; n: number; total: bigint; last: number | null }>>(true);
const withRunning = sales.withColumn('total', sum('id').over(window));
same<ReturnType<typeof rowOf<{ total: bigint }>>['total'], bigint>(true);
rowOf(withRunning).total satisfies bigint;
// @ts-expect-error a window is made of columns, not of numbers
Window.partitionBy(1);
// @ts-expect-error the end of a frame is a number or a column
window.rowsBetween('1', 2);
// @ts-expect-error over() takes a window
sum('id').over('item');
