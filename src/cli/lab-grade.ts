/** Owns: `minispark lab grade`: how a job of a student does against its oracle while workers are killed, as JSON on stdout. */
import { Command, Option } from 'commander';
import type { GradedRun } from '../lab/grade/grade.js';
import { collectConf } from './conf-option.js';
import { CommandEnd, EXIT } from './exit-codes.js';
import { catchInterrupts } from './interrupt.js';
import { wholeNumber } from './serve.js';

interface GradeOptions {
  readonly oracle?: string;
  readonly repeat: number;
  readonly seed?: number;
  readonly master: string;
  readonly conf?: Readonly<Record<string, string>>;
  readonly timeout: number;
  readonly quiet?: boolean;
}

const MOST_SEED = 2 ** 31;

export function labGradeCommand(): Command {
  return new Command('grade')
    .description('Hold the rows of a job against those of a plain function, while workers are killed at points that a seed chooses.')
    .argument('<job>', 'a job file that returns its rows, or writes text to its argument --output')
    .argument('[args...]', 'arguments of the job; the oracle gets them too')
    .usage('[options] <job> [arguments of the job]')
    .passThroughOptions()
    .option('--oracle <file>', 'the file that exports the function `oracle` (default: the job file)')
    .option('--repeat <count>', 'runs with a worker killed', wholeNumber(1, 10_000), 50)
    .option('--seed <number>', 'chooses the points; the same again gives the same (default: any)', wholeNumber(0, MOST_SEED))
    .addOption(new Option('-m, --master <master>', 'a local cluster of two workers or more').default('local-cluster[2,1]'))
    .option('-c, --conf <key=value>', 'a configuration key, as often as needed', collectConf)
    .option('--timeout <seconds>', 'longest time of one run', wholeNumber(1, 86_400), 120)
    .option('-q, --quiet', 'no line a run on stderr')
    .option('-v, --verbose', 'show stacks of errors')
    .addHelpText('after', '\nExit codes: 0 every run gave the expected rows, 1 some did not, 2 wrong usage, 130 Ctrl-C.')
    .action(run);
}

async function run(job: string, args: readonly string[], options: GradeOptions): Promise<void> {
  const { grade } = await import('../lab/grade/grade.js');
  const { oracle = job, repeat, master, conf = {}, seed = Math.floor(Math.random() * MOST_SEED), quiet } = options;
  const say = (text: string): void => void (quiet || process.stderr.write(`${text}\n`));
  const interrupt = catchInterrupts(() => say('ending the run'));
  try {
    const result = await grade({
      ...{ job, oracle, args, master, config: conf, repeat, seed, signal: interrupt.signal },
      timeoutMs: options.timeout * 1000,
      onRun: (graded, of) => say(lineOf(graded, of)),
    });
    process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
    if (result.score < 1) throw new CommandEnd(EXIT.failed);
  } catch (thrown) {
    throw interrupt.end() ?? thrown;
  } finally {
    interrupt.release();
  }
}

function lineOf({ run, seed, kill, killed, equal, difference, error, seconds }: GradedRun, of: number): string {
  const what = run === 0 ? 'undisturbed' : `${run}/${of} seed ${seed} ${kill}${killed || error !== null ? '' : ', over before that'}`;
  const outcome = equal ? 'equal' : (difference?.text ?? error?.split('\n', 1)[0] ?? '');
  return `${what}: ${outcome} (${seconds.toFixed(1)} s)`;
}
