/** Owns: how results are printed: Markdown tables, which a terminal shows as well. */
import { spawnSync } from 'node:child_process';
import { arch, availableParallelism, cpus, loadavg, platform, totalmem } from 'node:os';
import process from 'node:process';
import { formatMebibytes, formatSeconds, formatSpread } from './statistics.mjs';

const MARKS = new Map([
  [true, '✔'],
  [false, '✖'],
  [null, ''],
]);

/** What was measured and on what: figures of one line may be compared, those of two may not. */
export function machineLine(root, { size, reps }) {
  const [cpu] = cpus();
  const load = loadavg()[0].toFixed(1);
  return [
    `${availableParallelism()} cores${cpu ? ` (${cpu.model.trim()})` : ''}`,
    `${(totalmem() / 2 ** 30).toFixed(0)} GiB`,
    `${platform()} ${arch()}`,
    `node ${process.versions.node}`,
    `commit ${commitOf(root)}`,
    `text of ${size}`,
    reps === 1 ? 'one run each' : `${reps} runs each`,
    `load before ${load}`,
  ].join(' · ');
}

function commitOf(root) {
  const git = (...args) => spawnSync('git', args, { cwd: root, encoding: 'utf8' });
  const { status, stdout } = git('rev-parse', '--short', 'HEAD');
  if (status !== 0) return 'unknown';
  return `${stdout.trim()}${git('status', '--porcelain', 'src', 'bench', 'package-lock.json').stdout === '' ? '' : ' and changes'}`;
}

/** The section of one benchmark: title, table of runs, bounds. */
export function section({ name, title }, { rows, checks, note }) {
  const parts = [`### ${name}: ${title}`];
  if (rows.length > 0) parts.push(table(['', 'wall, s (least–most)', 'CPU, s', 'peak memory'], rows.map(runCells)));
  if (checks.length > 0) parts.push(table(['', 'measured', 'bound', ''], checks.map(checkCells)));
  if (note !== undefined) parts.push(note);
  return parts.join('\n\n');
}

function runCells({ name, missing, wall, cpu, memory }) {
  if (missing !== undefined) return [name, missing, '', ''];
  return [
    name,
    formatSpread(wall, formatSeconds),
    cpu === null ? '–' : formatSeconds(cpu),
    memory === null ? '–' : formatMebibytes(memory),
  ];
}

function checkCells({ what, value, unit, format, bound, ok }) {
  const text = typeof value === 'string' ? value : `${formatSpread(value, format)}${unit === undefined ? '' : ` ${unit}`}`;
  return [what, text, bound, MARKS.get(ok)];
}

function table(head, rows) {
  const widths = head.map((title, i) => Math.max(title.length, 3, ...rows.map((row) => row[i].length)));
  const line = (cells) => `| ${cells.map((cell, i) => cell.padEnd(widths[i])).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}
