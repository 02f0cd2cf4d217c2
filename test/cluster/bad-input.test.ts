/**
 * What a user sees who got something wrong: one message, the place, what to do, and the exit code; no stack of ours, no half-written output,
 * nothing left running. Each case is a small job file in a directory of its own; the text of stderr is compared as a whole.
 */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eventually, filesBelow, killAll, processesOf, start, temporary, within } from './processes.js';

const { dir: root, remove } = temporary();
let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(root, 'case-'));
});
afterEach(killAll);
afterAll(remove);

const IMPORT = "import { array, col, job, lit, sum, udaf, udf, upper } from 'minispark';";

/** A job file whose second line on is `body`. */
function jobFile(body: string): void {
  writeFileSync(join(dir, 'job.ts'), `${IMPORT}\n${body}\n`);
}

/** The main function of a job, on lines 2 to 4. */
const main = (statement: string): void => jobFile(`export default job(async (spark) => {\n  ${statement}\n});`);

/**
 * Runs the command in the case's directory, and checks what holds for every failure. Gives what it said, without the table of stages,
 * whose times differ, and the exit code.
 */
async function fails(...args: string[]): Promise<string> {
  const before = filesBelow(dir);
  // Of its own: two commands may run at once.
  const tmp = mkdtempSync(join(root, 'tmp-'));
  const started = start(args, { cwd: dir, env: { TMPDIR: tmp, MINISPARK_CACHE_DIR: join(root, 'bundles') } });
  const { code, stdout, stderr } = await within(30_000, `the end of ${args.join(' ')}`, started.ended);
  expect(stdout).toBe('');
  expect(stderr).not.toContain('    at ');
  await eventually('all processes ended', () => processesOf(started).length === 0);
  expect(filesBelow(dir)).toEqual(before);
  expect(filesBelow(tmp)).toEqual([]);
  return `${stderr.slice(stderr.indexOf('error: ')).replaceAll(dir, '<dir>')}exit ${code}`;
}

const submit = (...args: string[]): Promise<string> => fails('submit', '--master', 'local[1]', ...args, 'job.ts');

describe('files', () => {
  test('a path that is not there', async () => {
    main("await spark.read.text('nowhere/*.txt').write.text('out');");
    expect(await submit()).toMatchInlineSnapshot(`
      "error: There is no file or directory '<dir>/nowhere/*.txt'. [PATH_NOT_FOUND]

        job.ts:3:20
          2 | export default job(async (spark) => {
        > 3 |   await spark.read.text('nowhere/*.txt').write.text('out');
            |                    ^
          4 | });

      hint: Relative paths resolve against storage.root, or where the job was submitted
      exit 1"
    `);
  });

  test('what is no file', async () => {
    const server = await listening(join(dir, 'socket'));
    main("await spark.read.text('socket').write.text('out');");
    expect(await submit()).toMatchInlineSnapshot(`
      "error: The file '<dir>/socket' cannot be read: it is a socket, no regular file. [FILE_NOT_READABLE]

        job.ts:3:20
          2 | export default job(async (spark) => {
        > 3 |   await spark.read.text('socket').write.text('out');
            |                    ^
          4 | });
      exit 1"
    `);
    await closed(server);
  });

  // Root may read everything.
  test.skipIf(process.getuid?.() === 0)('a file that may not be read', async () => {
    writeFileSync(join(dir, 'secret'), 'x', { mode: 0 });
    main("await spark.read.text('secret').write.text('out');");
    expect(await submit()).toMatchInlineSnapshot(`
      "error: The file '<dir>/secret' cannot be read: permission denied. [FILE_NOT_READABLE]
      exit 1"
    `);
  });

  test('a path below a file', async () => {
    writeFileSync(join(dir, 'file'), 'x');
    main("await spark.read.text('file').write.text('file/out');");
    expect(await submit()).toMatchInlineSnapshot(`
      "error: '<dir>/file/out' cannot be written: a part of its path is a file. [FILE_NOT_WRITABLE]

        job.ts:3:39
          2 | export default job(async (spark) => {
        > 3 |   await spark.read.text('file').write.text('file/out');
            |                                       ^
          4 | });
      exit 1"
    `);
  });

  test('output that exists', async () => {
    mkdirSync(join(dir, 'out'));
    writeFileSync(join(dir, 'out', 'part-0'), 'of an earlier job');
    main("await spark.range(3).write.csv('out');");
    expect(await submit()).toMatchInlineSnapshot(`
      "error: The output path '<dir>/out' exists already. [PATH_EXISTS]

        job.ts:3:30
          2 | export default job(async (spark) => {
        > 3 |   await spark.range(3).write.csv('out');
            |                              ^
          4 | });

      hint: Choose another path, or .mode('overwrite') or .mode('append')
      exit 1"
    `);
  });

  test('a path that is undefined', async () => {
    jobFile('export default job(async (spark, args) => {\n  await spark.read.text(args.input!).show();\n});');
    expect(await submit()).toMatchInlineSnapshot(`
      "error: read.text() takes a path, not undefined. [INVALID_ARGUMENT]

        job.ts:3:20
          2 | export default job(async (spark, args) => {
        > 3 |   await spark.read.text(args.input!).show();
            |                    ^
          4 | });

      hint: An argument of the job that was not given is undefined: declare it as required, or with a default
      exit 2"
    `);
  });

  test('a file that is not what its format says', async () => {
    writeFileSync(join(dir, 'rows.parquet'), 'id,name\n1,a\n');
    main("await spark.read.parquet('rows.parquet').show();");
    expect(await submit()).toMatchInlineSnapshot(`
      "error: The file '<dir>/rows.parquet' cannot be read: it does not end in PAR1, so it is no Parquet file or was cut short. [CORRUPT_FILE]

        job.ts:3:20
          2 | export default job(async (spark) => {
        > 3 |   await spark.read.parquet('rows.parquet').show();
            |                    ^
          4 | });
      exit 1"
    `);
  });
});

describe('records', () => {
  const CSV = '1,a\n2,b\nx,c\n4,d,5\n';
  const JSONL = '{"id":1,"name":"a"}\n{"id":2,"name":\n{"id":"x"}\n[4]\n{"id":5,"name":"e"}\n';

  test('csv: failfast', async () => {
    writeFileSync(join(dir, 'rows'), CSV);
    main("await spark.read.schema('id int, name string').option('mode', 'failfast').csv('rows').write.csv('out');");
    expect(await submit()).toMatchInlineSnapshot(`
      "error: The file '<dir>/rows' has a malformed record at line 4: it has 3 fields and the schema 2. The record: 4,d,5 [MALFORMED_RECORD]

        job.ts:3:77
          2 | export default job(async (spark) => {
        > 3 |   await spark.read.schema('id int, name string').option('mode', 'failfast').csv('rows').write.csv('out');
            |                                                                             ^
          4 | });

      hint: Mode 'permissive' gives nulls and fills the column _corrupt_record if the schema has it; 'dropmalformed' leaves the record out
      exit 1"
    `);
  });

  test('json: failfast', async () => {
    writeFileSync(join(dir, 'rows'), JSONL);
    main("await spark.read.schema('id int, name string').option('mode', 'failfast').json('rows').write.csv('out');");
    expect(await submit()).toMatchInlineSnapshot(`
      "error: The file '<dir>/rows' has a malformed record at line 2: it ends where a value is expected, at its byte 36. The record: {"id":2,"name": [MALFORMED_RECORD]

        job.ts:3:77
          2 | export default job(async (spark) => {
        > 3 |   await spark.read.schema('id int, name string').option('mode', 'failfast').json('rows').write.csv('out');
            |                                                                             ^
          4 | });

      hint: Mode 'permissive' gives nulls and fills the column _corrupt_record if the schema has it; 'dropmalformed' leaves the record out
      exit 1"
    `);
  });

  test.each([
    ['csv', 'permissive', CSV, ['1 a null', '2 b null', 'null c x,c', '4 d 4,d,5']],
    ['csv', 'dropmalformed', CSV, ['1 a null', '2 b null']],
    ['json', 'permissive', JSONL, ['1 a null', 'null null {"id":2,"name":', 'null null {"id":"x"}', 'null null [4]', '5 e null']],
    ['json', 'dropmalformed', JSONL, ['1 a null', '5 e null']],
  ])('%s: %s', async (format, mode, text, rows) => {
    writeFileSync(join(dir, 'rows'), text);
    jobFile(`export default job(async (spark) => {
  const rows = spark.read.schema('id int, name string, _corrupt_record string').option('mode', '${mode}').${format}('rows');
  for (const { id, name, _corrupt_record } of await rows.collect()) console.log(id, name, _corrupt_record);
});`);
    const started = start(['submit', '--quiet', '-c', 'read.splitBytes=5', '--master', 'local[2]', 'job.ts'], { cwd: dir });
    expect(await started.ended).toEqual({ code: 0, stdout: `${rows.join('\n')}\n`, stderr: '' });
  });

  test('a mode that there is not', async () => {
    writeFileSync(join(dir, 'rows'), CSV);
    main("await spark.read.option('mode', 'strict').csv('rows').show();");
    expect(await submit()).toMatchInlineSnapshot(`
      "error: Option mode of the csv format cannot be 'strict'. [INVALID_OPTION]

        job.ts:3:45
          2 | export default job(async (spark) => {
        > 3 |   await spark.read.option('mode', 'strict').csv('rows').show();
            |                                             ^
          4 | });

      hint: It takes permissive, dropmalformed, failfast.
      exit 1"
    `);
  });

  test('a schema that the file does not have', async () => {
    writeFileSync(join(dir, 'rows'), 'id,day\n1,2024-02-24\n');
    main("await spark.read.schema('id int, day double').options({ header: true, mode: 'failfast' }).csv('rows').show();");
    expect(await submit()).toMatchInlineSnapshot(`
      "error: The file '<dir>/rows' has a malformed record at line 2: '2024-02-24' in column 'day' is no double. The record: 1,2024-02-24 [MALFORMED_RECORD]

        job.ts:3:93
          2 | export default job(async (spark) => {
        > 3 |   await spark.read.schema('id int, day double').options({ header: true, mode: 'failfast' }).csv('rows').show();
            |                                                                                             ^
          4 | });

      hint: Mode 'permissive' gives nulls and fills the column _corrupt_record if the schema has it; 'dropmalformed' leaves the record out
      exit 1"
    `);
  });

  test('a schema that is none', async () => {
    main("await spark.read.schema('id bigint, amount strin').csv('rows').show();");
    expect(await submit()).toMatchInlineSnapshot(`
      "error: The schema is wrong at character 19: 'strin' is not a type. [INVALID_SCHEMA]
        id bigint, amount strin
                          ^

        job.ts:3:20
          2 | export default job(async (spark) => {
        > 3 |   await spark.read.schema('id bigint, amount strin').csv('rows').show();
            |                    ^
          4 | });

      hint: Did you mean string?
      exit 1"
    `);
  });
});

describe('expressions', () => {
  test('a column that there is not', async () => {
    writeFileSync(join(dir, 'orders.csv'), 'order_id,customer_id,amount\n1,2,3\n');
    main("await spark.read.option('header', true).csv('orders.csv').select('amount', col('custmer_id')).show();");
    expect(await submit()).toMatchInlineSnapshot(`
      "error: There is no column 'custmer_id'. [UNRESOLVED_COLUMN]

        job.ts:3:78
          2 | export default job(async (spark) => {
        > 3 |   await spark.read.option('header', true).csv('orders.csv').select('amount', col('custmer_id')).show();
            |                                                                              ^
          4 | });

      hint: Did you mean customer_id? Columns here: order_id, customer_id, amount
      exit 1"
    `);
  });

  test('operands of the wrong type', async () => {
    main("await spark.range(3).select(col('id').plus(array(lit(1)))).show();");
    expect(await submit()).toMatchInlineSnapshot(`
      "error: The operator + takes two values of one type, not bigint and array<int>: (id + array(1)). [DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES]

        job.ts:3:41
          2 | export default job(async (spark) => {
        > 3 |   await spark.range(3).select(col('id').plus(array(lit(1)))).show();
            |                                         ^
          4 | });

      hint: Cast one of them to the type of the other
      exit 1"
    `);
  });

  test('an aggregate where none can stand', async () => {
    main("await spark.range(3).where(upper(sum('id')).eq('1')).show();");
    expect(await submit()).toMatchInlineSnapshot(`
      "error: The aggregate sum(id) cannot stand in a filter. [INVALID_WHERE_CONDITION]

        job.ts:3:36
          2 | export default job(async (spark) => {
        > 3 |   await spark.range(3).where(upper(sum('id')).eq('1')).show();
            |                                    ^
          4 | });

      hint: Compute it with agg() first
      exit 1"
    `);
  });

  test('a division by zero', async () => {
    main("await spark.range(3).select(lit(1).divide(col('id'))).write.csv('out');");
    expect(await submit()).toMatchInlineSnapshot(`
      "error: Division by zero. [DIVIDE_BY_ZERO]

        job.ts:3:38
          2 | export default job(async (spark) => {
        > 3 |   await spark.range(3).select(lit(1).divide(col('id'))).write.csv('out');
            |                                      ^
          4 | });

      hint: Use try_divide, or nullif(divisor, 0), to get null instead
      exit 1"
    `);
  });

  test('a sum past 64 bits', async () => {
    main("await spark.createDataFrame([[9223372036854775807n], [1n]], 'n bigint').repartition(2).agg(sum('n')).write.csv('out');");
    expect(await submit()).toMatchInlineSnapshot(`
      "error: sum overflowed: the result does not fit its type. [ARITHMETIC_OVERFLOW]

        job.ts:3:94
          2 | export default job(async (spark) => {
        > 3 |   await spark.createDataFrame([[9223372036854775807n], [1n]], 'n bigint').repartition(2).agg(sum('n')).write.csv('out');
            |                                                                                              ^
          4 | });

      hint: Cast an operand to a wider type (bigint, decimal), or use the try_ form to get null instead
      exit 1"
    `);
  });

  test('a text that is no number', async () => {
    main("await spark.createDataFrame([['1'], ['x']], 's string').where(col('s').cast('int').gt(0)).write.csv('out');");
    expect(await submit()).toMatchInlineSnapshot(`
      "error: 'x' is not a valid int. [CAST_INVALID_INPUT]

        job.ts:3:74
          2 | export default job(async (spark) => {
        > 3 |   await spark.createDataFrame([['1'], ['x']], 's string').where(col('s').cast('int').gt(0)).write.csv('out');
            |                                                                          ^
          4 | });

      hint: Correct the value, or use tryCast (in SQL try_cast) to get null instead
      exit 1"
    `);
  });
});

describe("the user's functions", () => {
  test('one that throws: the line, and the row', async () => {
    jobFile(`const parse = udf((text: string) => {
  if (text.startsWith('c')) throw new RangeError(\`no such state: \${text}\`);
  return text.length;
}, 'int');
export default job(async (spark) => {
  await spark.createDataFrame([['paid'], ['cancelled']], 'state string').select(parse('state')).write.csv('out');
});`);
    expect(await submit()).toMatchInlineSnapshot(`
      "error: udf threw RangeError: no such state: cancelled [UDF_FAILED]
        input: "cancelled"

        job.ts:3:35
          2 | const parse = udf((text: string) => {
        > 3 |   if (text.startsWith('c')) throw new RangeError(\`no such state: \${text}\`);
            |                                   ^
          4 |   return text.length;
      exit 1"
    `);
  });

  test('one of map that throws', async () => {
    main("await spark.parallelize(['a', 'b']).map((line) => (line as unknown as { no: { thing: 1 } }).no.thing).collect();");
    expect(await submit()).toMatchInlineSnapshot(`
      "error: the function of map threw TypeError: Cannot read properties of undefined (reading 'thing') [UDF_FAILED]
        input: "a"

        job.ts:3:98
          2 | export default job(async (spark) => {
        > 3 |   await spark.parallelize(['a', 'b']).map((line) => (line as unknown as { no: { thing: 1 } }).no.thing).collect();
            |                                                                                                  ^
          4 | });
      exit 1"
    `);
  });

  test('one that stands in the loop and meets a null', async () => {
    main("await spark.createDataFrame([['a'], [null]], 's string').select(udf((s: string) => s.length + 1, 'int')('s')).write.csv('out');");
    expect(await submit()).toMatchInlineSnapshot(`
      "error: udf threw TypeError: Cannot read properties of null (reading 'length') [UDF_FAILED]
        input: null

        job.ts:3:88
          2 | export default job(async (spark) => {
        > 3 |   await spark.createDataFrame([['a'], [null]], 's string').select(udf((s: string) => s.length + 1, 'int')('s')).write.csv('out');
            |                                                                                        ^
          4 | });
      exit 1"
    `);
  });

  test('one whose parameter is of another type than its column', async () => {
    main("await spark.range(3).select(udf((n: number | null) => n, 'double')('id')).write.csv('out');");
    expect(await submit()).toMatchInlineSnapshot(`
      "error: Parameter 1 of udf is of type number | null, but id is bigint: a function sees bigint. [DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE]

        job.ts:3:68
          2 | export default job(async (spark) => {
        > 3 |   await spark.range(3).select(udf((n: number | null) => n, 'double')('id')).write.csv('out');
            |                                                                    ^
          4 | });

      hint: Change the parameter's type, or cast the column to double
      exit 1"
    `);
  });

  test('an aggregate whose update takes another type than its column has', async () => {
    main(
      "const longest = udaf({ init: () => 0, update: (n: number, s: string) => Math.max(n, s.length), merge: Math.max, finish: (n) => n }, 'int'); await spark.range(3).agg(longest('id')).write.csv('out');",
    );
    expect(await submit()).toMatchInlineSnapshot(`
      "error: Parameter 1 of udaf is of type string, but id is bigint: a function sees bigint. [DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE]

        job.ts:3:168
          2 | export default job(async (spark) => {
        > 3 |   const longest = udaf({ init: () => 0, update: (n: number, s: string) => Math.max(n, s.length), merge: Math.max, finish: (n) => n }, 'int'); await spark.range(3).agg(longest('id')).write.csv('out');
            |                                                                                                                                                                        ^
          4 | });

      hint: Change the parameter's type, or cast the column to string
      exit 1"
    `);
  });

  test('one that gives what its type is not', async () => {
    main("await spark.range(3).select(udf((n: bigint) => Number(n) / 2, 'int')('id')).write.csv('out');");
    expect(await submit()).toMatchInlineSnapshot(`
      "error: result of udf: expected int, got 0.5 (not a whole number). [INVALID_VALUE]
        input: 1n

        job.ts:3:35
          2 | export default job(async (spark) => {
        > 3 |   await spark.range(3).select(udf((n: bigint) => Number(n) / 2, 'int')('id')).write.csv('out');
            |                                   ^
          4 | });
      exit 1"
    `);
  });

  test('one that never ends', async () => {
    jobFile(`const spin = udf((n: bigint) => {
  while (n >= 0n);
  return n;
}, 'bigint');
export default job(async (spark) => {
  await spark.range(3).select(spin('id')).write.csv('out');
});`);
    expect(await submit('-c', 'task.timeout=1s')).toMatchInlineSnapshot(`
      "error: A task of the stage 'range → write csv' ran longer than task.timeout, 1 s. [TASK_TIMEOUT]

        job.ts:2:18
          1 | import { array, col, job, lit, sum, udaf, udf, upper } from 'minispark';
        > 2 | const spin = udf((n: bigint) => {
            |                  ^
          3 |   while (n >= 0n);

      hint: Raise task.timeout, or give each task less to do: more partitions, a smaller read.splitBytes
      exit 1"
    `);
  });

  test('one that ends the process', async () => {
    main('await spark.parallelize([1], 1).map((n) => process.exit(n)).collect();');
    const said = await submit('-c', 'task.attempts=2');
    expect(said.replace(/worker-\w+/, 'worker-1')).toMatchInlineSnapshot(`
      "error: Task 0 of stage 0 failed 2 times, the last time on worker-1: The thread of the task ended with code 1. [WORKER_THREAD_DIED]

        job.ts:3:63
          2 | export default job(async (spark) => {
        > 3 |   await spark.parallelize([1], 1).map((n) => process.exit(n)).collect();
            |                                                               ^
          4 | });

      hint: A function of the job may have called process.exit()
      exit 1"
    `);
  });

  test('one that captures what cannot travel', async () => {
    main("const words = new Set(['a']).values(); await spark.parallelize(['a']).filter((w) => words.next().value === w).collect();");
    expect(await submit()).toMatchInlineSnapshot(`
      "error: A function sent to workers captures words: an instance of Object. [CLOSURE_NOT_SHIPPABLE]

        job.ts:3:87
          2 | export default job(async (spark) => {
        > 3 |   const words = new Set(['a']).values(); await spark.parallelize(['a']).filter((w) => words.next().value === w).collect();
            |                                                                                       ^ captured here
          4 | });

      hint: Only plain data travels: create it inside the function, or capture the fields that you need
      exit 1"
    `);
  });
});

describe('job files', () => {
  test('one that does not compile', async () => {
    main("await spark.read.text('x'.show();");
    expect(await submit()).toMatchInlineSnapshot(`
      "error: Expected ")" but found ";". [JOB_DOES_NOT_COMPILE]

        job.ts:3:35
          2 | export default job(async (spark) => {
        > 3 |   await spark.read.text('x'.show();
            |                                   ^
          4 | });
      exit 1"
    `);
  });

  test('imports that lead nowhere', async () => {
    writeFileSync(join(dir, 'job.ts'), "import { read } from './nothing.js';\nimport lodash from 'lodash';\nread(lodash);\n");
    expect(await submit()).toMatchInlineSnapshot(`
      "error: The job has 2 faults. [JOB_DOES_NOT_COMPILE]

        Could not resolve "./nothing.js".
        job.ts:1:22
        > 1 | import { read } from './nothing.js';
            |                      ^
          2 | import lodash from 'lodash';

        Could not resolve "lodash".
        job.ts:2:20
          1 | import { read } from './nothing.js';
        > 2 | import lodash from 'lodash';
            |                    ^
          3 | read(lodash);

      hint: Install it next to the job: npm install lodash
      exit 1"
    `);
  });

  test('one that exports nothing', async () => {
    writeFileSync(join(dir, 'job.ts'), 'export const x = 1;');
    expect(await submit()).toMatchInlineSnapshot(`
      "error: job.ts has no default export. [JOB_NOT_EXPORTED]

        job.ts:1:1
        > 1 | export const x = 1;
            | ^

      hint: Write: import { job } from 'minispark'; export default job(async (spark, args) => { … })
      exit 1"
    `);
  });

  test('one that exports something else', async () => {
    writeFileSync(join(dir, 'job.ts'), 'export default async () => 1;');
    expect(await submit()).toMatchInlineSnapshot(`
      "error: job.ts exports something else than a job by default. [JOB_NOT_EXPORTED]

        job.ts:1:1
        > 1 | export default async () => 1;
            | ^

      hint: Write: import { job } from 'minispark'; export default job(async (spark, args) => { … })
      exit 1"
    `);
  });

  test('one that throws', async () => {
    main("throw new Error('on the driver');");
    expect(await submit()).toMatchInlineSnapshot(`
      "error: The job threw Error: on the driver [JOB_FAILED]

        job.ts:3:9
          2 | export default job(async (spark) => {
        > 3 |   throw new Error('on the driver');
            |         ^
          4 | });
      exit 1"
    `);
  });

  test('one that is not there, or a directory', async () => {
    main('');
    mkdirSync(join(dir, 'jobs'));
    expect(await fails('submit', 'jop.ts')).toMatchInlineSnapshot(`
      "error: There is no job file jop.ts. [JOB_FILE_NOT_FOUND]

      hint: Did you mean job.ts?
      exit 2"
    `);
    expect(await fails('submit', 'jobs')).toMatchInlineSnapshot(`
      "error: jobs is a directory, no job file. [JOB_FILE_NOT_FOUND]

      hint: Name the job file itself
      exit 2"
    `);
  });
});

describe('addresses', () => {
  test('a port in use', async () => {
    const server = await listening(0);
    const { port } = server.address() as { port: number };
    const said = await fails('scheduler', '--port', String(port));
    expect(said.replaceAll(String(port), '<port>')).toMatchInlineSnapshot(`
      "error: Port <port> on 127.0.0.1 is taken. [PORT_IN_USE]

      hint: Pass another --port, or 0 for any that is free
      exit 1"
    `);
    await closed(server);
  });

  test('a scheduler that is not there', async () => {
    // A port that was just free.
    const server = await listening(0);
    const { port } = server.address() as { port: number };
    await closed(server);
    main('await spark.range(3).show();');
    // Each waits its five seconds: both at once.
    const [said, saidOfWorker] = await Promise.all([
      fails('submit', '--master', `grpc://127.0.0.1:${port}`, 'job.ts'),
      fails('worker', '--scheduler', `127.0.0.1:${port}`),
    ]);
    expect(said.replaceAll(String(port), '<port>')).toMatchInlineSnapshot(`
      "error: No scheduler answered at 127.0.0.1:<port> within 5 s. [SCHEDULER_UNREACHABLE]

      hint: Start one with \`minispark scheduler --port <port>\`, or check the address and the firewall between
      exit 1"
    `);
    expect(saidOfWorker).toBe(said);
  });

  test('what is no address', async () => {
    main('await spark.range(3).show();');
    expect(await fails('worker', '--scheduler', 'nonsense')).toMatchInlineSnapshot(`
      "error: 'nonsense' is no address of a scheduler. [INVALID_ADDRESS]

      hint: It looks like grpc://host:7077
      exit 2"
    `);
    expect(await fails('submit', '--master', 'grpc://', 'job.ts')).toMatchInlineSnapshot(`
      "error: There is no master 'grpc://'. [INVALID_MASTER]

      hint: Masters: local, local[N], local[*], local-cluster[WORKERS,THREADS], grpc://host:port
      exit 2"
    `);
  });
});

test('--verbose shows the stack', async () => {
  main("throw new Error('on the driver');");
  const ended = await start(['submit', '--verbose', 'job.ts'], { cwd: dir }).ended;
  expect(ended.code).toBe(1);
  expect(ended.stderr).toMatch(/\n {4}at .*job\.ts:3:\d+/);
});

function listening(at: string | number): Promise<Server> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(typeof at === 'number' ? { port: at, host: '127.0.0.1' } : at, () => resolve(server));
  });
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
