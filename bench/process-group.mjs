/**
 * Owns: what a whole process group uses, read from /proc (Linux; null elsewhere).
 * A measured process leads a group of its own, so that its workers are found even after their parent has died.
 */
import { readdirSync, readFileSync } from 'node:fs';
import process from 'node:process';

export const CAN_MEASURE = process.platform === 'linux';
/** Clock ticks a second in /proc/…/stat: fixed on every Linux that Node runs on. */
const TICKS = 100;

/** Bytes of memory of all its processes now; a page that n processes share counts 1/n in each (proportional set size). */
export function readMemory(group) {
  let kibibytes = 0;
  for (const name of readdirSync('/proc')) {
    if (!/^\d/.test(name) || groupOf(name) !== group) continue;
    kibibytes += Number(/^Pss:\s+(\d+) kB/m.exec(readOrEmpty(`/proc/${name}/smaps_rollup`))?.[1] ?? 0);
  }
  return kibibytes * 1024;
}

/** CPU seconds, user and system, of the children that this process has waited for, with all that they waited for. */
export function readChildrenCpu() {
  if (!CAN_MEASURE) return null;
  const [user, system] = statFields('self').slice(13, 15);
  return (Number(user) + Number(system)) / TICKS;
}

function groupOf(pid) {
  return Number(statFields(pid)[2]);
}

/** The fields after the command's name, which may hold spaces and brackets: state, parent, group, … */
function statFields(pid) {
  const text = readOrEmpty(`/proc/${pid}/stat`);
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}

/** A process may end between the listing and the look. */
function readOrEmpty(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
