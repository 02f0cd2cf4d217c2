/** Owns: `minispark submit`: runs a job file, shows how it goes and what it came to, and ends with the code that says so. */
import { Command } from 'commander';
import type { EventListener } from '../core/events.js';
import { toJson } from '../core/json.js';
import { openEventLog } from '../observability/event-log.js';
import { startProgress } from '../observability/progress.js';
import { addJobOptions, configHelp, type JobOptions, tokenFileFor } from './conf-option.js';
import { catchInterrupts } from './interrupt.js';
import { printJobHelp, wantsHelp } from './job-help.js';
import { withPlaceOfOption } from './misplaced-option.js';

interface SubmitOptions extends JobOptions {
  readonly name?: string;
  readonly quiet?: boolean;
  readonly json?: boolean;
  readonly eventLog?: string;
  readonly kill?: readonly string[];
  readonly helpConf?: boolean;
}

export function submitCommand(): Command {
  const command: Command = new Command('submit')
    .description('Run a job file and wait for its end.')
    .argument('[file]', 'a TypeScript or JavaScript file')
    .argument('[args...]', "the job's own arguments; `submit FILE --help` lists them")
    .usage('[options] <file> [arguments of the job]')
    .passThroughOptions();
  addJobOptions(command)
    .option('--name <name>', 'what the job is called in tables and logs')
    .option('-q, --quiet', 'no progress and no table')
    .option('--json', 'events as JSON lines on stdout; what the job prints goes to stderr')
    .option('--event-log <file>', 'keep the events in a file, for reading later')
    .option('--kill <fault>', 'on a local cluster, end a worker: worker@25% when so many tasks are done', collectKill)
    .option('--help-conf', 'list the configuration keys')
    .addHelpText('after', '\nExit codes: 0 done, 1 the job failed, 2 wrong usage, 130 Ctrl-C.');
  return command.action(async (file: string | undefined, args: string[], options: SubmitOptions) => {
    if (options.helpConf) {
      process.stdout.write(`${configHelp()}\n`);
      return;
    }
    if (file === undefined) command.error("error: missing required argument 'file'");
    if (options.quiet && options.json) command.error('error: --quiet and --json cannot be used together');
    if (wantsHelp(args)) {
      await printJobHelp('submit', file);
      return;
    }
    await submit(file, args, options).catch((thrown: unknown) => {
      throw withPlaceOfOption(thrown, command, args);
    });
  });
}

const collectKill = (text: string, before: readonly string[] = []): readonly string[] => [...before, text];

async function submit(file: string, jobArgs: string[], options: SubmitOptions): Promise<void> {
  const tokenFile = tokenFileFor(options);
  const { submitJob } = await import('../runtime/driver/submit.js');
  const log = options.eventLog === undefined ? null : openEventLog(options.eventLog);
  const display = openDisplay(options);
  const interrupt = catchInterrupts(() => display.warn('ending the job; Ctrl-C again leaves at once'));
  try {
    await submitJob({
      file,
      master: options.master,
      config: { ...options.conf },
      jobArgs,
      name: options.name,
      tokenFile,
      kill: options.kill,
      signal: interrupt.signal,
      onEvent: (event) => {
        log?.onEvent(event);
        display.onEvent(event);
      },
      warn: display.warn,
    });
  } catch (thrown) {
    throw interrupt.end() ?? thrown;
  } finally {
    // Before the error is printed: the table belongs above it.
    display.finish();
    log?.close();
    interrupt.release();
  }
}

interface Display {
  readonly onEvent: EventListener;
  readonly warn: (text: string) => void;
  finish(): void;
}

function openDisplay(options: SubmitOptions): Display {
  if (options.quiet) return { onEvent() {}, warn() {}, finish() {} };
  if (options.json) return jsonLines();
  const progress = startProgress(process.stderr, [process.stdout]);
  return { onEvent: progress.onEvent, warn: progress.warn, finish: progress.finish };
}

/** stdout is for the events alone: what the job prints there is sent to stderr meanwhile. */
function jsonLines(): Display {
  const write = process.stdout.write;
  process.stdout.write = process.stderr.write.bind(process.stderr);
  return {
    onEvent: (event) => write.call(process.stdout, `${toJson(event)}\n`),
    warn: (text) => process.stderr.write(`warning: ${text}\n`),
    finish() {
      process.stdout.write = write;
    },
  };
}
