import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { collectConf } from '../../src/cli/conf-option.js';
import { explainCommand } from '../../src/cli/explain.js';
import { jobHelp, wantsHelp } from '../../src/cli/job-help.js';
import { withPlaceOfOption } from '../../src/cli/misplaced-option.js';
import { ensureTokenFile } from '../../src/cli/serve.js';
import { userError } from '../../src/core/errors.js';
import type { ArgSpecs } from '../../src/frontend/api/job.js';

test('--conf gathers, the last of a key wins, values may hold an equals sign', () => {
  const first = collectConf('memory=64m');
  expect(collectConf('shuffle.dir=/tmp/a=b', first)).toEqual({ memory: '64m', 'shuffle.dir': '/tmp/a=b' });
  expect(collectConf('memory=1g', first)).toEqual({ memory: '1g' });
});

test('the help of a job lists what it declares', () => {
  const args: ArgSpecs = {
    input: { default: 'jobs/data/*.txt', description: 'Files to count' },
    top: { type: 'int', default: 10 },
    fold: { type: 'boolean', description: 'Ignore case' },
    output: { description: 'Where the counts go', required: true },
  };
  expect(jobHelp('submit', 'jobs/wordcount.ts', args)).toBe(`Usage: minispark submit [options] jobs/wordcount.ts [arguments of the job]

Arguments of the job:
  --input <string>   Files to count (default: jobs/data/*.txt)
  --top <int>        (default: 10)
  --fold             Ignore case
  --output <string>  Where the counts go (required)`);
  expect(jobHelp('explain', 'a.ts', {})).toBe(
    'Usage: minispark explain [options] a.ts [arguments of the job]\n\nThis job declares no arguments.',
  );
});

test('an option of ours behind the file is told where it belongs', () => {
  const unknown = userError('UNKNOWN_ARGUMENT', 'The job takes no argument --mode.', { hint: 'It takes --input' });
  expect(withPlaceOfOption(unknown, explainCommand(), ['--input=a', '--mode=why'])).toMatchObject({
    condition: 'UNKNOWN_ARGUMENT',
    message: 'The job takes no argument --mode.',
    hint: '--mode is an option of explain: it stands before the file',
  });
  expect(withPlaceOfOption(unknown, explainCommand(), ['--moed', 'why'])).toBe(unknown);
  const other = userError('PATH_NOT_FOUND', 'There is no file a.');
  expect(withPlaceOfOption(other, explainCommand(), ['--mode', 'why'])).toBe(other);
});

test('help is asked for anywhere among the arguments of a job', () => {
  expect(wantsHelp(['--input', 'a', '--help'])).toBe(true);
  expect(wantsHelp(['-h'])).toBe(true);
  expect(wantsHelp(['--helper'])).toBe(false);
  expect(wantsHelp([])).toBe(false);
});

test('a token file is made once, for its owner alone', () => {
  const dir = mkdtempSync(join(tmpdir(), 'minispark-token-'));
  const path = join(dir, 'cluster', 'token');
  ensureTokenFile(path);
  const token = readFileSync(path, 'utf8');
  expect(token).toMatch(/^[0-9a-f]{64}\n$/);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  ensureTokenFile(path);
  expect(readFileSync(path, 'utf8')).toBe(token);
  rmSync(dir, { recursive: true });
});
