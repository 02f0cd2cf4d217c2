/** Owns: `minispark lab list`: the labs that come with minispark. */
import { Command } from 'commander';
import { shippedLabs } from '../lab/find-lab.js';
import { cellsOf } from '../lab/matrix.js';
import { alignColumns } from '../observability/columns.js';
import { paintFor } from '../observability/paint.js';

export function labListCommand(): Command {
  return new Command('list').description('List the labs that come with minispark.').action(() => {
    const paint = paintFor(process.stdout);
    const rows = shippedLabs().map((lab) => [lab.name, lab.title, String(cellsOf(lab).length), lab.time]);
    const [head, ...lines] = alignColumns(['lab', 'title', 'cells', 'time'], rows, [false, false, true, true]);
    process.stdout.write(`${[paint.dim(head), ...lines].join('\n')}\n`);
  });
}
