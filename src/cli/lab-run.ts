/** Owns: `minispark lab run`: finding the lab, showing how far it is, and where its report lies. */
import { relative } from 'node:path';
import { Command } from 'commander';
import { findLab } from '../lab/find-lab.js';
import type { Lab } from '../lab/lab-file.js';
import { scorePredictions } from '../lab/predict/predictions.js';
import { type LabOutcome, runLab } from '../lab/run-lab.js';
import { paintFor } from '../observability/paint.js';
import { CommandEnd, EXIT } from './exit-codes.js';
import { catchInterrupts } from './interrupt.js';
import { showLab } from './lab-progress.js';
import { scoreText } from './lab-score.js';
import { wholeNumber } from './serve.js';

interface RunOptions {
  readonly repeat?: number;
  readonly out?: string;
  readonly quick?: boolean;
  readonly fresh?: boolean;
}

export function labRunCommand(): Command {
  return new Command('run')
    .description('Run every cell of a lab, each as a process of its own, and write a report. What an earlier call finished is kept.')
    .argument('<lab>', 'a name of `lab list`, or a YAML file')
    .option('--repeat <count>', 'runs of each cell (default: what the lab says, or 3)', wholeNumber(1, 1000))
    .option('--out <dir>', 'directory for runs and report (default: out/lab/NAME)')
    .option('--quick', 'the small form of the lab')
    .option('--fresh', 'remove the runs that are there and start over')
    .option('-v, --verbose', 'show stacks of errors')
    .addHelpText('after', '\nExit codes: 0 done, 1 a run failed, 2 wrong usage or a fault in the lab file, 130 Ctrl-C.')
    .action(run);
}

async function run(name: string, options: RunOptions): Promise<void> {
  const quick = options.quick ?? false;
  const lab = findLab(name, { quick });
  const out = options.out ?? defaultDirectory(lab, quick);
  const repeat = options.repeat ?? lab.repeat;
  const show = showLab(lab);
  const interrupt = catchInterrupts(() => show.say('ending the run; Ctrl-C again leaves at once'));
  try {
    const failed = await runLab(
      { lab, out, repeat, fresh: options.fresh ?? false, signal: interrupt.signal, onProgress: show.onProgress },
      async (outcome) => {
        show.close();
        await report(outcome);
        return outcome.results.filter(({ error }) => error !== null).length;
      },
    );
    if (failed > 0) throw new CommandEnd(EXIT.failed);
  } catch (thrown) {
    const end = interrupt.end();
    if (end) show.say('What has finished is kept: the same command goes on from here.');
    throw end ?? thrown;
  } finally {
    show.close();
    interrupt.release();
  }
}

export const defaultDirectory = (lab: Lab, quick: boolean): string => `out/lab/${lab.name}${quick ? '-quick' : ''}`;

async function report(outcome: LabOutcome): Promise<void> {
  const { writeReport } = await import('../lab/report/write-report.js');
  const { page, files } = writeReport(outcome);
  const shown = (path: string) => relative(process.cwd(), path) || path;
  const predictions = scorePredictions(outcome);
  if (predictions) process.stdout.write(`${scoreText(predictions, paintFor(process.stdout))}\n`);
  process.stdout.write(`report: ${shown(page)}\n${files.map((path) => `        ${shown(path)}\n`).join('')}`);
}
