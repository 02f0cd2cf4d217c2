/** Arrow Flight with pyarrow's own client as a judge. MINISPARK_PYTHON names a Python that has it. */
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { col, expr, lit, Session } from '../../src/index.js';
import { endServed, startShuffle } from '../runtime/shuffle/served-shuffle.js';

const PYTHON = process.env['MINISPARK_PYTHON'] ?? 'python3';
const hasFlight = spawnSync(PYTHON, ['-c', 'import pyarrow.flight']).status === 0;
if (!hasFlight && process.env['CI'] !== 'true') console.log(`flight.test.ts: skipped, for ${PYTHON} has no pyarrow.flight.`);
const judged = test.skipIf(!hasFlight && process.env['CI'] !== 'true');

afterEach(endServed);

interface Table {
  readonly schema: readonly (readonly [string, string])[];
  readonly rows: readonly (readonly string[])[];
}

type Failed = { readonly error: string; readonly message: string };

async function ask(uri: string, token: string | null, ...calls: readonly (readonly (string | null)[])[]): Promise<(Table & Failed)[]> {
  const python = spawn(PYTHON, [fileURLToPath(new URL('reference/flight.py', import.meta.url))], { stdio: ['pipe', 'pipe', 'pipe'] });
  python.stdin.end(JSON.stringify({ uri, token, calls }));
  const [said, failed] = await Promise.all([text(python.stdout), text(python.stderr)]);
  expect(failed).toBe('');
  return JSON.parse(said) as (Table & Failed)[];
}

const failure = ({ error, message }: Failed): string => `${error} ${/\[(\w+)\]/.exec(message)?.[1]}`;

judged('shuffle blocks are read by ticket, by whoever knows the secret', async () => {
  const { expected, started } = await startShuffle(1, 300, 3);
  const [{ server, worker, token, store }] = started;
  const uri = `grpc://${server.endpoint}`;
  const get = (changed: object = {}, ...shown: (string | null)[]) => [
    'get',
    JSON.stringify({ worker, job: 'job-1', shuffle: 3, map: 0, attempt: 1, partition: 0, ...changed }),
    ...shown,
  ];
  const wrong = [get({ worker: 'worker-z' }), get({ map: 7 }), get({ job: '../../etc' }), get({ map: -1 }), ['get', 'no ticket'], ['list']];
  // A worker's own token opens what it wrote.
  const shown = [token, null, 'wrong'].map((other) => get({}, other));
  const answers = await ask(uri, 'cluster secret', get(), get({ partition: 1 }), get({ partition: 2 }), ...shown, ...wrong);
  const blocks = answers.slice(0, 3);
  const ids = (rows: readonly string[]) => rows.map((row) => String((JSON.parse(row) as unknown[])[0]).replace('null', 'None'));
  expect(blocks.map(({ rows }) => rows.map(([id]) => id))).toEqual(expected.map(ids));
  expect(blocks[0].schema.slice(0, 4)).toEqual([
    ['id', 'int32'],
    ['big', 'int64'],
    ['x', 'double'],
    ['name', 'string'],
  ]);
  expect(answers[3].rows).toEqual(blocks[0].rows);
  expect(answers.slice(4).map(failure)).toEqual([
    'FlightUnauthenticatedError FLIGHT_DENIED',
    'FlightUnauthenticatedError FLIGHT_DENIED',
    'ArrowKeyError FLIGHT_NOT_FOUND',
    'ArrowKeyError BLOCK_NOT_FOUND',
    'ArrowInvalid INVALID_BLOCK_ID',
    'ArrowInvalid INVALID_TICKET',
    'ArrowInvalid INVALID_TICKET',
    'ArrowNotImplementedError FLIGHTS_NOT_LISTED',
  ]);
  const path = store.dataPath('job-1', 3, 0, 1);
  const bytes = readFileSync(path);
  bytes[bytes.length - 100] ^= 1;
  writeFileSync(path, bytes);
  expect((await ask(uri, token, get({ partition: 2 }))).map(failure)).toEqual([expect.stringMatching(/BLOCK_CORRUPT|CORRUPT_BLOCK/)]);
});

judged('a block without rows has the columns of its neighbours', async () => {
  const { started, outputs } = await startShuffle(1, 1, 8);
  const [{ server, worker, token }] = started;
  const empty = outputs[0].bytes.indexOf(0);
  const ticket = JSON.stringify({ worker, job: 'job-1', shuffle: 3, map: 0, attempt: 1, partition: empty });
  const [{ rows, schema }] = await ask(`grpc://${server.endpoint}`, token, ['get', ticket]);
  expect([rows, schema.length]).toEqual([[], 11]);
});

judged('rows that a session serves are found and read, by who has their token', async () => {
  const spark = await Session.builder().master('local').config('batch.rows', 1000).getOrCreate();
  try {
    const squares = spark
      .range(0n, 5000n, 1n, 3)
      .select(col('id'), lit('text').as('word'), expr('cast(id * id as decimal(20, 2))').as('square'));
    const served = await squares.serve('squares');
    const other = await spark.range(2n).serve('other', { token: 'of-the-other' });
    const { uri, token, ticket } = served;
    expect(uri).toMatch(/^grpc:\/\/127\.0\.0\.1:\d+$/);
    expect(ticket).toBe('{"result":"squares"}');
    const [rows, info, list, first, ...wrong] = await ask(
      uri,
      token,
      ['get', ticket],
      ['info', 'squares'],
      ['list'],
      ['first', ticket],
      ['info', 'square'],
      ['get', other.ticket],
      ['get', '[]'],
      ['get', ticket, 'wrong'],
    );
    const schema = [
      ['id', 'int64'],
      ['word', 'string'],
      ['square', 'decimal128(20, 2)'],
    ];
    expect(rows.schema).toEqual(schema);
    expect(rows.rows).toEqual(Array.from({ length: 5000 }, (_, id) => [`${id}`, 'text', `${id * id}.00`]));
    expect(info).toEqual({ path: ['squares'], schema, tickets: [ticket] });
    expect(list).toEqual([info]);
    expect(first).toBe(1000);
    expect(wrong.map(failure)).toEqual([
      'ArrowKeyError FLIGHT_NOT_FOUND',
      'ArrowKeyError FLIGHT_NOT_FOUND',
      'ArrowInvalid INVALID_TICKET',
      'FlightUnauthenticatedError FLIGHT_DENIED',
    ]);
    expect(wrong[0].message).toContain('Did you mean squares?');
    await served.taken;
    await expect(squares.serve('x', { token: 'ü' })).rejects.toMatchObject({ condition: 'INVALID_FLIGHT_NAME' });
    await expect(squares.serve('other')).rejects.toMatchObject({ kind: 'user', condition: 'FLIGHT_EXISTS' });
    served.close();
    expect((await ask(uri, token, ['get', ticket])).map(failure)).toEqual(['FlightUnauthenticatedError FLIGHT_DENIED']);
    other.close();
    await expect(other.taken).rejects.toMatchObject({ condition: 'FLIGHT_CLOSED' });
  } finally {
    await spark.stop();
  }
});

judged('what goes wrong in a plan that is served reaches its reader', async () => {
  const spark = await Session.builder().master('local').getOrCreate();
  try {
    const { uri, token, ticket } = await spark.range(3n).select(expr('1 / (id - 2)').as('x')).serve('fails');
    expect((await ask(uri, token, ['get', ticket])).map(failure)).toEqual(['FlightInternalError DIVIDE_BY_ZERO']);
  } finally {
    await spark.stop();
  }
});
