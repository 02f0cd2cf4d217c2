/**
 * Owns: what a whole process group uses, read from /proc (Linux; null elsewhere). A run leads a group of its own, so that its workers are
 * found even after their parent has died.
 */
import { readdirSync, readFileSync } from 'node:fs';

const HAS_PROC = process.platform === 'linux';
const PAGE_BYTES = 4096;
/** Clock ticks a second in /proc/…/stat: fixed on every Linux that Node runs on. */
const TICKS = 100;

/**
 * Bytes of memory of all its processes now: of each what it shares with no file, and once the most that any shares (the program itself).
 * Cheap, unlike the exact proportional size, for which the kernel holds the process up. Null where there is no /proc.
 */
export function readGroupMemory(group: number): number | null {
  if (!HAS_PROC) return null;
  let [own, shared] = [0, 0];
  for (const pid of readdirSync('/proc')) {
    if (!/^\d/.test(pid) || Number(statFields(pid)[2]) !== group) continue;
    const [, resident, backed] = readOrEmpty(`/proc/${pid}/statm`).split(' ').map(Number);
    if (!(resident > 0)) continue;
    own += resident - backed;
    shared = Math.max(shared, backed);
  }
  return (own + shared) * PAGE_BYTES;
}

/** CPU milliseconds of the children that this process has waited for, with all that they waited for. Null where there is no /proc. */
export function readChildrenCpu(): number | null {
  if (!HAS_PROC) return null;
  const [user, system] = statFields('self').slice(13, 15);
  return ((Number(user) + Number(system)) / TICKS) * 1000;
}

/** The fields after the command's name, which may hold spaces and brackets: state, parent, group, … */
function statFields(pid: string): string[] {
  const text = readOrEmpty(`/proc/${pid}/stat`);
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}

/** A process may end between the listing and the look. */
function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES') return '';
    throw thrown;
  }
}
