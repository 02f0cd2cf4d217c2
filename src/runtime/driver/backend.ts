/**
 * Owns: the engine behind a session: plans each action, runs its stage graph on an executor and gives the rows back in order.
 * File output is begun, committed and aborted here, so that a failed or cancelled job leaves nothing half-written.
 */
import { randomBytes } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { callSite, installSiteResolver } from '../../core/call-site.js';
import { Config } from '../../core/config.js';
import { asMinisparkError, type CallSite, MinisparkError, userError, withSite } from '../../core/errors.js';
import type { Event, EventListener } from '../../core/events.js';
import { fromJson } from '../../core/json.js';
import type { Batch, ColumnOf } from '../../data/batch.js';
import type { Schema } from '../../data/types.js';
import { readValue } from '../../data/value.js';
import { zoneOf } from '../../data/zone.js';
import { abortWrite, beginWrite, commitWrite } from '../../engine/sources/commit.js';
import type { CommitMessage } from '../../engine/sources/source.js';
import type { Backend, BackendOptions, Execution, ExplainMode } from '../../frontend/api/backend.js';
import { encodeClosure } from '../../frontend/closures/capture.js';
import { OPAQUE_PREFIX } from '../../frontend/closures/closure-bytes.js';
import type { JobBundle } from '../../frontend/closures/function-info.js';
import { firstUserFrame, frameAt, mapStack, userFrame } from '../../frontend/closures/stacks.js';
import type { Closure } from '../../frontend/plan/expression.js';
import type { Plan, WriteSpec } from '../../frontend/plan/logical.js';
import { findClosures } from '../worker/find-closures.js';
import { ActionNames } from './action-names.js';
import { EngineKeeper } from './engine-keeper.js';
import type { Executor, JobSubmission } from './executor.js';
import { checkExplainMode, explainQuery } from './explain.js';
import { FlightResults } from './flight-results.js';
import { cachesOf, KeptPlans } from './kept-plans.js';
import { openExecutor, parseMaster } from './master.js';
import { AcceptOrder, inPartitionOrder } from './ordered-results.js';
import { planQuery, type Query, type QueryContext } from './query.js';
import { SharedValues } from './shared-values.js';

/** Called when a script or test makes a session by hand; submit makes an EngineBackend around its bundle. */
export async function openBackend(options: BackendOptions): Promise<Backend> {
  const config = Config.from(options.config);
  const master = parseMaster(options.master);
  const executor = await openExecutor(master, { config, tokenFile: process.env['MINISPARK_TOKEN_FILE'] });
  return new EngineBackend({
    executor,
    config,
    bundle: null,
    allowOpaque: master.kind === 'local',
    name: options.appName ?? 'session',
    signal: new AbortController().signal,
    warn: (text) => process.stderr.write(`warning: ${text}\n`),
  });
}

export interface EngineOptions {
  readonly executor: Executor;
  readonly config: Config;
  readonly bundle: JobBundle | null;
  /** Whether functions that no bundle holds may run in this process's own thread. */
  readonly allowOpaque: boolean;
  readonly name: string;
  /** Ends every running action. */
  readonly signal: AbortSignal;
  warn(text: string): void;
}

/** Errors whose stack begins in the user's code. */
const THROWN_BY_USER: ReadonlySet<string> = new Set(['UDF_FAILED', 'JOB_FAILED_TO_LOAD', 'EVENT_LISTENER_FAILED']);

export class EngineBackend implements Backend {
  private readonly options: EngineOptions;
  private readonly listeners: EventListener[] = [];
  private readonly stopped = new AbortController();
  /** Ends what runs: the session was stopped, or its job interrupted. One for all actions: it would keep a trace of each that it was made for. */
  private readonly ended: AbortSignal;
  /** Actions that are being planned, and writes that run. */
  private readonly beginning = new Set<Promise<Execution>>();
  private readonly names: ActionNames;
  private readonly warned = new Set<string>();
  readonly keeper: EngineKeeper;

  constructor(options: EngineOptions) {
    this.options = options;
    const { executor, config, bundle, name } = options;
    this.names = new ActionNames(name);
    zoneOf(config.get('session.timeZone'));
    const release = (ids: readonly string[]) => executor.release(ids);
    const plans = new KeptPlans(config, () => this.planContext('cache'), release);
    this.keeper = new EngineKeeper(new SharedValues(executor, bundle !== null), plans, new FlightResults(config, this), (plan) =>
      this.compute(plan),
    );
    this.ended = AbortSignal.any([options.signal, this.stopped.signal]);
    // Each action that runs listens, and any number may: that is no leak of which Node need warn.
    setMaxListeners(0, options.signal, this.ended);
    installSiteResolver(firstUserFrame);
  }

  onEvent(listener: EventListener): void {
    this.listeners.push(listener);
  }

  encodeClosure(fn: (...args: never[]) => unknown): Closure {
    const { bundle, allowOpaque, warn } = this.options;
    return encodeClosure(fn, { bundle, allowOpaque, warn });
  }

  async analyze(plan: Plan): Promise<Schema> {
    return (await this.plan(plan, 'analyze', callSite())).schema;
  }

  async explain(plan: Plan, mode: ExplainMode): Promise<string> {
    checkExplainMode(mode);
    const query = await this.plan(plan, 'explain', callSite());
    const text = await explainQuery(plan, query, mode, this.options.config);
    const caches = this.keeper.plans.describe(cachesOf(query.physical.root));
    return caches.length === 0 ? text : `${text}\n\n== Cached ==\n${caches.join('\n')}`;
  }

  execute(plan: Plan): Promise<Execution> {
    const execution = this.begin(plan, callSite());
    this.beginning.add(execution);
    const over = () => this.beginning.delete(execution);
    execution.then(over, over);
    return execution;
  }

  private async begin(plan: Plan, site: CallSite | null): Promise<Execution> {
    const id = `${Date.now().toString(36)}-${randomBytes(4).toString('hex')}`;
    const query = await this.plan(plan, id, site);
    const { root } = query.physical;
    if (root.kind === 'write') {
      await this.write(query, id, root.write).catch((thrown) => {
        throw this.explained(thrown, root.write.site);
      });
      return { schema: query.schema, batches: noBatches() };
    }
    return { schema: query.schema, batches: this.run(query, id, site) };
  }

  /** Ends what runs, then the executor. File output is committed or cleaned up by then. */
  async stop(): Promise<void> {
    await this.keeper.flights.close();
    this.stopped.abort();
    await Promise.allSettled(this.beginning);
    await this.options.executor.close();
  }

  /** `site`: of the action, which errors without a place of their own name. */
  private async plan(plan: Plan, query: string, site: CallSite | null): Promise<Query> {
    try {
      const kept = (await this.keeper.plans.lookup(plan)) ?? undefined;
      return await planQuery(plan, { ...(await this.planContext(query, site)), kept });
    } catch (thrown) {
      throw this.explained(thrown, site);
    }
  }

  private async planContext(query: string, site: CallSite | null = null): Promise<QueryContext> {
    const { executor, config } = this.options;
    const slots = Math.max(1, await executor.slots());
    return { config, slots, query, warn: (text) => this.warnOnce(text), run: (plan) => this.begin(plan, site) };
  }

  private async compute(plan: Plan): Promise<void> {
    const { batches } = await this.execute(plan);
    for await (const _ of batches);
  }

  /** A plan is analysed for its schema, its text and its rows. */
  private warnOnce(text: string): void {
    if (this.warned.has(text)) return;
    this.warned.add(text);
    this.options.warn(text);
  }

  /** `site`: of the action. */
  private async *run(query: Query, id: string, site: CallSite | null): AsyncGenerator<Batch> {
    const { executor, config, bundle } = this.options;
    const closures = query.graph.stages.flatMap(({ plan, output }) => findClosures([plan, output]));
    const submission: JobSubmission = {
      job: `job-${id}`,
      name: this.names.next(site),
      graph: query.graph,
      config: config.entries(),
      bundle: bundle && { hash: bundle.hash, code: bundle.code },
      opaque: closures.some((closure) => closure.id.startsWith(OPAQUE_PREFIX)),
      signal: this.ended,
      blobs: await this.keeper.values.send(closures).catch((thrown) => {
        throw this.explained(thrown, site);
      }),
    };
    const accepted = new AcceptOrder();
    const resultStage = query.graph.stages.length - 1;
    const failures: MinisparkError[] = [];
    const count = this.keeper.values.counter();
    const onEvent = (event: Event): void => {
      if (event.kind === 'task-finished') {
        if (event.task.stage === resultStage) accepted.note(event.task.partition);
        count(event);
      }
      this.keeper.plans.onEvent(event);
      try {
        for (const listener of this.listeners) listener(event);
      } catch (thrown) {
        // Ends the job, unless it is over.
        failures.push(listenerFailed(thrown));
        throw thrown;
      }
    };
    try {
      yield* inPartitionOrder(executor.run(submission, onEvent), accepted, config.get('driver.maxResultSize'));
    } catch (thrown) {
      throw this.explained(failures[0] ?? timeoutSite(thrown, query), site);
    }
    if (failures.length > 0) throw this.explained(failures[0], site);
  }

  /** Runs a `write` plan; its rows are commit messages, which stay here. */
  private async write(query: Query, id: string, write: WriteSpec): Promise<void> {
    if ((await beginWrite(write, id)) === 'skip') return;
    const messages: CommitMessage[] = [];
    try {
      for await (const batch of this.run(query, id, write.site)) {
        for (let row = 0; row < batch.length; row++)
          messages.push(fromJson<CommitMessage>(readValue(batch.columns[0] as ColumnOf<'bytes'>, { kind: 'string' }, row) as string));
      }
      await commitWrite(write, id, messages);
      await this.keeper.plans.written(write.path);
    } catch (thrown) {
      // Should that fail too, it is for the same reason.
      await abortWrite(write, id).catch(() => {});
      throw thrown;
    }
  }

  /** The error with the user's line: from the first frame of its stack that lies in the job, from its own site, or the action's. */
  private explained(thrown: unknown, action: CallSite | null): MinisparkError {
    const error = asMinisparkError(thrown);
    const { bundle } = this.options;
    const stack = THROWN_BY_USER.has(error.condition) ? (error.stack ?? '') : '';
    const site = (bundle ? userFrame(stack, bundle) : firstUserFrame(stack)) ?? error.site ?? action;
    const explained = site === null ? error : relocated(error, site, (bundle && frameAt(site, bundle, '')) ?? undefined);
    if (bundle && explained.stack) explained.stack = mapStack(explained.stack, bundle);
    return explained;
  }
}

/** A task that took too long names the first function of its stage. */
function timeoutSite(thrown: unknown, { graph }: Query): unknown {
  if (!(thrown instanceof MinisparkError) || thrown.condition !== 'TASK_TIMEOUT') return thrown;
  const stage = graph.stages.find((s) => s.stage === thrown.data?.['stage']);
  const closure = stage && findClosures([stage.plan, stage.output]).find((c) => c.site !== null);
  return withSite(thrown, closure?.site ?? null);
}

function listenerFailed(thrown: unknown): MinisparkError {
  if (thrown instanceof MinisparkError) return thrown;
  const { message, stack } = asMinisparkError(thrown);
  const error = userError('EVENT_LISTENER_FAILED', `A listener of the session's events threw: ${message}`, { cause: thrown });
  error.stack = stack;
  return error;
}

function relocated(error: MinisparkError, site: NonNullable<MinisparkError['site']>, frame: string | undefined): MinisparkError {
  const { kind, condition, message, hint, data, stack } = error;
  const moved =
    kind === 'user'
      ? userError(condition, message, { hint, data, site, frame: error.frame ?? frame, cause: error.cause })
      : error.with({ site, frame });
  moved.stack = stack;
  return moved;
}

async function* noBatches(): AsyncGenerator<Batch> {}
