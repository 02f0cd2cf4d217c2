/** Owns: `minispark worker`: one worker process that joins a scheduler and runs tasks in its threads until told to leave. */
import { availableParallelism } from 'node:os';
import { Command, Option } from 'commander';
import type { WorkerProcessOptions } from '../runtime/driver/standalone.js';
import { tokenFileOption } from './conf-option.js';
import { serveUntilStopped, wholeNumber } from './serve.js';

export function workerCommand(): Command {
  return (
    new Command('worker')
      .description('Start a worker and join a scheduler. On Ctrl-C or SIGTERM it leaves: its tasks run again elsewhere.')
      .requiredOption('--scheduler <address>', 'the scheduler, such as localhost:7077; it must be given')
      .addOption(
        new Option('--threads <count>', 'tasks that it runs at a time')
          .argParser(wholeNumber(1, 1024))
          .default(availableParallelism(), 'one for each core'),
      )
      .option('--host <host>', 'address at which other workers fetch its shuffle blocks', '127.0.0.1')
      .option('--dir <dir>', "directory for shuffle and spill files (default: the system's temporary one)")
      .addOption(tokenFileOption("file with the cluster's secret"))
      .option(
        '--shuffle-service <address>',
        "this host's shuffle service, such as localhost:7078: it gets the worker's shuffle blocks, which then outlive the worker",
      )
      .option('-v, --verbose', 'show stacks of errors')
      // How a local cluster tells its workers apart.
      .addOption(new Option('--id <name>').hideHelp())
      .action(async (options: WorkerProcessOptions) => {
        const { scheduler, threads } = options;
        const { runWorker } = await import('../runtime/driver/standalone.js');
        await serveUntilStopped(async (signal) => {
          const worker = await runWorker({ ...options, signal });
          process.stdout.write(`${worker.id} runs ${threads} ${threads === 1 ? 'task' : 'tasks'} at a time for ${scheduler}\n`);
          return worker;
        });
      })
  );
}
