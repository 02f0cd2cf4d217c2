/** Rules of the optimizer: a literal plan in, the text of the optimised one out. */
import { expect, test, vi } from 'vitest';
import { Config } from '../../../src/core/config.js';
import type { Expr } from '../../../src/frontend/plan/expression.js';
import { type JoinType, NO_LIMIT, type Plan } from '../../../src/frontend/plan/logical.js';
import { outputOf } from '../../../src/frontend/plan/output.js';
import { resolvedPlanText } from '../../../src/frontend/plan/plan-text.js';
import type { ResolvedPlan } from '../../../src/frontend/plan/resolved.js';
import { parseExpression } from '../../../src/frontend/sql/parse-expression.js';
import { analyze } from '../../../src/planner/analyzer/analyze.js';
import { optimize } from '../../../src/planner/optimizer/optimize.js';
import { alias, analyzed, as, call, col, filter, group, LINES, limit, lit, PEOPLE, PETS, read, select, sort } from '../analyzer/plans.js';

const people = read(PEOPLE);
const pets = read(PETS);

async function optimized(plan: Plan): Promise<string> {
  const before = await analyzed(plan);
  const after = optimize(before);
  expect(outputOf(after).map(({ id, name }) => ({ id, name }))).toEqual(outputOf(before).map(({ id, name }) => ({ id, name })));
  return resolvedPlanText(after);
}

const lines = (...text: readonly string[]): string => text.join('\n');
const and = (a: Expr, b: Expr): Expr => call('and', a, b);
const over = (column: string, value: number): Expr => call('>', col(column), lit(value));

test('word count reads one column and filters right after the split', async () => {
  const words = select(read(LINES, 'text'), as(call('explode', call('split', call('lower', col('value')), lit('\\W+'))), 'word'));
  const counted = group(filter(words, call('not', call('=', col('word'), lit('')))), [col('word')], as(call('count', lit(1)), 'n'));
  expect(await optimized(sort(counted, col('n')))).toBe(
    lines(
      'Sort [n#2 ASC NULLS FIRST], global',
      '+- Aggregate [word#1], [count(1) AS n#2]',
      '   +- Project [word#1]',
      "      +- Filter (NOT (word#1 = ''))",
      "         +- Generate explode(split(lower(value#0), '\\W+')), [word#1]",
      '            +- Scan text [value#0]',
    ),
  );
});

test('all clocks of a query show one time', async () => {
  let millis = Date.UTC(2024, 1, 29, 23, 59, 59, 999);
  vi.spyOn(Date, 'now').mockImplementation(() => millis++);
  try {
    const clocks = ['current_timestamp', 'now', 'current_date', 'unix_timestamp'].map((fn) => as(call(fn), fn));
    const [top] = (await optimized(select(filter(people, call('<', call('now'), call('current_timestamp'))), ...clocks))).split('\n');
    expect(top).toMatch(
      /TIMESTAMP '2024-02-29 23:59:59.999' AS current_timestamp#\d+, TIMESTAMP '2024-02-29 23:59:59.999' AS now#\d+, DATE '2024-02-29' AS current_date#\d+, 1709251199 AS unix_timestamp#\d+/,
    );
  } finally {
    vi.restoreAllMocks();
  }
});

test('constants fold, but what would fail is left to fail when a row comes', async () => {
  expect(await optimized(select(people, as(call('+', lit(1), call('*', lit(2), lit(3))), 'x')))).toContain('Project [7 AS x#5]');
  expect(await optimized(select(people, as(call('/', lit(1), lit(0)), 'x')))).toContain('(1.0 / 0.0) AS x#5');
  expect(await optimized(select(people, as(call('+', col('age'), lit(null)), 'x')))).toContain('NULL AS x#5');
});

test('conditions simplify', async () => {
  expect(await optimized(filter(people, lit(true)))).toBe('Scan csv [id#0, name#1, age#2, height#3, salary#4]');
  expect(await optimized(filter(people, call('not', over('age', 3))))).toContain('Filter (age#2 <= 3)');
  expect(await optimized(filter(people, and(call('isnotnull', col('id')), over('age', 3))))).toContain('Filter (age#2 > 3)');
  expect(await optimized(filter(people, call('isnotnull', col('age'))))).toContain('(age#2 IS NOT NULL)');
  expect(
    await optimized(select(people, as(call('case', lit(false), lit(1), over('age', 3), lit(2), lit(true), lit(3), lit(4)), 'x'))),
  ).toContain('CASE WHEN (age#2 > 3) THEN 2 ELSE 3 END');
});

test('filters go through projects into Parquet scans, which still leave them above', async () => {
  const plan = filter(
    filter(select(read(PEOPLE, 'parquet'), col('name'), as(call('+', col('age'), lit(1)), 'next')), over('next', 3)),
    call('=', col('name'), lit('x')),
  );
  expect(await optimized(plan)).toBe(
    lines(
      'Project [name#1, (age#2 + 1) AS next#5]',
      "+- Filter (((age#2 + 1) > 3) AND (name#1 = 'x'))",
      "   +- Scan parquet [name#1, age#2], filters [((age#2 + 1) > 3), (name#1 = 'x')]",
    ),
  );
});

test('filters on grouping columns go below the grouping, those on aggregates stay', async () => {
  const plan = filter(group(people, [col('name')], as(call('sum', col('age')), 's')), and(call('=', col('name'), lit('x')), over('s', 3)));
  expect(await optimized(plan)).toBe(
    lines(
      'Filter (s#5 > 3)',
      '+- Aggregate [name#1], [sum(age#2) AS s#5]',
      "   +- Filter (name#1 = 'x')",
      '      +- Scan csv [name#1, age#2]',
    ),
  );
  expect(await optimized(filter(group(people, [], as(call('count', lit(1)), 'n')), over('n', 3)))).toMatch(
    /^Filter \(n#5 > 3\)\n\+- Aggregate/,
  );
});

const joined = (how: JoinType): Plan => ({
  kind: 'join',
  left: alias(select(people, col('id'), col('age')), 'p'),
  right: alias(pets, 'q'),
  how,
  on: and(call('=', col('p.id'), col('q.owner')), and(over('age', 1), call('=', col('kind'), lit('cat')))),
  site: null,
});

/** True of nulls too, so that no outer join becomes an inner one. */
const orNull = (column: string, condition: Expr): Expr => call('or', call('isnull', col(column)), condition);

/** Where the conditions went: L and R below the sides, J in the join, A above. */
async function places(how: JoinType): Promise<string> {
  const text = await optimized(
    how === 'semi' || how === 'anti'
      ? filter(joined(how), orNull('age', over('age', 2)))
      : filter(joined(how), and(orNull('age', over('age', 2)), orNull('q.name', call('=', col('q.name'), lit('b'))))),
  );
  const rows = text.split('\n');
  const at = rows.findIndex((row) => row.includes('Join'));
  const right = rows.findIndex((row, i) => i > at && row.slice(rows[at].indexOf('Join')).startsWith('+- '));
  const find = (part: string): string =>
    rows.map((row, i) => (row.includes(part) ? (i < at ? 'A' : i === at ? 'J' : i < right ? 'L' : 'R') : '')).join('');
  return [find('age#2 > 1'), find("kind#7 = 'cat'"), find('age#2 > 2'), find("name#6 = 'b'")].join(' ');
}

test('an outer join whose nulls a condition above drops is none', async () => {
  const above = async (how: JoinType, condition: Expr): Promise<string | undefined> =>
    / Join (\w+)/.exec(` ${await optimized(filter(joined(how), condition))}`)?.[1];
  const [left, right] = [over('age', 2), call('=', col('q.name'), lit('b'))];
  expect(await above('left', right)).toBe('inner');
  expect(await above('left', left)).toBe('left');
  expect(await above('right', left)).toBe('inner');
  expect(await above('full', left)).toBe('left');
  expect(await above('full', right)).toBe('right');
  expect(await above('full', and(left, right))).toBe('inner');
  expect(await above('full', call('or', left, right))).toBe('full');
  expect(await above('left', call('isnull', col('q.name')))).toBe('left');
  expect(await above('left', call('isnotnull', col('q.name')))).toBe('inner');
});

test('what holds for a key holds for its equal on the other side, unless rows there are kept', async () => {
  const byId = (how: JoinType, condition: Expr): Plan =>
    filter({ kind: 'join', left: people, right: pets, how, on: call('=', col('id'), col('owner')), site: null }, condition);
  const five = call('=', col('id'), lit(5));
  expect(await optimized(byId('inner', five))).toMatch(/owner#\d+ = 5/);
  expect(await optimized(byId('left', five))).toMatch(/owner#\d+ = 5/);
  expect(await optimized(byId('anti', five))).toMatch(/owner#\d+ = 5/);
  const kept = await optimized(byId('right', call('=', col('owner'), lit(5))));
  expect(kept).toMatch(/Join right[\s\S]*id#\d+ = 5/);
  expect(
    await optimized({
      ...(byId('left', five) as { kind: 'filter' } & Plan),
      condition: orNull('owner', call('=', col('owner'), lit(5))),
    } as Plan),
  ).not.toMatch(/id#\d+ = 5/);
});

test('join conditions move only where the kind of join lets them', async () => {
  expect(await places('inner')).toBe('L R L R');
  expect(await places('left')).toBe('J R L A');
  expect(await places('right')).toBe('L J A R');
  expect(await places('full')).toBe('J J A A');
  expect(await places('semi')).toBe('L R L ');
  expect(await places('anti')).toBe('J R L ');
});

test('a condition over both sides makes a cross join an inner one', async () => {
  const cross: Plan = {
    kind: 'join',
    left: select(people, col('id')),
    right: select(pets, col('owner')),
    how: 'cross',
    on: null,
    site: null,
  };
  expect(await optimized(filter(cross, call('=', col('id'), col('owner'))))).toBe(
    lines('Join inner, (id#0 = owner#5)', ':- Scan csv [id#0]', '+- Scan csv [owner#5]'),
  );
});

test('what is not read is not carried', async () => {
  expect(await optimized(group(people, [], as(call('count', lit(1)), 'n')))).toBe('Aggregate [], [count(1) AS n#5]\n+- Scan csv []');
  expect(await optimized(select(group(people, [col('name')], call('sum', col('age')), as(call('max', col('id')), 'm')), col('m')))).toBe(
    lines('Project [m#6]', '+- Aggregate [name#1], [max(id#0) AS m#6]', '   +- Scan csv [id#0, name#1]'),
  );
  const union: Plan = { kind: 'union', children: [pets, filter(pets, call('=', col('kind'), lit('cat')))], site: null };
  expect(await optimized(select(union, col('name')))).toBe(
    lines(
      'Union [name#7]',
      ':- Scan csv [name#1]',
      '+- Project [name#4]',
      "   +- Filter (kind#5 = 'cat')",
      '      +- Scan csv [name#4, kind#5]',
    ),
  );
});

test('rows that travel keep a column at least', async () => {
  const spread: Plan = { kind: 'repartition', child: people, partitions: 4, exprs: [], site: null };
  expect(await optimized(group(spread, [], call('count', lit(1))))).toBe(
    lines('Aggregate [], [count(1) AS count(1)#5]', '+- Repartition 4 []', '   +- Scan csv [id#0]'),
  );
});

test('projects collapse unless an expression would run twice', async () => {
  const inner = select(people, as(call('lower', col('name')), 'l'), col('age'));
  expect(await optimized(select(inner, as(call('upper', col('l')), 'u')))).toBe(
    'Project [upper(lower(name#1)) AS u#6]\n+- Scan csv [name#1]',
  );
  expect(await optimized(select(inner, as(call('concat', col('l'), col('l')), 'c')))).toBe(
    lines('Project [concat(l#5, l#5) AS c#6]', '+- Project [lower(name#1) AS l#5]', '   +- Scan csv [name#1]'),
  );
});

test('limits meet the sort below a project, and each other', async () => {
  expect(await optimized(limit(limit(select(sort(people, col('age')), as(call('upper', col('name')), 'u')), 10, 2), 5, 3))).toBe(
    lines(
      'Project [upper(name#1) AS u#5]',
      '+- Limit 5 offset 5',
      '   +- Sort [age#2 ASC NULLS FIRST], global',
      '      +- Scan csv [name#1, age#2]',
    ),
  );
});

test('a function that is not deterministic neither folds nor moves', async () => {
  const random = select(people, as(call('rand', lit(7)), 'r'), col('id'));
  expect(await optimized(filter(random, call('<', col('r'), lit(0.5))))).toBe(
    lines('Filter (r#5 < 0.5)', '+- Project [rand(7) AS r#5, id#0]', '   +- Scan csv [id#0]'),
  );
});

test('the trace names each rule that changed the plan', async () => {
  const seen: string[] = [];
  optimize(await analyzed(filter(select(people, col('id')), call('>', col('id'), lit(1)))), 'UTC', (rule) => seen.push(rule));
  expect(seen).toEqual(['fold constants', 'push down filters', 'prune columns', 'remove redundant nodes']);
});

test('limits go into the parts of a union, but not where few rows are', async () => {
  const union: Plan = { kind: 'union', children: [select(people, col('id')), limit(select(pets, col('owner')), 2)], site: null };
  expect(await optimized(limit(union, 3, 1))).toBe(
    lines(
      'Limit 3 offset 1',
      '+- Union [id#8]',
      '   :- Limit 4',
      '   :  +- Scan csv [id#0]',
      '   +- Limit 2',
      '      +- Scan csv [owner#5]',
    ),
  );
});

test('leaving out first rows bounds no part of a union, and adds up', async () => {
  const union: Plan = { kind: 'union', children: [select(people, col('id')), select(pets, col('owner'))], site: null };
  expect(await optimized(limit(union, NO_LIMIT, 3))).toBe(
    lines('Offset 3', '+- Union [id#8]', '   :- Scan csv [id#0]', '   +- Scan csv [owner#5]'),
  );
  expect(await optimized(limit(limit(people, NO_LIMIT, 2), NO_LIMIT, 3))).toMatch(/^Offset 5\n\+- Scan/);
  expect(await optimized(limit(limit(people, NO_LIMIT, 2), 4, 3))).toMatch(/^Limit 4 offset 5\n\+- Scan/);
});

test('what gives no rows is not read', async () => {
  expect(await optimized(filter(people, and(over('age', 3), lit(false))))).toBe('Local [id#0, name#1, age#2, height#3, salary#4], 0 rows');
  expect(await optimized(select(limit(people, 0), col('id')))).toContain('0 rows');
});

test('sorts below aggregates that do not see an order, and distinct rows of groups', async () => {
  const sorted = sort(people, col('height'));
  expect(await optimized(group(sorted, [col('name')], as(call('max', col('age')), 'm')))).not.toContain('Sort');
  expect(await optimized(group(sorted, [col('name')], as(call('first', col('age')), 'm')))).toContain('Sort');
  const counted = group(people, [col('name')], as(call('count', lit(1)), 'n'));
  const twice = (await optimized({ kind: 'distinct', child: counted })).match(/Aggregate/g);
  expect(twice).toHaveLength(1);
  const fewer = (await optimized({ kind: 'distinct', child: select(counted, col('n')) })).match(/Aggregate/g);
  expect(fewer).toHaveLength(2);
});

test('files whose directories tell that no row passes are not read', async () => {
  const plan = await analyze(filter(people, and(call('>', col('age'), lit(2)), call('isnotnull', col('name')))), {
    config: Config.empty,
    resolveScan: async () => ({
      scan: {
        format: 'csv',
        options: {},
        files: [1, 2, 3, null].map((age) => ({ uri: `file:///age=${age}/x`, bytes: 10, values: [age] })),
        fileSchema: { fields: PEOPLE.fields.filter((f) => f.name !== 'age') },
        partitionSchema: { fields: PEOPLE.fields.filter((f) => f.name === 'age') },
      },
      rows: 8,
      columns: PEOPLE.fields,
    }),
  });
  let scan: ResolvedPlan = optimize(plan);
  while (scan.kind !== 'scan') scan = (scan as { readonly child: ResolvedPlan }).child;
  expect(scan.scan.files.map((f) => f.uri)).toEqual(['file:///age=3/x']);
  expect([scan.scan.skippedFiles, scan.rows]).toEqual([3, 2]);
});

test('filters on what a window is partitioned by go below it, others stay; results that nobody reads are gone', async () => {
  const over = (text: string) => parseExpression(`${text} OVER (PARTITION BY name ORDER BY id)`);
  const ranked = select(people, col('name'), as(over('rank()'), 'place'), as(over('sum(age)'), 'total'));
  const plan = filter(ranked, and(call('=', col('name'), lit('x')), call('<', col('place'), lit(3))));
  expect(await optimized(select(plan, col('name'), col('place')))).toBe(
    lines(
      'Project [name#1, rank#5 AS place#5]',
      '+- Filter (rank#5 < 3)',
      '   +- Window [rank() AS place#5], partition by [name#1], order by [id#0 ASC NULLS FIRST]',
      "      +- Filter (name#1 = 'x')",
      '         +- Scan csv [id#0, name#1]',
    ),
  );
  expect(await optimized(select(ranked, col('name')))).toBe(lines('Scan csv [name#1]'));
});
