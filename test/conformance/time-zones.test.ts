/** What a real Spark answered in other session time zones (time-zones.jsonl: instants by their microseconds), folded and in columns. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { type Answer, answersTo } from './answer.js';

interface Row {
  readonly zone: string;
  readonly expr: string;
  readonly type?: string;
  readonly value?: string | null;
  readonly error?: string;
}

const FILE = fileURLToPath(new URL('./time-zones.jsonl', import.meta.url));
const rows = readFileSync(FILE, 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Row);

const shown = (answer: Answer): string => ('error' in answer ? answer.error : `${answer.value}: ${answer.type}`);

test('expressions in other time zones give what Spark gives', () => {
  const differences = rows.flatMap(({ zone, expr, type, value, error }) => {
    const wanted = error ?? `${value ?? null}: ${type}`;
    const { constant, columns } = answersTo(expr, zone);
    const given = [shown(constant), ...(columns === null ? [] : [shown(columns)])].filter((text) => text !== wanted);
    return given.length === 0 ? [] : [`${zone}  ${expr}  ${wanted}  but ${[...new Set(given)].join(' | ')}`];
  });
  expect(differences).toEqual([]);
});
