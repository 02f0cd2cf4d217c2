/** `minispark lab run` as processes: interrupted and called again, runs that fail, and the report in a real browser. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { afterAll, expect, test } from 'vitest';
import { compare } from '../../src/lab/report/comparison.js';
import { reportPage } from '../../src/lab/report/page.js';
import { runProcess } from '../../src/lab/run-process.js';
import { sampleLab } from '../lab/sample-lab.js';
import { killAll, run, start, temporary, within } from './processes.js';

const { dir, remove } = temporary();

afterAll(() => {
  killAll();
  remove();
});

/** The first cell is done at once, the second waits for a file, the third fails. */
const JOB = `import { existsSync } from 'node:fs';
import { job } from 'minispark';
export default job({ args: { what: { required: true }, gate: { required: true } } }, async (spark, { what, gate }) => {
  const rows = spark.parallelize([1, 2, 3], 3).map((n) => {
    if (what === 'fail') throw new Error('as asked');
    const nobodyWakes = new Int32Array(new SharedArrayBuffer(4));
    const until = Date.now() + 60_000;
    while (what === 'wait' && !existsSync(gate) && Date.now() < until) Atomics.wait(nobodyWakes, 0, 0, 10);
    return n * 2;
  });
  console.log(await rows.collect());
});
`;

test('a lab that is interrupted goes on where it was; a failing run does not stop it; what changed is not mixed', async () => {
  const [job, lab, gate, out] = ['job.ts', 'test.yaml', 'gate', 'out'].map((name) => join(dir, name));
  writeFileSync(job, JOB);
  writeFileSync(
    lab,
    `title: A test\njob: job.ts\nmaster: local\nargs: {gate: '${gate}'}\nmatrix: {args.what: [go, wait, fail]}\nrepeat: 1\n`,
  );
  const call = ['lab', 'run', lab, '--out', out];

  const first = start(call);
  await first.until('the first run', ({ stderr }) => stderr.includes('run 1 of 3'));
  first.kill('SIGINT');
  expect(await within(30_000, 'its end', first.ended)).toMatchObject({ code: 130, stderr: expect.stringContaining('goes on from here') });
  const finished = () => readdirSync(join(out, 'runs')).filter((name) => /^\d-\d\.json$/.test(name));
  expect(finished()).toEqual(['0-1.json']);
  const before = readFileSync(join(out, 'runs/0-1.json'), 'utf8');

  writeFileSync(gate, '');
  const second = await run(call);
  expect(second).toMatchObject({ code: 1, stdout: expect.stringContaining('report.html') });
  expect(second.stderr).toContain('1 of 3 runs are there already.');
  expect(second.stderr).toMatch(/run 3 of 3 {2}args.what=fail \(1\) {2}failed: .*as asked/);
  expect(finished()).toHaveLength(3);
  expect(readFileSync(join(out, 'runs/0-1.json'), 'utf8')).toBe(before);
  expect(readFileSync(join(out, 'report.html'), 'utf8')).toContain('1 of 3 runs failed');
  expect(existsSync(join(out, 'lock'))).toBe(false);

  writeFileSync(job, JOB.replace('n * 2', 'n * 3'));
  expect(await run(call)).toMatchObject({ code: 2, stderr: expect.stringContaining('the job file has changed since') });
});

test('a run that takes too long is ended, and is a failure', async () => {
  const [stdout, stderr] = [join(dir, 'out.txt'), join(dir, 'err.txt')];
  const options = { command: process.execPath, args: ['-e', 'setInterval(() => {}, 1000)'], stdout, stderr, limitMs: 200 };
  const { error, usage } = await runProcess({ ...options, signal: new AbortController().signal });
  expect(error).toBe('It was ended after its time limit of 0.2 s.');
  expect(usage.wallMs).toBeGreaterThan(190);
});

test('a directory that cannot be written', async () => {
  const file = join(dir, 'file');
  writeFileSync(file, '');
  const { code, stderr } = await run(['lab', 'run', 'writers', '--quick', '--out', file]);
  expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('[LAB_DIRECTORY]') });
});

const BROWSERS = [process.env['MINISPARK_CHROMIUM'] ?? '', '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const browserPath = BROWSERS.find((path) => path !== '' && existsSync(path));
if (browserPath === undefined && process.env['CI'] !== 'true')
  console.log('lab.test.ts: the browser test is skipped, for there is no Chromium here.');

test.skipIf(browserPath === undefined && process.env['CI'] !== 'true')(
  'the report in a browser: plots, no errors, no overflow on wide and narrow screens',
  async () => {
    const outcome = sampleLab();
    const page = join(dir, 'report.html');
    writeFileSync(page, reportPage(outcome, compare(outcome)));
    const browser = await chromium.launch({ executablePath: browserPath!, args: ['--no-sandbox'] });
    try {
      for (const [width, colorScheme] of [
        [1280, 'light'],
        [400, 'dark'],
      ] as const) {
        const tab = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
        const said: string[] = [];
        tab.on('console', (message) => said.push(message.text()));
        tab.on('pageerror', (error) => said.push(error.message));
        tab.on('request', (request) => {
          if (!/^(file|data):/.test(request.url())) said.push(request.url());
        });
        await tab.goto(`file://${page}`);
        expect(await tab.evaluate('document.documentElement.scrollWidth')).toBe(width);
        const shown = async (selector: string) => tab.locator(selector).filter({ visible: true }).count();
        // Nine metrics have plots, of one (peak memory) nothing was recorded; the first of nine cells is open.
        expect({
          cards: await shown('#plots .card svg'),
          // A level line has no height, and so is not visible to the driver.
          lines: await tab.locator('#plots svg [aria-label="line"] path').count(),
          timeline: await shown('[aria-label="Timeline of tasks"] svg'),
          graph: await shown('svg.graph .stage'),
          partitions: await shown('#inside .card svg'),
          blocks: await shown('#inside [aria-label="blocks"] path'),
          questions: await shown('textarea'),
        }).toEqual({ cards: 9, lines: 18, timeline: 1, graph: 2, partitions: 2, blocks: expect.any(Number), questions: 2 });
        // What does not fit fades out on the side where there is more.
        const graph = tab.locator('.wide:has(svg.graph)').first();
        const isWide = width > 600;
        await expect.poll(() => graph.getAttribute('class')).toBe(isWide ? 'wide' : 'wide more-right');
        await graph.hover();
        await tab.mouse.wheel(5_000, 0);
        await expect.poll(() => graph.getAttribute('class')).toBe(isWide ? 'wide' : 'wide more-left');
        await tab.locator('details.cell summary').nth(1).press('Enter');
        expect(await shown('svg.graph .stage')).toBe(4);
        await tab.close();
        expect(said).toEqual([]);
      }
    } finally {
      await browser.close();
    }
  },
);
