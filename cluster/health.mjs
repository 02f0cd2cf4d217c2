/**
 * Health of a container of the cluster: 0 when it has a socket on the scheduler's port, 7077, 1 when not.
 * The scheduler's listens; a worker's is the one stream that it holds for as long as it belongs to the cluster.
 * Another port may be named: a shuffle service listens on 7078.
 */
import { readFileSync } from 'node:fs';

const PORT = `:${Number(process.argv[2] ?? 7077)
  .toString(16)
  .toUpperCase()
  .padStart(4, '0')}`;
const ESTABLISHED = '01';
const LISTENING = '0A';

const sockets = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((path) => {
  try {
    return readFileSync(path, 'utf8').trim().split('\n').slice(1);
  } catch {
    return [];
  }
});
const healthy = sockets.some((line) => {
  const [, local, remote, state] = line.trim().split(/\s+/);
  return (state === LISTENING && local.endsWith(PORT)) || (state === ESTABLISHED && remote.endsWith(PORT));
});
process.exit(healthy ? 0 : 1);
