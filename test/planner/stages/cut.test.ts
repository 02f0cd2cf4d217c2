/** Stages and the inputs of their tasks: unions, coalesces, joins, range exchanges. */
import { describe, expect, test } from 'vitest';
import { col, type DataFrame } from '../../../src/index.js';
import type { StageGraph } from '../../../src/planner/stages/graph.js';
import { graphText } from '../../../src/planner/stages/graph-text.js';
import { openInProcess } from '../../engine/exec/in-process.js';

const { spark, backend } = openInProcess({ 'shuffle.partitions': '2', 'broadcast.threshold': '0' });
const numbers = (n: number, partitions: number, from = 0) => spark.range(from, from + n, 1, partitions);

async function stagesOf(df: { readonly plan: DataFrame<unknown>['plan'] }): Promise<StageGraph['stages']> {
  const { batches } = await backend.execute(df.plan);
  for await (const _ of batches);
  return backend.graph.stages;
}

const shapeOf = (stages: StageGraph['stages']): string[] =>
  stages.map(({ name, tasks, parents }) => `${name}: ${tasks.length}${parents.length > 0 ? ` after ${parents.join(', ')}` : ''}`);
const inputsOf = (stages: StageGraph['stages']) => stages.at(-1)?.tasks;
const rows = (from: number, to: number) => [{ kind: 'rows', from, to }];
const partition = (n: number) => [{ kind: 'partition', partition: n }];

describe('task inputs', () => {
  test('of a union: the tasks of each side', async () => {
    const stages = await stagesOf(numbers(4, 2).union(numbers(3, 1)));
    expect(inputsOf(stages)).toEqual([{ 0: rows(0, 2) }, { 0: rows(2, 4) }, { 1: rows(0, 3) }]);
  });

  test('of a coalesce: the inputs of the partitions below, nested', async () => {
    const nested = (...inputs: object[]) => inputs.map((i) => ({ kind: 'nested', inputs: i }));
    const stages = await stagesOf(numbers(3, 3).coalesce(2));
    expect(inputsOf(stages)).toEqual([{ 1: nested({ 0: rows(0, 1) }) }, { 1: nested({ 0: rows(1, 2) }, { 0: rows(2, 3) }) }]);
    const both = await stagesOf(numbers(2, 1).union(numbers(2, 1)).coalesce(1));
    expect(inputsOf(both)).toEqual([{ 2: nested({ 0: rows(0, 2) }, { 1: rows(0, 2) }) }]);
  });

  test('of a join of two shuffles: the same partition of both', async () => {
    const stages = await stagesOf(numbers(4, 2).join(numbers(4, 3), 'id'));
    expect(shapeOf(stages)).toEqual([
      'range → shuffle by hash: 2',
      'range → shuffle by hash: 3',
      'read shuffle → inner join: 2 after 0, 1',
    ]);
    expect(inputsOf(stages)).toEqual([
      { 2: partition(0), 3: partition(0) },
      { 2: partition(1), 3: partition(1) },
    ]);
  });

  test('of a join of single partitions: both whole', async () => {
    expect(inputsOf(await stagesOf(numbers(4, 1).join(numbers(2, 1), 'id')))).toEqual([{ 0: rows(0, 4), 1: rows(0, 2) }]);
  });

  test('of a broadcast join: those of the side that stays; every task reads the other', async () => {
    const stages = await stagesOf(numbers(4, 2).crossJoin(numbers(3, 2).select(col('id').as('b')) as never));
    expect(shapeOf(stages)).toEqual(['range → broadcast: 2', 'range → cross join: 2 after 0']);
    expect(inputsOf(stages)).toEqual([{ 0: rows(0, 2) }, { 0: rows(2, 4) }]);
  });

  test('of a broadcast join below a union and a coalesce', async () => {
    const crossed = numbers(4, 2)
      .crossJoin(numbers(3, 2).select(col('id').as('b')) as never)
      .select('id' as never) as unknown as DataFrame<{ id: bigint }>;
    const united = numbers(1, 1)
      .union(crossed as never)
      .coalesce(2);
    expect((await united.collect()).length).toBe(13);
    expect(backend.graph.stages.map((s) => s.tasks.length)).toEqual([2, 2]);
  });
});

describe('stages', () => {
  test('of a sort by range: a sample and bounds before the rows move', async () => {
    const stages = await stagesOf(numbers(9, 3).orderBy(col('id').desc()));
    expect(shapeOf(stages)).toEqual([
      'range → sample: 3',
      'read shuffle → range bounds → broadcast: 1 after 0',
      'range → shuffle by range: 3 after 1',
      'read shuffle → sort: 2 after 2',
    ]);
  });

  test('of a sort of what was shuffled: sample and exchange read the same shuffle', async () => {
    const stages = await stagesOf(numbers(9, 3).groupBy(col('id').mod(3).as('k')).count().orderBy('k'));
    expect(stages.map((s) => s.parents)).toEqual([[], [0], [1], [0, 2], [3]]);
  });

  test('of a sort of groups, or of rows spread in turns: one partition in eight is sample enough, and two at the least', async () => {
    const tasks = async (frame: DataFrame<{ id: bigint }>): Promise<number[]> =>
      (await stagesOf(frame.orderBy('id'))).map((s) => s.tasks.length);
    expect(await tasks(numbers(99, 3).repartition(64))).toEqual([3, 8, 1, 64, 2]);
    expect(await tasks(numbers(99, 3).repartition(4))).toEqual([3, 2, 1, 4, 2]);
    expect(await tasks(numbers(99, 3).repartition(64, 'id').distinct())).toEqual([3, 8, 1, 64, 2]);
  });

  test('of a sort of rows spread by a key, which may have few values: all partitions are sampled', async () => {
    const stages = await stagesOf(numbers(99, 3).repartition(64, 'id').orderBy('id'));
    expect(stages.map((s) => s.tasks.length)).toEqual([3, 64, 1, 64, 2]);
  });

  test('of an exchange with a writer of its own', async () => {
    const stages = await stagesOf(numbers(9, 3).repartition(5, 'id', { writer: 'hash' }).groupBy('id').count());
    expect(stages.map((s) => (s.output.kind === 'shuffle' ? s.output.writer : 'rows'))).toEqual(['hash', 'rows']);
    expect(graphText({ stages })).toContain('→ shuffle 0, hash(id) to 5, hash writer');
  });

  test('are in an order in which each comes after those that it reads', async () => {
    const one = numbers(9, 3).groupBy(col('id').mod(3).as('id')).count().select('id');
    const stages = await stagesOf(one.join(one.orderBy('id').limit(2), 'id').union(one).distinct());
    for (const { stage, parents } of stages) for (const parent of parents) expect(parent).toBeLessThan(stage);
    expect(stages.map((s) => s.stage)).toEqual(stages.map((_, i) => i));
  });
});
