/** Owns: how a lab looks while it runs: on a terminal one line redrawn in place, elsewhere a line a run; and a line for each that failed. */
import { formatBytes, formatDuration } from '../core/units.js';
import type { Lab } from '../lab/lab-file.js';
import type { PlannedRun } from '../lab/matrix.js';
import type { LabProgress } from '../lab/run-lab.js';
import { openLiveBlock } from '../observability/live-block.js';
import { paintFor } from '../observability/paint.js';

const REDRAW_MS = 200;

export interface LabDisplay {
  onProgress(progress: LabProgress): void;
  say(text: string): void;
  close(): void;
}

export function showLab(lab: Lab): LabDisplay {
  const { stderr } = process;
  const paint = paintFor(stderr);
  const block = stderr.isTTY ? openLiveBlock(stderr, [process.stdout]) : null;
  const times: number[] = [];
  let line = (): string => '';
  let announced = false;
  const redraw = (): void => block?.draw([line()]);
  const timer = block && setInterval(redraw, REDRAW_MS);
  const say = (text: string): void => {
    block?.clear();
    stderr.write(`${text}\n`);
  };
  const running = ({ run, done, total }: Extract<LabProgress, { kind: 'run' }>) => {
    const start = performance.now();
    const mean = times.reduce((sum, ms) => sum + ms, 0) / times.length;
    return (): string => {
      const took = performance.now() - start;
      const left = times.length > 0 ? paint.dim(`about ${formatDuration(Math.max(0, mean * (total - done) - took))} left`) : '';
      return `${paint.bold(lab.name)}  run ${done + 1} of ${total}  ${settingsText(run)}  ${formatDuration(took)}  ${left}`;
    };
  };
  return {
    say,
    onProgress(progress) {
      switch (progress.kind) {
        case 'data':
          line = () => `${paint.bold(lab.name)}  making data: ${formatBytes(progress.written)} of ${formatBytes(progress.of)}`;
          break;
        case 'run':
          if (progress.found > 0 && !announced) say(`${progress.found} of ${progress.total} runs are there already.`);
          announced = true;
          line = running(progress);
          break;
        case 'result': {
          const { run, result, done, total } = progress;
          times.push(result.measures.wall ?? 0);
          const end = result.error === null ? formatDuration(result.measures.wall ?? 0) : paint.red(`failed: ${firstLine(result.error)}`);
          if (block === null || result.error !== null) say(`run ${done} of ${total}  ${settingsText(run)}  ${end}`);
          break;
        }
        case 'plans':
          line = () => `${paint.bold(lab.name)}  asking for the plans`;
          break;
        default:
          progress satisfies never;
      }
    },
    close() {
      if (timer) clearInterval(timer);
      block?.close();
    },
  };
}

function settingsText({ cell, repeat }: PlannedRun): string {
  return `${Object.entries(cell.settings)
    .map(([key, value]) => `${key}=${value}`)
    .join(' ')} (${repeat})`;
}

const firstLine = (text: string): string => text.split('\n', 1)[0].replace(/^error: /, '');
