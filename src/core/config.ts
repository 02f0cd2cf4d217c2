/**
 * Owns: every configuration key, its type, default and one-line description, and their parsing.
 * A key that is not in the table is refused with the nearest ones. Values travel as strings and are read typed.
 */
import { userError } from './errors.js';
import { didYouMean } from './nearest.js';

interface KeyTypes {
  int: number;
  /** Bytes: `512k`, `64m`, `1g` or a plain number. */
  bytes: number;
  /** Milliseconds: `500ms`, `10s`, `2m`, `1h`; `0` means none. */
  duration: number;
  string: string;
}

interface Key<T extends keyof KeyTypes> {
  readonly type: T;
  readonly default: string;
  readonly min?: number;
  readonly max?: number;
  readonly oneOf?: readonly string[];
  readonly doc: string;
}

/** `allowed`: the least number, or the only texts. */
const key = <T extends keyof KeyTypes>(type: T, defaultValue: string, doc: string, allowed?: number | readonly string[]): Key<T> => ({
  type,
  default: defaultValue,
  doc,
  ...(typeof allowed === 'number' ? { min: allowed } : { oneOf: allowed }),
});

/** More tasks than these in one stage are surely a mistake, and would not fit into memory. */
export const MOST_PARTITIONS = 1_000_000;

/** How a map task lays its blocks out in files. */
export const SHUFFLE_WRITERS = ['sort', 'hash', 'consolidated'] as const;
export type ShuffleWriterKind = (typeof SHUFFLE_WRITERS)[number];

/** Arrow's body compressions. */
const SHUFFLE_CODECS = ['none', 'lz4', 'zstd'];

const JOIN_STRATEGIES = ['auto', 'broadcast', 'shuffle_hash', 'merge'];

const AGGREGATE_STRATEGIES = ['hash', 'sort'];

/** The table of keys. `minispark submit --help-conf` and docs/configuration.md print it. */
export const CONFIG = {
  'batch.rows': key('int', '32768', 'Rows in a batch that an operator hands on', 1),
  'batch.bytes': key('bytes', '2m', 'Bytes of variable-length data after which a batch is closed early', 1024),
  'driver.maxResultSize': key('bytes', '1g', 'Most bytes that collect() may bring to the driver; 0 means no bound', 0),
  memory: key('bytes', '256m', 'Memory budget of one task for hash tables, sorts and buffers; beyond it they spill', 1 << 20),
  'cache.memory': key(
    'bytes',
    '512m',
    'Bytes of cached partitions that one worker keeps in memory; beyond it the least recently used go to disk',
    0,
  ),
  'checkpoint.dir': key('string', '', 'Directory in which checkpoint() keeps rows; there is none by default'),
  'read.splitBytes': key('bytes', '64m', 'Bytes of a file that one task reads', 1),
  'shuffle.partitions': {
    ...key('int', '0', 'Reduce partitions of a shuffle; 0 chooses by input size and slots', 0),
    max: MOST_PARTITIONS,
  },
  'shuffle.writer': key(
    'string',
    'sort',
    'Files of a map task: sort (one), hash (one a reduce partition), consolidated (one a slot and reduce partition)',
    SHUFFLE_WRITERS,
  ),
  'shuffle.codec': key(
    'string',
    'none',
    'Compression of shuffle blocks, as Arrow has it inside of streams: none, lz4 or zstd',
    SHUFFLE_CODECS,
  ),
  'shuffle.fetchBytesInFlight': key(
    'bytes',
    '32m',
    'Bytes of shuffle blocks that one task may have requested and not yet read; at most a quarter of memory',
    1,
  ),
  'shuffle.fetchTries': key('int', '3', 'Tries in a row, with growing waits between, before blocks of another worker count as lost', 1),
  'shuffle.fetchTimeout': key(
    'duration',
    '20s',
    'Silence after which a fetch of shuffle blocks is given up and tried again; 0 means no bound',
    0,
  ),
  'shuffle.service': key(
    'string',
    'false',
    'Whether a local cluster starts a shuffle service, so that shuffle blocks outlive their worker. Workers of a grpc:// cluster have --shuffle-service',
    ['true', 'false'],
  ),
  'shuffle.dir': key(
    'string',
    '',
    "Directory for shuffle and spill files; empty means the system's temporary directory. Workers of a grpc:// cluster have their own --dir",
  ),
  'session.timeZone': key(
    'string',
    'UTC',
    'Time zone in which timestamps are read, shown and taken apart: a region such as Europe/Berlin, or an offset such as +02:00',
  ),
  'flight.host': key('string', '127.0.0.1', 'Address at which df.serve() gives rows to clients of Arrow Flight'),
  'flight.port': key('int', '0', 'Port of df.serve(); 0 takes any that is free', 0),
  'storage.root': key('string', '', 'Directory against which relative paths of a job resolve; empty means where submit was called'),
  'task.attempts': key('int', '4', 'Tries of one task before its job fails', 1),
  'task.timeout': key('duration', '0', 'Longest time one task may run before it is ended; 0 means no bound', 0),
  'shuffle.combine': key(
    'string',
    'true',
    'Whether map tasks aggregate and combine before a shuffle; with false all rows are exchanged, and aggregated once',
    ['true', 'false'],
  ),
  'aggregate.strategy': key(
    'string',
    'hash',
    'How rows of a group meet: hash (a table of groups), or sort (rows in the order of their keys, a group after the other)',
    AGGREGATE_STRATEGIES,
  ),
  'broadcast.threshold': key('bytes', '10m', 'A join side whose estimated size is not above this is sent whole to every task; 0 never', 0),
  'join.strategy': key(
    'string',
    'auto',
    'How joins on equal keys run: auto by size, or broadcast, shuffle_hash or merge wherever that can be; hints come first',
    JOIN_STRATEGIES,
  ),
  adaptive: key('string', 'true', 'Whether stages are changed by what the ones before them wrote', ['true', 'false']),
  'adaptive.targetBytes': key('bytes', '16m', 'Bytes that adaptive stages have a task read, so far as they can', 1),
  'events.blocks': key('string', 'false', 'Whether events tell the bytes of every shuffle block', ['true', 'false']),
  'codegen.maxCachedFunctions': key('int', '1000', 'Compiled pipelines that one thread keeps', 1),
} as const satisfies Record<string, Key<keyof KeyTypes>>;

export type ConfigKey = keyof typeof CONFIG;
export type ConfigValue<K extends ConfigKey> = KeyTypes[(typeof CONFIG)[K]['type']];

/** Immutable, JSON-plain through `entries()`; only keys that were set are carried. */
export class Config {
  private readonly values: ReadonlyMap<string, string>;
  /** What `get` has read: tasks ask for the same few keys over and over. */
  private readonly parsed = new Map<ConfigKey, number | string>();

  private constructor(values: ReadonlyMap<string, string>) {
    this.values = values;
  }

  static readonly empty = new Config(new Map());

  /** Checks every key and value. Throws user errors UNKNOWN_CONFIG and INVALID_CONFIG. */
  static from(entries: Readonly<Record<string, string>>): Config {
    const values = new Map<string, string>();
    for (const [name, value] of Object.entries(entries)) {
      if (!Object.hasOwn(CONFIG, name)) {
        const hint = didYouMean(name, Object.keys(CONFIG)) || 'minispark submit --help-conf lists them all.';
        throw userError('UNKNOWN_CONFIG', `There is no configuration key '${name}'.`, { hint });
      }
      parse(name as ConfigKey, value);
      values.set(name, value);
    }
    return new Config(values);
  }

  get<K extends ConfigKey>(name: K): ConfigValue<K> {
    let value = this.parsed.get(name);
    if (value === undefined) {
      value = parse(name, this.values.get(name) ?? CONFIG[name].default);
      this.parsed.set(name, value);
    }
    return value as ConfigValue<K>;
  }

  entries(): Record<string, string> {
    return Object.fromEntries(this.values);
  }
}

const BYTE_UNITS: Record<string, number> = { '': 1, k: 1 << 10, m: 1 << 20, g: 1 << 30, t: 2 ** 40 };
const TIME_UNITS: Record<string, number> = { '': 1, ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

function parse(name: ConfigKey, text: string): number | string {
  const spec: Key<keyof KeyTypes> = CONFIG[name];
  switch (spec.type) {
    case 'string':
      if (spec.oneOf && !spec.oneOf.includes(text)) throw invalid(name, text, `one of ${spec.oneOf.join(', ')}`);
      return text;
    case 'int':
      return inRange(name, text, /^\d+$/.test(text) ? Number(text) : Number.NaN, spec.min, 'a whole number', spec.max);
    case 'bytes':
      return inRange(name, text, parseBytes(text), spec.min, 'bytes such as 64m or 1g');
    case 'duration':
      return inRange(name, text, parseDuration(text), spec.min, 'a time such as 500ms or 10s');
    default:
      return spec.type satisfies never;
  }
}

/** `10s` → 10000; NaN where the text is no such thing. */
export function parseDuration(text: string): number {
  const match = /^(\d+)(ms|s|m|h)?$/i.exec(text);
  return match ? Number(match[1]) * TIME_UNITS[(match[2] ?? '').toLowerCase()] : Number.NaN;
}

/** `64m` → 67108864; NaN where the text is no such thing. Also the CLI's `--size`. */
export function parseBytes(text: string): number {
  const match = /^(\d+(?:\.\d+)?)([kmgt]?)b?$/i.exec(text);
  return match ? Math.floor(Number(match[1]) * BYTE_UNITS[match[2].toLowerCase()]) : Number.NaN;
}

function inRange(
  name: ConfigKey,
  text: string,
  value: number,
  min: number | undefined,
  wanted: string,
  max = Number.POSITIVE_INFINITY,
): number {
  if (Number.isSafeInteger(value) && value >= (min ?? 0) && value <= max) return value;
  const bounds = [...(min ? [`at least ${min}`] : []), ...(Number.isFinite(max) ? [`at most ${max}`] : [])];
  throw invalid(name, text, [wanted, ...bounds].join(', '));
}

function invalid(name: ConfigKey, text: string, wanted: string) {
  return userError('INVALID_CONFIG', `Configuration ${name} cannot be '${text}'.`, { hint: `It takes ${wanted}: ${CONFIG[name].doc}.` });
}
