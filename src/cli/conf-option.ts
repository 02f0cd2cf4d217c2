/** Owns: the options that say where and how a job runs, shared by `submit` and `explain`; and the text of --help-conf. */
import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import { CONFIG, Config } from '../core/config.js';
import { userError } from '../core/errors.js';

/** Made by a scheduler that runs beside the job files, as the docker cluster's does. */
const CLUSTER_TOKEN = 'cluster/token';

export interface JobOptions {
  readonly master: string;
  readonly conf?: Readonly<Record<string, string>>;
  readonly tokenFile?: string;
  readonly verbose?: boolean;
}

export function addJobOptions(command: Command): Command {
  return command
    .addOption(
      new Option('-m, --master <master>', 'where it runs: local, local[N], local[*], local-cluster[W,T] or grpc://host:port')
        .env('MINISPARK_MASTER')
        .default('local[*]'),
    )
    .option('-c, --conf <key=value>', 'a configuration key, as often as needed; --help-conf lists them', collectConf)
    .addOption(
      tokenFileOption(`secret of a grpc:// cluster (default: ${CLUSTER_TOKEN}, where that exists and the cluster is on this machine)`),
    )
    .option('-v, --verbose', 'show stacks of errors');
}

export function tokenFileOption(description: string): Option {
  return new Option('--token-file <file>', description).env('MINISPARK_TOKEN_FILE');
}

/** `--conf a=1 --conf b=2`; a later one of the same key wins. */
export function collectConf(text: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  const at = text.indexOf('=');
  if (at <= 0) throw new InvalidArgumentError('It is written key=value, such as memory=512m.');
  const conf = { ...before, [text.slice(0, at).trim()]: text.slice(at + 1).trim() };
  Config.from(conf);
  return conf;
}

/** The file whose secret opens `master`; undefined for local masters and clusters without one. */
export function tokenFileFor(options: JobOptions): string | undefined {
  if (!options.master.startsWith('grpc://')) return undefined;
  if (options.tokenFile !== undefined && !existsSync(options.tokenFile)) {
    throw userError('INVALID_ARGUMENT', `There is no token file ${options.tokenFile}.`, {
      hint: "The scheduler makes it: give its --token-file's path.",
    });
  }
  // The secret of this machine's cluster is not shown to other machines.
  const local = /^grpc:\/\/(localhost|127\.\d+\.\d+\.\d+|\[::1\]):/.test(options.master);
  return options.tokenFile ?? (local && existsSync(CLUSTER_TOKEN) ? CLUSTER_TOKEN : undefined);
}

/** Every key with its default and what it does. */
export function configHelp(): string {
  const keys = Object.entries(CONFIG);
  const width = Math.max(...keys.map(([name]) => name.length));
  const defaults = keys.map(([, key]) => (key.default === '' ? '-' : key.default));
  const defaultWidth = Math.max('default'.length, ...defaults.map((text) => text.length));
  const head = `${'key'.padEnd(width)}  ${'default'.padEnd(defaultWidth)}  meaning`;
  return [head, ...keys.map(([name, key], i) => `${name.padEnd(width)}  ${defaults[i].padEnd(defaultWidth)}  ${key.doc}`)].join('\n');
}
