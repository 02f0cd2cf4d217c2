/** Analysis: names, types, casts, aggregates, generators and joins, as the text of the resolved plan. */
import { expect, test } from 'vitest';
import { Config } from '../../../src/core/config.js';
import { userError } from '../../../src/core/errors.js';
import { decimal } from '../../../src/data/types.js';
import type { Plan } from '../../../src/frontend/plan/logical.js';
import { analyze } from '../../../src/planner/analyzer/analyze.js';
import { alias, as, call, cast, col, filter, group, LINES, limit, lit, PEOPLE, PETS, read, select, sort, star, textOf } from './plans.js';

const people = read(PEOPLE);
const pets = read(PETS);
const SCAN = 'Scan csv [id#0, name#1, age#2, height#3, salary#4]';

test('columns resolve in any case and keep the case that the user wrote', async () => {
  expect(await textOf(select(people, col('NAME'), col('`age`')))).toBe(`Project [NAME#1, age#2]\n+- ${SCAN}`);
});

test('columns take the names that Spark gives them', async () => {
  const exprs = [
    call('+', col('age'), lit(1)),
    call('lower', col('name')),
    cast(col('age'), decimal(10, 2)),
    call('and', call('>', col('age'), lit(1)), call('isnull', col('name'))),
    call('case', call('not', call('=', col('name'), lit('x'))), lit(1), lit(2)),
    as(call('negative', col('age')), 'minus'),
    call('substring', col('name'), lit(1), lit(2)),
  ];
  const [first] = (await textOf(select(people, ...exprs))).split('\n');
  expect(first.match(/AS (.*?)#\d+(?=[,\]])/g)?.map((text) => text.replace(/^AS |#\d+$/g, ''))).toEqual([
    '(age + 1)',
    'lower(name)',
    'age',
    '((age > 1) AND (name IS NULL))',
    'CASE WHEN (NOT (name = x)) THEN 1 ELSE 2 END',
    'minus',
    'substring(name, 1, 2)',
  ]);
});

test('operands are cast to their common type', async () => {
  expect(await textOf(filter(people, call('>', col('age'), lit(3n))))).toContain('(cast(age#2 as bigint) > 3)');
  expect(await textOf(filter(people, call('=', col('age'), lit('3'))))).toContain("(cast(age#2 as bigint) = cast('3' as bigint))");
  expect(await textOf(select(people, as(call('+', col('salary'), col('age')), 's')))).toContain(
    '(salary#4 + cast(age#2 as decimal(10,0)))',
  );
  expect(await textOf(select(people, as(call('/', col('age'), lit(2)), 'half')))).toContain('(cast(age#2 as double) / cast(2 as double))');
});

test('star, withColumns, rename and drop are projects', async () => {
  expect(await textOf(select(alias(pets, 'p'), star('P'), lit(1)))).toContain('Project [owner#0, name#1, kind#2, 1 AS 1#3]');
  const changed: Plan = {
    kind: 'withColumns',
    child: pets,
    columns: [
      { name: 'KIND', expr: call('upper', col('kind')) },
      { name: 'n', expr: lit(1) },
    ],
    site: null,
  };
  expect(await textOf(changed)).toContain('Project [owner#0, name#1, upper(kind#2) AS KIND#3, 1 AS n#4]');
  expect(await textOf({ kind: 'rename', child: pets, from: 'Name', to: 'called' })).toContain(
    'Project [owner#0, name#1 AS called#1, kind#2]',
  );
  expect(await textOf({ kind: 'drop', child: pets, names: ['NAME', 'nothing'] })).toContain('Project [owner#0, kind#2]');
});

test('aggregates leave expressions; groupings stand for themselves', async () => {
  const plan = group(people, [call('%', col('id'), lit(10n))], as(call('+', call('sum', col('age')), lit(1n)), 's'), call('count', star()));
  expect(await textOf(plan)).toBe(
    [
      'Project [(id % 10)#5, (sum(age)#6 + 1) AS s#7, count(1)#8]',
      '+- Aggregate [(id#0 % 10) AS (id % 10)#5], [sum(age#2) AS sum(age)#6, count(1) AS count(1)#8]',
      `   +- ${SCAN}`,
    ].join('\n'),
  );
});

test('a select of aggregates groups all rows', async () => {
  expect(await textOf(select(people, as(call('max', col('age')), 'm')))).toBe(`Aggregate [], [max(age#2) AS m#5]\n+- ${SCAN}`);
});

test('a filter and a sort above a grouping may hold aggregates of their own', async () => {
  const grouped = group(people, [col('name')], as(call('sum', col('age')), 's'));
  expect(await textOf(filter(grouped, call('>', call('count', lit(1)), col('s'))))).toBe(
    [
      'Project [name#1, s#5]',
      '+- Filter (count(1)#6 > s#5)',
      '   +- Project [name#1, sum(age)#5 AS s#5, count(1)#6]',
      '      +- Aggregate [name#1], [sum(age#2) AS s#5, count(1) AS count(1)#6]',
      `         +- ${SCAN}`,
    ].join('\n'),
  );
});

test('a sort may name columns that the select below did not keep', async () => {
  expect(await textOf(sort(select(people, col('name')), col('age')))).toBe(
    ['Project [name#1]', '+- Sort [age#2 ASC NULLS FIRST], global', '   +- Project [name#1, age#2]', `      +- ${SCAN}`].join('\n'),
  );
});

test('a generator becomes a node below the project', async () => {
  const words = as(call('explode_outer', call('split', col('value'), lit(' '))), 'word');
  expect(await textOf(select(read(LINES, 'text'), words, col('value')))).toBe(
    ['Project [word#1, value#0]', "+- Generate explode(split(value#0, ' ')), outer, [word#1]", '   +- Scan text [value#0]'].join('\n'),
  );
});

test('join columns named by USING appear once', async () => {
  const join = (how: 'left' | 'right' | 'full' | 'semi'): Plan => ({
    kind: 'join',
    left: people,
    right: pets,
    how,
    on: ['name'],
    site: null,
  });
  expect(await textOf(join('left'))).toMatch(/^Project \[name#1, id#0, age#2, height#3, salary#4, owner#5, kind#7\]/);
  expect(await textOf(join('right'))).toMatch(/^Project \[name#6, id#0,/);
  expect(await textOf(join('full'))).toMatch(/^Project \[coalesce\(name#1, name#6\) AS name#8, id#0,/);
  expect(await textOf(join('semi'))).toMatch(/^Project \[name#1, id#0, age#2, height#3, salary#4\]/);
});

test('both sides of a join with itself have ids of their own', async () => {
  const join: Plan = {
    kind: 'join',
    left: alias(pets, 'a'),
    right: alias(pets, 'b'),
    how: 'inner',
    on: call('=', col('a.owner'), col('b.owner')),
    site: null,
  };
  expect(await textOf(select(join, col('a.name'), col('b.name')))).toBe(
    [
      'Project [name#1, name#4]',
      '+- Join inner, (owner#0 = owner#3)',
      '   :- Scan csv [owner#0, name#1, kind#2]',
      '   +- Scan csv [owner#3, name#4, kind#5]',
    ].join('\n'),
  );
});

test('sides of a union widen to common types', async () => {
  const union: Plan = { kind: 'union', children: [select(people, col('id')), select(people, col('age'))], site: null };
  expect(await textOf(union)).toContain('Project [cast(age#7 as bigint) AS age#11]');
});

const refused: readonly (readonly [string, Plan, string, string])[] = [
  [
    'an unknown column',
    select(people, col('nme')),
    'UNRESOLVED_COLUMN',
    "There is no column 'nme'. Did you mean name or age? Columns here: id, name, age, height, salary",
  ],
  [
    'a name of two columns',
    select({ kind: 'join', left: people, right: pets, how: 'cross', on: null, site: null }, col('name')),
    'AMBIGUOUS_REFERENCE',
    "The name 'name' means 2 columns. Name the sides",
  ],
  [
    'an unknown function',
    select(people, call('lowr', col('name'))),
    'UNRESOLVED_ROUTINE',
    "There is no function 'lowr'. Did you mean lower",
  ],
  [
    'operands of a type that the operator does not take',
    select(people, call('+', col('name'), lit(true))),
    'DATATYPE_MISMATCH.BINARY_OP_WRONG_TYPE',
    'takes numbers, not string and boolean: (name + true).',
  ],
  [
    'an argument too few',
    select(people, call('substring', col('name'))),
    'WRONG_NUM_ARGS.WITHOUT_SUGGESTION',
    'substring takes 2 to 3 arguments, but was given 1: substring(name).',
  ],
  [
    'a loose column',
    group(people, [col('name')], call('+', col('age'), call('sum', col('age')))),
    'MISSING_AGGREGATION',
    'The column age in (age + sum(age)) is neither',
  ],
  [
    'an aggregate in a filter',
    filter(people, call('>', call('sum', col('age')), lit(1))),
    'INVALID_WHERE_CONDITION',
    'The aggregate sum(age) cannot stand in a filter.',
  ],
  [
    'a filter of no condition',
    filter(people, col('age')),
    'DATATYPE_MISMATCH.FILTER_NOT_BOOLEAN',
    'age in a filter must be boolean, but it is int.',
  ],
  [
    'a nested generator',
    select(people, call('lower', call('explode', call('array', lit('a'))))),
    'UNSUPPORTED_GENERATOR.NESTED_IN_EXPRESSIONS',
    'makes rows',
  ],
  [
    'sides of different width',
    { kind: 'union', children: [people, pets], site: null },
    'NUM_COLUMNS_MISMATCH',
    'side 1 has 5 and side 2 has 3',
  ],
  [
    'a cast there is not',
    select(people, cast(col('height'), { kind: 'date' })),
    'DATATYPE_MISMATCH.CAST_WITH_FUNC_SUGGESTION',
    'A double cannot be cast to date: CAST(height AS DATE).',
  ],
];

test.each(refused)('%s is refused', async (_, plan, condition, message) => {
  const error = await textOf(plan).catch((thrown) => thrown);
  expect(error.condition).toBe(condition);
  expect(`${error.message} ${error.hint ?? ''}`).toContain(message);
});

test('errors point at the place of the expression', async () => {
  const site = { file: 'job.ts', line: 3, column: 7 };
  const error = await textOf(select(people, { kind: 'column', name: 'nope', site })).catch((thrown) => thrown);
  expect(error.site).toEqual(site);
  const inner = await textOf(
    limit(select(people, { kind: 'cast', child: col('height'), to: { kind: 'date' }, safe: false, site }), 1),
  ).catch((thrown) => thrown);
  expect(inner.site).toEqual(site);
});

test('what is wrong with the files of a read is shown at its line', async () => {
  const site = { file: 'job.ts', line: 3, column: 9 };
  const read: Plan = { kind: 'read', format: 'csv', paths: ['a.csv'], schema: null, options: {}, site };
  const resolveScan = async () => {
    throw userError('CORRUPT_FILE', 'It is broken.');
  };
  await expect(analyze(read, { config: Config.empty, resolveScan })).rejects.toMatchObject({ condition: 'CORRUPT_FILE', site });
});
