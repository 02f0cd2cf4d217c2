/**
 * Owns: Session, where queries begin, and how one is opened. The API knows no engine: src/index.ts installs what opens a backend,
 * and submit makes a session around the backend that it has.
 */
import { callSite } from '../../core/call-site.js';
import { Config } from '../../core/config.js';
import { userError } from '../../core/errors.js';
import type { EventListener } from '../../core/events.js';
import type { Schema } from '../../data/types.js';
import { type Accumulated, Accumulator } from './accumulator.js';
import type { Backend, BackendOptions } from './backend.js';
import { Broadcast } from './broadcast.js';
import { DataFrame } from './dataframe.js';
import { Dataset } from './dataset.js';
import type { RowOf } from './ddl-types.js';
import { DRIVER_ONLY } from './driver-only.js';
import { localElements } from './element-plans.js';
import { keeperOf } from './keeper.js';
import { batchOfRows, type InputRow } from './local-data.js';
import { DataFrameReader } from './reader.js';
import type { SessionContext } from './results.js';
import { schemaOfText } from './type-text.js';
import { partitionCount } from './whole-number.js';

export class Session implements SessionContext {
  readonly config: Config;
  private running: Backend | null;
  private stopping: Promise<void> | null = null;
  readonly [DRIVER_ONLY] = 'Session';

  constructor(backend: Backend, config: Config) {
    this.running = backend;
    this.config = config;
  }

  /** `await Session.builder().master('local[4]').getOrCreate()`. */
  static builder(): SessionBuilder {
    return new SessionBuilder();
  }

  get backend(): Backend {
    if (this.running) return this.running;
    throw userError('SESSION_STOPPED', 'This session was stopped.', { site: callSite() ?? undefined });
  }

  /** `spark.read.schema('id bigint').csv('data/*.csv')`. */
  get read(): DataFrameReader {
    return new DataFrameReader(this);
  }

  /** Rows as objects, or as arrays in the order of the columns, under a schema: DDL (`'word string, n bigint not null'`) or Schema. */
  createDataFrame<const D extends string | Schema>(rows: readonly InputRow[], schema: D): DataFrame<RowOf<D>> {
    const parsed = schemaOfText(schema);
    return new DataFrame(this, { kind: 'local', schema: parsed, batch: batchOfRows(rows, parsed), partitions: null });
  }

  /** Column `id`, 0 to end - 1, or start to end - 1 by step. */
  range(end: number | bigint): DataFrame<{ id: bigint }>;
  range(start: number | bigint, end: number | bigint, step?: number | bigint, partitions?: number): DataFrame<{ id: bigint }>;
  range(first: number | bigint, end?: number | bigint, step: number | bigint = 1, partitions?: number): DataFrame<{ id: bigint }> {
    const [from, to, by] = (end === undefined ? [0, first, 1] : [first, end, step]).map(rangeBound);
    if (by === 0n) throw userError('INVALID_ARGUMENT', 'range() takes a step other than 0.', { site: callSite() ?? undefined });
    const parts = partitions === undefined ? null : partitionCount(partitions, 'range');
    return new DataFrame(this, { kind: 'range', start: from, end: to, step: by, partitions: parts });
  }

  /** JavaScript values as a Dataset. */
  parallelize<T>(values: readonly T[], partitions?: number): Dataset<T> {
    const { plan, form } = localElements(values, partitions === undefined ? null : partitionCount(partitions, 'parallelize'));
    return new Dataset(this, plan, form);
  }

  /** The lines of text files. */
  textFile(...paths: readonly string[]): Dataset<string> {
    return new Dataset(this, this.read.text(...paths).plan, 'value');
  }

  // What outlives an action

  /**
   * Sends a value to each worker once, for all tasks that read `.value` of it. Plain data, as functions may capture; it is read now.
   * Throws a user error VALUE_NOT_SHIPPABLE.
   */
  broadcast<T>(value: T): Broadcast<T> {
    const { id, holder } = keeperOf(this).broadcast(value, callSite());
    return new Broadcast<T>(id, holder);
  }

  /** A sum that tasks add to: of numbers from 0, of whole numbers (exact) from 0n, or a list of values from []. With a name, the summary shows it. */
  accumulator(initial: number, name?: string): Accumulator<number>;
  accumulator(initial: bigint, name?: string): Accumulator<bigint | number, bigint>;
  accumulator<T>(initial: readonly T[], name?: string): Accumulator<T, T[]>;
  accumulator(initial: Accumulated, name?: string): Accumulator<never, unknown> {
    const kind = typeof initial === 'number' ? 'double' : typeof initial === 'bigint' ? 'long' : 'collection';
    const accumulator = new Accumulator<never, never>({ id: `acc-${randomId()}`, name: name ?? null, kind }, initial);
    keeperOf(this).accumulate(accumulator);
    return accumulator;
  }

  longAccumulator(name?: string): Accumulator<bigint | number, bigint> {
    return this.accumulator(0n, name);
  }

  doubleAccumulator(name?: string): Accumulator<number> {
    return this.accumulator(0, name);
  }

  collectionAccumulator<T>(name?: string): Accumulator<T, T[]> {
    return this.accumulator<T>([], name);
  }

  /** Unpersists every cached DataFrame and Dataset of the session. */
  async clearCache(): Promise<void> {
    await keeperOf(this).unpersistAll();
  }

  /** Every event of the jobs that this session runs, from now on. */
  onEvent(listener: EventListener): void {
    this.backend.onEvent(listener);
  }

  /** Ends running jobs and frees what the session holds; resolves when nothing is left. May be called again. */
  stop(): Promise<void> {
    this.stopping ??= this.stopOnce();
    return this.stopping;
  }

  private async stopOnce(): Promise<void> {
    const { backend } = this;
    this.running = null;
    if (active?.session === this) active = null;
    await backend.stop();
  }
}

/** Unique enough within a process: nobody guesses it, and no file is named by it alone. */
function randomId(): string {
  return Math.random().toString(36).slice(2, 12);
}

function rangeBound(value: number | bigint): bigint {
  if (typeof value === 'bigint' || Number.isSafeInteger(value)) return BigInt(value);
  throw userError('INVALID_ARGUMENT', `range() takes whole numbers, not ${value}.`, { site: callSite() ?? undefined });
}

/** A session around a backend that is open already. Throws user errors UNKNOWN_CONFIG and INVALID_CONFIG. */
export function createSession(backend: Backend, config: Readonly<Record<string, string>> = {}): Session {
  return new Session(backend, Config.from(config));
}

type Opener = (options: BackendOptions) => Promise<Backend>;
let opener: Opener | null = null;

/** Says how getOrCreate() opens a backend. */
export function installBackendOpener(open: Opener): void {
  opener = open;
}

interface ActiveSession {
  /** What it was opened with, as text. */
  readonly options: string;
  readonly opening: Promise<Session>;
  session: Session | null;
}

/** The session of this process that getOrCreate() made. */
let active: ActiveSession | null = null;

export class SessionBuilder {
  private readonly options: BackendOptions;

  constructor(options: BackendOptions = { master: 'local[*]', config: {} }) {
    this.options = options;
  }

  /** `local[4]`, `local[*]` (unless said), `local-cluster[2,1]` or `grpc://host:port`. */
  master(master: string): SessionBuilder {
    return new SessionBuilder({ ...this.options, master });
  }

  /** What tables and logs call its jobs. */
  appName(appName: string): SessionBuilder {
    return new SessionBuilder({ ...this.options, appName });
  }

  config(key: string, value: string | number | boolean): SessionBuilder {
    return new SessionBuilder({ ...this.options, config: { ...this.options.config, [key]: String(value) } });
  }

  /**
   * Opens a session, or gives the one that this process has open under the same options. Throws user errors UNKNOWN_CONFIG, INVALID_CONFIG,
   * SESSION_EXISTS where another is open, NO_SESSION_HERE inside a job, and what the backend says.
   */
  async getOrCreate(): Promise<Session> {
    const { options } = this;
    const config = Config.from(options.config);
    const text = JSON.stringify([options.master, options.appName, Object.entries(options.config).sort()]);
    if (active) {
      if (active.options === text) return active.opening;
      throw userError('SESSION_EXISTS', 'A session with other options is open in this process.', {
        hint: 'Call stop() on it first',
        site: callSite() ?? undefined,
      });
    }
    if (opener === null) {
      const hint = 'A job uses the session that its main function receives; scripts that node runs may open one';
      throw userError('NO_SESSION_HERE', 'A job cannot open a session of its own.', { hint, site: callSite() ?? undefined });
    }
    const entry: ActiveSession = {
      options: text,
      session: null,
      opening: opener(options).then((backend) => new Session(backend, config)),
    };
    active = entry;
    try {
      entry.session = await entry.opening;
      return entry.session;
    } catch (error) {
      active = null;
      throw error;
    }
  }
}
