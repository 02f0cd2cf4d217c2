/** Owns: a disk that is full after a few megabytes: a tmpfs of its own, which only root may mount. CI must have it; elsewhere its tests are skipped. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Mounts one of `size` (as mount takes it) and gives its directory, or null where that cannot be. */
export function mountSmallDisk(size: string): string | null {
  const directory = mkdtempSync(join(tmpdir(), 'small-disk-'));
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'minispark-test', directory], { stdio: 'ignore' });
  if (status === 0) return directory;
  rmSync(directory, { recursive: true });
  return null;
}

export function unmountSmallDisk(directory: string): void {
  const { status, stderr } = spawnSync('umount', ['-l', directory], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`umount ${directory}: ${stderr}`);
  rmSync(directory, { recursive: true });
}

/** Whether tests that need one run: in CI they must, and fail where it cannot be mounted. */
export const HAS_SMALL_DISK = ((): boolean => {
  const directory = mountSmallDisk('1m');
  if (directory !== null) unmountSmallDisk(directory);
  return directory !== null || process.env['CI'] !== undefined;
})();
