/** Owns: `minispark lab grade-run`, which `lab grade` calls for each run; people do not. */
import { writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { gradeRun, type RunSpec } from '../lab/grade/grade-run.js';
import { catchInterrupts } from './interrupt.js';

export function labGradeRunCommand(): Command {
  return new Command('grade-run')
    .argument('<result>')
    .argument('<spec>')
    .action(async (result: string, spec: string) => {
      const interrupt = catchInterrupts(() => {});
      try {
        writeFileSync(result, JSON.stringify(await gradeRun(JSON.parse(spec) as RunSpec, interrupt.signal)));
      } finally {
        interrupt.release();
      }
    });
}
