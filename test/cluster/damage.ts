/**
 * Owns: damage to shuffle files between the two stages of a real job. The job's last maps wait for a file, so that files are damaged when
 * they are written and before anybody reads them. Gives the job at its end, its answer found right.
 */
import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { ANSWER, answer, gated, openGate, type Place } from './gated.js';
import { filesBelow, type Started, start, within } from './processes.js';

/** Maps that do not wait. */
const FREE = 6;

interface Damage {
  /** Of the file: `.data` or `.index`. */
  readonly suffix: string;
  readonly act: (path: string) => void;
}

export const FLIPPED_DATA: Damage = { suffix: '.data', act: flipByte };
export const FLIPPED_INDEX: Damage = { suffix: '.index', act: flipByte };
export const CUT_DATA: Damage = { suffix: '.data', act: (path) => truncateSync(path, readFileSync(path).length >> 1) };
export const NO_INDEX: Damage = { suffix: '.index', act: rmSync };
export const NO_DATA: Damage = { suffix: '.data', act: rmSync };

function flipByte(path: string): void {
  const bytes = readFileSync(path);
  bytes[bytes.length >> 1] ^= 1;
  writeFileSync(path, bytes);
}

/** Runs the job and, when the free maps are through, does the nth damage to the file of map n. */
export async function runDamaged(place: Place, options: readonly string[], damage: readonly Damage[]) {
  const { own, env } = place;
  const held = gated(place, '--hold', 'map', '--free', String(FREE));
  const job = start(['submit', '--json', '--conf', 'adaptive=false', ...options, ...held], { env });
  await job.until('the free maps finished', () => finishedMaps(job).length >= FREE);
  for (const [map, { suffix, act }] of damage.entries()) {
    const files = filesBelow(own).filter((path) => path.endsWith(`/shuffle-0/map-${map}-0${suffix}`));
    expect(files).toHaveLength(1);
    act(join(own, files[0]));
  }
  openGate(place);
  expect(await within(60_000, 'the end of the job', job.ended)).toMatchObject({ code: 0 });
  expect(answer(place)).toEqual(ANSWER);
  const again = finishedMaps(job).filter(({ task }) => task.attempt > 0);
  return {
    lost: job.events.flatMap((event) => (event.kind === 'shuffle-lost' ? event.maps : [])),
    again: again.map(({ task }) => task.partition),
    remoteBytes: job.events.reduce((sum, event) => sum + (event.kind === 'task-finished' ? event.metrics.shuffleRemoteBytes : 0), 0),
  };
}

const finishedMaps = (job: Started) => job.eventsOf('task-finished').filter(({ task }) => task.stage === 0);
