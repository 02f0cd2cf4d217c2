/** Owns: `minispark shuffle-service`: the process of a host that keeps and serves the shuffle blocks of its workers, so that they outlive them. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { parseDuration } from '../core/config.js';
import { tokenFileOption } from './conf-option.js';
import { serveUntilStopped, wholeNumber } from './serve.js';

interface ServiceOptions {
  readonly host: string;
  readonly port: number;
  readonly dir?: string;
  readonly tokenFile?: string;
  readonly retain: number;
}

export function shuffleServiceCommand(): Command {
  return new Command('shuffle-service')
    .description(
      'Start the shuffle service of a host: `worker --shuffle-service` writes its shuffle blocks there, and they outlive it. Ends on Ctrl-C or SIGTERM.',
    )
    .option('--host <host>', 'address to listen on, at which others fetch blocks', '127.0.0.1')
    .option('--port <port>', 'port to listen on; 0 takes any that is free', wholeNumber(0, 65_535), 7078)
    .option('--dir <dir>', "directory for the blocks (default: the system's temporary one)")
    .addOption(tokenFileOption("file with the cluster's secret"))
    .addOption(
      new Option('--retain <time>', 'how long blocks of a worker that left are kept when nobody tells of the end of their job')
        .argParser(duration)
        .default(3_600_000, '1h'),
    )
    .option('-v, --verbose', 'show stacks of errors')
    .action(async ({ host, port, dir, tokenFile, retain }: ServiceOptions) => {
      const { runShuffleService } = await import('../runtime/driver/standalone.js');
      await serveUntilStopped(async () => {
        const service = await runShuffleService({ host, port, dir, tokenFile, retainMs: retain });
        process.stdout.write(`shuffle service listens on ${service.endpoint}, keeps blocks in ${service.root}\n`);
        return service;
      });
    });
}

function duration(text: string): number {
  const ms = parseDuration(text);
  if (ms > 0) return ms;
  throw new InvalidArgumentError('It takes a time such as 500ms, 10s, 5m or 1h.');
}
