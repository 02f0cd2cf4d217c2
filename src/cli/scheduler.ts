/** Owns: `minispark scheduler`: the standing scheduler that workers join and jobs are submitted to. */
import { Command } from 'commander';
import type { EventListener } from '../core/events.js';
import { daemonLine } from '../observability/daemon-log.js';
import { tokenFileOption } from './conf-option.js';
import { ensureTokenFile, serveUntilStopped, wholeNumber } from './serve.js';

interface SchedulerOptions {
  readonly host: string;
  readonly port: number;
  readonly tokenFile?: string;
}

export function schedulerCommand(): Command {
  return new Command('scheduler')
    .description(
      'Start the scheduler of a cluster: workers join it, `submit --master grpc://host:port` sends it jobs. Ends on Ctrl-C or SIGTERM.',
    )
    .option('--host <host>', 'address to listen on', '127.0.0.1')
    .option('--port <port>', 'port to listen on; 0 takes any that is free', wholeNumber(0, 65_535), 7077)
    .addOption(tokenFileOption('file with the secret that workers and jobs must know; made where there is none'))
    .option('-v, --verbose', 'show stacks of errors')
    .action(async ({ host, port, tokenFile }: SchedulerOptions) => {
      if (tokenFile !== undefined) ensureTokenFile(tokenFile);
      const { runScheduler } = await import('../runtime/driver/standalone.js');
      await serveUntilStopped(async () => {
        const scheduler = await runScheduler({ host, port, tokenFile, onEvent: say });
        process.stdout.write(`scheduler listens on grpc://${host}:${scheduler.port}\n${nextSteps(host, scheduler.port, tokenFile)}`);
        return scheduler;
      });
    });
}

/** `0.0.0.0` is no address to call. */
function nextSteps(host: string, port: number, tokenFile: string | undefined): string {
  const at = `${host === '0.0.0.0' || host === '::' ? 'HOST' : host}:${port}`;
  const token = tokenFile === undefined ? '' : ` --token-file ${tokenFile}`;
  return `  workers join with   minispark worker --scheduler ${at}${token}\n  jobs are sent with  minispark submit --master grpc://${at}${token} FILE\n`;
}

const say: EventListener = (event) => {
  const line = daemonLine(event);
  if (line !== null) process.stdout.write(`${line}\n`);
};
