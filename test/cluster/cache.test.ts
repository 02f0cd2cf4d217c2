/** Cached partitions on real processes: found again, fetched from others, computed again where their worker was killed, freed with the session. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { clusterForEachTest, eventually, FIXTURES, filesBelow, type Started, start, within } from './processes.js';

const clusters = clusterForEachTest();

const ANSWER = '30000 rows, sum 899910000';

/** A run of the job whose rounds begin when the test says. */
class Rounds {
  readonly tmp = mkdtempSync(join(clusters.dir, 'case-'));
  readonly env = { TMPDIR: this.tmp };
  job!: Started;

  begin(master: string, ...args: string[]): void {
    const command = ['submit', '--json', '--master', master, join(FIXTURES, 'cached.ts'), '--gate', join(this.tmp, 'gate'), ...args];
    this.job = start(command, { env: this.env });
  }

  /** Gives what the round computed so far. */
  async run(round: number): Promise<number> {
    writeFileSync(join(this.tmp, `gate${round}`), '');
    const line = await this.job.until(`round ${round}`, ({ stderr }) => new RegExp(`round ${round}: (.*), computed (\\d+)`).exec(stderr));
    expect(line[1]).toBe(ANSWER);
    return Number(line[2]);
  }

  async end(): Promise<void> {
    const { code, stderr } = await within(30_000, 'the end of the job', this.job.ended);
    expect(stderr).not.toContain('error');
    expect(code).toBe(0);
  }
}

test.each(['MEMORY_AND_DISK', 'DISK_ONLY'])('a killed worker’s cached partitions, %s, are computed again, and only they', async (level) => {
  const rounds = new Rounds();
  const cluster = await clusters.start(2, { env: rounds.env });
  rounds.begin(cluster.master, '--level', level, '--rounds', '4');
  expect(await rounds.run(0)).toBe(60_000);
  expect(await rounds.run(1)).toBe(60_000);
  const [victim] = cluster.workers;
  const id = /^(\S+) runs/.exec(victim.stdout)![1];
  const held = rounds.job.eventsOf('cache-stored').filter(({ worker }) => worker === id).length;
  expect(held).toBeGreaterThan(0);
  expect(held).toBeLessThan(12);
  victim.kill('SIGKILL');
  await cluster.scheduler.until('its loss', ({ stdout }) => stdout.includes('is gone'));
  // All of the stage below runs again, for the partitions that are gone.
  expect(await rounds.run(2)).toBe(120_000);
  expect(await rounds.run(3)).toBe(120_000);
  await rounds.end();
  expect(rounds.job.eventsOf('cache-used').map(({ found, lost }) => [found, lost])).toEqual([
    [0, 0],
    [12, 0],
    [12 - held, held],
    [12, 0],
  ]);
  expect(rounds.job.eventsOf('cache-stored').filter(({ again }) => again)).toHaveLength(held);
  const left = () => filesBelow(rounds.tmp).filter((file) => file.includes('cache-') && !file.includes(id));
  await eventually('what was cached is gone with the session', () => left().length === 0);
});

test('without a cache every round computes all', async () => {
  const rounds = new Rounds();
  rounds.begin('local[2]', '--cache', 'false');
  for (let round = 0; round < 3; round++) expect(await rounds.run(round)).toBe(60_000 * (round + 1));
  await rounds.end();
  expect(rounds.job.eventsOf('cache-used')).toEqual([]);
});

test.each(['local[2]', 'local-cluster[2,1]'])('on %s', async (master) => {
  const rounds = new Rounds();
  rounds.begin(master);
  for (let round = 0; round < 3; round++) expect(await rounds.run(round)).toBe(60_000);
  await rounds.end();
  expect(rounds.job.eventsOf('cache-used').map(({ found }) => found)).toEqual([0, 12, 12]);
  expect(filesBelow(rounds.tmp).filter((file) => file.includes('cache-'))).toEqual([]);
});

test('a worker killed in the middle of a job that reads what it cached costs no answer', async () => {
  const rounds = new Rounds();
  const cluster = await clusters.start(2, { env: rounds.env });
  rounds.begin(cluster.master, '--rounds', '4');
  await rounds.run(0);
  for (let round = 1; round < 3; round++) {
    const running = rounds.run(round);
    await rounds.job.until('the round', () => rounds.job.eventsOf('cache-used').length === round + 1);
    if (round === 1) cluster.workers[0].kill('SIGKILL');
    await running;
  }
  await rounds.run(3);
  await rounds.end();
  const used = rounds.job.eventsOf('cache-used');
  expect(used[3]).toMatchObject({ found: 12, lost: 0 });
});

test('what a local checkpoint loses with a worker is a named error', async () => {
  const rounds = new Rounds();
  const cluster = await clusters.start(2, { env: rounds.env });
  rounds.begin(cluster.master, '--checkpoint', '--rounds', '2');
  expect(await rounds.run(0)).toBe(60_000);
  cluster.workers[0].kill('SIGKILL');
  await cluster.scheduler.until('its loss', ({ stdout }) => stdout.includes('is gone'));
  writeFileSync(join(rounds.tmp, 'gate1'), '');
  const { code, stderr } = await within(30_000, 'the end of the job', rounds.job.ended);
  expect(stderr).toContain('[CHECKPOINT_LOST]');
  expect(code).toBe(1);
});
