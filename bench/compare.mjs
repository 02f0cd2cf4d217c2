/** Owns: contenders taking turns. A contender is {name, run({sampleMemory})}, or {name, missing: why} if it is not there. */
import { pairedRatio, spread } from './statistics.mjs';

/**
 * One round that is not timed (it warms the disk's cache and samples memory), then `reps` rounds A B … A B …
 * Gives a row a contender: {name, seconds: number[], wall, cpu, memory}, or {name, missing}.
 */
export async function takeTurns(contenders, { reps, tell }) {
  const rows = contenders.map(({ name, missing }) => ({ name, missing, seconds: [], cpuSeconds: [], memory: null }));
  for (let round = 0; round <= reps; round++) {
    for (const [i, contender] of contenders.entries()) {
      if (contender.missing !== undefined) continue;
      tell(`${contender.name}: ${round === 0 ? 'warming up' : `run ${round} of ${reps}`}`);
      const measured = await contender.run({ sampleMemory: round === 0 });
      if (round === 0) rows[i].memory = measured.memory;
      else {
        rows[i].seconds.push(measured.seconds);
        rows[i].cpuSeconds.push(measured.cpuSeconds);
      }
    }
  }
  return rows.map((row) => ({ ...row, wall: spread(row.seconds), cpu: spread(row.cpuSeconds)?.median ?? null }));
}

/** How the wall time of one row compares with that of another, or null if one is missing. */
export function ratioOf(row, other) {
  return row.missing || other.missing ? null : pairedRatio(row.seconds, other.seconds);
}

/** A ratio as a check of the report; without `atMost` it only informs. Null (a peer is missing) is told as such. */
export function ratioCheck(what, ratio, atMost) {
  const bound = atMost === undefined ? '' : `≤ ${atMost}`;
  if (ratio === null) return { what, value: 'not installed', bound, ok: null };
  return { what, value: ratio, bound, ok: atMost === undefined ? null : ratio.median <= atMost };
}

/** What a session printed: a line of JSON a run. */
export const linesOf = ({ out }) => out.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []));

/** A contender that keeps what `timesOf` makes of the lines of each timed round, in `times`. */
export function timed(name, run, timesOf) {
  const times = [];
  return {
    name,
    times,
    async run(options) {
      const measured = await run(options);
      if (!options.sampleMemory) times.push(timesOf(linesOf(measured)));
      return measured;
    },
  };
}
