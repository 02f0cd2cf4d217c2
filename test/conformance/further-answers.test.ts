/**
 * What a real Spark 4.3 answered in other session time zones (time-zones.jsonl), to functions that the large file has not (more-functions.jsonl),
 * and to odd values, types and patterns (edge-values.jsonl):
 * folded and in columns. Instants are told by their microseconds.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { type Answer, answersTo } from './answer.js';

interface Row {
  readonly zone?: string;
  readonly expr: string;
  readonly type?: string;
  readonly value?: string | null;
  readonly error?: string;
}

const rowsOf = (name: string): Row[] =>
  readFileSync(fileURLToPath(new URL(`./${name}.jsonl`, import.meta.url)), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Row);

const shown = (answer: Answer): string => ('error' in answer ? answer.error : `${answer.value}: ${answer.type}`);

test.each(['time-zones', 'more-functions', 'edge-values'])('%s: what Spark gives', (name) => {
  const differences = rowsOf(name).flatMap(({ zone = 'UTC', expr, type, value, error }) => {
    const wanted = error ?? `${value ?? null}: ${type}`;
    const { constant, columns } = answersTo(expr, zone);
    const given = [shown(constant), ...(columns === null ? [] : [shown(columns)])].filter((text) => text !== wanted);
    return given.length === 0 ? [] : [`${zone}  ${expr}  ${wanted}  but ${[...new Set(given)].join(' | ')}`];
  });
  expect(differences).toEqual([]);
});
