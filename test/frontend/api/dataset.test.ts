import { describe, expect, test } from 'vitest';
import { encodeElement } from '../../../src/data/element.js';
import { mapReduce } from '../../../src/frontend/api/map-reduce.js';
import { createSession } from '../../../src/frontend/api/session.js';
import type { Plan } from '../../../src/frontend/plan/logical.js';
import { RecordingBackend } from './recording-backend.js';

const session = () => {
  const backend = new RecordingBackend();
  return { backend, spark: createSession(backend) };
};

/** The plan as short text, inputs last: `map element→pair < read`. */
function show(plan: Plan): string {
  switch (plan.kind) {
    case 'mapElements':
      return `${plan.map.op} ${plan.map.from}→${plan.map.to} < ${show(plan.child)}`;
    case 'mapGroups':
      return `${plan.map.op}${plan.partitions === null ? '' : `(${plan.partitions})`}${plan.map.combiner ? ' combined' : ''} < ${show(plan.child)}`;
    case 'select':
      return `select ${plan.exprs.map(showExpr).join(', ')} < ${show(plan.child)}`;
    case 'sort':
      return `sort ${plan.keys.map((key) => `${showExpr(key.expr)} ${key.ascending ? 'asc' : 'desc'}`)} < ${show(plan.child)}`;
    case 'union':
      return `union [${plan.children.map(show).join('; ')}]`;
    case 'write':
      return `write ${plan.write.format} ${plan.write.mode} ${plan.write.path} < ${show(plan.child)}`;
    case 'local':
      return `local ${plan.schema.fields.map((f) => `${f.name}:${f.type.kind}`)}`;
    case 'read':
      return `read ${plan.paths}`;
    default:
      return 'child' in plan ? `${plan.kind} < ${show(plan.child)}` : plan.kind;
  }
}

function showExpr(expr: import('../../../src/frontend/plan/expression.js').Expr): string {
  switch (expr.kind) {
    case 'call':
      return `${expr.fn}(${expr.args.map(showExpr).join(',')})`;
    case 'alias':
      return `${showExpr(expr.child)} AS ${expr.name}`;
    case 'literal':
      return expr.value instanceof Uint8Array ? 'bytes' : `'${expr.value}'`;
    case 'star':
      return '*';
    default:
      return expr.kind === 'column' ? expr.name : expr.kind;
  }
}

describe('plans', () => {
  const { spark } = session();
  const lines = spark.textFile('a.txt');
  const words = lines.flatMap((line) => line.split(' '));
  const ones = words.map((word): [string, number] => [word, 1]);

  test.each([
    ['textFile', lines, 'read a.txt'],
    ['flatMap', words, 'flatMap value→element < read a.txt'],
    ['filter keeps the form', lines.filter((line) => line !== ''), 'filter value→value < read a.txt'],
    ['mapPartitions', words.mapPartitions((all) => [...all]), 'mapPartitions element→element < flatMap value→element < read a.txt'],
    [
      'reduceByKey turns what makes the pairs to pairs',
      ones.reduceByKey((a, b) => a + b),
      'combine < map element→pair < flatMap value→element < read a.txt',
    ],
    ['groupByKey', ones.groupByKey(3), 'group(3) < map element→pair < flatMap value→element < read a.txt'],
    [
      'pairs that were filtered',
      ones.filter(([word]) => word !== '').groupByKey(),
      "group < select element_key(element_item(value,'0')) AS key, element_item(value,'1') AS value < filter element→element < map element→element < flatMap value→element < read a.txt",
    ],
    [
      'keyBy, mapValues',
      lines.keyBy((line) => line.length).mapValues((line) => line[0]),
      'mapValues pair→pair < keyBy value→pair < read a.txt',
    ],
    ['keys', lines.keyBy((line) => line.length).keys(), 'select key AS value < keyBy value→pair < read a.txt'],
    ['values', lines.keyBy((line) => line.length).values(), 'select value < keyBy value→pair < read a.txt'],
    ['map of pairs', lines.keyBy((line) => line.length).map(([n]) => n), 'map pair→element < keyBy value→pair < read a.txt'],
    [
      'sortBy',
      words.sortBy((word) => word, false),
      'select value < sort key desc < keyBy element→pair < flatMap value→element < read a.txt',
    ],
    ['distinct', words.distinct(), 'distinct < flatMap value→element < read a.txt'],
    ['union of one form', lines.union(lines), 'union [read a.txt; read a.txt]'],
    [
      'union of two forms',
      lines.union(words),
      'union [select to_element(value) AS value < read a.txt; flatMap value→element < read a.txt]',
    ],
    [
      'rows',
      spark
        .range(3)
        .toDataset()
        .map((row) => row.id),
      'map row→element < range',
    ],
    ['repartition', words.repartition(2).coalesce(1), 'coalesce < repartition < flatMap value→element < read a.txt'],
    [
      'toDF',
      words.toDF('word string, n int'),
      "select getfield(row,'word') AS word, getfield(row,'n') AS n < select from_element(value,'struct<word string, n int>') AS row < flatMap value→element < read a.txt",
    ],
    ['parallelize strings', spark.parallelize(['a']), 'local value:string'],
    ['parallelize numbers', spark.parallelize([1, 0.5]), 'local value:float64'],
    ['parallelize bigints', spark.parallelize([1n]), 'local value:int64'],
    ['parallelize large bigints', spark.parallelize([2n ** 64n]), 'local value:binary'],
    ['parallelize objects', spark.parallelize([{ a: 1 }]), 'local value:binary'],
  ])('%s', (_, { plan }, text) => {
    expect(show(plan)).toBe(text);
    expect(Object.isFrozen(plan)).toBe(true);
  });
});

describe('actions', () => {
  test('elements come back as values, whatever their form', async () => {
    const { backend, spark } = session();
    backend.answer('value string', [['a']], [['b']]);
    expect(await spark.textFile('x').collect()).toEqual(['a', 'b']);
    backend.answer('value binary', [[encodeElement({ a: [1n] })]]);
    expect(
      await spark
        .textFile('x')
        .map(() => 0)
        .take(1),
    ).toEqual([{ a: [1n] }]);
    backend.answer('key binary, value binary', [[encodeElement('k'), encodeElement(7)]]);
    expect(
      await spark
        .textFile('x')
        .keyBy(() => 0)
        .first(),
    ).toEqual(['k', 7]);
    backend.answer('id bigint', [[5n]]);
    expect(await spark.range(1).toDataset().collect()).toEqual([{ id: 5n }]);
    expect(await spark.textFile('x').count()).toBe(5);
  });

  test('reduce folds everything under one key in one partition', async () => {
    const { backend, spark } = session();
    backend.answer('key binary, value binary', [[encodeElement(null), encodeElement(42)]]);
    expect(await spark.parallelize([1, 2]).reduce((a, b) => a + b)).toBe(42);
    expect(show(backend.executed[0])).toBe(
      'combine(1) < select bytes AS key, value < select to_element(value) AS value < local value:float64',
    );
    backend.answer('key binary, value binary');
    await expect(spark.parallelize([1]).reduce((a, b) => a + b)).rejects.toMatchObject({ condition: 'EMPTY_DATASET', kind: 'user' });
  });

  test('saveAsTextFile writes text', async () => {
    const { backend, spark } = session();
    await spark.textFile('x').saveAsTextFile('out');
    await spark
      .textFile('x')
      .keyBy((line) => line.length)
      .saveAsTextFile('out', 'overwrite');
    expect(backend.executed.map(show)).toEqual([
      'write text error out < select element_text(value) AS value < select to_element(value) AS value < read x',
      "write text overwrite out < select concat(element_text(key),'\t',element_text(value)) AS value < keyBy value→pair < read x",
    ]);
  });
});

test('mapReduce is a job that maps lines, reduces keys and writes part files', async () => {
  const { backend, spark } = session();
  const map = () => {};
  const reduce = () => {};
  const combine = () => 0;
  await mapReduce({ map, reduce }).main(spark, { input: 'in/*.txt', output: 'out', reducers: 0 } as never);
  await mapReduce({ map, combine, reduce }).main(spark, { input: 'in', output: 'out', reducers: 4 } as never);
  const written = "write text overwrite out < select concat(element_text(key),'\t',element_text(value)) AS value";
  expect(backend.executed.map(show)).toEqual([
    `${written} < reduce < emit value→pair < read in/*.txt`,
    `${written} < reduce(4) combined < emit value→pair < read in`,
  ]);
  expect(backend.encoded).toEqual([map, reduce, map, reduce, combine]);
});
