/**
 * Owns: which plans of the session are kept: found again in later plans by node or by equal text, planned once, and what is known of where
 * their rows lie. It forgets and frees what was unpersisted, and what was computed of files that a write of this session replaced.
 */
import { randomBytes } from 'node:crypto';
import type { Config } from '../../core/config.js';
import { fatalError } from '../../core/errors.js';
import type { Event } from '../../core/events.js';
import type { Schema } from '../../data/types.js';
import type { Plan, StorageLevel } from '../../frontend/plan/logical.js';
import { childrenOf } from '../../frontend/plan/logical-tree.js';
import { outputOf } from '../../frontend/plan/output.js';
import { planKey } from '../../frontend/plan/plan-key.js';
import type { KeptRows } from '../../frontend/plan/resolved.js';
import { resolveScans } from '../../planner/analyzer/analyze.js';
import type { ResolvedScan } from '../../planner/analyzer/scan.js';
import { childrenOf as operatorsBelow, type PhysicalOp } from '../../planner/physical/operators.js';
import type { KeptSource } from '../../planner/stages/cut.js';
import { estimate } from '../../planner/statistics/estimate.js';
import type { KeptLookup } from './query.js';
import { planQuery, type QueryContext } from './query.js';

interface Kept {
  readonly plan: Plan;
  readonly level: StorageLevel;
  /** A new one whenever its rows must be computed anew. */
  cache: string;
  prepared: Promise<Prepared> | null;
  /** Partition → its bytes, as events told. */
  readonly stored: Map<number, { readonly bytes: number; readonly rows: number; readonly memory: boolean }>;
}

/** How the rows of a kept plan come about. */
interface Prepared {
  readonly source: KeptSource;
  /** Those below it, by cache. */
  readonly sources: ReadonlyMap<string, KeptSource>;
  readonly scans: ReadonlyMap<Plan, ResolvedScan>;
  /** What its own nodes read: its columns are still named by them. */
  readonly rows: ReadonlyMap<Plan, KeptRows>;
  readonly schema: Schema;
  readonly label: string;
  readonly partitions: number;
  readonly guess: Pick<KeptRows, 'rows' | 'ranges'>;
}

export type PlanContext = () => Promise<Omit<QueryContext, 'kept'>>;

export class KeptPlans {
  private readonly release: (caches: readonly string[]) => Promise<void>;
  private readonly context: PlanContext;
  private readonly config: Config;
  private readonly byKey = new Map<string, Kept>();
  private readonly checkpoints = new Map<string, Kept>();
  private readonly byCache = new Map<string, Kept>();

  constructor(config: Config, context: PlanContext, release: (caches: readonly string[]) => Promise<void>) {
    this.config = config;
    this.context = context;
    this.release = release;
  }

  /** Does nothing where the plan is kept already: the first level holds. */
  persist(plan: Plan, level: StorageLevel): void {
    if (this.find(plan)) return;
    const kept: Kept = { plan, level, cache: newCache(), prepared: null, stored: new Map() };
    this.byKey.set(planKey(plan), kept);
    this.byCache.set(kept.cache, kept);
  }

  levelOf(plan: Plan): StorageLevel | null {
    return this.find(plan)?.level ?? null;
  }

  /** Resolves when workers were told. Plans that are kept and were made of this one stay. */
  async unpersist(plan: Plan): Promise<void> {
    const kept = this.find(plan);
    if (!kept) return;
    if (plan.kind === 'checkpoint') this.checkpoints.delete(plan.cache);
    else this.byKey.delete(planKey(plan));
    await this.drop(kept);
  }

  async unpersistAll(): Promise<void> {
    const all = [...this.byCache.values()];
    this.byKey.clear();
    this.checkpoints.clear();
    await Promise.all(all.map((kept) => this.drop(kept)));
  }

  /** The plan's rows, as they are kept now, under a name of their own; from now on nobody can compute them again. */
  async checkpoint(plan: Plan): Promise<Plan> {
    const kept = this.find(plan);
    if (!kept) throw fatalError('INTERNAL_ERROR', 'The plan of a checkpoint is persisted first.');
    const prepared = await this.prepare(kept);
    const { cache, level, stored } = kept;
    this.byKey.delete(planKey(plan));
    const root: PhysicalOp = { kind: 'lost', id: 0, schema: prepared.schema, cache };
    const inputs = Array.from({ length: prepared.partitions }, (_, partition) => [{ kind: 'partition' as const, partition }]);
    const source: KeptSource = { plan: { root, inputs: new Map([[0, inputs]]) }, level };
    const node: Plan = Object.freeze({ kind: 'checkpoint', cache, site: null });
    const lone: Kept = {
      plan: node,
      level,
      cache,
      prepared: Promise.resolve({ ...prepared, source, sources: new Map(), scans: new Map(), rows: new Map() }),
      stored,
    };
    this.checkpoints.set(cache, lone);
    this.byCache.set(cache, lone);
    return node;
  }

  /** What of a plan is kept; null where nothing is. Throws what planning the kept plans throws. */
  async lookup(plan: Plan): Promise<KeptLookup | null> {
    return this.byCache.size === 0 ? null : this.lookupBelow(plan, null);
  }

  /** For people: each kept plan that a graph reads, and how much of it is there. */
  describe(caches: readonly string[]): string[] {
    return caches.flatMap((cache) => {
      const kept = this.byCache.get(cache);
      return kept ? [this.describeOne(kept)] : [];
    });
  }

  onEvent(event: Event): void {
    switch (event.kind) {
      case 'cache-stored':
        this.byCache.get(event.cache)?.stored.set(event.partition, event);
        return;
      case 'cache-lost':
        for (const partition of event.partitions) this.byCache.get(event.cache)?.stored.delete(partition);
        return;
      default:
    }
  }

  /** A write has changed files below `uri`: rows that were computed of them are dropped, and computed anew when they are next wanted. */
  async written(uri: string): Promise<void> {
    const stale: Kept[] = [];
    for (const kept of this.byKey.values()) {
      const prepared = await kept.prepared?.catch(() => null);
      if (prepared && readsBelow(prepared, uri)) stale.push(kept);
    }
    const caches = stale.map(({ cache }) => cache);
    for (const kept of stale) {
      this.byCache.delete(kept.cache);
      kept.cache = newCache();
      kept.prepared = null;
      kept.stored.clear();
      this.byCache.set(kept.cache, kept);
    }
    if (caches.length > 0) await this.release(caches);
  }

  private find(plan: Plan): Kept | null {
    if (plan.kind === 'checkpoint') return this.checkpoints.get(plan.cache) ?? null;
    return this.byKey.size === 0 ? null : (this.byKey.get(planKey(plan)) ?? null);
  }

  private async drop(kept: Kept): Promise<void> {
    this.byCache.delete(kept.cache);
    const prepared = await kept.prepared?.catch(() => null);
    // A plan below that was unpersisted before, and computed again for this one, is needed by nobody else now.
    const below = [...(prepared?.sources.keys() ?? [])].filter((cache) => !this.byCache.has(cache));
    await this.release([kept.cache, ...below]);
  }

  /** `not`: the plan that is being prepared, which must not read itself. */
  private async lookupBelow(plan: Plan, not: Kept | null): Promise<KeptLookup & Pick<Prepared, 'rows'>> {
    const rows = new Map<Plan, KeptRows>();
    const sources = new Map<string, KeptSource>();
    const scans = new Map<Plan, ResolvedScan>();
    const visit = async (node: Plan): Promise<void> => {
      if (rows.has(node)) return;
      const kept = this.find(node);
      if (!kept || kept === not) {
        for (const child of childrenOf(node)) await visit(child);
        return;
      }
      const prepared = await this.prepare(kept);
      rows.set(node, rowsOf(kept, prepared));
      sources.set(kept.cache, prepared.source);
      for (const [below, kept] of prepared.rows) if (!rows.has(below)) rows.set(below, kept);
      for (const [cache, source] of prepared.sources) sources.set(cache, source);
      for (const [read, scan] of prepared.scans) scans.set(read, scan);
    };
    await visit(plan);
    return { rows, rowsOf: (node) => rows.get(node) ?? null, sources, scans };
  }

  private prepare(kept: Kept): Promise<Prepared> {
    if (!kept.prepared) {
      const prepared = this.plan(kept);
      kept.prepared = prepared;
      prepared.catch(() => {
        if (kept.prepared === prepared) kept.prepared = null;
      });
    }
    return kept.prepared;
  }

  private async plan(kept: Kept): Promise<Prepared> {
    const below = await this.lookupBelow(kept.plan, kept);
    const scans = new Map([...(await resolveScans(kept.plan, this.config, below.scans)), ...below.scans]);
    const query = await planQuery(kept.plan, { ...(await this.context()), kept: { ...below, scans } });
    const { rows, columns } = estimate(query.optimized);
    const { tasks, name } = query.graph.stages[query.graph.stages.length - 1];
    return {
      source: { plan: query.physical, level: kept.level },
      sources: below.sources,
      rows: below.rows,
      scans,
      schema: query.schema,
      label: name,
      partitions: tasks.length,
      guess: { rows, ranges: outputOf(query.optimized).map(({ id }) => columns.get(id)?.range ?? null) },
    };
  }

  private describeOne({ cache, level, stored, plan }: Kept): string {
    const parts = [...stored.values()];
    const bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
    const inMemory = parts.filter(({ memory }) => memory).length;
    const where = inMemory === parts.length ? 'in memory' : `${inMemory} of them in memory`;
    const there =
      parts.length === 0
        ? 'nothing stored yet'
        : `${parts.length} ${parts.length === 1 ? 'partition' : 'partitions'} stored (${where}), ${bytes} bytes`;
    return `${cache}: ${level}, ${plan.kind === 'checkpoint' ? 'a local checkpoint, ' : ''}${there}`;
  }
}

function rowsOf({ cache, level, stored }: Kept, { label, schema, partitions, guess }: Prepared): KeptRows {
  const known = stored.size === partitions;
  const rows = known ? [...stored.values()].reduce((sum, part) => sum + part.rows, 0) : guess.rows;
  return { cache, label, level, schema, partitions, rows, ranges: guess.ranges };
}

/** Whether any file of its reads, or of what it was made of, lies below `uri`. */
function readsBelow({ scans }: Prepared, uri: string): boolean {
  for (const { scan } of scans.values()) if (scan.files.some((file) => file.uri === uri || file.uri.startsWith(`${uri}/`))) return true;
  return false;
}

function newCache(): string {
  return `cache-${randomBytes(6).toString('hex')}`;
}

/** The caches that a plan reads itself. */
export function cachesOf(op: PhysicalOp): string[] {
  const below = operatorsBelow(op).flatMap(cachesOf);
  return [...new Set(op.kind === 'cacheRead' ? [op.cache, ...below] : below)];
}
