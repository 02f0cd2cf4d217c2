/**
 * Owns: damage to shuffle files between the two stages of a real job. The job's last maps wait for a file, so that files are damaged when
 * they are written and before anybody reads them. Gives the job at its end, its answer found right.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { EventOf } from '../../src/core/events.js';
import { FIXTURES, filesBelow, outputLines, type Started, start, within } from './processes.js';

/** Sums of 0 to 239 by their remainder of 7. */
const ANSWER = ['0:4165', '1:4200', '2:3995', '3:4029', '4:4063', '5:4097', '6:4131'];
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

export interface Place {
  /** All files of a case are below it. */
  readonly own: string;
  readonly env: { readonly TMPDIR: string };
}

export function newPlace(dir: string): Place {
  const own = mkdtempSync(join(dir, 'case-'));
  mkdirSync(join(own, 'tmp'));
  return { own, env: { TMPDIR: join(own, 'tmp') } };
}

/** Runs the job and, when the free maps are through, does the nth damage to the file of map n. */
export async function runDamaged({ own, env }: Place, options: readonly string[], damage: readonly Damage[]) {
  const [output, gate] = [join(own, 'out'), join(own, 'gate')];
  const held = ['--output', output, '--gate', gate, '--hold', 'map', '--free', String(FREE)];
  const job = start(['submit', '--json', '--conf', 'adaptive=false', ...options, join(FIXTURES, 'gated.ts'), ...held], { env });
  await job.until('the free maps finished', () => finishedMaps(job).length >= FREE);
  for (const [map, { suffix, act }] of damage.entries()) {
    const files = filesBelow(own).filter((path) => path.endsWith(`/shuffle-0/map-${map}-0${suffix}`));
    expect(files).toHaveLength(1);
    act(join(own, files[0]));
  }
  writeFileSync(gate, '');
  expect(await within(60_000, 'the end of the job', job.ended)).toMatchObject({ code: 0 });
  expect(outputLines(output).sort()).toEqual(ANSWER);
  const again = finishedMaps(job).filter(({ task }) => task.attempt > 0);
  return {
    lost: job.events.flatMap((event) => (event.kind === 'shuffle-lost' ? event.maps : [])),
    again: again.map(({ task }) => task.partition),
    remoteBytes: job.events.reduce((sum, event) => sum + (event.kind === 'task-finished' ? event.metrics.shuffleRemoteBytes : 0), 0),
  };
}

const finishedMaps = (job: Started): EventOf<'task-finished'>[] =>
  job.events.filter((event): event is EventOf<'task-finished'> => event.kind === 'task-finished' && event.task.stage === 0);
