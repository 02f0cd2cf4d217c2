/** Owns: `submit FILE --help` and `explain FILE --help`: the arguments that a job file declares, as text. */
import type { ArgSpec, ArgSpecs } from '../frontend/api/job.js';
import { alignColumns } from '../observability/columns.js';

export function wantsHelp(jobArgs: readonly string[]): boolean {
  return jobArgs.some((arg) => arg === '--help' || arg === '-h');
}

/** To stdout, for the command of that name. */
export async function printJobHelp(command: string, file: string): Promise<void> {
  const { describeJob } = await import('../runtime/driver/submit.js');
  process.stdout.write(`${jobHelp(command, file, (await describeJob(file)).args ?? {})}\n`);
}

export function jobHelp(command: string, file: string, args: ArgSpecs): string {
  const usage = `Usage: minispark ${command} [options] ${file} [arguments of the job]`;
  const names = Object.entries(args);
  if (names.length === 0) return `${usage}\n\nThis job declares no arguments.`;
  const rows = names.map(([name, spec]) => [`  --${name}${spec.type === 'boolean' ? '' : ` <${spec.type ?? 'string'}>`}`, meaning(spec)]);
  const [, ...lines] = alignColumns(['', ''], rows, [false, false]);
  return `${usage}\n\nArguments of the job:\n${lines.join('\n')}`;
}

function meaning({ description, default: value, required }: ArgSpec): string {
  const note = value !== undefined ? `(default: ${value})` : required ? '(required)' : '';
  return [description, note].filter((part) => part).join(' ');
}
