/** The transform on whole libraries: they behave as before, their functions travel, and every place still leads to the user's text. */
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { decode, encode, type SourceMapSegment } from '@jridgewell/sourcemap-codec';
import { type Options, parse } from 'acorn';
import { transform } from 'esbuild';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { MappedText } from '../../../src/frontend/closures/mapped-text.js';
import { transformModule } from '../../../src/frontend/closures/transform.js';
import { callInThread, jobSource, removeTemporaryDirectories, runJob } from './job-fixture.js';

afterAll(removeTemporaryDirectories);

const SRC = fileURLToPath(new URL('../../../src', import.meta.url));
/** But for pages, which are templates of many lines: esbuild maps hardly anything inside of those. */
const FILES = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter(
  (name) => name.endsWith('.ts') && !name.includes('/report/page'),
);

test("every file of minispark's own: valid output, unique ids, positions where the text says they are", { timeout: 30_000 }, async () => {
  let functions = 0;
  const wrong: string[] = [];
  for (const name of FILES) {
    const source = readFileSync(`${SRC}/${name}`, 'utf8');
    const { code, map } = await transform(source, { loader: 'ts', target: 'node20', format: 'esm', sourcemap: 'external' });
    const result = transformModule(code, (JSON.parse(map) as { mappings: string }).mappings, name);
    parse(result.code, { ecmaVersion: 'latest', sourceType: 'module' });
    expect(new Set(result.functions.map(({ id }) => id)).size).toBe(result.functions.length);
    const lines = source.split('\n');
    for (const { line, column, id } of result.functions) {
      if (!/^(\(|async|function|export|[\w$]+ =>|[\w$'"-]+\(|\*|<)/.test(lines[line - 1].slice(column - 1))) wrong.push(id);
      functions++;
    }
    // Each mapped piece of an identifier leads to the same identifier.
    const output = result.code.split('\n');
    decode(result.mappings).forEach((segments, row) => {
      for (const segment of segments) {
        const word = /^[a-z]{4,}\b/i.exec(output[row].slice(segment[0]))?.[0];
        const before = output[row][segment[0] - 1];
        if (segment.length === 1 || !word || /[\w$]/.test(before ?? '') || !lines[segment[2]].includes(word)) continue;
        if (!lines[segment[2]].slice(segment[3]).includes(word)) wrong.push(`${name}:${segment[2] + 1} ${word}`);
      }
    });
  }
  expect(wrong).toEqual([]);
  expect(functions).toBeGreaterThan(300);
});

test('a parser, as a file of the user: the same trees in a thread', async () => {
  const acorn = readFileSync(
    createRequire(import.meta.url)
      .resolve('acorn')
      .replace(/acorn\.js$/, 'acorn.mjs'),
    'utf8',
  );
  const { bundle, shipped } = await runJob(
    {
      'job.ts': jobSource('  spark.ship((code: string) => JSON.stringify(parse(code, args)));', "import { parse } from './parser.mjs';\n"),
      'parser.mjs': acorn,
    },
    { ecmaVersion: 'latest', sourceType: 'module' },
  );
  const options: Options = { ecmaVersion: 'latest', sourceType: 'module' };
  const [tree] = await callInThread(bundle, [{ closure: shipped[0], args: [acorn] }]);
  expect(tree).toBe(JSON.stringify(parse(acorn, options)));
});

test('text that is copied in pieces, in any order, with text between, keeps its places', () => {
  const source = 'const one = 1;\nlet two = one + 1;\n\nexport { two };';
  const piece = fc.record({ from: fc.nat(source.length), length: fc.nat(30), added: fc.constantFrom('', 'x', 'a\nb', '\n\n', 'wrap(') });
  const rows = source.split('\n').map((line, row) => Array.from(line, (_, column): SourceMapSegment => [column, 0, row, column]));
  const mappings = encode(rows);
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const text = new MappedText(source, mappings);
      const origins: (number | null)[] = [];
      let expected = '';
      for (const { from, length, added } of pieces) {
        const to = Math.min(source.length, from + length);
        text.copy(from, to);
        text.add(added);
        expected += source.slice(from, to) + added;
        for (let i = from; i < to; i++) origins.push(i);
        for (const _ of added) origins.push(null);
      }
      const { code, mappings: written } = text.finish();
      expect(code).toBe(expected);
      const decoded = decode(written);
      let line = 0;
      let column = 0;
      for (let i = 0; i < code.length; i++) {
        const segment = decoded[line].filter(([start]) => start <= column).at(-1);
        const origin = origins[i];
        if (code[i] !== '\n') {
          if (origin === null) expect(segment?.length ?? 1).toBe(1);
          else expect(segment?.slice(2, 4)).toEqual(placeOf(source, origin));
        }
        if (code[i] === '\n') {
          line++;
          column = 0;
        } else column++;
      }
    }),
  );
});

function placeOf(source: string, offset: number): [line: number, column: number] {
  const before = source.slice(0, offset).split('\n');
  return [before.length - 1, before[before.length - 1].length];
}
