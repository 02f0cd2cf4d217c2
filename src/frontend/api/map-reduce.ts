/** Owns: mapReduce(), a job of three functions: lines → pairs, values of a key → one value (before the shuffle), values of a key → pairs. */
import { callSite } from '../../core/call-site.js';
import { MOST_PARTITIONS } from '../../core/config.js';
import { userError } from '../../core/errors.js';
import type { GroupMap, Plan } from '../plan/logical.js';
import { Dataset } from './dataset.js';
import { type ArgSpecs, type Job, type JobArgs, newJob } from './job.js';
import type { KeyPartitioner } from './repartition.js';
import type { Session } from './session.js';
import type { TaskInfo } from './task-info.js';

export type Emit<K, V> = (key: K, value: V) => void;

/** Keys are scalars or arrays of them. A reducer sees its keys in ascending order; `values` can be iterated once. */
export interface MapReduce<K, V, RK = K, RV = V> {
  /** Once for each line of the input. */
  readonly map: (line: string, emit: Emit<K, V>, info: TaskInfo) => void;
  /** Makes one value of several of a key, to shuffle less; may run any number of times, also on its own results. */
  readonly combine?: (key: K, values: Iterable<V>) => V;
  /** The reducer of a key, a whole number from 0 to `reducers` - 1; by hash unless it is given. */
  readonly partition?: KeyPartitioner<K>;
  readonly reduce: (key: K, values: Iterable<V>, emit: Emit<RK, RV>, info: TaskInfo) => void;
}

const ARGS = {
  input: { required: true, description: 'Text files: a path, a directory or a pattern' },
  output: { required: true, description: 'Directory for the part files, lines of key, tab and value; it is replaced' },
  reducers: { type: 'int', default: 0, description: 'Reduce tasks, hence part files; 0 chooses by the size of the input' },
} as const satisfies ArgSpecs;

/** A job that reads text `--input`, and writes `--output` from `--reducers` tasks. */
export function mapReduce<K, V, RK = K, RV = V>(functions: MapReduce<K, V, RK, RV>): Job {
  return newJob('mapReduce', ARGS, async (spark: Session, args: JobArgs<typeof ARGS>) => {
    if (args.reducers < 0 || args.reducers > MOST_PARTITIONS) {
      throw userError('INVALID_ARGUMENT', `--reducers takes a whole number from 0 to ${MOST_PARTITIONS}, not ${args.reducers}.`);
    }
    const lines = spark.textFile(args.input);
    await reducedPairs(lines, functions, args.reducers === 0 ? null : args.reducers).saveAsTextFile(args.output, 'overwrite');
  });
}

/** The pairs that the reducers emit. */
export function reducedPairs<K, V, RK, RV>(
  lines: Dataset<string>,
  functions: MapReduce<K, V, RK, RV>,
  partitions: number | null,
): Dataset<[RK, RV]> {
  const { backend } = lines.session;
  const mapped: Plan = Object.freeze({
    kind: 'mapElements',
    child: lines.plan,
    map: Object.freeze({ op: 'emit', fn: backend.encodeClosure(functions.map), from: lines.form, to: 'pair' }),
    site: callSite(),
  });
  const map: GroupMap = Object.freeze({
    op: 'reduce',
    fn: backend.encodeClosure(functions.reduce),
    combiner: functions.combine ? backend.encodeClosure(functions.combine) : null,
    ...(functions.partition && { partitioner: backend.encodeClosure(functions.partition) }),
  });
  return new Dataset(lines.session, { kind: 'mapGroups', child: mapped, map, partitions, site: callSite() }, 'pair');
}
