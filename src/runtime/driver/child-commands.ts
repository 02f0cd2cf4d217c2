/** Owns: processes of a local cluster: spawned as commands of this very package, ended with the session. */
import { type ChildProcess, spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageRoot } from '../rpc/proto-path.js';

/**
 * glibc by default keeps freed buffers of up to 32 MiB for itself. Giving those above 1 MiB back at once made a worker that aggregates ten
 * times its memory a sixth smaller, for a twentieth of its CPU time; the buffers of a batch are below that. Other systems do not read it.
 */
const MALLOC = { MALLOC_MMAP_THRESHOLD_: '1048576', MALLOC_TRIM_THRESHOLD_: '1048576' };

/** How long a process may take to leave when told to. */
const LEAVE_MS = 5_000;

/** `onEnd`: told why it ended, or cannot be run, as the rest of a sentence. It ends by itself when this process does. */
export function spawnCommand(args: readonly string[], onEnd: (why: string) => void, stdout: 'ignore' | 'pipe' = 'ignore'): ChildProcess {
  const command = join(packageRoot(dirname(fileURLToPath(import.meta.url))), 'bin', 'minispark.js');
  // The IPC channel is how it learns that this process died.
  const child = spawn(process.execPath, [command, ...args], {
    stdio: ['ignore', stdout, 'pipe', 'ipc'],
    env: { ...MALLOC, ...process.env },
  });
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-2000);
  });
  child.once('exit', (code, signal) => onEnd(`ended with ${signal ?? `code ${code}`}.${said ? `\n${said.trim()}` : ''}`));
  // Without a listener this would end the whole process; it comes instead of `exit` where there was no process.
  child.once('error', (error) => onEnd(`cannot be run: ${error.message}.`));
  return child;
}

/** Resolves when the process is gone. One that has not joined yet is not told by the scheduler, but notices that its channel is closed. */
export async function dismiss(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  if (child.connected) child.disconnect();
  const timer = setTimeout(() => child.kill('SIGKILL'), LEAVE_MS);
  await gone;
  clearTimeout(timer);
}
