/** Owns: `minispark explain`: the plans of a job's actions on stdout, without running them. */
import { Command, Option } from 'commander';
import { EXPLAIN_MODES, type ExplainMode } from '../frontend/api/backend.js';
import { addJobOptions, type JobOptions, tokenFileFor } from './conf-option.js';
import { catchInterrupts } from './interrupt.js';
import { printJobHelp, wantsHelp } from './job-help.js';
import { withPlaceOfOption } from './misplaced-option.js';

interface ExplainOptions extends JobOptions {
  readonly mode: ExplainMode;
}

export function explainCommand(): Command {
  const command: Command = new Command('explain')
    .description(
      'Show the plan of each action of a job without running it. Mode extended adds the plans before it, codegen the JavaScript that would run, why the numbers that decided each choice.',
    )
    .argument('<file>', 'the job: a TypeScript or JavaScript file')
    .argument('[args...]', "the job's own arguments; `explain FILE --help` lists them")
    .usage('[options] <file> [arguments of the job]')
    .passThroughOptions()
    .addOption(new Option('--mode <mode>', 'how much to show').choices(EXPLAIN_MODES).default('simple'));
  return addJobOptions(command).action(async (file: string, jobArgs: string[], options: ExplainOptions) => {
    if (wantsHelp(jobArgs)) {
      await printJobHelp('explain', file);
      return;
    }
    const tokenFile = tokenFileFor(options);
    const { submitJob } = await import('../runtime/driver/submit.js');
    const interrupt = catchInterrupts(() => {});
    const plans = plansAlone();
    try {
      await submitJob({
        file,
        master: options.master,
        config: { ...options.conf },
        jobArgs,
        tokenFile,
        signal: interrupt.signal,
        onEvent() {},
        warn: (text) => process.stderr.write(`warning: ${text}\n`),
        explain: { mode: options.mode, print: plans.print },
      });
    } catch (thrown) {
      throw interrupt.end() ?? withPlaceOfOption(thrown, command, jobArgs);
    } finally {
      interrupt.release();
      plans.release();
    }
  });
}

/** stdout is for the plans: what the job prints there is sent to stderr meanwhile. */
function plansAlone(): { print(text: string): void; release(): void } {
  const write = process.stdout.write;
  process.stdout.write = process.stderr.write.bind(process.stderr);
  return {
    print: (text) => write.call(process.stdout, `${text}\n`),
    release() {
      process.stdout.write = write;
    },
  };
}
