/**
 * Checks the docker cluster as its users meet it: starts it, runs jobs from inside and from the host, kills a worker under a job, ends it;
 * then the same with a shuffle service (cluster/shuffle-service.yaml), which a killed worker's blocks outlive.
 * Needs docker and a built dist/. Prints a line a check and, last, `N passed, N failed`; exits with 1 where one failed.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');
const OUT = 'out/docker';
const SERVICES = ['scheduler', 'worker-1', 'worker-2', 'worker-3'];
const MASTER = ['--master', 'grpc://localhost:7077'];
const env = { ...process.env, PWD: ROOT, MINISPARK_USER: process.env.MINISPARK_USER ?? `${process.getuid()}:${process.getgid()}` };
let compose = spawnSync('docker', ['compose', 'version']).status === 0 ? ['docker', 'compose'] : ['docker-compose'];
const BLOCKS = 'cluster/blocks';

let passed = 0;
let failed = 0;

async function check(name, action) {
  const start = Date.now();
  try {
    await action();
    passed++;
    console.log(`ok    ${name} (${((Date.now() - start) / 1000).toFixed(1)} s)`);
  } catch (error) {
    failed++;
    console.log(`FAIL  ${name}\n${error.message.replace(/^/gm, '      ')}`);
  }
}

/** Output of a command that must end with one of `codes` within `seconds`. */
function call(command, { codes = [0], seconds = 120 } = {}) {
  const { status, stdout, stderr, signal } = spawnSync(command[0], command.slice(1), {
    cwd: ROOT,
    env,
    encoding: 'utf8',
    timeout: seconds * 1000,
    maxBuffer: 1 << 26,
  });
  if (!codes.includes(status)) throw new Error(`${command.join(' ')} ended with ${status ?? signal}\n${stdout}${stderr}`);
  return { status, text: stdout + stderr };
}

const dockerCompose = (...args) => call([...compose, ...args], { seconds: 900 });
const minispark = (args, options) => call([process.execPath, 'bin/minispark.js', ...args], options);

function containerOf(service) {
  return call([...compose, 'ps', '-a', '-q', service]).text.trim();
}

function inspect(service, format) {
  return call(['docker', 'inspect', '-f', format, containerOf(service)]).text.trim();
}

/** What the worker in this container calls itself. */
function workerOf(service) {
  const [, id] = [...call([...compose, 'logs', '--no-color', service]).text.matchAll(/(worker-[0-9a-f]+) runs /g)].at(-1) ?? [];
  if (!id) throw new Error(`${service} has not said its name`);
  return id;
}

async function startAll(services) {
  dockerCompose('up', '-d');
  for (const service of services)
    await until(`${service} is healthy`, 90, () => inspect(service, '{{.State.Health.Status}}') === 'healthy');
}

async function until(what, seconds, holds) {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await sleep(250)) if (holds()) return;
  throw new Error(`${what}: not within ${seconds} s`);
}

/** Paths of the blocks that the shuffle service has; what it is removing meanwhile is gone. */
function blocks(directory = join(ROOT, BLOCKS)) {
  let entries;
  try {
    entries = readdirSync(directory, { withFileTypes: true });
  } catch (error) {
    if (error.code === 'ENOENT') return [];
    throw error;
  }
  return entries.flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return blocks(path);
    return entry.name.endsWith('.data') ? [path] : [];
  });
}

/** All lines that a job wrote, in order. */
function written(directory) {
  const path = join(ROOT, directory);
  const parts = readdirSync(path).filter((name) => name.startsWith('part-'));
  return parts
    .sort()
    .map((name) => readFileSync(join(path, name), 'utf8'))
    .join('');
}

function mustEqual(actual, expected) {
  if (expected === '') throw new Error('the local run wrote nothing');
  if (actual !== expected) throw new Error(`${actual.length} characters differ from the ${expected.length} of a local run`);
}

/** Submits with --json and kills worker-2 as soon as it has finished a task. Gives the events. */
async function submitAndKill(args) {
  const victim = workerOf('worker-2');
  const child = spawn(process.execPath, ['bin/minispark.js', 'submit', '--json', ...MASTER, ...args], { cwd: ROOT, env });
  let errors = '';
  child.stderr.on('data', (text) => {
    errors += text;
  });
  let killed = false;
  const events = [];
  const ended = new Promise((resolve) => child.on('close', resolve));
  for await (const line of createInterface({ input: child.stdout })) {
    const event = JSON.parse(line);
    events.push(event);
    if (event.kind !== 'task-finished' || event.worker !== victim || killed) continue;
    killed = true;
    dockerCompose('kill', 'worker-2');
  }
  const code = await ended;
  if (code !== 0) throw new Error(`submit ended with ${code}\n${errors}`);
  const lost = events.some(({ kind }) => kind === 'worker-lost');
  if (!killed || !lost) throw new Error(`the job was over before it could lose a worker (killed: ${killed}, lost: ${lost})`);
  return events;
}

mkdirSync(join(ROOT, OUT), { recursive: true });
rmSync(join(ROOT, 'cluster/token'), { force: true });
const wordcount = (input, output) => ['jobs/wordcount.ts', '--input', input, '--output', `${OUT}/${output}`];
const SMALL = 'jobs/data/*.txt';
const LARGE = `${OUT}/text/*.txt`;
minispark(['datagen', 'text', '--size', '48m', '--files', '6', '--out', `${OUT}/text`, '--overwrite']);
minispark(['submit', '--quiet', ...wordcount(SMALL, 'small')]);
minispark(['submit', '--quiet', ...wordcount(LARGE, 'large')], { seconds: 300 });

try {
  await check('the image builds', () => dockerCompose('build'));
  await check('scheduler and workers start and are healthy', () => startAll(SERVICES));
  await check('the secret is for its owner alone', () => {
    const mode = statSync(join(ROOT, 'cluster/token')).mode & 0o777;
    if (mode !== 0o600) throw new Error(`cluster/token has mode ${mode.toString(8)}`);
  });
  await check('a job submitted inside the cluster', () => {
    dockerCompose('run', '--rm', 'submit', ...wordcount(SMALL, 'inside'));
    mustEqual(written(`${OUT}/inside`), written(`${OUT}/small`));
  });
  await check('a job submitted from the host', () => {
    minispark(['submit', ...MASTER, ...wordcount(SMALL, 'host')]);
    mustEqual(written(`${OUT}/host`), written(`${OUT}/small`));
  });
  await check('a stranger is refused', () => {
    writeFileSync(join(ROOT, OUT, 'wrong-token'), `${'0'.repeat(64)}\n`);
    minispark(['submit', '--token-file', `${OUT}/wrong-token`, ...MASTER, ...wordcount(SMALL, 'stranger')], { codes: [1], seconds: 30 });
  });
  await check('a worker killed under a job costs nothing but time', async () => {
    await submitAndKill(wordcount(LARGE, 'killed'));
    mustEqual(written(`${OUT}/killed`), written(`${OUT}/large`));
  });
  await check('told to stop, a worker and the scheduler end cleanly', () => {
    dockerCompose('stop', 'worker-1', 'scheduler');
    for (const service of ['worker-1', 'scheduler']) {
      const code = inspect(service, '{{.State.ExitCode}}');
      if (code !== '0') throw new Error(`${service} ended with ${code}`);
    }
  });
  compose = [...compose, '-f', 'docker-compose.yml', '-f', 'cluster/shuffle-service.yaml'];
  await check('with a shuffle service all start and are healthy', () => startAll([...SERVICES, 'shuffle-service']));
  await check('a worker killed then loses nothing that it had written', async () => {
    const events = await submitAndKill(wordcount(LARGE, 'served'));
    mustEqual(written(`${OUT}/served`), written(`${OUT}/large`));
    const lost = events.filter(({ kind }) => kind === 'shuffle-lost');
    if (lost.length > 0) throw new Error(`maps ran again: ${JSON.stringify(lost)}`);
  });
  await check('and the service keeps no blocks of a job that is over', () => until(`${BLOCKS} is empty`, 10, () => blocks().length === 0));
  if (failed > 0) console.log(call([...compose, 'logs', '--no-color', '--tail', '50']).text);
} finally {
  dockerCompose('down', '--volumes', '--timeout', '5');
  rmSync(join(ROOT, BLOCKS), { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
