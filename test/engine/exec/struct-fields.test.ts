/** Fields of structs set and dropped. */
import { describe, expect, test } from 'vitest';
import { col, lit } from '../../../src/index.js';
import { openInProcess } from './in-process.js';

const { spark } = openInProcess();

describe('fields of structs', () => {
  const table = spark.createDataFrame(
    [{ s: { a: 1, in: { x: 'u', y: true } } }, { s: null }],
    's struct<a:int,in:struct<x:string,y:boolean>>',
  );
  const changed = async (make: (s: ReturnType<typeof col>) => ReturnType<typeof col>) =>
    (await table.select(make(col('s')).as('s')).collect()).map(({ s }) => s);

  test('are set, added at the end, and reached by a path', async () => {
    expect(await changed((s) => s.withField('A', lit('new')))).toEqual([{ A: 'new', in: { x: 'u', y: true } }, null]);
    expect(await changed((s) => s.withField('b', 2))).toEqual([{ a: 1, in: { x: 'u', y: true }, b: 2 }, null]);
    expect(await changed((s) => s.withField('in.y', null))).toEqual([{ a: 1, in: { x: 'u', y: null } }, null]);
    expect(await changed((s) => s.withField('`in.y`', s.getField('a')))).toEqual([{ a: 1, in: { x: 'u', y: true }, 'in.y': 1 }, null]);
  });

  test('are dropped; what is not there is no error', async () => {
    expect(await changed((s) => s.dropFields('a', 'none'))).toEqual([{ in: { x: 'u', y: true } }, null]);
    expect(await changed((s) => s.dropFields('in.x', 'A'))).toEqual([{ in: { y: true } }, null]);
  });

  test('names and types', async () => {
    const { fields } = await table.select(col('s').withField('b', 2), col('s').dropFields('a')).schema();
    expect(fields.map(({ name }) => name)).toEqual(['update_fields(s, WithField(2))', 'update_fields(s)']);
    expect(fields[0].nullable).toBe(true);
  });

  test.each([
    ['all fields', () => table.select(col('s').dropFields('a', 'in')), 'DATATYPE_MISMATCH.CANNOT_DROP_ALL_FIELDS'],
    ['no struct', () => table.select(lit(1).withField('a', 1)), 'DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE'],
    ['a struct on the way that is not there', () => table.select(col('s').withField('none.a', 1)), 'FIELD_NOT_FOUND'],
  ])('%s', async (_, frame, condition) => {
    await expect(frame().schema()).rejects.toMatchObject({ condition });
  });

  test('a path that is none', () => {
    expect(() => col('s').withField('a..b', 1)).toThrow(expect.objectContaining({ condition: 'INVALID_ARGUMENT' }));
  });
});
