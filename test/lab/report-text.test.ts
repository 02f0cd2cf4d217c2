import { expect, test } from 'vitest';
import type { Event } from '../../src/core/events.js';
import type { Cell } from '../../src/lab/matrix.js';
import { cellNames } from '../../src/lab/report/cell-names.js';
import { planAsRun } from '../../src/lab/report/plan-as-run.js';

const cells = (...all: Record<string, string>[]): Cell[] =>
  all.map((settings, index) => ({ index, settings, label: Object.values(settings).join(' · ') }));

const namesOf = (...all: Record<string, string>[]) => {
  const { nameOf, numbered } = cellNames(cells(...all));
  return [...cells(...all).map(nameOf), numbered];
};

test('cells are called by as much of their settings as there is room for, and never alike', () => {
  expect(namesOf({ adaptive: 'true', 'args.skew': '1' }, { adaptive: 'true', 'args.skew': '20' })).toEqual([
    'adaptive=true · skew=1',
    'adaptive=true · skew=20',
    false,
  ]);
  const writers = { 'shuffle.writer': 'consolidated' };
  expect(namesOf({ ...writers, 'args.partitions': '8' }, { ...writers, 'args.partitions': '128' })[1]).toBe('consolidated · 128');
  expect(namesOf({ master: 'local-cluster[2,1]', kill: 'worker@25%' }, { master: 'local-cluster[4,1]', kill: 'worker@25%' })).toEqual([
    '[2,1] · worker@25%',
    '[4,1] · worker@25%',
    false,
  ]);
  const long = 'a value that is longer than there is room';
  expect(namesOf({ 'args.a': `${long} 1` }, { 'args.a': `${long} 2` })).toEqual(['1', '2', true]);
});

test('a plan tells under each stage what was changed before it ran', () => {
  const change = (job: string, stage: number, text: string): Event =>
    ({ time: 1, kind: 'plan-adapted', job, stage, decision: 'coalesce', text, numbers: {} }) as Event;
  const events: Event[] = [
    { time: 0, kind: 'job-submitted', job: 'a', name: 'j.ts:3', stages: [] },
    { time: 0, kind: 'job-submitted', job: 'b', name: 'j.ts:4', stages: [] },
    change('b', 1, '8 partitions are read by 1 task'),
    change('b', 1, '2 give no rows'),
  ];
  const plans = ['=== j.ts:3 ===', 'Stage 1: scan', '', '=== j.ts:4 ===', 'Stage 1: read shuffle (8 tasks)', '  Sort', ''].join('\n');
  expect(planAsRun(plans, events)).toEqual({
    changed: true,
    text: [
      ...['=== j.ts:3 ===', 'Stage 1: scan', '', '=== j.ts:4 ===', 'Stage 1: read shuffle (8 tasks)'],
      ...['  » 8 partitions are read by 1 task', '  » 2 give no rows', '  Sort'],
    ].join('\n'),
  });
  expect(planAsRun(plans, []).changed).toBe(false);
});
