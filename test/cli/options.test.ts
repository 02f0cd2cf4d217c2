import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { collectConf } from '../../src/cli/conf-option.js';
import { jobHelp, wantsHelp } from '../../src/cli/job-help.js';
import { ensureTokenFile } from '../../src/cli/serve.js';
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
  expect(jobHelp('jobs/wordcount.ts', args)).toBe(`Usage: minispark submit [options] jobs/wordcount.ts [arguments of the job]

Arguments of the job:
  --input <string>   Files to count (default: jobs/data/*.txt)
  --top <int>        (default: 10)
  --fold             Ignore case
  --output <string>  Where the counts go (required)`);
  expect(jobHelp('a.ts', {})).toContain('This job declares no arguments.');
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
