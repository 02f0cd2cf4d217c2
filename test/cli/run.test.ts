import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { run } from '../../src/cli/run.js';
import { CONFIG } from '../../src/core/config.js';

let out = '';
let err = '';
beforeEach(() => {
  [out, err] = ['', ''];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += text;
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    err += text;
    return true;
  });
});
afterEach(() => vi.restoreAllMocks());

test('--version is that of the package', async () => {
  expect(await run(['--version'])).toBe(0);
  expect(out).toBe(`${JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version}\n`);
});

test.each([[['help', 'submit']], [['submit', '--help']]])('%s', async (argv) => {
  expect(await run(argv)).toBe(0);
  expect(out).toContain('--help-conf');
  expect(out).toContain('Exit codes: 0 done, 1 the job failed, 2 wrong usage, 130 Ctrl-C.');
});

test('--help-conf lists every key', async () => {
  expect(await run(['submit', '--help-conf'])).toBe(0);
  const lines = out.split('\n');
  for (const [key, { doc }] of Object.entries(CONFIG)) {
    expect(
      lines.filter((line) => line.startsWith(`${key} `) && line.includes(doc.slice(0, 20))),
      key,
    ).toHaveLength(1);
  }
});

test.each([
  [['submti'], "error: unknown command 'submti'\n\nhint: Did you mean submit?\n"],
  [['submit', '--mster', 'local', 'a.ts'], "error: unknown option '--mster'\n\nhint: Did you mean --master?\n"],
  [['submit'], "error: missing required argument 'file'\n\nhint: `minispark submit --help` shows what there is.\n"],
  [['submit', '--quiet', '--json', 'a.ts'], 'error: --quiet and --json cannot be used together\n'],
  [
    ['submit', '--conf', 'memry=1g', 'a.ts'],
    "error: There is no configuration key 'memry'. [UNKNOWN_CONFIG]\n\nhint: Did you mean memory?\n",
  ],
  [['submit', '--conf', 'memory=1x', 'a.ts'], "error: Configuration memory cannot be '1x'. [INVALID_CONFIG]\n"],
  [['submit', '--conf', 'memory', 'a.ts'], 'It is written key=value, such as memory=512m.'],
  [['submit', '--master', 'grpc://localhost:1', '--token-file', '/nowhere/token', 'a.ts'], 'error: There is no token file /nowhere/token.'],
  [['explain', '--mode', 'short', 'a.ts'], 'Allowed choices are simple, extended, codegen, why.'],
  [['datagen', 'texts', '--out', 'x'], 'Allowed choices are text, events, skewed.'],
  [['datagen', 'text', '--out', 'x', '--size', 'big'], 'It takes bytes such as 64m or 1g.'],
  [['datagen', 'text', '--out', 'x', '--size', '10'], 'error: A size of 10 bytes is too small. [INVALID_ARGUMENT]'],
  [['scheduler', '--port', '70000'], 'It takes a whole number from 0 to 65535.'],
  [['scheduler', '--host', '0.0.0.0'], "error: Without a token a scheduler on 0.0.0.0 would run anybody's code. [TOKEN_REQUIRED]"],
  [['worker', '--threads', '2'], "error: required option '--scheduler <address>' not specified"],
])('wrong usage: %j', async (argv, message) => {
  expect(await run(argv)).toBe(2);
  expect(err).toContain(message);
  expect(out).toBe('');
});

test('no command shows what there is', async () => {
  expect(await run([])).toBe(2);
  expect(err).toMatch(/submit {2,}run a job file/);
});
