/** Owns: the process: its arguments in, its exit code out. dist/cli.js is this file. */
import { run } from './run.js';

// A reader that has seen enough (`… | head`) is no fault of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

process.exit(await run(process.argv.slice(2)));
