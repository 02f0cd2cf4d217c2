import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BlockStore, cleanAbandoned, openBlockStore } from '../../../src/runtime/shuffle/block-store.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'store-test-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe('BlockStore', () => {
  it('lays files out by job and shuffle, and removes all of them', () => {
    const store = openBlockStore(dir, 'worker-a');
    const path = store.prepareDataPath('job-1', 2, 30, 4);
    expect(path).toBe(join(store.root, 'job-1', 'shuffle-2', 'map-30-4.data'));
    writeFileSync(path, 'x');
    const task = store.taskDir({ job: 'job-1', stage: 1, partition: 2, attempt: 0 });
    mkdirSync(task, { recursive: true });
    store.prepareDataPath('job-2', 0, 0, 0);
    expect(readdirSync(store.root).sort()).toEqual(['job-1', 'job-2', 'owner.json']);
    store.remove();
    expect(existsSync(store.root)).toBe(false);
  });

  it.each(['..', '.', '', 'a/b', '/etc', 'a\0b', '-x', '..\\x'])('refuses the job %j', (job) => {
    const store = new BlockStore('/somewhere');
    expect(() => store.dataPath(job, 0, 0, 0)).toThrow(expect.objectContaining({ condition: 'INVALID_BLOCK_ID' }));
    expect(() => store.jobDir(job)).toThrow(expect.objectContaining({ condition: 'INVALID_BLOCK_ID' }));
  });

  it.each([-1, 1.5, Number.NaN, '../x' as unknown as number])('refuses the map %j', (map) => {
    expect(() => new BlockStore('/somewhere').dataPath('job', 0, map, 0)).toThrow(
      expect.objectContaining({ condition: 'INVALID_BLOCK_ID' }),
    );
  });

  it('says so when the directory cannot be used', () => {
    writeFileSync(join(dir, 'file'), '');
    expect(() => openBlockStore(join(dir, 'file'), 'worker-a')).toThrow(expect.objectContaining({ condition: 'SHUFFLE_DIR_UNUSABLE' }));
  });
});

describe('cleanAbandoned', () => {
  it('removes what dead workers of this host left, and nothing else', () => {
    const alive = openBlockStore(dir, 'worker-alive');
    const base = dirname(alive.root);
    const owner = JSON.parse(readFileSync(join(alive.root, 'owner.json'), 'utf8'));
    const deadPid = Number(execFileSync(process.execPath, ['-p', 'process.pid'], { encoding: 'utf8' }));
    const leave = (name: string, of: object) => {
      mkdirSync(join(base, name, 'job-1'), { recursive: true });
      writeFileSync(join(base, name, 'owner.json'), JSON.stringify(of));
    };
    leave('worker-dead', { ...owner, pid: deadPid });
    leave('worker-of-a-reused-pid', { ...owner, started: '1' });
    leave('worker-elsewhere', { ...owner, pid: deadPid, host: 'another-host' });
    mkdirSync(join(base, 'being-made'));
    expect(cleanAbandoned(dir)).toBe(2);
    expect(readdirSync(base).sort()).toEqual(['being-made', 'worker-alive', 'worker-elsewhere']);
  });

  it.runIf(existsSync('/proc/self/stat'))('takes a process that died and was not waited for as dead', () => {
    const { root } = openBlockStore(dir, 'worker-unreaped');
    const owner = JSON.parse(readFileSync(join(root, 'owner.json'), 'utf8'));
    // The shell becomes `sleep`, which does not wait for the child.
    const script = 'sleep 0 & echo $!; exec sleep 20';
    const parent = spawn('sh', ['-c', script], { stdio: ['ignore', openSync(join(dir, 'pid'), 'w'), 'ignore'] });
    try {
      const stat = (): string[] => readFileSync(`/proc/${readFileSync(join(dir, 'pid'), 'utf8').trim()}/stat`, 'latin1').split(' ');
      const until = Date.now() + 10_000;
      while (readFileSync(join(dir, 'pid'), 'utf8') === '' || stat()[2] !== 'Z') if (Date.now() > until) throw new Error('No zombie.');
      writeFileSync(join(root, 'owner.json'), JSON.stringify({ ...owner, pid: Number(stat()[0]), started: stat()[21] }));
      expect(cleanAbandoned(dir)).toBe(1);
      expect(existsSync(root)).toBe(false);
    } finally {
      parent.kill();
    }
  });

  it('does nothing where there is no directory', () => {
    expect(cleanAbandoned(join(dir, 'none'))).toBe(0);
  });
});
