/**
 * Owns: logical plan → resolved plan: every name becomes an attribute, every expression gets a type, files get their schemas.
 * Receives the plan as built and the session's configuration; throws user errors with the user's place. Optimises nothing.
 */
import type { Config } from '../../core/config.js';
import { asMinisparkError, type CallSite, userError, withSite } from '../../core/errors.js';
import { BINARY, INT64, type Schema, STRING } from '../../data/types.js';
import { checkWrite as checkRowsToWrite } from '../../engine/sources/sink.js';
import { METADATA_FILE, METADATA_OFFSET } from '../../engine/sources/source.js';
import type { ElementMap, Plan, PlanOf } from '../../frontend/plan/logical.js';
import { childrenOf } from '../../frontend/plan/logical-tree.js';
import { outputOf, schemaOf } from '../../frontend/plan/output.js';
import type { Attribute, KeptRows, ResolvedPlan } from '../../frontend/plan/resolved.js';
import { analyzeAggregate } from './aggregate.js';
import { analyzeDerivation } from './derive.js';
import { analyzeDistinct } from './distinct.js';
import { analyzeFilter, analyzeSort } from './filter-sort.js';
import { joinHint, unknownHint } from './hints.js';
import { analyzeJoin } from './join.js';
import { analyzeCheckpoint, readKept } from './kept.js';
import { pivoted, pivotValues, type RunQuery } from './pivot.js';
import { analyzeRepartition } from './repartition.js';
import { type ResolvedScan, resolveScan } from './scan.js';
import { findColumn, scopeOf, unresolvedColumn } from './scope.js';
import { analyzeDrop, analyzeRename, analyzeSelect, analyzeWithColumns } from './select.js';
import { analyzeSetOperation } from './set-operations.js';
import { type Analyzed, Ids } from './state.js';
import { analyzeUnion } from './union.js';

export interface AnalysisContext {
  readonly config: Config;
  /** Another way to files and schemas, for tests. */
  readonly resolveScan?: (read: PlanOf<'read'>) => Promise<ResolvedScan>;
  /** Rows that are kept for a node of the plan, or were checkpointed under it. */
  readonly kept?: (plan: Plan) => KeptRows | null;
  /** What is known of reads already. */
  readonly scans?: ReadonlyMap<Plan, ResolvedScan>;
  /** Runs the query that finds the values of a pivot. */
  readonly run?: RunQuery;
  /** Told of what is odd and no error. */
  readonly warn?: (text: string) => void;
}

/** Throws user errors: UNRESOLVED_COLUMN, AMBIGUOUS_REFERENCE, DATATYPE_MISMATCH.…, MISSING_AGGREGATION, PATH_NOT_FOUND and others. */
export async function analyze(plan: Plan, context: AnalysisContext): Promise<ResolvedPlan> {
  const scans = await resolveScans(plan, context.config, context.scans, context.resolveScan);
  const zone = context.config.get('session.timeZone');
  const pivots = new Map<Plan, Plan>();
  for (const pivot of pivotsOf(plan))
    pivots.set(pivot, pivoted(pivot, pivot.values ?? (await pivotValues(pivot, context.run ?? cannotRun)), zone));
  return new Analyzer(scans, pivots, context).analyze(plan).plan;
}

/** The reads of a plan, resolved, but for those that are `known`: for `AnalysisContext.scans`. */
export async function resolveScans(
  plan: Plan,
  config: Config,
  known?: ReadonlyMap<Plan, ResolvedScan>,
  resolve: NonNullable<AnalysisContext['resolveScan']> = (read) => resolveScan(read, config),
): Promise<ReadonlyMap<Plan, ResolvedScan>> {
  const scans = new Map(known);
  for (const read of readsOf(plan)) if (!scans.has(read)) scans.set(read, await resolve(read).catch(atRead(read)));
  return scans;
}

const cannotRun: RunQuery = async () => {
  throw userError('UNSUPPORTED_OPERATION', 'The values of a pivot are found by a query, which cannot run here.', {
    hint: 'Name them: pivot(column, [values])',
  });
};

/** What is wrong with files or options is shown at the line that reads them. */
const atRead =
  ({ site }: PlanOf<'read'>) =>
  (thrown: unknown): never => {
    throw asMinisparkError(thrown).with({ site: site ?? undefined });
  };

function* readsOf(plan: Plan): Iterable<PlanOf<'read'>> {
  if (plan.kind === 'read') yield plan;
  for (const child of childrenOf(plan)) yield* readsOf(child);
}

function* pivotsOf(plan: Plan): Iterable<PlanOf<'pivot'>> {
  if (plan.kind === 'pivot') yield plan;
  for (const child of childrenOf(plan)) yield* pivotsOf(child);
}

class Analyzer {
  private readonly ids: Ids;
  private readonly scans: ReadonlyMap<Plan, ResolvedScan>;
  /** Pivots as aggregations. */
  private readonly pivots: ReadonlyMap<Plan, Plan>;

  private readonly warn: (text: string) => void;
  private readonly kept: (plan: Plan) => KeptRows | null;

  constructor(
    scans: ReadonlyMap<Plan, ResolvedScan>,
    pivots: ReadonlyMap<Plan, Plan>,
    { config, warn = () => {}, kept = () => null }: AnalysisContext,
  ) {
    this.ids = new Ids(config.get('session.timeZone'));
    this.scans = scans;
    this.pivots = pivots;
    this.warn = warn;
    this.kept = kept;
  }

  analyze(plan: Plan): Analyzed {
    const kept = this.kept(plan);
    if (plan.kind === 'checkpoint') return analyzeCheckpoint(plan, kept, this.ids);
    const analyzed = this.analyzeNode(plan);
    return kept === null ? analyzed : readKept(analyzed, kept);
  }

  private analyzeNode(plan: Exclude<Plan, { kind: 'checkpoint' }>): Analyzed {
    const { ids } = this;
    switch (plan.kind) {
      case 'read':
        return this.scan(plan);
      case 'local':
      case 'range':
        return this.leaf(plan);
      case 'select':
        return analyzeSelect(plan, this.analyze(plan.child), ids);
      case 'withColumns':
        return analyzeWithColumns(plan, this.analyze(plan.child), ids);
      case 'rename':
        return analyzeRename(plan, this.analyze(plan.child));
      case 'drop':
        return analyzeDrop(plan, this.analyze(plan.child));
      case 'filter':
        return analyzeFilter(plan, this.analyze(plan.child));
      case 'aggregate':
        return analyzeAggregate(plan, this.analyze(plan.child), ids);
      case 'pivot':
        return this.analyze(this.pivots.get(plan)!);
      case 'distinct':
        return analyzeDistinct(plan, this.analyze(plan.child), ids);
      case 'sort':
        return analyzeSort(plan, this.analyze(plan.child));
      case 'union':
        return analyzeUnion(
          plan,
          plan.children.map((child) => this.analyze(child)),
          ids,
        );
      case 'join':
        return analyzeJoin(plan, this.analyze(plan.left), this.analyze(plan.right), ids);
      case 'setOperation':
        return analyzeSetOperation(plan, this.analyze(plan.left), this.analyze(plan.right), ids);
      case 'mapBatches': {
        const output = this.attributes(plan.schema);
        return { plan: { kind: 'mapBatches', child: this.analyze(plan.child).plan, fn: plan.fn, output }, scope: scopeOf(output) };
      }
      case 'derive':
        return analyzeDerivation(plan, this.analyze(plan.child), ids);
      case 'mapElements':
      case 'mapGroups':
        return this.elements(plan);
      case 'hint':
        if (joinHint(plan.name) === null) this.warn(unknownHint(plan));
        return this.analyze(plan.child);
      default:
        return this.passing(plan);
    }
  }

  private scan(plan: PlanOf<'read'>): Analyzed {
    const { scan, rows, columns, ranges } = this.scans.get(plan)!;
    const output = this.attributes({ fields: columns });
    return { plan: { kind: 'scan', scan, output, filters: [], rows, ranges, site: plan.site }, scope: scopeOf(output) };
  }

  private attributes(schema: Schema): Attribute[] {
    return schema.fields.map(({ name, type, nullable }) => ({ id: this.ids.fresh(), name, type, nullable }));
  }

  private leaf(plan: PlanOf<'local'> | PlanOf<'range'>): Analyzed {
    if (plan.kind === 'local') {
      const output = this.attributes(plan.schema);
      return { plan: { kind: 'local', output, batch: plan.batch, partitions: plan.partitions ?? 1 }, scope: scopeOf(output) };
    }
    if (plan.step === 0n) throw userError('INVALID_PARAMETER_VALUE', 'A range cannot have step 0.');
    const output = this.attributes({ fields: [{ name: 'id', type: INT64, nullable: false }] });
    return { plan: { ...plan, output }, scope: scopeOf(output) };
  }

  private elements(plan: PlanOf<'mapElements'> | PlanOf<'mapGroups'>): Analyzed {
    const child = this.analyze(plan.child);
    const isFilter = plan.kind === 'mapElements' && plan.map.op === 'filter';
    const output = isFilter ? outputOf(child.plan) : this.elementColumns(plan, child);
    const resolved: ResolvedPlan =
      plan.kind === 'mapElements'
        ? { kind: 'mapElements', child: plan.map.op === 'emit' ? this.withPlaces(child.plan) : child.plan, map: plan.map, output }
        : { kind: 'mapGroups', child: child.plan, map: plan.map, partitions: plan.partitions, output };
    return { plan: resolved, scope: isFilter ? child.scope : scopeOf(output) };
  }

  /** The lines of text files with the file and byte at which each starts: what a mapper of mapReduce may ask for. */
  private withPlaces(plan: ResolvedPlan): ResolvedPlan {
    if (plan.kind !== 'scan' || plan.scan.format !== 'text') return plan;
    const fields = [
      { name: METADATA_FILE, type: STRING, nullable: false },
      { name: METADATA_OFFSET, type: INT64, nullable: false },
    ];
    return { ...plan, output: [...plan.output, ...this.attributes({ fields })] };
  }

  /** combine and group give pairs, reduce what it emits: pairs too. */
  private elementColumns(plan: PlanOf<'mapElements'> | PlanOf<'mapGroups'>, child: Analyzed): readonly Attribute[] {
    const form: ElementMap['to'] = plan.kind === 'mapElements' ? plan.map.to : 'pair';
    if (form === 'row' || form === 'value') return outputOf(child.plan);
    const names = form === 'element' ? ['value'] : ['key', 'value'];
    return this.attributes({ fields: names.map((name) => ({ name, type: BINARY, nullable: false })) });
  }

  /** Nodes that keep their child's columns. */
  private passing(plan: PlanOf<'limit' | 'alias' | 'repartition' | 'coalesce' | 'write'>): Analyzed {
    const child = this.analyze(plan.child);
    switch (plan.kind) {
      case 'limit':
        return { ...child, plan: { kind: 'limit', child: child.plan, limit: plan.limit, offset: plan.offset }, hidden: undefined };
      case 'alias':
        return { plan: child.plan, scope: child.scope.map(({ attribute }) => ({ attribute, qualifier: plan.name })) };
      case 'repartition':
        return analyzeRepartition(plan, child);
      case 'coalesce':
        return { plan: { kind: 'coalesce', child: child.plan, partitions: plan.partitions }, scope: child.scope };
      case 'write':
        checkWrite(plan, child, plan.write.site);
        return { plan: { kind: 'write', child: child.plan, write: plan.write }, scope: [] };
      default:
        return plan satisfies never;
    }
  }
}

/** Partition columns exist; no two columns have one name, which files cannot keep apart; the format can hold the rows and has the options. */
function checkWrite({ write }: PlanOf<'write'>, child: Analyzed, site: CallSite | null): void {
  for (const name of write.partitionBy) if (findColumn(child.scope, name, site) === null) throw unresolvedColumn(child.scope, name, site);
  const seen = new Set<string>();
  for (const { attribute } of child.scope) {
    const name = attribute.name.toLowerCase();
    if (seen.has(name)) {
      throw userError('COLUMN_ALREADY_EXISTS', `The rows to write have two columns named '${attribute.name}'.`, {
        hint: 'Rename or drop one of them',
        site: site ?? undefined,
      });
    }
    seen.add(name);
  }
  const schema = schemaOf(child.scope.map(({ attribute }) => attribute));
  try {
    checkRowsToWrite(write, schema);
  } catch (thrown) {
    throw withSite(thrown, site);
  }
}
