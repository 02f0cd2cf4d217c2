/** The pages that say what the code says: `npx vitest run test/cli/docs.test.ts -u` writes them anew. And what they point at is there. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { COMMANDS } from '../../src/cli/run.js';
import { CONFIG } from '../../src/core/config.js';

const MEANING = {
  int: 'a whole number',
  bytes: 'bytes: `512k`, `64m`, `1g`',
  duration: 'a time: `500ms`, `10s`, `2m`; `0` for none',
  string: 'text',
} as const;

test('docs/configuration.md', async () => {
  const rows = Object.entries(CONFIG).map(([name, key]) => {
    const values = key.oneOf?.map((value) => `\`${value}\``).join(', ') ?? MEANING[key.type];
    return `| \`${name}\` | ${key.default === '' ? '' : `\`${key.default}\``} | ${values} | ${key.doc} |`;
  });
  const page = `# Configuration

Keys are given to one run: \`minispark submit --conf memory=512m --conf task.attempts=2 FILE\`. \`minispark submit --help-conf\` prints
this list. A key that does not exist or a value that it cannot take is refused before anything runs.

| key | default | value | meaning |
| --- | --- | --- | --- |
${rows.join('\n')}

## Environment

| variable | meaning |
| --- | --- |
| \`MINISPARK_MASTER\` | what \`--master\` says where it is not given |
| \`MINISPARK_TOKEN_FILE\` | what \`--token-file\` says where it is not given; sessions of plain scripts read it too |
| \`MINISPARK_CACHE_DIR\` | where bundles of job files are kept between runs; without it \`minispark/bundles\` in the user's cache directory |
| \`NO_COLOR\`, \`FORCE_COLOR\` | no colours, or colours whatever the terminal says |
`;
  await expect(page).toMatchFileSnapshot('../../docs/configuration.md');
});

test('docs/cli.md', async () => {
  const sections: string[] = [];
  const add = (command: Command, call: string) => {
    command.name(call).configureHelp({ helpWidth: 100 });
    let help = '';
    command.configureOutput({
      writeOut: (text) => {
        help += text;
      },
      getOutHasColors: () => false,
    });
    const below = command
      .createHelp()
      .visibleCommands(command)
      .map((one) => ({ one, call: `${call} ${one.name()}` }));
    command.outputHelp();
    sections.push(`## ${call}\n\n\`\`\`\n${help.trim()}\n\`\`\``);
    for (const { one, call } of below) {
      one.parent = null;
      add(one, call);
    }
  };
  for (const [name, { load }] of Object.entries(COMMANDS)) add(await load(), `minispark ${name}`);
  const page = `# Command line

\`minispark <command> --help\` prints what stands here.

Progress, warnings, errors and the table at the end go to stderr, so that stdout is the job's own. On a terminal progress is redrawn in
place; elsewhere a line comes every five seconds.

| exit code | meaning |
| --- | --- |
| 0 | done |
| 1 | the job failed |
| 2 | wrong usage: an unknown option, argument, configuration key or master, or no such job file |
| 130 | Ctrl-C: the first ends the job and cleans up, the second leaves at once |
| 143 | SIGTERM, while a job ran; \`scheduler\` and \`worker\` stop cleanly and end with 0 |

${sections.join('\n\n')}
`;
  await expect(page).toMatchFileSnapshot('../../docs/cli.md');
});

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PAGES = ['README.md', ...readdirSync(join(ROOT, 'docs')).map((name) => `docs/${name}`)];
const read = (page: string) => readFileSync(join(ROOT, page), 'utf8');

/** As links name them: `## From plan to stages` is #from-plan-to-stages. */
const anchorsOf = (page: string) =>
  [...read(page).matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
    title
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );

test('links lead somewhere, and the README to every page', () => {
  const links = PAGES.flatMap((page) =>
    [...read(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => ({ page, link })).filter(({ link }) => !/^https?:/.test(link)),
  );
  const broken = links.filter(({ page, link }) => {
    const [path, anchor] = link.split('#');
    const target = path === '' ? page : join(dirname(page), path);
    return !existsSync(join(ROOT, target)) || (anchor !== undefined && !anchorsOf(target).includes(anchor));
  });
  expect(broken).toEqual([]);
  const linked = links.filter(({ page }) => page === 'README.md').map(({ link }) => link.split('#')[0]);
  expect(PAGES.filter((page) => page !== 'README.md' && !linked.includes(page))).toEqual([]);
});

test('files that pages name exist', () => {
  const files = ['src', 'test', 'jobs', 'labs', 'bench', 'proto', 'bin'].flatMap((dir) =>
    readdirSync(join(ROOT, dir), { recursive: true, encoding: 'utf8' }).map((name) => `${dir}/${name}`),
  );
  const unknown = PAGES.flatMap((page) =>
    [...read(page).matchAll(/`([\w./-]+\.(?:ts|mjs|proto))`/g)]
      .map(([, name]) => name)
      .filter((name) => !files.some((file) => `/${file}`.endsWith(`/${name}`)))
      .map((name) => `${page}: ${name}`),
  );
  // What a reader saves an example as.
  expect(unknown.sort()).toEqual(['README.md: latency.ts', 'docs/jobs.md: cities.ts', 'docs/jobs.md: script.mjs']);
});

test('docs/architecture.md names every rule of the optimizer', () => {
  const page = read('docs/architecture.md');
  const rules = readdirSync(resolve(ROOT, 'src/planner/optimizer')).map((name) => basename(name, '.ts'));
  expect(rules.filter((name) => !['optimize', 'rule', 'tree'].includes(name) && !page.includes(name))).toEqual([]);
});
