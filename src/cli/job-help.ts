/** Owns: `submit FILE --help`: the arguments that a job file declares, as text. */
import { alignColumns } from '../observability/columns.js';

export interface JobDescription {
  readonly kind: string;
  readonly args: Readonly<Record<string, { readonly default?: unknown; readonly description?: string }>>;
}

export function wantsHelp(jobArgs: readonly string[]): boolean {
  const end = jobArgs.indexOf('--');
  return (end < 0 ? jobArgs : jobArgs.slice(0, end)).some((arg) => arg === '--help' || arg === '-h');
}

export function jobHelp(file: string, job: JobDescription): string {
  const usage = `Usage: minispark submit [options] ${file} [arguments of the job]`;
  const names = Object.entries(job.args);
  if (names.length === 0) return `${usage}\n\nThis job declares no arguments.`;
  const rows = names.map(([name, { default: value, description }]) => [
    `  --${name} <value>`,
    `${description ?? ''}${value === undefined ? '' : ` (default: ${String(value)})`}`.trim(),
  ]);
  const [, ...lines] = alignColumns(['', ''], rows, [false, false]);
  return `${usage}\n\nArguments of the job:\n${lines.join('\n')}`;
}
