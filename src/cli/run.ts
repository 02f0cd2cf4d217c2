/**
 * Owns: which command was called, and what its failure prints. Receives the arguments, gives the exit code.
 * Only the called command's file is loaded, so that each starts as fast as it can.
 */
import { createRequire } from 'node:module';
import { Command, CommanderError } from 'commander';
import { asMinisparkError } from '../core/errors.js';
import { paintFor } from '../observability/paint.js';
import { errorText } from './error-text.js';
import { CommandEnd, EXIT, exitCodeOf } from './exit-codes.js';

interface CommandEntry {
  readonly description: string;
  readonly load: () => Promise<Command>;
}

/** Name → its one-line description and its file. docs/cli.md prints them in this order. */
export const COMMANDS: Readonly<Record<string, CommandEntry>> = {
  submit: { description: 'run a job file', load: async () => (await import('./submit.js')).submitCommand() },
  explain: { description: 'show the plan of a job without running it', load: async () => (await import('./explain.js')).explainCommand() },
  scheduler: { description: 'start the scheduler of a cluster', load: async () => (await import('./scheduler.js')).schedulerCommand() },
  worker: { description: 'start a worker and join a cluster', load: async () => (await import('./worker.js')).workerCommand() },
  lab: { description: 'run experiments and compare configurations', load: async () => (await import('./lab.js')).labCommand() },
  'shuffle-service': {
    description: 'keep shuffle blocks for longer than workers live',
    load: async () => (await import('./shuffle-service.js')).shuffleServiceCommand(),
  },
  datagen: { description: 'write made-up data to try things on', load: async () => (await import('./datagen.js')).datagenCommand() },
};

/** Never throws; everything that goes wrong is printed to stderr and told by the code. */
export async function run(argv: readonly string[]): Promise<number> {
  try {
    // `help submit` is `submit --help`: only a called command is loaded and knows its options.
    const args = argv[0] === 'help' ? [...argv.slice(1, 3), '--help'] : argv;
    const program = await buildProgram(args);
    await program.parseAsync(args, { from: 'user' });
    return EXIT.done;
  } catch (thrown) {
    if (thrown instanceof CommandEnd) return thrown.code;
    // Commander has printed its own message by now; 0 is help and version.
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? EXIT.done : EXIT.usage;
    const error = asMinisparkError(thrown);
    const verbose = argv.includes('--verbose') || argv.includes('-v');
    process.stderr.write(errorText(error, { paint: paintFor(process.stderr), verbose }));
    return exitCodeOf(error);
  }
}

async function buildProgram(argv: readonly string[]): Promise<Command> {
  const program = new Command('minispark')
    .description('A Spark-style distributed batch engine: DataFrames, stages, Arrow shuffle, real worker processes.')
    .version(readVersion(), '-V, --version')
    .usage('<command> [options]')
    .helpCommand(false)
    .enablePositionalOptions()
    .addHelpText('after', '\n`minispark <command> --help` tells more of each.');
  for (const [name, { description, load }] of Object.entries(COMMANDS)) {
    program.addCommand(name === argv[0] ? await load() : new Command(name).description(description));
  }
  prepare(program);
  return program;
}

function prepare(command: Command): void {
  for (const below of command.commands) prepare(below);
  const paint = paintFor(process.stderr);
  command.exitOverride().configureOutput({
    outputError: (text, write) => {
      const [, message, suggestion] = /^error: ([\s\S]*?)(?:\n\((.*)\))?\s*$/.exec(text) ?? [text, text.trim()];
      const hint = suggestion ?? `\`${callOf(command)} --help\` shows what there is.`;
      write(`${paint.red(paint.bold('error:'))} ${message}\n\n${paint.cyan('hint:')} ${hint}\n`);
    },
  });
}

/** `minispark lab run` */
function callOf(command: Command): string {
  return command.parent ? `${callOf(command.parent)} ${command.name()}` : command.name();
}

function readVersion(): string {
  // The package's own name finds its package.json from src/ and from dist/ alike.
  return (createRequire(import.meta.url)('minispark/package.json') as { version: string }).version;
}
