/** Literal graphs and statistics in, tasks and decisions out. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { INT64 } from '../../../src/data/types.js';
import type { BoundExpr } from '../../../src/frontend/plan/resolved.js';
import type { PhysicalOp, ShuffleOutput, TaskInput } from '../../../src/planner/physical/operators.js';
import { type AdaptSettings, adaptStage, type ShuffleStatistics } from '../../../src/planner/stages/adapt.js';
import { adaptJoin, joinCandidates } from '../../../src/planner/stages/adapt-join.js';
import { cutEvenly } from '../../../src/planner/stages/even-cut.js';
import type { StageDefinition, StageGraph } from '../../../src/planner/stages/graph.js';
import { outlookText } from '../../../src/planner/stages/outlook.js';

const schema = { fields: [{ name: 'k', type: INT64, nullable: false }] };
const key: BoundExpr = { kind: 'input', index: 0, type: INT64, nullable: false };
const read = (id: number, shuffle = id): PhysicalOp => ({ kind: 'shuffleRead', id, schema, shuffle, broadcast: false });
const range = (id: number): PhysicalOp => ({ kind: 'range', id, schema, start: 0n, step: 1n });
const filtered = (child: PhysicalOp): PhysicalOp => ({ kind: 'filter', schema, child, condition: key });
const grouped = (child: PhysicalOp, keys = [key]): PhysicalOp => ({
  kind: 'hashAggregate',
  schema,
  child,
  mode: 'final',
  keys,
  aggregates: [],
});
type Join = Extract<PhysicalOp, { kind: 'hashJoin' }>;
const join = (left: PhysicalOp, right: PhysicalOp, changes: Partial<Join> = {}): PhysicalOp => ({
  ...{ kind: 'hashJoin', schema, left, right, how: 'inner', build: 'right' },
  ...{ leftKeys: [key], rightKeys: [key], nullSafe: [false], condition: null, ...changes },
});

function mapStage(stage: number, partitions: number, changes: Partial<ShuffleOutput> = {}, plan = range(10 + stage)): StageDefinition {
  const partitioning = { kind: 'hash', exprs: [key], partitions } as const;
  const output: ShuffleOutput = { kind: 'shuffle', shuffle: stage, partitioning, partitions, ...changes };
  const tasks = [0, 1].map((i): TaskInput => ({ [10 + stage]: [{ kind: 'rows', from: i, to: i + 1 }] }));
  return { stage, name: `map ${stage}`, plan, schema, output, tasks, parents: [] };
}

/** Map stages 0 and on, and the stage that reads them partition by partition. */
function graphOf(plan: PhysicalOp, leaves: readonly number[], partitions: number, changes: Partial<ShuffleOutput> = {}): StageGraph {
  const tasks = Array.from(
    { length: partitions },
    (_, partition): TaskInput => Object.fromEntries(leaves.map((id) => [id, [{ kind: 'partition', partition }]])),
  );
  const maps = leaves.map((id) => mapStage(id, partitions, changes));
  const last: StageDefinition = { stage: maps.length, name: 'last', plan, schema, output: { kind: 'rows' }, tasks, parents: [...leaves] };
  return { stages: [...maps, last] };
}

const wrote = (bytes: readonly number[], maps = 4): ShuffleStatistics => ({
  bytes,
  rows: bytes,
  mapBytes: (partition) => Array.from({ length: maps }, () => bytes[partition] / maps),
});
const settings: AdaptSettings = { slots: 2, targetBytes: 100, broadcastBytes: 50 };

function adapt(graph: StageGraph, ...written: readonly (readonly number[])[]) {
  const stage = graph.stages.length - 1;
  const adapted = adaptStage(graph, stage, new Map(written.map((bytes, shuffle) => [shuffle, wrote(bytes)])), settings);
  const { tasks } = adapted.graph.stages[stage];
  return { tasks: tasks.map(taskText), decisions: adapted.decisions.map(({ decision, text }) => `${decision}: ${text}`) };
}

/** `0: 1 2[0-2]`: leaf 0 reads partition 1, and of partition 2 maps 0 and 1. */
function taskText(task: TaskInput): string {
  const inputs = Object.entries(task).map(([leaf, items]) => {
    const texts = items.map((item) => {
      if (item.kind !== 'partition') return item.kind;
      return item.maps ? `${item.partition}[${item.maps.from}-${item.maps.to}]` : `${item.partition}`;
    });
    return `${leaf}: ${texts.join(' ')}`;
  });
  return inputs.join(', ');
}

describe('tasks', () => {
  test('share small neighbours, up to what a task should read', () => {
    expect(adapt(graphOf(grouped(read(0)), [0], 6), [30, 20, 40, 90, 60, 30])).toEqual({
      tasks: ['0: 0 1', '0: 2', '0: 3', '0: 4 5'],
      decisions: ['coalesce: 6 small partitions (270 B) are read by 4 tasks'],
    });
  });

  test('are as many as there are slots where that is less', () => {
    expect(adapt(graphOf(grouped(read(0)), [0], 4), [40, 40, 40, 40]).tasks).toEqual(['0: 0 1', '0: 2 3']);
    expect(adapt(graphOf(grouped(read(0)), [0], 4), [1, 1, 1, 1]).tasks).toEqual(['0: 0 1 2 3']);
  });

  test('read the same partitions of both sides of a join', () => {
    const graph = graphOf(join(read(0), read(1), { how: 'full' }), [0, 1], 4);
    expect(adapt(graph, [40, 0, 10, 10], [10, 50, 20, 20]).tasks).toEqual(['0: 0 1, 1: 0 1', '0: 2 3, 1: 2 3']);
  });

  test('are not made for partitions of which nothing comes', () => {
    expect(adapt(graphOf(grouped(read(0)), [0], 4), [0, 80, 0, 90])).toEqual({
      tasks: ['0: 1', '0: 3'],
      decisions: ['empty: 2 of 4 partitions give no rows and get no task'],
    });
    const sides = [
      [0, 80, 90],
      [80, 0, 90],
    ];
    expect(adapt(graphOf(join(read(0), read(1)), [0, 1], 3), ...sides).tasks).toEqual(['0: 2, 1: 2']);
    expect(adapt(graphOf(join(read(0), read(1), { how: 'left' }), [0, 1], 3), ...sides).tasks).toEqual(['0: 1, 1: 1', '0: 2, 1: 2']);
    expect(adapt(graphOf(join(read(0), read(1), { how: 'full' }), [0, 1], 3), ...sides).decisions).toEqual([]);
  });

  test('of nothing at all are one', () => {
    expect(adapt(graphOf(grouped(read(0)), [0], 3), [0, 0, 0]).tasks).toEqual(['0: 0']);
    expect(adapt(graphOf(grouped(read(0), []), [0], 2), [0, 0]).tasks).toEqual(['0: 0 1']);
  });

  test('stay as they are where the user said how many, and where rows are kept', () => {
    expect(adapt(graphOf(read(0), [0], 4, { asked: 'partitions' }), [1, 0, 1, 1]).decisions).toEqual([]);
    expect(adapt(graphOf(read(0), [0], 4, { asked: 'keys' }), [1, 1, 1, 1]).tasks).toEqual(['0: 0 1 2 3']);
    const graph = graphOf(read(0), [0], 2);
    const keeps = { ...mapStage(1, 1, { keep: { cache: 'c', level: 'MEMORY_AND_DISK' } }, read(0)), tasks: graph.stages[1].tasks };
    expect(adapt({ stages: [graph.stages[0], keeps] }, [1, 1]).decisions).toEqual([]);
  });

  test('of each part of a union by themselves, with where they run best', () => {
    const graph = graphOf({ kind: 'union', schema, children: [range(7), read(0)] }, [0], 3);
    const [map, last] = graph.stages;
    const tasks: TaskInput[] = [{ 7: [{ kind: 'rows', from: 0, to: 1 }] }, ...last.tasks];
    const union = { ...last, tasks, near: { stage: 0, partitions: [9, 4, 5, 6] } };
    const adapted = adaptStage({ stages: [map, union] }, 1, new Map([[0, wrote([1, 1, 1])]]), settings).graph.stages[1];
    expect(adapted.tasks.map(taskText)).toEqual(['7: rows', '0: 0 1 2']);
    expect(adapted.near?.partitions).toEqual([9, 4]);
  });
});

describe('a partition that stands out', () => {
  const sizes = [
    [20, 800, 20],
    [30, 30, 30],
  ];
  const split = (plan: PhysicalOp) => adapt(graphOf(plan, [0, 1], 3), ...sizes).tasks.filter((text) => text.includes('['));

  test('is shared by tasks that each read the whole other side', () => {
    expect(adapt(graphOf(join(read(0), read(1)), [0, 1], 3), ...sizes)).toEqual({
      tasks: ['0: 0, 1: 0', '0: 1[0-1], 1: 1', '0: 1[1-2], 1: 1', '0: 1[2-3], 1: 1', '0: 1[3-4], 1: 1', '0: 2, 1: 2'],
      decisions: ['skew: 1 partition of 3 is far larger than the others (up to 800 B) and shared by 4 tasks'],
    });
  });

  test.each([
    ['inner', true],
    ['left', true],
    ['semi', true],
    ['anti', true],
    ['right', false],
    ['full', false],
  ] as const)('of the left side of a %s join: %s', (how, may) => {
    expect(split(join(read(0), read(1), { how })).length > 0).toBe(may);
  });

  test('of the right side only where its rows come out in a right or inner join', () => {
    const hows = (['inner', 'left', 'right', 'semi', 'anti', 'full'] as const).filter(
      (how) => split(join(read(1), read(0), { how })).length > 0,
    );
    expect(hows).toEqual(['inner', 'right']);
  });

  test('stays whole where its rows must be together, before or after the join', () => {
    expect(split(grouped(join(read(0), read(1))))).toEqual([]);
    expect(split(join(grouped(read(0)), read(1)))).toEqual([]);
    const keys = [{ expr: key, ascending: true, nullsFirst: true }];
    expect(split({ kind: 'sort', schema, child: join(read(0), read(1)), keys, limit: null })).toEqual([]);
    expect(split(join(filtered(read(0)), grouped(read(1))))).not.toEqual([]);
  });

  test('stays whole where the other side differs from task to task', () => {
    const rand: BoundExpr = { kind: 'call', fn: 'rand', args: [], type: INT64, nullable: false, site: null };
    expect(split(join(read(0), { kind: 'project', schema, child: read(1), exprs: [rand] }))).toEqual([]);
  });

  test('stays whole where it is the only one, or came of no join', () => {
    expect(adapt(graphOf(join(read(0), read(1)), [0, 1], 1), [800], [30]).decisions).toEqual([]);
    expect(adapt(graphOf(read(0), [0], 3), [20, 800, 20]).tasks).toEqual(['0: 0', '0: 1', '0: 2']);
  });
});

describe('a join whose side turned out small', () => {
  const settled = (plan: PhysicalOp, changes: Partial<ShuffleOutput> = {}, built = [5, 5]) => {
    const graph = graphOf(plan, [0, 1], 2, changes);
    const [candidate] = joinCandidates(graph);
    return candidate && { candidate, ...adaptJoin(graph, candidate, new Map([[1, wrote(built)]]), settings) };
  };
  const auto = { mayBroadcast: ['left', 'right'] } as const;

  test('takes in the stage of the other side, which need not shuffle', () => {
    const adapted = settled(join(read(0), read(1), auto));
    expect(adapted?.candidate).toEqual({ stage: 2, probe: 0, probeLeaf: 0, builds: [{ leaf: 1, shuffle: 1, stage: 1 }] });
    const [, , joined] = adapted?.graph.stages ?? [];
    expect(joined.plan).toEqual(join(range(10), { ...read(1), broadcast: true, partitions: 2 } as PhysicalOp));
    expect(joined).toMatchObject({ name: 'range → inner join', parents: [1], tasks: [{ 10: [{ kind: 'rows' }] }, {}] });
    expect(adapted?.decisions).toMatchObject([{ stage: 2, decision: 'broadcast', numbers: { 'side bytes': 10, rows: 10, tasks: 2 } }]);
  });

  test('stays as it is where the side is not small', () => {
    expect(settled(join(read(0), read(1), auto), {}, [40, 40])?.decisions).toEqual([]);
  });

  test('is no candidate where it was asked for so, or rows must stay together', () => {
    expect(settled(join(read(0), read(1)))).toBeUndefined();
    expect(settled(join(read(0), read(1), auto), { asked: 'keys' })).toBeUndefined();
    expect(settled(grouped(join(read(0), read(1), auto)))).toBeUndefined();
    expect(settled(join(read(0), read(1), { ...auto, how: 'full' }))).toBeUndefined();
  });

  test('of an inner join is the one of which less is known, else the one that would be built', () => {
    const probeOf = (build: 'left' | 'right', ...plans: readonly PhysicalOp[]) => {
      const { stages } = graphOf(join(read(0), read(1), { ...auto, build }), [0, 1], 2);
      return joinCandidates({ stages: [mapStage(0, 2, {}, plans[0]), mapStage(1, 2, {}, plans[1]), stages[2]] })[0].probe;
    };
    expect([probeOf('left', range(10), range(11)), probeOf('right', range(10), range(11))]).toEqual([1, 0]);
    expect([probeOf('left', range(10), filtered(range(11))), probeOf('right', filtered(range(10)), range(11))]).toEqual([0, 1]);
  });

  test('below another such join: both at once, and no third stage reads the probe', () => {
    const plan = join(join(read(0), read(1), auto), read(2), { mayBroadcast: ['right'] });
    const graph = graphOf(plan, [0, 1, 2], 2);
    expect(joinCandidates(graph)).toMatchObject([{ probe: 0, builds: [{ stage: 2 }, { stage: 1 }] }]);
    const sampled = { ...graph.stages[3], output: graph.stages[2].output };
    expect(joinCandidates({ stages: [...graph.stages.slice(0, 3), sampled, { ...graph.stages[3], stage: 4 }] })).toEqual([]);
  });
});

test('cutting evenly: ranges cover all sizes in order, none is empty, none takes more than twice its share and one size', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(1000), { minLength: 1, maxLength: 50 }), fc.integer({ min: 1, max: 60 }), (sizes, count) => {
      const ranges = cutEvenly(sizes, count);
      expect(ranges.length).toBeLessThanOrEqual(count);
      expect(ranges.map(({ from }) => from)).toEqual([0, ...ranges.slice(0, -1).map(({ to }) => to)]);
      expect(ranges.at(-1)?.to).toBe(sizes.length);
      const share = sizes.reduce((a, b) => a + b, 0) / count;
      for (const { from, to } of ranges) {
        expect(to).toBeGreaterThan(from);
        const own = sizes.slice(from, to);
        expect(own.reduce((a, b) => a + b, 0)).toBeLessThanOrEqual(share + Math.max(...own));
      }
    }),
  );
});

describe('what may change', () => {
  const textOf = (graph: StageGraph) => outlookText(graph, settings).split('\n');
  const FEWER = '  its 4 partitions: small ones may share a task, up to 100 B read; empty ones may get none';

  test('is told of tasks and joins', () => {
    expect(textOf(graphOf(grouped(read(0)), [0], 4))).toEqual(['stage 1 (last)', FEWER]);
    expect(textOf(graphOf(join(read(0), read(1), { mayBroadcast: ['right'] }), [0, 1], 4))).toEqual([
      'stage 2 (last)',
      `${FEWER}; one far larger than the others may be shared by several tasks`,
      '  its join: where stage 1 writes at most 50 B, every task reads that whole, and stage 0 need not shuffle',
    ]);
  });

  test('is nothing of one partition, of as many as the user asked for, and without adaptive', () => {
    const none = ['(nothing can change)'];
    expect(textOf(graphOf(grouped(read(0)), [0], 1))).toEqual(none);
    expect(textOf(graphOf(grouped(read(0)), [0], 4, { asked: 'partitions' }))).toEqual(none);
    expect(outlookText(graphOf(grouped(read(0)), [0], 4), null)).toBe('(nothing changes: adaptive is off)');
  });
});
