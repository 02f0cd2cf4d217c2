/** Owns: `minispark lab` and the list of its commands, one a file. */
import { Command } from 'commander';
import { labGradeCommand } from './lab-grade.js';
import { labGradeRunCommand } from './lab-grade-run.js';
import { labListCommand } from './lab-list.js';
import { labPredictCommand } from './lab-predict.js';
import { labRunCommand } from './lab-run.js';

export function labCommand(): Command {
  return new Command('lab')
    .description('Experiments: run a job under a matrix of configurations, and compare what that cost.')
    .helpCommand(false)
    .enablePositionalOptions()
    .addCommand(labListCommand())
    .addCommand(labRunCommand())
    .addCommand(labPredictCommand())
    .addCommand(labGradeCommand())
    .addCommand(labGradeRunCommand(), { hidden: true });
}
